"""Whose doing it was that a conversation earned nothing: fixed rules on what was said and called.

    attribute(task, trajectory, termination, reward, database=database)

The rules are tried in order and the first that applies decides, so that the same conversation always gets the
same answer, with the entry of the trajectory that shows it. They see calls, results, the state they made, and
in texts nothing but plain requests; what they cannot see (a misleading answer, a wrong explanation) falls to
the agent, whose job it is to solve the task with the customer that it has.

=====================  ===========  ===============================================================
rule                   side         applies when
=====================  ===========  ===============================================================
limit names            limit        steps, errors, time or the context ran out
message_refused        agent, user  a message could not pass (text and call in one; text in solo mode)
endpoint, world        as named     a fault ended the conversation
undone                 who did it   all was reached once, and a later call broke it; a call that the
                                    customer was asked for is the agent's
handed_over_solvable   agent        the agent transferred a task that can be solved
request_ignored        user         a step of the solution was asked for, and the customer did not do it
question_unanswered    agent        the customer answered such a request with a question, and the agent did not
                                    come back to it
left_early             user         the customer ended the conversation while the agent wanted something: an
                                    answer or a step, and not just to know whether there is anything else
not_handed_over        agent        the task can only be handed over, and was not
step_refused           agent        the agent's step of the solution was refused
step_not_taken         agent        the agent never took a step of the solution
step_not_asked_for     agent        a step of the customer's was never asked for
not_said               agent        something that had to be said was not
unsolved               agent        none of these, and statements about the end are not met
=====================  ===========  ===============================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.evaluation import Reward, matches
from agentbench_sdk.environments.telecom.facts import solvable
from agentbench_sdk.environments.telecom.task import ReferenceAction, TelecomTask
from agentbench_sdk.environments.telecom.termination import SCORED
from agentbench_sdk.environments.telecom.trajectory import Called, Entries, Said

FaultSide = Literal["agent", "user", "environment", "endpoint", "judge", "limit"]
_TRANSFER = "transfer_to_human_agents"
_ENDED_BY: dict[str, tuple[FaultSide, str, str]] = {
    "max_steps": ("limit", "steps", "the steps of the conversation were used up"),
    "timeout": ("limit", "time", "the time of the conversation was used up"),
    "too_many_errors": ("limit", "errors", "too many calls were refused"),
    "context_window_exceeded": ("limit", "context", "the conversation outgrew the model's context"),
    "agent_error": ("agent", "message_refused", "the agent sent a message that cannot pass"),
    "user_error": ("user", "message_refused", "the user sent a message that cannot pass"),
    "infrastructure_error": ("endpoint", "endpoint", "a model gave no answer"),
    "unexpected_error": ("environment", "world", "the world broke"),
}
_DOING = (
    r"turn|switch|toggle|enable|disable|activate|deactivate|set|change|select|choose|reset|restart|reboot|remove|"
    r"re-?insert|re-?seat|take|put|grant|allow|give|disconnect|connect|pay|enter|do|make|use|run"
)
_ASKS = re.compile(rf"\b(?:{_DOING})\b")
_TOPICS = {
    "toggle_airplane_mode": r"air ?plane|flight mode",
    "reseat_sim_card": r"\bsim\b",
    "set_network_mode_preference": r"network (?:mode|type|preference)|preferred network|\b[45]g\b",
    "toggle_data": r"(?:mobile|cellular) data",
    "toggle_roaming": r"roaming",
    "toggle_data_saver_mode": r"data[- ]?sav",
    "toggle_wifi": r"wi-?fi(?! ?-?calling)",
    "toggle_wifi_calling": r"wi-?fi[- ]calling",
    "connect_vpn": r"\bvpn\b",
    "disconnect_vpn": r"\bvpn\b",
    "reset_apn_settings": r"\bapns?\b|access point",
    "set_apn_settings": r"\bapns?\b|access point",
    "reboot_device": r"re-?start|reboot|power cycle|off and (?:back )?on",
    "grant_app_permission": r"permission",
    "make_payment": r"\bpay\b|payment",
}
_CLOSING = re.compile(r"anything else|something else|any other|further (?:questions|help|assistance)")
_SENTENCES = re.compile(r"(?<=[.!?;])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose doing a failure was.

    Attributes:
        rule: which rule decided, see the module.
        entry: place in the trajectory that shows it, from 0; None where no single one does.
        evidence: one sentence.
    """

    side: FaultSide
    rule: str
    evidence: str
    entry: int | None = None

    def to_metrics(self) -> dict[str, str]:
        """For `Outcome.metrics`, where reports look for it."""
        where = "" if self.entry is None else f"entry {self.entry}: "
        return {"fault": self.side, "fault_rule": self.rule, "fault_evidence": f"{where}{self.evidence}"}


