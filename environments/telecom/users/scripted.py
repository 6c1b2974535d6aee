"""A customer that is a script: no model plays it, nothing is left to chance, a run with it costs nothing.

It opens with its reason for calling, answers what it is asked as far as it knows, and works its phone as it is
told. Rules that it keeps:

- It changes one thing of the phone at a time, and looks after it if asked to; of a longer list it does the
  steps up to and including the first change, with the looks around it, and asks for the next one.
- Switches are turned to the state that was asked for: it looks first, and leaves alone what is right already.
- What its phone shows it tells word for word. What its script does not say it does not know.
- What it does not understand it asks about, a bounded number of times; then it leaves, out of scope.
- It leaves content as soon as its own phone shows that the trouble is gone, after a look that it was asked
  for, a change that shows the status bar, or the agent's word that all is well; and it leaves when it is told
  that it is being transferred.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agentbench_sdk.environments.telecom.users.answers import Answers
from agentbench_sdk.environments.telecom.users.phone import GOAL_TOOLS, Phone, look_for, reached
from agentbench_sdk.environments.telecom.users.questions import Consent, Topic
from agentbench_sdk.environments.telecom.users.script import Script
from agentbench_sdk.environments.telecom.users.speech import Voice, temper_of
from agentbench_sdk.environments.telecom.users.step import AGAIN, GOAL, LOOKS, TOGGLES, Step
from agentbench_sdk.environments.telecom.users.understanding import Heard, understand
from agentbench_sdk.simulation import Act, Opening

STOP: Final = "###STOP###"
TRANSFER: Final = "###TRANSFER###"
OUT_OF_SCOPE: Final = "###OUT-OF-SCOPE###"

LONGEST: Final = 100
"""Texts of the agent's that a customer listens to."""
MOST_LOOKS: Final = 4
"""Looks at the phone for one text of the agent's."""

_SWITCH_NAMES: Final = {
    "airplane": "Airplane mode",
    "data": "Mobile data",
    "roaming": "Data roaming",
    "saver": "Data saver mode",
    "wifi": "Wi-Fi",
    "wifi_calling": "Wi-Fi calling",
}
_TERMS: Final = {"sim": "a SIM card", "apn": "APN", "vpn": "a VPN", "roaming": "roaming"}
_PERSONAL: Final = frozenset({"name", "number", "birth", "customer_id"})

Speaking = Generator[Act, str, str]


def scripted_customer(opening: Opening, facts: Mapping[str, Any]) -> Generator[Act, str, None]:
    """Play the customer of one session.

    Arguments:
        opening: not needed: the greeting says no more than that it is the customer's turn.
        facts: those of the session's `UserSide`: `user_scenario`, `tools`; a `task_id`, a `goal` with its `family`
            and `willing` with `refuel_gb` and `pay_bill` where the world gives them.
    """
    customer = _Customer(Script.of(facts))
    text = yield Act(text=customer.opening())
    while True:
        reply = yield from customer.reply(text)
        text = yield Act(text=reply)


