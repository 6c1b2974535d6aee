"""What an agent's words ask to be done with the phone.

>>> [step.tool for step in steps_in("Please turn off airplane mode, then tell me what the status bar shows.").steps]
['toggle_airplane_mode', 'check_status_bar']
>>> steps_in("Airplane mode disables all radios. Don't restart your phone yet.").steps
()
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from agentbench_sdk.environments.telecom.users.conditions import Condition, condition_in
from agentbench_sdk.environments.telecom.users.mood import Mood, denied_before, is_subordinate, mood_of
from agentbench_sdk.environments.telecom.users.slots import (
    apn_settings,
    app_named,
    mode_named,
    permissions_named,
)
from agentbench_sdk.environments.telecom.users.step import (
    AGAIN,
    CHANGES,
    GOAL,
    LOOKS,
    NAMES,
    TESTS,
    TOGGLES,
    TOPIC_OF,
    Step,
    Steps,
    distinct,
    due,
)
from agentbench_sdk.environments.telecom.users.text import Sentence, clauses, plain, sentences
from agentbench_sdk.environments.telecom.users.topics import SWITCHED, topics, without_topics
from agentbench_sdk.environments.telecom.users.verbs import (
    Verb,
    direction,
    is_assent,
    is_goal_check,
    is_repeat,
    normalised,
    proposed,
    restarts,
    verb_in,
)

_SPELT = re.compile(
    r"\b(" + "|".join(sorted((name.replace("_", "_?") for name in NAMES), key=len, reverse=True)) + r")\b"
)
_BY_LETTERS = {name.replace("_", ""): name for name in NAMES}


_WHEN = frozenset({"once", "as soon as", "when", "after"})
_NOT_YET = re.compile(r"^(?:your (?:line|account)|the (?:line|payment|bill|transfer)|i|i've|we|we've)\b")


def steps_in(text: str, topic: str = "") -> Steps:
    """Understand a text.

    Arguments:
        text: as it was written.
        topic: what was spoken of last; "it" may mean it.
    """
    reader = _Reader(topic, text)
    for sentence in sentences(normalised(plain(text))):
        reader.read(sentence)
    return reader.result()


Held = Literal["steps", "hints", "weak"]


class _Reader:
    """Reads sentence by sentence; remembers what pronouns and second halves refer to."""

    def __init__(self, topic: str, original: str) -> None:
        self._topic = topic
        self._original = original
        self._held: dict[Held, list[Step]] = {"steps": [], "hints": [], "weak": []}
        self._asked_done: list[str] = []
        self._vague = False
        self._test = ""
        self._spoken: list[str] = []
        self._begun = 0
        self._proposed: list[Step] = []
        self._verb: Verb = ""
        self._want: bool | None = None

    def result(self) -> Steps:
        steps = distinct(self._held["steps"])
        if not any(step.tool != AGAIN for step in steps):
            steps = distinct(self._held["weak"]) or steps
        if any(step.tool != AGAIN for step in steps):
            steps = [step for step in steps if step.tool != AGAIN]
        if any(step.tool in TESTS for step in steps):
            steps = [step for step in steps if step.tool != GOAL]
        return Steps(
            tuple(due(steps)),
            tuple(distinct(self._held["hints"])),
            tuple(dict.fromkeys(self._asked_done)),
            self._vague,
            self._topic,
        )

    def read(self, sentence: Sentence) -> None:
        """Take in one sentence."""
        self._spoken = []
        self._begun = len(self._held["steps"])
        mood: Mood = "statement"
        if sentence.headed and sentence.item:
            mood = self._heading(sentence.headed)
        elif bare := _bare_call(sentence.text):
            self._hold("steps", [self._of_tool(bare, sentence.text)])
            return
        condition: Condition | None = None
        for lead, clause in clauses(_without_examples(sentence.text)):
            if lead in {"if", "unless", "in case"}:
                condition = self._condition(clause, lead)
                self._conditioned(sentence.text, clause, condition)
                self._remember(clause)
                continue
            if lead in {"so that", "so"}:
                self._aimed(clause)
            if lead in _WHEN and _NOT_YET.search(clause):
                return  # what comes then is for then
            new, rest = mood_of(lead, clause, mood, asks=sentence.asks)
            self._clause(rest, new, condition, asks=sentence.asks)
            if not is_subordinate(lead):
                mood = new

    def _heading(self, heading: str) -> Mood:
        parts = clauses(heading.rstrip(": "))
        lead, last = parts[-1] if parts else ("", "")
        mood: Mood = "statement"
        for lead, last in parts:
            mood, _ = mood_of(lead, last, mood, asks=False)
        self._verb = verb_in(without_topics(last)) or "look"
        self._want = direction(last)
        return mood if mood in {"request", "question"} else "statement"

    # --- conditions ---------------------------------------------------------------------------------------

    def _condition(self, clause: str, lead: str) -> Condition | None:
        found = condition_in(clause, self._topic)
        return found.inverted() if found and lead == "unless" else found

    def _conditioned(self, sentence: str, clause: str, condition: Condition | None) -> None:
        """A condition that comes last is one of the step right before it."""
        steps = self._held["steps"]
        before = sentence.partition(clause)[0]
        if condition and steps and self._since and re.search(r"\w+ .*\b(?:if|unless|in case)\s*$", before):
            steps[-1] = replace(steps[-1], condition=condition)

    def _aimed(self, clause: str) -> None:
        """Take in how a switch shall stand afterwards: "toggle it so that it is on"."""
        steps, want = self._held["steps"], direction(clause)
        if (
            self._since
            and steps
            and steps[-1].topic in TOGGLES
            and steps[-1].want is None
            and want is not None
        ):
            steps[-1] = replace(steps[-1], want=want)

    # --- clauses ------------------------------------------------------------------------------------------

    _since = False

    def _clause(self, clause: str, mood: Mood, condition: Condition | None, *, asks: bool) -> None:
        self._since = False
        if mood in {"statement", "no"}:
            self._remember(clause)
            if mood == "statement" and (proposal := proposed(clause)):
                self._proposed = list(self._steps(proposal, "request"))
            return
        if mood == "question" and (done := _asked_done(clause)):
            self._asked_done += done
            return
        steps = list(self._steps(clause, mood))
        self._remember(clause)
        held: Held = "hints" if mood == "hint" else "weak" if self._verb == "nav" else "steps"
        self._hold(held, [replace(step, condition=condition) for step in steps])
        self._since = bool(steps)
        if mood == "request" and not steps and self._verb not in {"", "look", "nav", "tell"}:
            self._vague = True

    def _hold(self, where: Held, steps: Iterable[Step]) -> None:
        self._held[where] += steps

    def _remember(self, clause: str) -> None:
        for topic in topics(clause):
            self._spoken.append(topic)
            if topic in {*SWITCHED, "sim", "apn", "mode", "payment_request", "permission"}:
                self._topic = topic
            elif topic in {"speed", "mms"}:
                self._test = topic

    def _steps(self, clause: str, mood: Mood) -> Iterator[Step]:
        literal = [_BY_LETTERS[match[1].replace("_", "")] for match in _SPELT.finditer(clause)]
        literal = [name for name in literal if not denied_before(clause, clause.find(name[:5]))]
        if literal:
            self._verb = "look" if literal[-1] not in CHANGES else "turn"
            yield from (self._of_tool(name, clause) for name in literal)
            return
        clause = _by_which(clause)
        blank = without_topics(clause)
        verb = "look" if mood == "question" else verb_in(blank)
        named = topics(clause)
        if mood != "question" and restarts(clause):
            self._verb = "run"
            yield Step("phone", "reboot_device")
            return
        if is_goal_check(clause, named):
            yield Step("", GOAL)
            return
        if not verb and not named:
            return
        self._want = direction(clause) if verb or direction(clause) is not None else self._want
        self._verb = verb or self._verb
        yield from self._by_topic(clause, named)

    def _by_topic(self, clause: str, named: list[str]) -> Iterator[Step]:
        if self._verb == "pay":
            yield Step("payment_request", "make_payment")
            return
        if not named and self._proposed and is_assent(clause):
            yield from self._proposed
            return
        if not named and self._verb in {"look", "tell", "run", "send", "do", ""} and is_repeat(clause):
            asked_already = len(self._held["steps"]) > self._begun
            shown = [topic for topic in self._spoken if topic in LOOKS and not asked_already]
            yield from (self._look(topic, clause) for topic in shown)
            if not shown:
                yield Step("", AGAIN)
            return
        for topic in named or self._meant(clause):
            yield from self._of_topic(topic, clause)

    def _meant(self, clause: str) -> list[str]:
        """What "it" is, where something is to be changed."""
        if self._topic and self._verb == "look" and _LOOK_AT_IT.search(clause):
            return [self._topic]
        pronoun = re.search(r"\b(?:it|that|this|them|those|one|setting|feature|mode|to)\b", clause)
        if permissions_named(clause) and (self._verb == "grant" or re.search(r"\bapp\b", clause)):
            return ["permission"]
        if self._test and self._verb in {"run", "do", "send"} and pronoun:
            return [self._test]
        if self._topic and pronoun and self._verb not in {"look", "tell", "nav", "", "run", "send", "do"}:
            return [self._topic]
        return []

    def _of_topic(self, topic: str, clause: str) -> Iterator[Step]:
        verb, want = self._verb, self._want
        if topic == "vpn" and verb in {"turn", "connect", "disconnect", "end"}:
            on = verb == "connect" if verb in {"connect", "disconnect", "end"} else want is True
            yield Step(topic, "connect_vpn" if on else "disconnect_vpn")
        elif topic in TOGGLES and verb in {"turn", "end", "set", "do"} and (verb != "do" or want is not None):
            yield Step(topic, TOGGLES[topic], want=False if verb == "end" else want)
        elif topic == "mode" and verb in {"set", "turn"}:
            yield self._mode(clause)
        elif topic == "sim" and verb == "reseat":
            yield Step(topic, "reseat_sim_card")
        elif topic == "apn" and verb in {"reset", "set"}:
            yield self._apn(verb, clause)
        elif topic in {"permission", "app_status"} and verb in {"grant", "turn", "set"}:
            yield from self._grants(clause)
        elif topic in LOOKS and verb in {"look", "tell", "nav", "run", "send", "do", ""}:
            yield self._look(topic, clause)

    def _look(self, topic: str, clause: str) -> Step:
        if topic in {"app_status", "permission"}:
            return Step(topic, LOOKS[topic], {"app_name": app_named(clause)})
        return Step(topic, LOOKS[topic])

    def _mode(self, clause: str) -> Step:
        mode = mode_named(clause) or mode_named(plain(self._original))
        if not mode:
            return Step("mode", "set_network_mode_preference", missing="mode")
        return Step("mode", "set_network_mode_preference", {"mode": mode})

    def _apn(self, verb: Verb, clause: str) -> Step:
        if verb == "reset" or re.search(r"\bdefaults?\b", clause):
            return Step("apn", "reset_apn_settings")
        settings = apn_settings(self._original)
        if settings is None:
            return Step("apn", "set_apn_settings", missing="apn_settings")
        return Step("apn", "set_apn_settings", {"apn_settings": settings})

    def _grants(self, clause: str) -> Iterator[Step]:
        app, wanted = app_named(clause), permissions_named(clause)
        if not wanted:
            wanted = permissions_named(plain(self._original))
        for permission in wanted:
            yield Step("permission", "grant_app_permission", {"app_name": app, "permission": permission})
        if not wanted:
            yield Step("permission", "grant_app_permission", missing="permission")

    def _of_tool(self, name: str, clause: str) -> Step:
        """The step of a tool that is called by its name."""
        topic = TOPIC_OF[name]
        if name in TOGGLES.values():
            return Step(topic, name, want=direction(_SPELT.sub(" ", clause)))
        if name == "set_network_mode_preference":
            return self._mode(_SPELT.sub(" ", clause))
        if name == "set_apn_settings":
            return self._apn("set", _SPELT.sub(" ", clause))
        if name == "grant_app_permission":
            return next(self._grants(_SPELT.sub(" ", clause)))
        if name in {"check_app_status", "check_app_permissions"}:
            return Step(topic, name, {"app_name": app_named(_SPELT.sub(" ", clause))})
        return Step(topic, name)


_LOOK_AT_IT = re.compile(
    r"\b(?:check|review|verify|look at|confirm|inspect|view|open) (?:it|that|this|them|those)\b|\bwhether (?:it|that|this|they)(?:'s| is| are) (?:currently |now |already |also )?(?:turned |switched |set )?(?:on|off|enabled|disabled|active|connected|set)\b|^(?:please |kindly )?check(?: again| now)?[.!]?$"
)
_BY = re.compile(r"\bby (?:running|performing|doing|using|checking|looking|trying|sending)\b")


def _without_examples(sentence: str) -> str:
    """Without what is named as an example of what has just been asked for."""
    before, _, _ = sentence.partition("such as")
    return before if topics(before) else sentence


def _by_which(clause: str) -> str:
    """Take the means for the end, if a phone has it: "check your connection by running a speed test"."""
    found = _BY.search(clause)
    means = clause[found.start() + 3 :] if found else ""
    return means if topics(means) else clause


_CALL_ONLY = re.compile(
    r"^(?:please |kindly |then |next |now |run |call |use |execute |try |do |and |first )*(?:the )?(?:tool |function )?"
    + _SPELT.pattern
    + r"(?: (?:app_name|permission|mode|true|false|messaging|browser|sms|storage|phone|network|[2345]g\w*|please))*[\s.!?]*$"
)


def _bare_call(text: str) -> str:
    """The tool whose name is all that a sentence consists of; "" for none."""
    found = _CALL_ONLY.match(text)
    return _BY_LETTERS[found[1].replace("_", "")] if found else ""


_TRIED = re.compile(
    r"^(?:have|did) you (?:already |also |just |ever )*(?:tried|try|attempted|done|do|been able to|manage\w*)?\b"
)


def _asked_done(clause: str) -> list[str]:
    """Tools of which a clause asks whether they have been used: "have you restarted your phone?"."""
    if (
        not _TRIED.search(clause)
        or "request" in clause
        or re.search(r"\b(?:enabled|turned (?:on|off)|activated|connected|running|active)\b", clause)
    ):
        return []
    if re.search(r"\b(?:re-?start|re-?boot|power[- ]?cycl)", clause):
        return ["reboot_device"]
    if re.search(r"\bsim\b", clause) and re.search(r"\b(?:re-?seat|re-?insert|remov|tak)", clause):
        return ["reseat_sim_card"]
    if "apn" in clause and "reset" in clause:
        return ["reset_apn_settings"]
    if re.search(r"\bpa(?:y|id|yment)\b", clause):
        return ["make_payment"]
    return []
