"""A model that answers from a script, and remembers what it was asked."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Message
from agentbench_sdk.models import Capabilities, FinishReason, ModelRequest, ModelResponse
from agentbench_sdk.models.scripted import estimated_usage

Answer = str | Message | ModelResponse | Exception
AnswerFunction = Callable[[ModelRequest], Answer | Awaitable[Answer]]


class ScriptedModel:
    """Answers from a list or from a function of the request.

    Arguments:
        answers: texts, messages, responses, or exceptions to raise, in order; or a function (async or
            not) from the request to one of them. A text is an answer with that text.
        id, endpoint, capabilities: as of any model. With an endpoint, answers are limited and cached.

    Attributes:
        calls: the requests, in the order in which they came.

    >>> import asyncio
    >>> model = ScriptedModel(["4"])
    >>> asyncio.run(model.generate(ModelRequest((Message.user("2 + 2?"),)))).text
    '4'
    """

    def __init__(
        self,
        answers: Iterable[Answer] | AnswerFunction,
        *,
        id: str = "scripted/test",
        endpoint: str = "",
        capabilities: Capabilities | None = None,
    ) -> None:
        self.id = id
        self.endpoint = endpoint
        self.capabilities = capabilities or Capabilities()
        self.calls: list[ModelRequest] = []
        self.closed = False
        self._function = answers if callable(answers) else _in_order(answers)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Give the next answer.

        Raises:
            ConfigurationError: the script is used up.
        """
        self.calls.append(request)
        answer = self._function(request)
        if inspect.isawaitable(answer):
            answer = await answer
        return _response(answer, request, self.id)

    async def close(self) -> None:
        self.closed = True


def _in_order(answers: Iterable[Answer]) -> AnswerFunction:
    script = list(answers)
    rest = iter(script)

    def following(request: ModelRequest) -> Answer:
        for answer in rest:
            return answer
        raise ConfigurationError(f"the script of {len(script)} answers is used up; give it more")

    return following


def _response(answer: Answer, request: ModelRequest, name: str) -> ModelResponse:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, ModelResponse):
        return answer
    message = Message.assistant(answer) if isinstance(answer, str) else answer
    reason: FinishReason = "tool_calls" if message.tool_calls else "stop"
    return ModelResponse(message, reason, estimated_usage(request, message), model=name)