def attribute(
    task: TelecomTask,
    trajectory: Entries,
    termination: str,
    reward: Reward,
    *,
    database: Database,
    seed: int = 0,
    solo: bool = False,
) -> Attribution | None:
    """Whose doing it was that a conversation was no success; None for a success.

    Arguments:
        task: what was to be solved.
        trajectory: what was said and called, by both sides.
        termination: why it ended, see `termination.py`.
        reward: what it earned.
        database: the pristine data of the world in which it took place.
        seed: of that world.
        solo: whether the agent was alone.
    """
    if reward.success:
        return None
    if termination not in SCORED:
        return _of_ending(termination, trajectory)
    case = _Case(task, trajectory, database, seed, solo)
    for rule in (
        _undone,
        _handed_over,
        _request_ignored,
        _left_early,
        _not_handed_over,
        _own_step_missing,
        _step_not_asked_for,
    ):
        found = rule(case)
        if found is not None:
            return found
    return _rest(reward)


def _of_ending(termination: str, trajectory: Entries) -> Attribution:
    side, rule, evidence = _ENDED_BY[termination]
    if termination == "too_many_errors":
        refused = [entry for entry in trajectory if isinstance(entry, Called) and entry.error]
        by_agent = sum(entry.actor == "agent" for entry in refused)
        evidence = f"{by_agent} calls of the agent and {len(refused) - by_agent} of the user were refused"
    return Attribution(side, rule, evidence, len(trajectory) - 1 if trajectory else None)


@dataclass(frozen=True, slots=True)
class _Case:
    task: TelecomTask
    trajectory: Entries
    database: Database
    seed: int
    solo: bool

    @property
    def missing(self) -> list[ReferenceAction]:
        """Reference actions that nobody carried out."""
        criteria = self.task.evaluation_criteria
        done = [entry for _, entry in self.calls() if not entry.error]
        actions = (criteria and criteria.actions) or []
        return [action for action in actions if not any(matches(action, call) for call in done)]

    def calls(self) -> Iterator[tuple[int, Called]]:
        for place, entry in enumerate(self.trajectory):
            if isinstance(entry, Called):
                yield place, entry

    def said(self, actor: str) -> list[tuple[int, Said]]:
        return [
            (place, entry)
            for place, entry in enumerate(self.trajectory)
            if isinstance(entry, Said) and entry.actor == actor
        ]

    def handed_over(self) -> int | None:
        """Where the agent's transfer is."""
        return next(
            (place for place, call in self.calls() if call.name == _TRANSFER and not call.error), None
        )

    def last_request(self, tool: str) -> int | None:
        """The last text in which the agent asked for a tool of the user's."""
        return next(
            (place for place, entry in reversed(self.said("agent")) if asks_for(entry.text, tool)), None
        )


def asks_for(text: str, tool: str) -> bool:
    """Whether a text asks the customer to use a tool that changes something: by its name, or in plain words.

    >>> asks_for("Please turn airplane mode off.", "toggle_airplane_mode")
    True
    >>> asks_for("Is airplane mode turned on?", "toggle_airplane_mode")
    False
    """
    if tool in text:
        return True
    topic = _TOPICS.get(tool)
    if topic is None:
        return False
    sentences = _SENTENCES.split(text.lower())
    return any(re.search(topic, sentence) and _ASKS.search(sentence) for sentence in sentences)


# --- rules ---------------------------------------------------------------------------------------


def _undone(case: _Case) -> Attribution | None:
    """A call after which what had been reached was gone."""
    criteria = case.task.evaluation_criteria
    assertions = (criteria and criteria.env_assertions) or []
    if not assertions:
        return None
    core = TelecomCore(case.database, seed=case.seed, solo=case.solo)
    core.initialise(case.task)
    reached = all(core.fork().met(each) for each in assertions)
    broken: tuple[int, Called] | None = None
    for place, call in case.calls():
        core.call(call.actor, call.name, call.arguments)
        now = all(core.fork().met(each) for each in assertions)
        broken = None if now else (place, call) if reached else broken
        reached = now
    if broken is None:
        return None
    return _by_whom(case, *broken)


