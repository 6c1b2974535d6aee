"""What both sides of a session share: the world, the record of what happens in it, and the limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from agentbench_sdk.canonical import JSON, canonical_json
from agentbench_sdk.errors import AgentbenchError, EnvironmentFaultError
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.sessions.ending import Ending, Limits
from agentbench_sdk.sessions.memory import Memory
from agentbench_sdk.sessions.tally import Tally
from agentbench_sdk.sessions.transcript import MessageEntry, Speaker, ToolEntry, Transcript, WorldEntry
from agentbench_sdk.simulation import Actor, BadArguments, Environment, ToolResult, parse_arguments

Place = Mapping[str, JSON]


class SessionOverError(AgentbenchError):
    """The session has ended (an answer, the world's end, a limit); an agent lets this pass."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"the session is over: {ending.reason}")
        self.ending = ending


class Scene:
    """One session's world, transcript and tally; everything that either side does is booked here.

    Arguments:
        world: None for plain questions.
        limits: of the session.
        waited_s: seconds that the session has waited for places so far; they are not working time.
        memory: of what the world said the first time; None where it always says the same.
    """

    def __init__(
        self,
        world: Environment | None,
        limits: Limits,
        *,
        waited_s: Callable[[], float] = lambda: 0.0,
        memory: Memory | None = None,
    ) -> None:
        self.world = world
        self.transcript = Transcript()
        self.tally = Tally()
        self._limits, self._waited_s, self._memory = limits, waited_s, memory
        self._ended_then: bool | None = None  # where it now says otherwise
        if world is not None:
            self.note("opening")

    @property
    def world_ended(self) -> bool:
        """Whether the world has ended, or had done so the first time."""
        if self._ended_then is not None:
            return self._ended_then
        return self.world is not None and self.world.ended

    def reached(self, names: Iterable[str]) -> Ending | None:
        """The first of the named limits that is used up, as an ending."""
        return self.tally.limit_reached(self._limits, names)

    def record(self, speaker: Speaker, message: Message) -> None:
        """Somebody said something that no model was asked for."""
        self.transcript.entries.append(MessageEntry(speaker, message))

    def answered(self, actor: Actor, message: Message, response: ModelResponse) -> None:
        """A model said something; `message` is what was read from its response."""
        self.spent(actor, response)
        entry = MessageEntry(actor, message, response.usage, response.finish_reason)
        self.transcript.entries.append(entry)
        if self._memory is not None:
            self._memory.answered(message)
        tokens = response.usage.output_tokens
        if self.world is not None and self.world.used(actor, tokens):
            self.note("used", str(tokens), actor)

    def spent(self, actor: Actor, response: ModelResponse) -> None:
        """A model was asked; what it took counts even when its answer is not used."""
        self.tally.usage += response.usage
        self.tally.working_s += response.timing.wire_s
        if actor == "agent":
            self.tally.turns += 1
            self.tally.agent_usage += response.usage
            if response.cached:
                self.tally.cached_usage += response.usage

    def said(self, actor: Actor, text: str) -> None:
        """One side told the other something; the world may have listened."""
        if self.world is not None:
            self.world.overhear(actor, text)
            self.note("said", text, actor)

    def note(self, event: Any, content: str = "", actor: Actor = "agent") -> None:
        """The world changed, or was looked at, without a tool; see `WorldEntry`."""
        assert self.world is not None
        self.transcript.entries.append(WorldEntry(event, self.world.state_hash(), content, actor))

    async def execute(self, actor: Actor, call: ToolCall, *, surplus: bool = False) -> ToolResult:
        """Let the world execute a call, and book it.

        Raises:
            EnvironmentFaultError: the world broke.
        """
        self.tally.tool_calls += 1
        place = self.place("call", actor=actor, name=call.name, arguments=call.arguments)
        started, waited = time.monotonic(), self._waited_s()
        try:
            result = await self._result(actor, call, surplus=surplus)
        finally:
            took = time.monotonic() - started - (self._waited_s() - waited)
            self.tally.working_s += max(0.0, took)
        if place is None:
            self.executed(actor, call, result, surplus=surplus)
            return result
        now = {"content": result.content, "ok": result.ok, "error": result.error}
        given, drift = await self.lived(place, now)
        self.executed(actor, call, ToolResult(**given), surplus=surplus)
        self.drifted(call.name, drift, actor)
        return ToolResult(**given)

    def executed(self, actor: Actor, call: ToolCall, result: ToolResult, *, surplus: bool = False) -> None:
        """Book what a call gave."""
        self.tally.tool_errors += not result.ok
        state_hash = self.world.state_hash() if self.world is not None else ""
        entry = ToolEntry(
            actor,
            call.id,
            call.name,
            call.arguments,
            result.content,
            result.ok,
            result.error,
            state_hash,
            surplus,
        )
        self.transcript.entries.append(entry)

    # --- what the world said the first time -------------------------------------------------------

    def place(self, of: str, **asked: str) -> Place | None:
        """Where in the session a world is asked for something; None where it always says the same."""
        return None if self._memory is None else self._memory.place(of=of, **asked)

    async def recalled(self, place: Place, now: dict[str, Any]) -> tuple[Any, Mapping[str, JSON]]:
        """What counts of what the world says now, and what of it did not come out as the first time.

        Raises:
            CacheError: it cannot be recorded.
            EnvironmentFaultError: it is no valid Unicode or JSON.
        """
        assert self._memory is not None
        return await self._memory.recall(place, now)

    async def lived(self, place: Place, now: dict[str, Any]) -> tuple[Any, Mapping[str, JSON]]:
        """As `recalled`, for what may end the world."""
        ended = self.world is not None and self.world.ended
        given, drift = await self.recalled(place, {**now, "ended": ended})
        self._ended_then = None if "ended" not in drift else not ended
        return {name: given[name] for name in now}, drift

    def drifted(self, what: str, drift: Mapping[str, JSON], actor: Actor = "agent") -> None:
        """Note that the world now says something else than it did; the session went on with the latter."""
        if drift:
            self.note("drifted", canonical_json({"of": what, "now": drift}).decode(), actor)

    async def _result(self, actor: Actor, call: ToolCall, *, surplus: bool) -> ToolResult:
        world = self.world
        if world is None:
            return ToolResult("error: unknown_tool: there are no tools here", ok=False, error="unknown_tool")
        arguments = call_arguments(call)
        try:
            if surplus:
                problem = BadArguments(surplus_reason(world))
                return world.reject(actor, call.name, "too_many_calls", problem)
            result = world.call(actor, call.name, arguments)
            return result if isinstance(result, ToolResult) else await result
        except Exception as error:
            raise EnvironmentFaultError(
                f"{world.name}: tool {call.name!r} broke: {type(error).__name__}: {error}"
            ) from error


def call_arguments(call: ToolCall) -> dict[str, Any] | BadArguments:
    """The parsed arguments of a call, or why they are none."""
    if not call.name:
        return BadArguments("the tool call is not a JSON object with a name and arguments")
    return parse_arguments(call.arguments)


def surplus_reason(environment: Environment) -> str:
    """Why a call beyond `calls_per_message` is refused."""
    return f"only {environment.calls_per_message} tool call is executed per message; send the next one alone"
