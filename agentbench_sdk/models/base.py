"""The contract between a session and whatever answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from agentbench_sdk.messages import Message, ToolSpec, Usage

FinishReason = Literal["stop", "tool_calls", "length", "refusal"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can take and do; checked before a run starts, so that nothing fails half-way.

    The defaults describe an OpenAI-compatible endpoint of which nothing else is known.

    Attributes:
        context_tokens: how much history the model reads; the default tool loop leaves out the oldest
            turns beyond it. None: whatever the session has.
    """

    tools: bool = True
    images: bool = True
    audio: bool = True
    video: bool = True
    logprobs: bool = True
    streaming: bool = True
    response_format: bool = True
    seed: bool = True
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class GenerateParams:
    """Everything besides messages and tools that can change an answer. None leaves the endpoint's default.

    Attributes:
        max_tokens: most tokens of the answer, reasoning included where the endpoint counts it.
        stop: texts that end the answer.
        seed: the endpoint's sampling seed.
        logprobs: ask for log probabilities; `top_logprobs` alternatives per token.
        response_format: the protocol's object, for example {"type": "json_schema", "json_schema": {…}}.
        tool_choice: "auto", "none", "required" or the protocol's object.
        extra_body: further members of the request body, passed on as they are.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool = False
    top_logprobs: int | None = None
    reasoning_effort: str | None = None
    response_format: Mapping[str, Any] | None = None
    tool_choice: str | Mapping[str, Any] | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The parameters that are set; the form that goes into cache keys and manifests."""
        record: dict[str, Any] = {}
        for name in self.__slots__:  # `dataclasses.fields` takes three times as long, on every call
            value = getattr(self, name)
            if value is not None and value is not False and value not in ((), {}):
                record[name] = list(value) if isinstance(value, tuple) else value
        return record

    def merged(self, other: GenerateParams) -> GenerateParams:
        """These parameters, with whatever `other` sets on top."""
        mine, theirs = self.to_dict(), other.to_dict()
        merged = {**mine, **theirs}
        if "extra_body" in mine and "extra_body" in theirs:
            merged["extra_body"] = {**mine["extra_body"], **theirs["extra_body"]}
        if "stop" in merged:
            merged["stop"] = tuple(merged["stop"])
        return GenerateParams(**merged)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request: the conversation so far, the tools offered, the parameters."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    params: GenerateParams = field(default_factory=GenerateParams)


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of the answer with its log probability (natural logarithm) and its likeliest alternatives."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the time of one call went, in seconds.

    Attributes:
        queue_s: waiting for a permit and between attempts; no permit is held meanwhile.
        wire_s: the successful attempt, from sending to the last byte.
        first_token_s: from sending to the first token, when the answer was streamed.
        attempts: attempts made, the successful one included; 0 for an answer from the cache.
    """

    queue_s: float = 0.0
    wire_s: float = 0.0
    first_token_s: float | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Quota:
    """What an endpoint says of its limits (`x-ratelimit-*` headers); None where it says nothing.

    Attributes:
        requests_limit, tokens_limit: allowed in one window, usually a minute.
        requests_remaining, tokens_remaining: left in the present window.
        requests_reset_s, tokens_reset_s: seconds until the window is full again.
    """

    requests_limit: int | None = None
    requests_remaining: int | None = None
    requests_reset_s: float | None = None
    tokens_limit: int | None = None
    tokens_remaining: int | None = None
    tokens_reset_s: float | None = None


@dataclass(frozen=True, slots=True)
class ModelResponse:
    """One valid answer. An answer that is none is an error of `agentbench_sdk.errors`, never this.

    Attributes:
        message: role "assistant"; reasoning apart from the text.
        finish_reason: why the answer ended; "refusal" when the endpoint marks the text as one.
        model: the model's name as the endpoint reports it.
        quota: what the endpoint said of its limits along with the answer.
        cached: the answer came from the response cache (or was shared with an identical request).
    """

    message: Message
    finish_reason: FinishReason = "stop"
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    response_id: str = ""
    logprobs: tuple[TokenLogprob, ...] = ()
    timing: Timing = field(default_factory=Timing)
    quota: Quota | None = None
    cached: bool = False

    @property
    def text(self) -> str:
        return self.message.text

    def with_times(self, timing: Timing) -> ModelResponse:
        """The same answer, with where its time went."""
        # Spelled out: `dataclasses.replace` takes three times as long, on every call.
        return ModelResponse(
            self.message,
            self.finish_reason,
            self.usage,
            self.model,
            self.response_id,
            self.logprobs,
            timing,
            self.quota,
            self.cached,
        )


@runtime_checkable
class Model(Protocol):
    """Anything that answers a request, once: no retries, no cache, no limit of its own.

    Attributes:
        id: stable identity, for example "openai/gpt-4.1-mini"; part of every cache key, so two
            models that may answer differently never share one. Holds no secret.
        endpoint: what requests are limited by, for example "https://api.openai.com/v1"; models of one
            endpoint share one limiter. Holds no secret. "" for a model in this process that costs
            nothing: it is neither limited nor cached.
        capabilities: what the model can take and do.
    """

    @property
    def id(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def capabilities(self) -> Capabilities: ...

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request.

        Raises:
            ModelError: the typed reason why there is no answer.
        """
        ...

    async def close(self) -> None:
        """Release connections and processes; the model may not be used afterwards."""
        ...