class _Customer:
    """What a customer remembers, and how it goes on."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._temper = temper_of(script.persona)
        self._voice = Voice(self._temper, script.seed)
        self._answers = Answers(script, self._voice)
        self._phone = Phone()
        self._texts = 0
        self._lost = 0
        self._in_vain = 0
        self._topic = ""
        self._last_look = ""
        self._used: set[str] = set()
        self._asked_back: set[str] = set()
        self._postponed: tuple[Step, ...] = ()
        self._unanswered: tuple[Topic, ...] = ()
        self._undecided: tuple[Consent, ...] = ()
        self._offered: tuple[Step, ...] = ()
        self._priced = False
        self._leaving = False
        self._changes = 0
        self._disappointed = 0
        self._solved = False

    def opening(self) -> str:
        """The reason for calling."""
        return self._voice.say(f"open_{self._script.family}", reason=self._script.reason)

    def reply(self, text: str) -> Speaking:
        """What the customer does and says about a text of the agent's."""
        self._texts += 1
        heard = understand(text, self._topic)
        self._topic = heard.steps.topic
        self._priced = self._priced or heard.priced
        if heard.handed_over or (self._leaving and heard.patience):
            return f"{self._voice.say('transferred')} {TRANSFER}"
        if self._texts >= LONGEST:
            return f"{self._voice.say('out_of_scope')} {OUT_OF_SCOPE}"
        self._leaving = heard.hand_over_meant
        if question := self._question_back(heard):
            return question
        said = yield from self._act(heard, text)
        if self._solved:
            return "\n".join([*said, f"{self._voice.say('solved')} {STOP}"])
        if said:
            self._lost = 0
            return "\n".join(said)
        return self._at_a_loss(heard)

    # --- what to do ---------------------------------------------------------------------------------------

    def _act(self, heard: Heard, text: str) -> Generator[Act, str, list[str]]:
        steps, asked = self._due(heard)
        said: list[str] = []
        if steps:
            said += yield from self._work(steps)
        if self._solved:
            return said
        said += self._answers.to_questions(
            tuple(topic for topic in asked if topic not in {"else", "repeat"}), text
        )
        said += self._agree(heard.offered or (self._undecided if not said else ()))
        said += self._about_the_past(heard.steps.asked_done)
        if not steps and not heard.offered and (heard.fixed or heard.goodbye or "else" in asked):
            said += yield from self._is_it_so(ending=heard.goodbye)
        elif not said and "repeat" in asked:
            said += yield from self._work((Step("", AGAIN),))
        return said

    def _due(self, heard: Heard) -> tuple[tuple[Step, ...], tuple[Topic, ...]]:
        """Steps and questions: those of the text, or those that were put off."""
        steps, asked = heard.steps.steps, heard.asked
        if not steps and not asked and not heard.offered and heard.reply is not False:
            steps = self._postponed or (self._offered if heard.reply else ())
            asked = self._unanswered
        self._postponed, self._unanswered = (), ()
        self._offered = heard.steps.hints
        return steps, asked

    def _agree(self, offered: tuple[Consent, ...]) -> Iterable[str]:
        if (
            self._temper.asks_reasons
            and self._priced
            and {"refuel", "pay"} & {*offered}
            and "price" not in self._asked_back
        ):
            self._asked_back.add("price")
            self._undecided = offered
            return [self._voice.say("repeat_price")]
        self._undecided = ()
        return [self._answers.to_offer(offer, priced=self._priced) for offer in offered]

    def _about_the_past(self, tools: tuple[str, ...]) -> Iterable[str]:
        for tool in tools:
            if tool in self._used:
                yield self._voice.say("did_that")
            else:
                self._offered = (Step("", tool),)
                yield self._voice.say("did_not")

    def _is_it_so(self, *, ending: bool) -> Generator[Act, str, list[str]]:
        """The agent takes the trouble to be over: the phone has the last word."""
        if not self._script.family:
            return [f"{self._voice.say('thanks')} {STOP}"] if ending else [self._voice.say("unsolved_else")]
        said = yield from self._work((Step("", GOAL),))
        if self._solved:
            return said
        self._in_vain += 1
        if self._in_vain > self._temper.patience:
            return [*said, f"{self._voice.say('out_of_scope')} {OUT_OF_SCOPE}"]
        return [*said, self._voice.say("unsolved_else")]

    # --- asking back --------------------------------------------------------------------------------------

    def _question_back(self, heard: Heard) -> str:
        """What a timid or a wary customer wants to know first, once each; "" for nothing."""
        steps = heard.steps.steps
        question = ""
        if self._temper.asks_terms and not heard.reasoned:
            question = self._unknown_term(steps)
        elif self._temper.asks_reasons and not heard.reasoned:
            question = self._wanted_reason(heard)
        if question:
            self._postponed = steps
            self._unanswered = heard.asked
        return question

    def _unknown_term(self, steps: tuple[Step, ...]) -> str:
        for step in steps:
            term = _TERMS.get(step.topic)
            if term and self._first_time(step.topic):
                return self._voice.say("what_is", term=term)
            if step.tool == "reboot_device" and self._first_time("photos"):
                return self._voice.say("photos")
        return ""

    def _wanted_reason(self, heard: Heard) -> str:
        if {*heard.asked} & _PERSONAL and self._first_time("personal"):
            return self._voice.say("why_tell")
        for step in heard.steps.steps:
            if step.changes and self._first_time(step.tool):
                return self._voice.say("why_change")
        return ""

    def _first_time(self, what: str) -> bool:
        if what in self._asked_back:
            return False
        self._asked_back.add(what)
        return True

    # --- at the phone -------------------------------------------------------------------------------------

    def _work(self, steps: tuple[Step, ...]) -> Generator[Act, str, list[str]]:
        """Do steps in their order, up to a second change; returns what there is to tell."""
        said: list[str] = []
        changes, looks = self._changes, 0
        for step in steps:
            if step.changes and self._changes > changes:
                said.append(self._voice.say("one_at_a_time"))
                break
            looks += not step.changes
            if looks <= MOST_LOOKS:
                said += yield from self._step(self._meant(step))
            if self._solved:
                break
        return said

    def _meant(self, step: Step) -> Step:
        """A step whose tool depends on what has been before."""
        goal = GOAL_TOOLS.get(self._script.family, "check_status_bar")
        if step.tool == GOAL:
            return replace(step, tool=goal)
        if step.tool == AGAIN:
            return replace(step, tool=self._last_look or goal)
        return step

    def _step(self, step: Step) -> Generator[Act, str, list[str]]:
        if step.missing:
            return [self._voice.say(f"which_{step.missing}")]
        if step.tool not in self._script.tools:
            return [self._voice.say("no_such_tool")]
        if step.tool == "make_payment" and not self._script.pays:
            return [self._voice.say("pay_no")]
        said = yield from self._condition(step)
        if said is not None:
            return said
        if step.topic in TOGGLES and step.want is not None and step.changes:
            return (yield from self._turn(step))
        result = yield from self._use(step.tool, step.arguments)
        return self._told(step, result)

    def _condition(self, step: Step) -> Generator[Act, str, list[str] | None]:
        """None where a step's condition holds; else what there is to tell instead."""
        condition = step.condition
        if condition is None or (condition.topic == step.topic and step.want is not None):
            return None
        tool = look_for(condition.topic, self._script.family)
        if tool not in self._script.tools or tool in {"check_app_status", "check_app_permissions"}:
            return []
        holds = self._phone.fulfils(condition)
        if holds is None:
            result = yield from self._use(tool, {})
            if condition.topic == "goal":
                holds = reached(self._script.family, result) == (condition.state == "yes")
            else:
                holds = self._phone.fulfils(condition)
            if not holds:
                return self._told(Step(condition.topic, tool), result)
        return None if holds else [self._voice.say("not_so")]

    def _turn(self, step: Step) -> Generator[Act, str, list[str]]:
        """Turn a switch to the wanted state, after having looked how it stands."""
        look = LOOKS[step.topic]
        if step.topic not in self._phone.stands and look in self._script.tools:
            yield from self._use(look, {})
        if self._phone.stands.get(step.topic) == step.want:
            what, state = _SWITCH_NAMES[step.topic], "on" if step.want else "off"
            return [self._voice.say("already", what=what, state=state)]
        result = yield from self._use(step.tool, {})
        return self._told(step, result)

    def _use(self, tool: str, arguments: Mapping[str, Any]) -> Speaking:
        result = yield Act(tool, arguments)
        self._used.add(tool)
        self._phone.showed(tool, result)
        if Step("", tool).changes:
            self._changes += 1
        else:
            self._last_look = tool if not arguments else self._last_look
        self._solved = self._solved or reached(self._script.family, result)
        return result

    def _told(self, step: Step, result: str) -> list[str]:
        """What the phone gave, word for word, and what the customer thinks of it."""
        said = [self._voice.say("done" if step.changes else "report", result=result)]
        if self._solved or step.tool != GOAL_TOOLS.get(self._script.family):
            return said
        if self._changes > self._disappointed:
            self._disappointed = self._changes
            return [*said, self._voice.say("disappointed")]
        return [*said, self._voice.say("not_yet")] if self._changes else said

    # --- nothing to do ------------------------------------------------------------------------------------

    def _at_a_loss(self, heard: Heard) -> str:
        """Nothing was asked for, or nothing that could be understood."""
        self._lost += 1
        if self._lost > self._temper.patience:
            return f"{self._voice.say('out_of_scope')} {OUT_OF_SCOPE}"
        if heard.hand_over_meant:
            return self._voice.say("transfer_meant")
        if heard.steps.hints:
            return self._voice.say("offer")
        if heard.steps.vague:
            return self._voice.say("cannot")
        return self._voice.say("wait" if heard.patience else "lost")
