"""The user's half of a conversation: a model that plays the user, its view of what was said, its tools.

To that model the parts are exchanged: what the agent says are the user messages, what the user says are the
assistant messages. It may call its tools, any number of times, before it says something; the agent sees
neither the calls nor their results.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from agentbench_sdk.errors import EmptyResponseError, ModelError
from agentbench_sdk.messages import Message
from agentbench_sdk.models import Capabilities, GenerateParams, ModelRequest, ModelResponse
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.sessions.protocols import protocol_for
from agentbench_sdk.sessions.scene import Scene, SessionOverError
from agentbench_sdk.sessions.tally import ASKING
from agentbench_sdk.simulation import Objection, UserSide

_SPENDING = tuple(name for name in ASKING if name != "turns")  # turns are the agent's


class UserPlan(NamedTuple):
    """Who plays the user of a session.

    Attributes:
        side: what the world says of the user.
        generate: answers a request of the user's model; the integer counts them from 0.
    """

    side: UserSide
    generate: Callable[[ModelRequest, int], Awaitable[ModelResponse]]
    params: GenerateParams = GenerateParams()
    capabilities: Capabilities = Capabilities()


class UserSeat:
    """The user of one session."""

    def __init__(self, plan: UserPlan, scene: Scene) -> None:
        self.side = plan.side
        self._plan, self._scene = plan, scene
        self._protocol = protocol_for("auto", native=plan.capabilities.tools)
        self._view: list[Message] = [Message.system(plan.side.system)] if plan.side.system else []
        self._asked = 0

    async def answer(self, text: str) -> str:
        """What the user says to a text of the agent's, after having used its tools.

        Raises:
            SessionOverError: a limit was reached, the user's model failed, or it does not keep to its script.
            EnvironmentFaultError: the world broke.
        """
        tally = self._scene.tally
        if not text.strip():
            raise SessionOverError(_nothing_said("agent"))
        self._view.append(Message.user(text))
        while True:
            if reached := self._scene.reached(_SPENDING):
                raise SessionOverError(reached)
            message = await self._message()
            self._view.append(message)
            tally.steps += 1
            if not message.tool_calls:
                return message.text
            tally.steps += 1
            for call in message.tool_calls:
                result = await self._scene.execute("user", call)
                self._view.append(Message.tool(call.id, result.content))

    async def _message(self) -> Message:
        """The next message that the world lets pass, asked for again as often as it allows."""
        view = list(self._view)
        repairs = 0
        while True:
            response = await self._ask(view)
            message = self._protocol.decode(response.message)
            if not message.tool_calls and not message.text.strip():
                raise SessionOverError(_nothing_said("user"))
            objection = self._objection(message)
            if objection is None:
                self._scene.answered("user", message, response)
                return message
            self._scene.spent("user", response)
            self._scene.note("objected", f"{objection.reason} It was: {_shown(message)}", "user")
            if repairs >= objection.repairs:
                raise SessionOverError(Ending("failed", objection.fault, objection.reason))
            repairs += 1
            view += [Message.assistant(message.text or _shown(message)), Message.user(_again(objection))]

    async def _ask(self, view: list[Message]) -> ModelResponse:
        world = self._scene.world
        assert world is not None
        sent, tools = self._protocol.encode(view, tuple(world.tools("user")))
        turn, self._asked = self._asked, self._asked + 1
        try:
            return await self._plan.generate(ModelRequest(sent, tools, self._plan.params), turn)
        except ModelError as error:
            raise SessionOverError(Ending("failed", error.kind, f"the user's model: {error}")) from error

    def _objection(self, message: Message) -> Objection | None:
        assert self._scene.world is not None
        return self._scene.world.objection("user", message)


def _nothing_said(who: str) -> Ending:
    return Ending("failed", EmptyResponseError.kind, f"the {who} said nothing and called no tool")


def _shown(message: Message) -> str:
    calls = [f"{call.name}({call.arguments})" for call in message.tool_calls]
    return "\n".join([*([message.text] if message.text else []), *calls])


def _again(objection: Objection) -> str:
    return (
        f"[Not part of the conversation] Your last message was not passed on: {objection.reason} "
        "Write your message anew, as the customer, and keep to your instructions."
    )
