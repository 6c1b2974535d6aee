"""What an agent may do in a session. The default tool loop uses it, and so can anybody's own agent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import orjson

from agentbench_sdk.canonical import JSON, canonical_json
from agentbench_sdk.errors import ModelError
from agentbench_sdk.messages import Message, ToolCall, ToolSpec
from agentbench_sdk.models import Capabilities, GenerateParams, ModelRequest, ModelResponse
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.sessions.protocols import ToolProtocol
from agentbench_sdk.sessions.scene import Scene, SessionOverError
from agentbench_sdk.sessions.tally import ACTING, ASKING, DELIVERED
from agentbench_sdk.sessions.transcript import Transcript
from agentbench_sdk.sessions.user import UserSeat
from agentbench_sdk.simulation import Environment, ToolResult

Generate = Callable[[ModelRequest, int], Awaitable[ModelResponse]]
"""Answers a request of the agent; the integer is the turn, counted from 0."""


SUBMIT = "submit"  # the tool that every session has: it hands in the answer
_SAID = {"refusal": "refused", "length": "answer_cut"}  # what a last answer was besides an answer
PATIENCE = 1000  # refused requests after the end, until an agent is stopped


class AgentStuckError(BaseException):
    """An agent that catches every exception goes on after the end; this one it should not catch."""


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
        scene: Scene,
        user_turns: Iterable[str],
        user: UserSeat | None,
        protocol: ToolProtocol,
        params: GenerateParams,
        capabilities: Capabilities,
    ) -> None:
        self.history: list[Message] = list(opening)
        self.capabilities = capabilities
        self.answer = ""
        self.ending: Ending | None = None
        self._generate, self._protocol, self._params = generate, protocol, params
        self._scene, self._environment = scene, scene.world
        self._user_turns, self._user = deque(user_turns), user
        self._pending: Message | None = None  # generated, and not delivered to anybody yet
        self._executed = 0
        self._finish_reason = ""
        self._asked = 0
        self._knocks = 0
        self.faults: list[ModelError] = []
        for message in self.history:
            scene.record("environment", message)
        scene.tally.steps = -1  # the first message of a session is nobody's delivery

    async def begin(self) -> None:
        """Let the user speak, where there is one: it has been greeted.

        Raises:
            SessionOverError: the user ended the session at once, or cannot speak.
        """
        if self._user is None:
            return
        greeting = Message.assistant(self._user.side.greeting)
        self.history.append(greeting)
        self._scene.record("environment", greeting)
        self._scene.tally.steps = 0
        if await self._to_user(greeting.text) is None:
            await self._check_open()

    # --- for agents ---------------------------------------------------------------------------

    @property
    def transcript(self) -> Transcript:
        return self._scene.transcript

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
        self.history.append(message)
        self._executed = 0
        self._finish_reason = response.finish_reason
        self._scene.answered("agent", message, response)
        self._scene.tally.steps += 1
        self._pending = message
        if message.text:
            self.answer = message.text
        await self._check_objection(message)
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
        self._begin_calls()
        self._executed += 1
        if call.name == SUBMIT and not any(tool.name == SUBMIT for tool in self.tools):
            result = self._submitted(call)
        else:
            result = await self._scene.execute("agent", call, surplus=surplus)
        self._join_history(call, result)
        if self._scene.world_ended:
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
        if self._user is not None and (self._pending is None or self._pending.text != text):
            self._own_words(text)
        self._deliver()
        if self._user is not None:
            return await self._to_user(text)
        reply = self._user_turns.popleft() if self._user_turns else await self._heard(text)
        if reply is None:
            if self.ending is None:
                self.submit(text, reason=_SAID.get(self._finish_reason, "answered"))
            return None
        message = Message.user(reply)
        self.history.append(message)
        self._scene.record("user" if self._environment is None else "environment", message)
        return reply

    def submit(self, answer: str, *, reason: str = "answered") -> None:
        """Hand in the final answer; the session is over, `reason` says how it came about."""
        self.answer = answer.encode(errors="replace").decode()  # lone surrogates go into no file
        self._end(Ending("completed", reason))

    # --- inside -------------------------------------------------------------------------------

    async def _to_user(self, text: str) -> str | None:
        """Tell the user something; returns the answer, None when the session is over."""
        assert self._user is not None
        self._scene.said("agent", text)
        try:
            reply = await self._user.answer(text)
        except SessionOverError as over:
            self._end(over.ending)
            return None
        self._scene.said("user", reply)
        if marker := self._user.side.stop_in(reply):
            self._end(Ending("completed", "user_stop", f"the user ended the session with {marker}"))
            return None
        if reached := self._scene.reached(DELIVERED):
            self._end(reached)
            return None
        self.history.append(Message.user(reply))
        return reply

    def _own_words(self, text: str) -> None:
        """The agent says what its model did not: both the model and the record are told."""
        message = Message.assistant(text)
        self.history.append(message)
        self._scene.record("agent", message)

    def _begin_calls(self) -> None:
        """Before the first call of a message: its calls together are one delivery."""
        if self._executed and self._pending is None:
            return
        message = self._pending
        self._deliver()
        self._scene.tally.steps += 1
        if self._user is not None and message is not None and message.text:
            self._scene.said("agent", message.text)

    def _deliver(self) -> None:
        """A message goes to its receiver; one of the agent's own making has not been counted yet."""
        if self._pending is None:
            self._scene.tally.steps += 1
        self._pending = None

    async def _check_objection(self, message: Message) -> None:
        world = self._environment
        objection = world.objection("agent", message) if world is not None else None
        if objection is not None:
            self._end(Ending("completed", objection.fault, objection.reason))
            await self._check_open()

    def _submitted(self, call: ToolCall) -> ToolResult:
        result = ToolResult("submitted")
        self._scene.tally.tool_calls += 1
        self._scene.executed("agent", call, result)
        self.submit(submitted_answer(call.arguments))
        return result

    async def _heard(self, text: str) -> str | None:
        scene, environment = self._scene, self._environment
        if environment is None:
            return None
        answers = type(environment).hear is not Environment.hear
        place = scene.place("heard", text=text) if answers else None
        reply = environment.hear("agent", text)
        drift: Mapping[str, JSON] = {}
        if place is not None:
            given, drift = await scene.lived(place, {"reply": reply})
            reply = given["reply"]
        scene.note("heard", text)
        scene.drifted("heard", drift)
        if scene.world_ended:
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

    async def _check_open(self, limits: Iterable[str] = ()) -> None:
        if self.ending is None and (reached := self._scene.reached(limits)):
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
            over = self._scene.reached(DELIVERED) if ending.status == "completed" else None
            self.ending = over or ending


class Agent(Protocol):
    """The thing under test: the default tool loop, or anybody's own."""

    async def run(self, episode: Episode) -> None:
        """Play one session to its end; may return early, which is an answer as it stands."""
        ...


def submitted_answer(arguments: str) -> str:
    """The answer in `<submit>`: the member "answer" where it is a text, otherwise the raw text."""
    try:
        record = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    answer = record.get("answer") if isinstance(record, dict) else None
    return answer if isinstance(answer, str) else arguments
