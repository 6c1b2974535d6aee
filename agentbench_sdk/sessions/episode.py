"""What an agent may do in a session. The default tool loop uses it, and so can anybody's own agent."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from inspect import isawaitable
from typing import Any, Protocol

import orjson

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import AgentbenchError, EnvironmentFaultError, ModelError
from agentbench_sdk.messages import Message, ToolCall, ToolSpec, Usage
from agentbench_sdk.models import Capabilities, GenerateParams, ModelRequest, ModelResponse
from agentbench_sdk.sessions.ending import Ending, Limits
from agentbench_sdk.sessions.protocols import ToolProtocol
from agentbench_sdk.sessions.transcript import MessageEntry, ToolEntry, Transcript, WorldEntry
from agentbench_sdk.simulation import BadArguments, Environment, ToolResult, parse_arguments

Generate = Callable[[ModelRequest, int], Awaitable[ModelResponse]]
"""Answers a request of the agent; the integer is the turn, counted from 0."""


# What an answer asks for is still done when its own tokens used up a limit: it was paid for.
ASKING = ("turns", "tool_calls", "tokens", "cost_usd", "working_seconds")
ACTING = ("tool_calls", "working_seconds")


SUBMIT = "submit"  # the tool that every session has: it hands in the answer
_SAID = {"refusal": "refused", "length": "answer_cut"}  # what a last answer was besides an answer
PATIENCE = 1000  # refused requests after the end, until an agent is stopped


class SessionOverError(AgentbenchError):
    """The session has ended (an answer, the world's end, a limit); an agent lets this pass."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"the session is over: {ending.reason}")
        self.ending = ending


class AgentStuckError(BaseException):
    """An agent that catches every exception goes on after the end; this one it should not catch."""


@dataclass(slots=True)
class Tally:
    """What a session has used so far; `limit_reached` compares it with its limits."""

    turns: int = 0
    tool_calls: int = 0
    usage: Usage = field(default_factory=Usage)
    cached_usage: Usage = field(default_factory=Usage)
    working_s: float = 0.0

    def limit_reached(self, limits: Limits, names: Iterable[str]) -> Ending | None:
        """The first of the named limits that is used up, as an ending."""
        for name in names:
            limit = getattr(limits, name)
            if limit is not None and self._used(name) >= limit:
                return Ending("limit", name, f"the session's limit of {limit} {name} was reached")
        return None

    def _used(self, name: str) -> float:
        if name == "tokens":
            return self.usage.total_tokens
        if name == "cost_usd":
            return self.usage.cost_usd or 0.0
        used: float = getattr(self, "working_s" if name == "working_seconds" else name)
        return used


class Episode:
    """One session, seen by its agent.

    Attributes:
        history: the conversation so far, in native form; what `generate` sends.
        tools: the tools on offer now.
        capabilities: of the model under test.
    """

    def __init__(
        self,
        *,
        generate: Generate,
        opening: Iterable[Message],
        environment: Environment | None,
        user_turns: Iterable[str],
        protocol: ToolProtocol,
        params: GenerateParams,
        limits: Limits,
        capabilities: Capabilities,
    ) -> None:
        self.history: list[Message] = list(opening)
        self.capabilities = capabilities
        self.transcript = Transcript()
        self.tally = Tally()
        self.answer = ""
        self.ending: Ending | None = None
        self._generate, self._environment, self._protocol = generate, environment, protocol
        self._params, self._limits = params, limits
        self._user_turns = deque(user_turns)
        self._executed = 0
        self._finish_reason = ""
        self._asked = 0
        self._knocks = 0
        self.faults: list[ModelError] = []
        if environment is not None:
            self.transcript.entries.append(WorldEntry("opening", environment.state_hash()))
        for message in self.history:
            self._record("environment", message)

    # --- for agents ---------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """True once nothing more can be done."""
        return self.ending is not None

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        return tuple(self._environment.tools("agent")) if self._environment is not None else ()

    async def generate(
        self,
        messages: Iterable[Message] | None = None,
        *,
        tools: tuple[ToolSpec, ...] | None = None,
        params: GenerateParams | None = None,
    ) -> ModelResponse:
        """Let the model under test answer.

        Arguments:
            messages: what to send; the history when left out. The answer joins the history either way.
            tools: tools to offer; those of the environment when left out.
            params: sampling parameters on top of the task's.

        Raises:
            SessionOverError: the session is over, or a limit was reached.
            ModelError: there is no answer.
        """
        await self._check_open(ASKING)
        offered = self.tools if tools is None else tools
        sent, native = self._protocol.encode(self.history if messages is None else messages, offered)
        request = ModelRequest(sent, native, self._params.merged(params) if params else self._params)
        turn, self._asked = self._asked, self._asked + 1  # calls side by side are turns of their own
        try:
            response = await self._generate(request, turn)
        except ModelError as error:
            self.faults.append(error)
            raise
        message = self._protocol.decode(response.message)
        self._book(response)
        self.history.append(message)
        self._executed = 0
        self._finish_reason = response.finish_reason
        entry = MessageEntry("agent", message, response.usage, response.finish_reason)
        self.transcript.entries.append(entry)
        self._charge(response.usage.output_tokens)
        if message.text:
            self.answer = message.text
        if message is response.message:
            return response
        return replace(response, message=message, finish_reason="tool_calls")

    async def call_tool(self, call: ToolCall | str, arguments: Mapping[str, Any] | None = None) -> ToolResult:
        """Execute a call of the model's, or one of the agent's own by name and arguments.

        Raises:
            SessionOverError: the session is over, or a limit was reached.
            EnvironmentFaultError: the world broke.
        """
        await self._check_open(ACTING)
        if isinstance(call, str):
            call = ToolCall(f"own-{len(self.transcript)}", call, canonical_json(arguments or {}).decode())
        surplus = self._is_surplus()
        self._executed += 1
        self.tally.tool_calls += 1
        result = await self._execute(call, surplus=surplus)
        state_hash = self._environment.state_hash() if self._environment is not None else ""
        self.transcript.entries.append(
            ToolEntry(
                "agent",
                call.id,
                call.name,
                call.arguments,
                result.content,
                result.ok,
                result.error,
                state_hash,
                surplus,
            )
        )
        self._join_history(call, result)
        if self._environment is not None and self._environment.ended:
            self._end(Ending("completed", "world_ended"))
        return result

    async def say(self, text: str) -> str | None:
        """Say something without a tool: to the user, to the world, or as the final answer.

        Returns:
            What is answered (it joins the history), or None when the session is over.

        Raises:
            SessionOverError: the session was over already.
        """
        await self._check_open()
        reply = self._user_turns.popleft() if self._user_turns else self._heard(text)
        if reply is None:
            if self.ending is None:
                self.submit(text, reason=_SAID.get(self._finish_reason, "answered"))
            return None
        message = Message.user(reply)
        self.history.append(message)
        self._record("user" if self._environment is None else "environment", message)
        return reply

    def submit(self, answer: str, *, reason: str = "answered") -> None:
        """Hand in the final answer; the session is over, `reason` says how it came about."""
        self.answer = answer.encode(errors="replace").decode()  # lone surrogates go into no file
        self._end(Ending("completed", reason))

    # --- inside -------------------------------------------------------------------------------

    async def _execute(self, call: ToolCall, *, surplus: bool) -> ToolResult:
        environment = self._environment
        if call.name == SUBMIT and not any(tool.name == SUBMIT for tool in self.tools):
            return self._submitted(call)
        if environment is None:
            return ToolResult("error: unknown_tool: there are no tools here", ok=False, error="unknown_tool")
        arguments = call_arguments(call)
        started = time.monotonic()
        try:
            if surplus:
                problem = BadArguments(surplus_reason(environment))
                return environment.reject("agent", call.name, "too_many_calls", problem)
            result: Any = environment.call("agent", call.name, arguments)
            return await result if isawaitable(result) else result  # type: ignore[no-any-return]
        except Exception as error:
            raise EnvironmentFaultError(
                f"{environment.name}: tool {call.name!r} broke: {type(error).__name__}: {error}"
            ) from error
        finally:
            self.tally.working_s += time.monotonic() - started

    def _submitted(self, call: ToolCall) -> ToolResult:
        self.submit(submitted_answer(call.arguments))
        return ToolResult("submitted")

    def _heard(self, text: str) -> str | None:
        environment = self._environment
        if environment is None:
            return None
        reply = environment.hear("agent", text)
        self.transcript.entries.append(WorldEntry("heard", environment.state_hash(), text))
        if environment.ended:
            self._end(Ending("completed", "world_ended"))
            return None
        return reply

    def _is_surplus(self) -> bool:
        allowed = self._environment.calls_per_message if self._environment is not None else None
        return allowed is not None and self._executed >= allowed

    def _join_history(self, call: ToolCall, result: ToolResult) -> None:
        asked = any(
            each.id == call.id for message in reversed(self.history[-64:]) for each in message.tool_calls
        )
        if not asked:  # an agent's own call: shown to the model as if it had asked for it
            self.history.append(Message.assistant(tool_calls=(call,)))
        self.history.append(Message.tool(call.id, result.content))

    def _record(self, speaker: Any, message: Message) -> None:
        self.transcript.entries.append(MessageEntry(speaker, message))

    def _book(self, response: ModelResponse) -> None:
        self.tally.turns += 1
        self.tally.usage += response.usage
        if response.cached:
            self.tally.cached_usage += response.usage
        self.tally.working_s += response.timing.wire_s

    def _charge(self, output_tokens: int) -> None:
        """Tell the world what was written, in case that it charges for it."""
        environment = self._environment
        if environment is not None and environment.used("agent", output_tokens):
            entry = WorldEntry("used", environment.state_hash(), str(output_tokens))
            self.transcript.entries.append(entry)

    async def _check_open(self, limits: Iterable[str] = ()) -> None:
        if self.ending is None and (reached := self.tally.limit_reached(self._limits, limits)):
            self._end(reached)
        if self.ending is None:
            return
        self._knocks += 1
        if self._knocks > PATIENCE:
            raise AgentStuckError
        await asyncio.sleep(0)  # an agent that catches this and asks again must not stop the event loop
        raise SessionOverError(self.ending)

    def _end(self, ending: Ending) -> None:
        if self.ending is None:
            self.ending = ending


class Agent(Protocol):
    """The thing under test: the default tool loop, or anybody's own."""

    async def run(self, episode: Episode) -> None:
        """Play one session to its end; may return early, which is an answer as it stands."""
        ...


def call_arguments(call: ToolCall) -> dict[str, Any] | BadArguments:
    """The parsed arguments of a call, or why they are none."""
    if not call.name:
        return BadArguments("the tool call is not a JSON object with a name and arguments")
    return parse_arguments(call.arguments)


def surplus_reason(environment: Environment) -> str:
    """Why a call beyond `calls_per_message` is refused."""
    return f"only {environment.calls_per_message} tool call is executed per message; send the next one alone"


def submitted_answer(arguments: str) -> str:
    """The answer in `<submit>`: the member "answer" where it is a text, otherwise the raw text."""
    try:
        record = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    answer = record.get("answer") if isinstance(record, dict) else None
    return answer if isinstance(answer, str) else arguments
