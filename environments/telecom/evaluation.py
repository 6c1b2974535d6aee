"""The reward: what tau2-bench's evaluator gives for a conversation (evaluation type "all").

The reward is the product of the components that the task's `reward_basis` names. The others are computed as
well, since they tell what went wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.task import Criteria, ReferenceAction, TelecomTask
from agentbench_sdk.environments.telecom.termination import SCORED, TERMINATIONS
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.environments.telecom.trajectory import Called, Entries, Said
from agentbench_sdk.errors import ConfigurationError

PARTS = ("DB", "ENV_ASSERTION", "ACTION", "COMMUNICATE")  # in the order of a breakdown
SUCCESS = 1.0 - 1e-6  # a reward from here on counts as success
UNREADABLE = "bad_arguments"  # outcome of a call whose arguments are no JSON object: it asks for nothing
_NEEDS_A_MODEL = "NL_ASSERTION"


@dataclass(frozen=True, slots=True)
class ActionCheck:
    """Whether a reference action was matched by a call.

    Attributes:
        tool_type: "read", "write" or "generic"; None for a tool that there is not.
    """

    action_id: str
    match: bool
    tool_type: str | None

    def to_dict(self) -> dict[str, Any]:
        return {"action_id": self.action_id, "match": self.match, "tool_type": self.tool_type}


@dataclass(frozen=True, slots=True)
class CommunicateCheck:
    """Whether the agent said something that it was to say."""

    info: str
    met: bool

    def to_dict(self) -> dict[str, Any]:
        return {"info": self.info, "met": self.met}


@dataclass(frozen=True, slots=True)
class Reward:
    """What a conversation earned.

    Attributes:
        reward: 0 to 1; the product of the breakdown.
        basis: the components that count; None where nothing was evaluated.
        breakdown: the value of each of them; None where nothing was evaluated.
        db_match: whether both databases are those of the reference solution, in the basis or not.
        env_assertions_met: of each assertion, in the task's order.
        action_checks: of each reference action; None when there are none.
        communicate_checks: of each text to be said; None when there are none.
    """

    reward: float
    basis: tuple[str, ...] | None = None
    breakdown: Mapping[str, float] | None = None
    db_match: bool | None = None
    env_assertions_met: tuple[bool, ...] | None = None
    action_checks: tuple[ActionCheck, ...] | None = None
    communicate_checks: tuple[CommunicateCheck, ...] | None = None

    @property
    def success(self) -> bool:
        """Whether the reward counts as success: within 1e-6 of 1."""
        return self.reward >= SUCCESS

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; the basis and its breakdown have the names of tau2-bench's results."""
        return {
            "reward": self.reward,
            "reward_basis": _listed(self.basis),
            "reward_breakdown": None if self.breakdown is None else dict(self.breakdown),
            "db_match": self.db_match,
            "env_assertions_met": _listed(self.env_assertions_met),
            "action_checks": _dicts(self.action_checks),
            "communicate_checks": _dicts(self.communicate_checks),
        }


def evaluate(
    task: TelecomTask,
    core: TelecomCore,
    trajectory: Entries,
    termination: str,
    *,
    database: Database,
    basis: Sequence[str] | None = None,
) -> Reward:
    """Score a conversation; neither the core nor the trajectory is changed.

    Arguments:
        task: what was to be solved.
        core: the world as the conversation left it.
        trajectory: what was said and called, by both sides.
        termination: why it ended; see `termination.py`. Only stops of the user or the agent earn anything.
        database: the pristine data that the core was made from; the reference solution is tried on it.
        basis: components to count in place of the task's.

    Raises:
        ConfigurationError: the termination or a component is unknown, or a component needs a judge model.
        TelecomError: an assertion cannot be tried on this world.

    Source: tau2-bench 1.0.1, `evaluator/evaluator.py`.
    """
    if termination not in TERMINATIONS:
        known = ", ".join(TERMINATIONS)
        raise ConfigurationError(
            f"task {task.id!r}: termination {termination!r} is unknown; it is one of {known}"
        )
    if termination not in SCORED:
        return Reward(0.0)
    criteria = task.evaluation_criteria
    if criteria is None:
        return Reward(1.0)
    counted = _checked_basis(task, criteria.reward_basis if basis is None else basis)
    db_match, assertions = _environment(task, criteria, core, database)
    actions = _actions(criteria, trajectory)
    communicated = _communicated(criteria, trajectory)
    values = {
        "DB": float(db_match),
        "ENV_ASSERTION": _all(assertions),
        "ACTION": _all(check.match for check in actions or ()),
        "COMMUNICATE": _all(check.met for check in communicated or ()),
    }
    breakdown = {part: values[part] for part in PARTS if part in counted}
    return Reward(
        prod(breakdown.values(), start=1.0), counted, breakdown, db_match, assertions, actions, communicated
    )


