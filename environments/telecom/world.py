"""`Telecom`: the world of a support session, with a back office for the agent and a phone for the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, ClassVar

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.telecom import users
from agentbench_sdk.environments.telecom.attribution import attribute
from agentbench_sdk.environments.telecom.conduct import conduct
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.errors import TelecomError
from agentbench_sdk.environments.telecom.evaluation import Reward, evaluate
from agentbench_sdk.environments.telecom.policies import ORACLES, POLICIES
from agentbench_sdk.environments.telecom.scenario import TelecomScenario
from agentbench_sdk.environments.telecom.sources import Data, data_of, guidelines_of
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.termination import Termination, termination_of
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.environments.telecom.trajectory import Called, Said, Trajectory, entry_from_dict
from agentbench_sdk.environments.telecom.users.guard import objection_to
from agentbench_sdk.environments.telecom.users.prompt import user_prompt
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Message, ToolSpec
from agentbench_sdk.simulation import (
    Actor,
    BadArguments,
    Environment,
    Objection,
    Opening,
    Oracle,
    Outcome,
    Policy,
    Scenario,
    ToolResult,
    UserSide,
)
from agentbench_sdk.simulation.arguments import check_arguments

GREETING = "Hi! How can I help you today?"
STOP, TRANSFER, OUT_OF_SCOPE = "###STOP###", "###TRANSFER###", "###OUT-OF-SCOPE###"
DONE = "done"
_DONE = ToolSpec(
    DONE,
    "End the work on the ticket: it is solved, or nothing more can be done.",
    {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
)


class Telecom(Environment):
    """A customer's phone or line does not work; the agent finds out why and has it repaired.

    The rules are those of tau2-bench's telecom domain (package 1.0.1); arguments are not checked before a tool
    is called, for that would be another world: the tools themselves fail as the originals do.
    """

    name: ClassVar[str] = "telecom"
    version: ClassVar[str] = "agentbench.telecom/1"
    scenario_type: ClassVar[type[Scenario]] = TelecomScenario
    headline: ClassVar[tuple[str, ...]] = (
        "policy_violations",
        "needless_writes",
        "repeated_calls",
        "agent_texts",
        "agent_calls",
        "user_calls",
    )
    scenario: TelecomScenario

    def __init__(self, scenario: TelecomScenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.data: Data = data_of(scenario)
        self.task: TelecomTask = scenario.task or self.data.tasks("small")[0]
        if self.task.initial_state is not None and self.task.initial_state.message_history:
            raise ConfigurationError(
                f"task {self.task.id!r} goes on from a recorded conversation (message_history), which sessions "
                "do not take up; `TelecomCore.initialise` replays its calls"
            )
        self.core = TelecomCore(self.data.database, seed=seed, solo=scenario.solo)
        self._set_up()
        self.trajectory: Trajectory = []
        self.termination: Termination | None = None
        self._chain = ""

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        return POLICIES

    @classmethod
    def oracles(cls) -> Mapping[str, Oracle]:
        return ORACLES

    @classmethod
    def users(cls) -> Mapping[str, Oracle]:
        return users.SCRIPTED

    # --- what a session uses ------------------------------------------------------------------

    def opening(self) -> Opening:
        policy = self.data.policy(solo=self.scenario.solo, workflow=self.scenario.policy == "workflow")
        system = f"{_instructions(solo=self.scenario.solo)}\n<policy>\n{policy}\n</policy>"
        if not self.scenario.solo:
            return Opening(system)
        return Opening(system, f"<ticket>\n{self.task.ticket or ''}\n</ticket>")

    def user_side(self) -> UserSide | None:
        if self.scenario.solo:
            return None
        facts = {
            "user_scenario": self.task.user_scenario.model_dump(mode="json"),
            "tools": [tool.name for tool in self.tools("user")],
        }
        system = user_prompt(self.task, guidelines_of(self.data))
        return UserSide(system, GREETING, (STOP, TRANSFER, OUT_OF_SCOPE), facts)

    def tools(self, actor: Actor = "agent") -> list[ToolSpec]:
        if not self.scenario.solo:
            return list(_specs(actor, self._offered(actor)))
        if actor == "user":
            return []
        return [*_specs("agent", None), *_specs("user", self._offered("user")), _DONE]

    def call(self, actor: Actor, name: str, arguments: object) -> ToolResult:
        arguments = check_arguments(arguments)
        if isinstance(arguments, BadArguments):
            return self.reject(actor, name, "bad_arguments", arguments)
        if name == DONE and self.scenario.solo and actor == "agent":
            self.hear(actor, STOP)
            return ToolResult("The ticket is closed.")
        answer = self.core.call(actor, name, arguments)
        self._note(Called(actor, name, arguments, answer.content, answer.error, answer.outcome))
        return ToolResult(answer.content, not answer.error, "" if not answer.error else answer.outcome)

    def reject(self, actor: Actor, name: str, code: str, problem: BadArguments) -> ToolResult:
        result = super().reject(actor, name, code, problem)
        content = result.content.replace("error:", "Error:", 1)
        self._note(Called(actor, name, {}, content, True, code))
        return ToolResult(content, ok=False, error=code)

    def hear(self, actor: Actor, text: str) -> str | None:
        """A text of an agent that is alone: the stop marker ends the session, anything else is a mistake."""
        self.overhear(actor, text)
        if self.scenario.solo:
            self.termination = "agent_stop" if STOP in text else "agent_error"
        return None

    def overhear(self, actor: Actor, text: str) -> None:
        self._note(Said(actor, text.encode(errors="replace").decode()))  # lone surrogates are in no hash

    def objection(self, actor: Actor, message: Message) -> Objection | None:
        if self.scenario.validate_communication and message.text.strip() and message.tool_calls:
            fault = "agent_error" if actor == "agent" else "user_error"
            return Objection("A message holds either text or tool calls, not both.", fault)
        return objection_to(self, message) if actor == "user" and self.scenario.guard else None

    @property
    def ended(self) -> bool:
        return self.termination is not None

    def abandon(self, reason: str) -> None:
        self.termination = termination_of(reason)

    # --- what came of it ----------------------------------------------------------------------

    def truth(self) -> Mapping[str, Any]:
        return {"task": self.task.model_dump(mode="json")}

    def evaluate(self, basis: Sequence[str] | None = None) -> Reward:
        """What the conversation earned; one that has not ended is scored as if the user stopped now.

        Arguments:
            basis: components to count in place of the task's.
        """
        return evaluate(
            self.task,
            self.core,
            self.trajectory,
            self.termination or "user_stop",
            database=self.data.database,
            basis=basis,
        )

    def outcome(self) -> Outcome:
        reward = self.evaluate()
        termination = self.termination or "user_stop"
        seen: dict[str, Any] = {"database": self.data.database, "seed": self.seed, "solo": self.scenario.solo}
        fault = attribute(self.task, self.trajectory, termination, reward, **seen)
        metrics = {
            **_diagnostics(reward),
            **conduct(self.task, self.trajectory, **seen),
            **(fault.to_metrics() if fault is not None else {}),
        }
        return Outcome(reward.reward, "", termination, reward.breakdown or {}, metrics)

    # --- state --------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        return {
            "core": self.core.state(),
            "trajectory": [entry.to_dict() for entry in self.trajectory],
            "termination": self.termination,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.core.load_state(state["core"])
        self.trajectory, self._chain = [], ""
        for entry in state["trajectory"]:
            self._note(entry_from_dict(entry))
        self.termination = state["termination"]

    def state_hash(self) -> str:
        """SHA-256 over version, scenario, seed, both databases and all that was said and called."""
        parts = (
            self._scenario_part,
            self.core.agent_hash(),
            self.core.user_hash(),
            self.core.handset.vpn_profile.server_performance,
            self._chain,
            self.termination or "",
        )
        return sha256("\n".join(parts).encode()).hexdigest()

    # --- inside -------------------------------------------------------------------------------

    def _set_up(self) -> None:
        try:
            self.core.initialise(self.task)
        except (TelecomError, TypeError, AttributeError) as error:
            raise ConfigurationError(f"task {self.task.id!r} cannot be set up: {error}") from error

    @cached_property
    def _scenario_part(self) -> str:
        return self._identity().decode()

    def _offered(self, actor: Actor) -> tuple[str, ...] | None:
        """The names of the tools that a task restricts the user to; None for all."""
        named = self.task.user_tools if actor == "user" else None
        return None if named is None else tuple(named)

    def _note(self, entry: Said | Called) -> None:
        self.trajectory.append(entry)
        self._chain = sha256(self._chain.encode() + canonical_json(entry.to_dict())).hexdigest()


def _diagnostics(reward: Reward) -> dict[str, Any]:
    """What tells why a reward is what it is, in the basis or not."""
    if reward.basis is None:
        return {}
    actions, assertions = reward.action_checks or (), reward.env_assertions_met or ()
    return {
        "db_match": None if reward.db_match is None else int(reward.db_match),
        "assertions_met": sum(assertions),
        "assertions": len(assertions),
        "reference_actions_matched": sum(check.match for check in actions),
        "reference_actions": len(actions),
    }


@lru_cache(maxsize=64)
def _specs(actor: Actor, names: tuple[str, ...] | None) -> tuple[ToolSpec, ...]:
    return tuple(
        facts.spec
        for facts in TOOLS.values()
        if facts.actor == actor and (names is None or facts.name in names)
    )


@lru_cache(maxsize=2)
def _instructions(*, solo: bool) -> str:
    name = "agent_solo.md" if solo else "agent.md"
    return files(__package__).joinpath("prompts", name).read_text(encoding="utf-8")
