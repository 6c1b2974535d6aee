"""The contract of a world: most are simulated, synchronous, deterministic state machines.

Same scenario, seed and calls give the same bytes of every result and the same state hash, on every
platform. What a model sends can never raise: it is validated strictly and refused with an error that the
model can read.

A world that runs programs says that it needs a sandbox, has one made in `begin`, answers calls by coroutines,
and finds out in `finish` what came of it all. What programs print may differ the next time, so such a world
says that it is not deterministic, and its answers are recorded beside those of the model.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, Self

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from agentbench_sdk.canonical import canonical_json, digest
from agentbench_sdk.errors import ConfigurationError, EnvironmentFaultError, UnknownNameError
from agentbench_sdk.messages import Message, ToolSpec
from agentbench_sdk.simulation.arguments import BadArguments
from agentbench_sdk.simulation.tools import Actor, BoundTool, ToolResult, tools_of

if TYPE_CHECKING:
    from agentbench_sdk.sandbox import SandboxNeeds, SandboxPool
    from agentbench_sdk.simulation.picture import Sketch
    from agentbench_sdk.simulation.policy import Oracle, Policy
    from agentbench_sdk.simulation.user import Objection, UserSide


class Scenario(BaseModel):
    """Parameters of a world. Subclass it; all fields have defaults, unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def fingerprint(self) -> str:
        """SHA-256 of the canonical form; part of every result."""
        return digest(self.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class Opening:
    """How a session begins.

    Attributes:
        system: the system prompt: role, rules, policy.
        observation: the first thing the agent sees; "" when the user speaks first.
    """

    system: str = ""
    observation: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a session, as the host sees it; never shown to the agent.

    Attributes:
        reward: the primary score in the world's own unit; None when there is none.
        unit: what the reward counts, for example "cents"; "" for a share between 0 and 1.
        end_reason: why the world ended, "" while it has not.
        components: named parts of the reward.
        metrics: whatever else is worth reporting: numbers, texts, null.
    """

    reward: float | None = None
    unit: str = ""
    end_reason: str = ""
    components: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, int | float | str | None] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "reward": self.reward,
            "unit": self.unit,
            "end_reason": self.end_reason,
            "components": dict(self.components),
            "metrics": dict(self.metrics),
        }


class Environment(ABC):
    """A world. Subclasses define tools with `@tool` and give their state as plain JSON.

    Class attributes:
        name: under which it is registered, for example "vending".
        version: name and version of the rules, for example "agentbench.vending/1"; a snapshot of
            another version is refused.
        scenario_type: the pydantic model of its parameters.
        headline: names of the metrics that a report shows; all of them are in the files.
        calls_per_message: how many tool calls of one message are executed; None for all of them.
        needs_sandbox: whether it runs programs, or what its sandboxes must be able to do.
        deterministic: whether the same calls always give the same results. Those of a world that is not are
            recorded, and a run that is resumed shows its model the recorded ones; the state need not be the
            same either, but whatever `state_hash` covers should be as far as possible.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    scenario_type: ClassVar[type[Scenario]]
    headline: ClassVar[tuple[str, ...]] = ()
    calls_per_message: ClassVar[int | None] = None
    needs_sandbox: ClassVar[bool | SandboxNeeds] = False
    deterministic: ClassVar[bool] = True

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.seed = seed

    # --- construction -------------------------------------------------------------------------

    @classmethod
    def scenarios(cls) -> Mapping[str, Scenario]:
        """The named scenarios; at least "default"."""
        return {"default": cls.scenario_type()}

    @classmethod
    def create(cls, scenario: str | Mapping[str, Any] | Scenario = "default", seed: int = 0) -> Self:
        """Make a world from a scenario's name, from parameters, or from a name and overrides.

        `{"base": "smoke-30", "fee_cents": 500}` is scenario smoke-30 with another fee.

        Raises:
            ConfigurationError: a parameter is unknown or has a wrong value.
            UnknownNameError: no such scenario.
        """
        return cls(cls.resolve_scenario(scenario), seed)

    @classmethod
    def resolve_scenario(cls, scenario: str | Mapping[str, Any] | Scenario) -> Scenario:
        """The scenario that `create` would use; see there."""
        if isinstance(scenario, Scenario):
            return scenario
        overrides = {} if isinstance(scenario, str) else dict(scenario)
        base = scenario if isinstance(scenario, str) else overrides.pop("base", None)
        start: dict[str, Any] = {}
        if base is not None:
            named = cls.scenarios()
            if base not in named:
                raise UnknownNameError(f"scenario of {cls.name}", str(base), named)
            start = named[base].model_dump()
        try:
            return cls.scenario_type.model_validate({**start, **overrides})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            accepted = ", ".join(cls.scenario_type.model_fields)
            raise ConfigurationError(
                f"scenario of {cls.name}: {where}: {first['msg']} (parameters: {accepted})"
            ) from None

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        """Reference agents by name, runnable as the model `scripted/<environment>/<name>`."""
        return {}

    @classmethod
    def oracles(cls) -> Mapping[str, Oracle]:
        """Reference agents that are given `truth()`, by name; runnable in the same way."""
        return {}

    @classmethod
    def users(cls) -> Mapping[str, Oracle]:
        """Scripted users by name, runnable as the user model `scripted/<environment>/<name>`.

        They are given the `facts` of the session's `UserSide`. The first is who plays the user when a run
        names nobody.
        """
        return {}

    @classmethod
    def sandbox_needs(cls, scenario: Scenario) -> SandboxNeeds | None:
        """What the sandboxes of a scenario must be able to do, None where it needs none; checked before a run.

        Override where that differs between scenarios, as with container images.
        """
        if cls.needs_sandbox is False:
            return None
        from agentbench_sdk.sandbox import SandboxNeeds

        return SandboxNeeds.of(cls.needs_sandbox)

    # --- what a session uses ------------------------------------------------------------------

    async def begin(self, sandboxes: SandboxPool) -> None:  # noqa: B027 - most worlds need no sandbox
        """Make the sandboxes of the session; called before `opening` where `sandbox_needs` names some.

        Only `truth` and `user_side` are asked for before it. Whatever is made with `sandboxes`, now or
        later, is closed after `finish`, however the session ends.

        Raises:
            EnvironmentFaultError: it cannot be done; the session is reported as failed, never scored.
        """

    async def finish(self) -> None:  # noqa: B027 - most worlds know their outcome at any time
        """Find out what is needed for `outcome`, for example by running hidden tests.

        Called once the session has ended in a way that is scored, and before it is judged. The sandboxes
        are still open.

        Raises:
            EnvironmentFaultError: it cannot be done; the session is reported as failed, never scored.
        """

    @abstractmethod
    def opening(self) -> Opening:
        """How the session begins."""

    @property
    @abstractmethod
    def ended(self) -> bool:
        """True once nothing more can happen."""

    @abstractmethod
    def outcome(self) -> Outcome:
        """Score and metrics so far; host side only."""

    def truth(self) -> Mapping[str, Any]:
        """What no agent may see, as plain JSON; for oracles and judges, host side only."""
        return {}

    def tools(self, actor: Actor = "agent") -> list[ToolSpec]:
        """The tools that an actor is offered now."""
        return [each.spec for each in self._tool_table().values() if self.offers(each, actor)]

    def offers(self, tool: BoundTool, actor: Actor) -> bool:
        """Whether an actor may call a tool; override to withhold groups of tools."""
        return tool.mark.actor == actor

    def call(self, actor: Actor, name: str, arguments: object) -> ToolResult | Awaitable[ToolResult]:
        """Execute a tool call, at once or, where it takes a while, by a coroutine.

        Never raises on what a model sent, whatever the JSON. `arguments` are the parsed arguments, or a
        `BadArguments` when they did not parse.
        """
        if isinstance(arguments, BadArguments):
            return self.reject(actor, name, "bad_arguments", arguments)
        bound = self._tool_table().get(name) if isinstance(name, str) else None
        if bound is None or not self.offers(bound, actor):
            return self.reject(actor, name, "unknown_tool", BadArguments(f"there is no tool named {name!r}"))
        valid = bound.validate(arguments)
        if isinstance(valid, BadArguments):
            return self.reject(actor, name, "bad_arguments", valid)
        return self.execute(bound, valid)

    def execute(self, tool: BoundTool, arguments: dict[str, Any]) -> ToolResult | Awaitable[ToolResult]:
        """Run a tool with validated arguments; override to wrap every call (a clock, an envelope)."""
        result: ToolResult | Awaitable[ToolResult] = getattr(self, tool.method)(**arguments)
        return result

    def reject(self, actor: Actor, name: str, code: str, problem: BadArguments) -> ToolResult:
        """Answer a call that is not executed; override to book its cost.

        `code` is "unknown_tool", "bad_arguments", or "too_many_calls" for a call beyond
        `calls_per_message`.
        """
        where = f" (at {problem.path})" if problem.path else ""
        return ToolResult(f"error: {code}: {problem.reason}{where}", ok=False, error=code)

    def hear(self, actor: Actor, text: str) -> str | None:
        """Answer plain text from an actor; None ends the session, as a final answer does."""
        return None

    def user_side(self) -> UserSide | None:
        """Who the agent talks with; None when it is alone with the world. Asked once, at the beginning."""
        return None

    def overhear(self, actor: Actor, text: str) -> None:  # noqa: B027 - most worlds need not listen
        """Told what agent and user say to each other, greeting and stop markers included."""

    def objection(self, actor: Actor, message: Message) -> Objection | None:
        """Why a message of an agent or a user may not pass; asked before anything is done with it.

        Changes nothing. What it objects to in an agent's message ends the session; a user's is asked for
        again as often as the objection allows.
        """
        return None

    def used(self, actor: Actor, output_tokens: int) -> bool:
        """Told after each answer how many tokens an actor's model wrote; override to charge for them.

        Returns:
            Whether that changed the world; the transcript then holds it, so that a replay repeats it.
        """
        return False

    def abandon(self, reason: str) -> None:  # noqa: B027 - most worlds need not react
        """Told when the session ends before the world has, so that stopping early never pays."""

    def close(self) -> None:  # noqa: B027 - most worlds hold nothing
        """Release what the world holds outside itself; simulators hold nothing."""

    # --- what a report uses -------------------------------------------------------------------

    def sketch(self) -> Sketch | None:
        """Begin a picture of what will happen in this world from now on; None: it draws none.

        Asked for before the first call, of a world that is made anew and given the recorded calls again.
        Looking must change neither the state nor any result.
        """
        return None

    # --- state --------------------------------------------------------------------------------

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """The whole state as plain JSON: no floats, no sets, no shared mutable object."""

    @abstractmethod
    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over a state that `state()` of the same scenario and seed gave."""

    def state_bytes(self) -> bytes:
        """Canonical bytes of the state; override where parts of them can be kept."""
        return canonical_json(self.state())

    def state_hash(self) -> str:
        """SHA-256 over version, scenario, seed and state."""
        return sha256(self._identity() + self.state_bytes()).hexdigest()

    def snapshot(self) -> bytes:
        """Everything needed to go on from here, compressed, with version and hash."""
        header = canonical_json(
            {
                "version": self.version,
                "scenario": self.scenario.model_dump(mode="json"),
                "seed": str(self.seed),
                "hash": self.state_hash(),
            }
        )
        return header + b"\n" + zlib.compress(self.state_bytes(), 6)

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """Make a world from a snapshot.

        Raises:
            EnvironmentFaultError: the snapshot is damaged or of another version.
        """
        try:
            head, _, body = data.partition(b"\n")
            header = orjson.loads(head)
            state = orjson.loads(zlib.decompress(body))
        except (ValueError, zlib.error) as error:
            raise EnvironmentFaultError(f"snapshot of {cls.name} is damaged: {error}") from error
        if header.get("version") != cls.version:
            raise EnvironmentFaultError(
                f"snapshot is of {header.get('version')!r}, this is {cls.version!r}: they do not mix"
            )
        world = cls(cls.scenario_type.model_validate(header["scenario"]), int(header["seed"]))
        world.load_state(state)
        if world.state_hash() != header["hash"]:
            raise EnvironmentFaultError(f"snapshot of {cls.name} does not have the hash that it names")
        return world

    def fork(self) -> Self:
        """An independent copy; nothing mutable is shared."""
        return self.restore(self.snapshot())

    def _identity(self) -> bytes:
        return f"{self.version}|{self.scenario.fingerprint()}|{self.seed}\n".encode()

    @classmethod
    def _tool_table(cls) -> Mapping[str, BoundTool]:
        return _cached_tools(cls)


@lru_cache(maxsize=256)
def _cached_tools(environment: type[Environment]) -> Mapping[str, BoundTool]:
    return tools_of(environment)