def _by_whom(case: _Case, place: int, call: Called) -> Attribution:
    told = f"{call.name} undid what had been reached"
    if call.actor == "agent":
        return Attribution("agent", "undone", told, place)
    before = [entry for where, entry in case.said("agent") if where < place][-1:]
    if any(asks_for(entry.text, call.name) for entry in before):
        return Attribution("agent", "undone", f"{told}, and the agent had asked for it", place)
    return Attribution("user", "undone", f"{told}, and nobody had asked for it", place)


def _handed_over(case: _Case) -> Attribution | None:
    place = case.handed_over()
    if place is None or not solvable(case.task):
        return None
    told = "the agent handed over a task that can be solved"
    return Attribution("agent", "handed_over_solvable", told, place)


def _request_ignored(case: _Case) -> Attribution | None:
    for action in case.missing:
        asked = case.last_request(action.name) if action.requestor == "user" else None
        replies = [] if asked is None else [each for each in case.said("user") if each[0] > asked]
        if asked is None or not replies:
            continue
        if any(place > asked and call.name == action.name for place, call in case.calls()):
            continue
        place, reply = replies[0]
        if "?" in reply.text and any(later > place for later, _ in case.said("agent")):
            told = f"the customer asked back about {action.name}, and the agent did not come back to it"
            return Attribution("agent", "question_unanswered", told, place)
        told = f"the customer was asked for {action.name} and did not do it"
        return Attribution("user", "request_ignored", told, asked)
    return None


def _left_early(case: _Case) -> Attribution | None:
    """The customer's last words end the conversation though the agent still wanted something."""
    texts, ours = case.said("user"), case.said("agent")
    last = case.trajectory[-1] if case.trajectory else None
    if not texts or last is not texts[-1][1] or case.handed_over() is not None:
        return None
    if len(ours) < 2:  # the greeting alone
        return Attribution(
            "user", "left_early", "the customer left before the agent had done anything", texts[-1][0]
        )
    if _wants_something(ours[-1][1].text):
        told = "the customer ended the conversation while the agent asked for something"
        return Attribution("user", "left_early", told, texts[-1][0])
    return None


def _wants_something(text: str) -> bool:
    """An answer, or a step on the phone."""
    questions = [each for each in _SENTENCES.split(text) if each.rstrip().endswith("?")]
    asked = any(not _CLOSING.search(each.lower()) for each in questions)
    return asked or any(asks_for(text, tool) for tool in _TOPICS)


def _not_handed_over(case: _Case) -> Attribution | None:
    if solvable(case.task) or case.handed_over() is not None:
        return None
    return Attribution("agent", "not_handed_over", "the agent did not hand over what it cannot solve")


def _own_step_missing(case: _Case) -> Attribution | None:
    for action in case.missing:
        if action.requestor != "assistant" and not case.solo:
            continue
        refused = [place for place, call in case.calls() if call.name == action.name and call.error]
        if refused:
            return Attribution("agent", "step_refused", f"{action.name} was refused", refused[-1])
        return Attribution("agent", "step_not_taken", f"the agent never called {_shown(action)}")
    return None


def _step_not_asked_for(case: _Case) -> Attribution | None:
    for action in case.missing:
        if case.last_request(action.name) is None:
            told = f"the agent never asked the customer for {_shown(action)}"
            return Attribution("agent", "step_not_asked_for", told)
    return None


def _shown(action: ReferenceAction) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in action.arguments.items())
    return f"{action.name}({arguments})"


def _rest(reward: Reward) -> Attribution:
    unsaid = [check.info for check in reward.communicate_checks or () if not check.met]
    if unsaid and reward.breakdown is not None and reward.breakdown.get("COMMUNICATE") == 0.0:
        return Attribution("agent", "not_said", f"the agent never said {unsaid[0]!r}")
    unmet = _numbers(reward.env_assertions_met or ())
    told = f"unmet at the end: assertion {unmet}" if unmet else "the databases are not those of the reference"
    return Attribution("agent", "unsolved", told)


def _numbers(met: Sequence[bool]) -> str:
    return ", ".join(str(number) for number, each in enumerate(met) if not each)