def _checked_basis(task: TelecomTask, basis: Sequence[str]) -> tuple[str, ...]:
    for part in basis:
        if part == _NEEDS_A_MODEL:
            raise ConfigurationError(
                f"task {task.id!r}: reward_basis: {part} is decided by a judge model, which this world's reward "
                "does not ask; leave it out of the basis and score it with a judge of the task"
            )
        if part not in PARTS:
            known = ", ".join(PARTS)
            raise ConfigurationError(
                f"task {task.id!r}: reward_basis: {part!r} is unknown; it may hold {known}"
            )
    return tuple(basis)


def _environment(
    task: TelecomTask, criteria: Criteria, core: TelecomCore, database: Database
) -> tuple[bool, tuple[bool, ...] | None]:
    """Whether the databases match, and which assertions are met; nothing is looked at where none are given."""
    if criteria.actions is None and criteria.env_assertions is None:
        return True, None
    gold = _gold(task, criteria.actions or [], database, core.seed)
    match = core.agent_hash() == gold.agent_hash() and core.user_hash() == gold.user_hash()
    twin = core.fork()  # each assertion is followed by a sync
    return match, tuple(twin.met(each) for each in criteria.env_assertions or [])


def _gold(
    task: TelecomTask, actions: Iterable[ReferenceAction], database: Database, seed: int
) -> TelecomCore:
    """The world after the reference solution, executed as tau2-bench does it.

    No sync runs between or after the actions, and actions that fail are passed over. So what one side's
    action would have brought to the other is missing: `db_match` is False after a perfect conversation
    where a sync mattered. The reference world is never in solo mode.
    """
    gold = TelecomCore(database, seed=seed)
    gold.initialise(task)
    for action in actions:
        gold.attempt_unsynced(action.requestor, action.name, action.arguments)
    return gold


def _actions(criteria: Criteria, trajectory: Entries) -> tuple[ActionCheck, ...] | None:
    if not criteria.actions:
        return None
    calls = [entry for entry in trajectory if isinstance(entry, Called) and entry.readable]
    return tuple(
        ActionCheck(action.action_id, any(matches(action, call) for call in calls), _tool_type(action.name))
        for action in criteria.actions
    )


def _tool_type(name: str) -> str | None:
    facts = TOOLS.get(name)
    return None if facts is None else facts.kind


def matches(action: ReferenceAction, call: Called) -> bool:
    """Whether a call is the one that the reference names; who called and what came of it do not matter.

    With `compare_args` None the arguments of the call are compared: one that leaves some out matches, one
    with an argument too many does not.
    """
    if action.name != call.name:
        return False
    keys = call.arguments.keys() if action.compare_args is None else action.compare_args
    return _only(call.arguments, keys) == _only(action.arguments, keys)


def _only(arguments: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: arguments[key] for key in keys if key in arguments}


def _communicated(criteria: Criteria, trajectory: Entries) -> tuple[CommunicateCheck, ...] | None:
    """Each text is looked for in single messages of the agent, lowercased and without their commas.

    The commas of the wanted text stay, so that one with a comma is never found.
    """
    if not criteria.communicate_info:
        return None
    said = [
        entry.text.lower().replace(",", "")
        for entry in trajectory
        if isinstance(entry, Said) and entry.actor == "agent"
    ]
    return tuple(
        CommunicateCheck(info, any(info.lower() in text for text in said))
        for info in criteria.communicate_info
    )


def _all(met: Iterable[bool] | None) -> float:
    return float(all(met or ()))


def _listed(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _dicts(checks: Sequence[ActionCheck] | Sequence[CommunicateCheck] | None) -> list[dict[str, Any]] | None:
    return None if checks is None else [check.to_dict() for check in checks]
