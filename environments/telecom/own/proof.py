"""Proofs by execution that a task can be solved, and only by doing something.

prove(task)                 # raises UnprovenError with the reason, or returns
needless(task)              # the reference actions that could be left out: [] for ours
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from agentbench_sdk.environments.telecom.task import EnvAssertion, ReferenceAction, TelecomTask
from agentbench_sdk.simulation import Actor

if TYPE_CHECKING:
    from agentbench_sdk.environments.telecom.core import TelecomCore


class UnprovenError(AssertionError):
    """A task whose reference does not do what it claims; the message names both."""


def prove(task: TelecomTask) -> None:
    """Carries the reference out and checks every statement before and after.

    A task that can be solved must fail in each of its statements at the start and meet them all in the end,
    with no call of the reference refused. A task that has to be handed over must keep all of its statements,
    before and after, and its reference is nothing but the transfer.

    Raises:
        UnprovenError: where one of these is not so.
    """
    start = _start(task)
    before = [start.fork().met(statement) for statement in _statements(task)]
    solvable = not hands_over(task)
    if any(before) if solvable else not all(before):
        raise UnprovenError(
            f"task {task.id!r}: {_which(task, before, wrong=solvable)} must "
            f"{'not ' if solvable else ''}hold at the start"
        )
    after = _after(start, task, _actions(task))
    if not all(after):
        raise UnprovenError(f"task {task.id!r}: {_which(task, after, wrong=False)} must hold in the end")


def needless(task: TelecomTask) -> list[str]:
    """Ids of the reference actions without each of which every statement would still be met.

    For a task that has to be handed over the transfer itself is what counts, so none is needless.
    """
    if hands_over(task):
        return []
    start, actions = _start(task), _actions(task)
    return [
        left_out.action_id
        for left_out in actions
        if all(_outcome(start, task, [action for action in actions if action is not left_out]))
    ]


def hands_over(task: TelecomTask) -> bool:
    """Whether the task is one for a human: its calls count, and the transfer is the only one."""
    return [action.name for action in _actions(task)] == ["transfer_to_human_agents"]


def _start(task: TelecomTask) -> TelecomCore:
    core = _pristine().fork()
    core.initialise(task)
    return core


@lru_cache(maxsize=1)
def _pristine() -> TelecomCore:
    from agentbench_sdk.environments.telecom.core import TelecomCore
    from agentbench_sdk.environments.telecom.own.data import own_data

    return TelecomCore(own_data().database)


def _after(start: TelecomCore, task: TelecomTask, actions: Sequence[ReferenceAction]) -> list[bool]:
    """As `_outcome`, where a refused call is an error."""
    core = start.fork()
    for action in actions:
        answer = core.call(_actor(action), action.name, action.arguments)
        if answer.error:
            raise UnprovenError(f"task {task.id!r}: {action.action_id} was refused: {answer.content}")
    return [core.met(statement) for statement in _statements(task)]


def _outcome(start: TelecomCore, task: TelecomTask, actions: Sequence[ReferenceAction]) -> list[bool]:
    core = start.fork()
    for action in actions:
        core.call(_actor(action), action.name, action.arguments)
    return [core.met(statement) for statement in _statements(task)]


def _actor(action: ReferenceAction) -> Actor:
    return "agent" if action.requestor == "assistant" else "user"


def _actions(task: TelecomTask) -> list[ReferenceAction]:
    return (task.evaluation_criteria and task.evaluation_criteria.actions) or []


def _statements(task: TelecomTask) -> list[EnvAssertion]:
    return (task.evaluation_criteria and task.evaluation_criteria.env_assertions) or []


def _which(task: TelecomTask, met: Sequence[bool], *, wrong: bool) -> str:
    names = [
        statement.func_name for statement, holds in zip(_statements(task), met, strict=True) if holds is wrong
    ]
    return ", ".join(names)
