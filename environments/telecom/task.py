"""A telecom task: what is broken, what the user knows, and what counts as solved.

The form is that of tau2-bench's task files (package 1.0.1), so that its task sets load as they are; our own
tasks have the same form.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Side = Literal["assistant", "user"]
Basis = Literal["DB", "ENV_ASSERTION", "ACTION", "COMMUNICATE", "NL_ASSERTION"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Description(_Part):
    """What a task is for, for people."""

    purpose: str | None = None
    relevant_policies: str | None = None
    notes: str | None = None


class Instructions(_Part):
    """What the user is told."""

    domain: str = "telecom"
    reason_for_call: str
    known_info: str | None = None
    unknown_info: str | None = None
    task_instructions: str


class UserScenario(_Part):
    """Who calls, and why."""

    persona: str | None = None
    instructions: Instructions | str


class Step(_Part):
    """A hidden function or a tool that prepares the world."""

    env_type: Side
    func_name: str
    arguments: dict[str, Any] = {}


class InitialState(_Part):
    """What a session starts from.

    Attributes:
        initialization_data: records that are merged into the databases: {"agent_data": …, "user_data": …}.
        initialization_actions: run in order, each followed by a sync.
        message_history: a conversation that goes on; its calls are executed first.
    """

    initialization_data: dict[str, Any] | None = None
    initialization_actions: list[Step] | None = None
    message_history: list[dict[str, Any]] | None = None


class ReferenceAction(_Part):
    """A call of the reference solution.

    Attributes:
        compare_args: names of the arguments that count in a comparison; None for those of the actual call.
    """

    action_id: str
    requestor: Side = "assistant"
    name: str
    arguments: dict[str, Any] = {}
    info: str | None = None
    compare_args: list[str] | None = None


class EnvAssertion(_Part):
    """A statement about the final state; met when it gives `assert_value`."""

    env_type: Side
    func_name: str
    arguments: dict[str, Any] = {}
    assert_value: bool = True
    message: str | None = None


class Criteria(_Part):
    """What counts as solved."""

    actions: list[ReferenceAction] | None = None
    env_assertions: list[EnvAssertion] | None = None
    communicate_info: list[str] | None = None
    nl_assertions: list[str] | None = None
    reward_basis: list[Basis] = ["DB", "COMMUNICATE"]


class TelecomTask(_Part):
    """One task; its `id` is unique in a set."""

    id: str
    description: Description | None = None
    user_scenario: UserScenario
    ticket: str | None = None
    initial_state: InitialState | None = None
    evaluation_criteria: Criteria | None = None
    issues: list[Any] | None = None
    required_documents: list[str] | None = None
    user_tools: list[str] | None = None
