"""`OpenAICompatible`: one request, one answer or one typed error. No retries, no cache, no limit.

HTTP is spoken by a small client of our own (`pool`, `connection`, `answer`): for one POST, again and again,
it takes a fifth of the CPU of a general one.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from typing import Any, Literal

from agentbench_sdk.errors import (
    ConfigurationError,
    MalformedResponseError,
    ModelError,
    RequestTimeoutError,
    TransportError,
    TruncatedResponseError,
)
from agentbench_sdk.models.base import Capabilities, ModelRequest, ModelResponse, Timing
from agentbench_sdk.models.openai_compatible.address import DEFAULT_BASE_URL, Address, find_key, identity
from agentbench_sdk.models.openai_compatible.answer import ERROR_BODY_BYTES, AnswerReader, NotHttpError
from agentbench_sdk.models.openai_compatible.connection import Connection
from agentbench_sdk.models.openai_compatible.dialing import (
    ConnectTimeoutError,
    Dialer,
    NotConnectedError,
    UnknownHostError,
)
from agentbench_sdk.models.openai_compatible.encoding import RequestEncoder
from agentbench_sdk.models.openai_compatible.failures import complaint_of_body, failure
from agentbench_sdk.models.openai_compatible.head import header_table, request_head
from agentbench_sdk.models.openai_compatible.headers import quota, retry_after
from agentbench_sdk.models.openai_compatible.pool import Pool
from agentbench_sdk.models.openai_compatible.prices import Prices
from agentbench_sdk.models.openai_compatible.proxy import Proxy
from agentbench_sdk.models.openai_compatible.redaction import secrets_in
from agentbench_sdk.models.openai_compatible.reply import Arrival, ReplyContext, parse_reply, response_of
from agentbench_sdk.models.openai_compatible.secret import Redactor, Secret
from agentbench_sdk.models.openai_compatible.stream import EventReader, StreamedReply

MaxTokensField = Literal["auto", "max_tokens", "max_completion_tokens"]


class OpenAICompatible:
    """A model behind the chat-completions protocol (OpenAI, vLLM, SGLang, llama.cpp, OpenRouter …).

    Arguments:
        model: the name that the endpoint knows.
        provider: how the endpoint is called in `id`.
        base_url: the address up to and without "/chat/completions"; from `OPENAI_BASE_URL` when left
            out, else OpenAI's. A query in it ("?api-version=…") is sent along, user and password as
            basic authentication; neither is shown.
        api_key: the key itself (a text, `Secret` or pydantic's SecretStr); never shown. Better:
        api_key_env: the environment variable that holds it.
        headers: further headers, for example {"api-key": …} for Azure; none of their values is shown. Those
            that frame a message (Connection, Content-Length, Accept-Encoding …) are the client's own.
        extra_body: members of every request body, for example {"chat_template_kwargs": {…}}; part of `id`.
            Values under names of secrets are struck out of errors and run files.
        timeout_s: seconds for the whole call, connecting included.
        connect_timeout_s: seconds for making a connection.
        pool_size: most connections; 0 for no bound, because the limiter sizes the traffic.
        stream: let answers be streamed: gives the time to the first token, and connections that stay
            alive through proxies while the model thinks.
        max_tokens_field: the name of the token limit on the wire. "auto" is `max_completion_tokens` for
            OpenAI and Azure, whose reasoning models refuse the old name, and `max_tokens` elsewhere.
        send_reasoning: give a model its earlier reasoning back, as `reasoning_content`; some reasoning
            models want it between tool calls. Part of `id`.
        price_in, price_out, price_cached_in: US dollars per million tokens; a cost that the endpoint
            itself reports is taken instead.
        trust_env: use the proxy that HTTP_PROXY and its kin name, as they are when the model is made.
        context_tokens: the most tokens that the model can read; longer sessions leave old turns out.
        tools, images, audio, video, logprobs, response_format, seed: False for what the model cannot do.

    Attributes:
        prices: what tokens cost, None when no price was given.

    Raises:
        ConfigurationError: an option does not fit, or a key is needed and not there.
    """

    def __init__(
        self,
        model: str,
        *,
        provider: str = "openai",
        base_url: str | None = None,
        api_key: str | Secret | None = None,
        api_key_env: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        timeout_s: float = 600.0,
        connect_timeout_s: float = 20.0,
        pool_size: int = 0,
        stream: bool = False,
        max_tokens_field: MaxTokensField = "auto",
        send_reasoning: bool = False,
        price_in: float | None = None,
        price_out: float | None = None,
        price_cached_in: float | None = None,
        trust_env: bool = False,
        context_tokens: int | None = None,
        tools: bool = True,
        images: bool = True,
        audio: bool = True,
        video: bool = True,
        logprobs: bool = True,
        response_format: bool = True,
        seed: bool = True,
    ) -> None:
        if not model.strip():
            raise ConfigurationError("a model's name is missing, as in openai/gpt-4.1-mini")
        if timeout_s <= 0 or connect_timeout_s <= 0 or pool_size < 0:
            raise ConfigurationError("timeout_s and connect_timeout_s are above 0, pool_size is 0 or more")
        address = Address.parse(base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL)
        key = find_key(address, api_key, api_key_env)
        self._model = model
        self._address = address
        self._proxy = Proxy.of_environment(address) if trust_env else None
        table = header_table(address, key, headers or {})
        self._head = request_head(address, table, self._proxy)
        self._redact = Redactor.of_headers(
            table,
            *(headers or {}).values(),
            *address.secrets,
            *(self._proxy.secrets if self._proxy else ()),
            key,
            *secrets_in(extra_body),
        )
        self._encoder = RequestEncoder(
            model,
            max_tokens_field=address.limit_name(max_tokens_field),
            extra_body=extra_body,
            send_reasoning=send_reasoning,
        )
        self.prices = Prices.given(price_in, price_out, price_cached_in)
        self._stream = stream
        self._timeouts = timeout_s, connect_timeout_s
        self._pool_size = pool_size
        self.id = identity(
            f"{provider}/{model}", address, {"extra_body": extra_body, "send_reasoning": send_reasoning}
        )
        self.endpoint = address.shown
        self.capabilities = Capabilities(
            tools=tools,
            images=images,
            audio=audio,
            video=video,
            logprobs=logprobs,
            response_format=response_format,
            seed=seed,
            context_tokens=context_tokens,
        )
        self._where = f"{model} at {self.endpoint}"
        self._pool: Pool | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"OpenAICompatible({self._model!r}, base_url={self.endpoint!r})"

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request; see `Model.generate`.

        Raises:
            ModelError: the typed reason why there is no answer.
            ConfigurationError: the request cannot be encoded, or the model is closed.
        """
        pool = self._pool_here()
        body = await self._encoder.encode(request, stream=self._stream)
        context = ReplyContext(self._where, len(request.messages), self._redact, prices=self.prices)
        # Chained exceptions might show more than the sentence does, so they stay behind.
        failed: ModelError
        try:
            return await self._exchange(pool, body, context)
        except ModelError as error:
            failed = error
        except (OSError, NotConnectedError, NotHttpError) as error:
            failed = self._failure_before_answer(error)
        raise failed from None

    async def close(self) -> None:
        """Close all connections; the model cannot be used afterwards."""
        self._closed = True
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    # --- one exchange -------------------------------------------------------------------------

    async def _exchange(self, pool: Pool, body: bytes, context: ReplyContext) -> ModelResponse:
        started = time.monotonic()
        deadline = pool.loop.time() + self._timeouts[0]
        connection = pool.take() or await pool.acquire(deadline)
        answer, streamed = connection.answer, None
        try:
            await connection.exchange(self._head, body, deadline)
            if answer.streamed:
                streamed = StreamedReply(context)
                return await _read_stream(connection, streamed, context, started)
            return self._read(answer, context, started)
        except (OSError, NotHttpError) as error:
            if answer.status is None or _is_time_out(error):
                raise
            raise self._failure_within_answer(error, answer, streamed) from None
        finally:
            pool.give_back(connection)

    def _read(self, answer: AnswerReader, context: ReplyContext, started: float) -> ModelResponse:
        if not 200 <= (answer.status or 0) < 300:
            raise self._refusal(answer, answer.take())
        timing = Timing(0.0, time.monotonic() - started)
        return parse_reply(answer.take(), context, Arrival(timing, quota(answer.headers, time.time())))

    # --- what else may come of it -------------------------------------------------------------

    def _refusal(self, answer: AnswerReader, body: bytes) -> ModelError:
        status, now = answer.status or 0, time.time()
        return failure(
            status,
            complaint_of_body(body[:ERROR_BODY_BYTES] if status >= 400 else b"", self._redact),
            self._where,
            retry_after=retry_after(answer.headers, now),
            quota=quota(answer.headers, now),
        )

    def _failure_within_answer(
        self, error: OSError | NotHttpError, answer: AnswerReader, streamed: StreamedReply | None
    ) -> ModelError:
        if not 200 <= (answer.status or 0) < 300:
            return self._refusal(answer, b"")  # the status is enough to say what happened
        usage = None if streamed is None else streamed.usage()
        if isinstance(error, NotHttpError):
            said = f"{self._where} sent an answer that breaks the rules of HTTP: {self._redact(str(error))}"
            return MalformedResponseError(said, status=answer.status, usage=usage)
        said = f"{self._where} broke off in the middle of the answer ({self._said(error)})"
        return TruncatedResponseError(said, status=answer.status, usage=usage)

    def _failure_before_answer(self, error: Exception) -> ModelError:
        said = self._said(error)
        if isinstance(error, NotHttpError):
            return MalformedResponseError(f"{self._where} sent no HTTP answer: {said}")
        if isinstance(error, UnknownHostError):
            return TransportError(f"the host of {self.endpoint} is not known: {said}")
        if isinstance(error, ConnectTimeoutError):
            return TransportError(f"no connection to {self.endpoint} {said}")
        if isinstance(error, NotConnectedError):
            return TransportError(f"no connection to {self.endpoint}: {said}")
        if _is_time_out(error):
            return RequestTimeoutError(
                f"{self._where} gave no complete answer within {self._timeouts[0]:g} s"
            )
        return TransportError(f"the connection to {self.endpoint} broke before an answer came: {said}")

    def _said(self, error: Exception) -> str:
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return self._redact(said) or type(error).__name__

    # --- the pool -----------------------------------------------------------------------------

    def _pool_here(self) -> Pool:
        loop = asyncio.get_running_loop()
        if self._pool is not None and self._pool.loop is loop:
            return self._pool
        if self._closed:
            raise ConfigurationError(f"the model {self.id} is closed; make a new one")
        if self._pool is not None:
            raise ConfigurationError(
                f"the model {self.id} holds connections of another event loop; close it there, "
                "or make one model for each loop"
            )
        dialer = Dialer(loop, self._address, self._proxy)
        self._pool = Pool(loop, dialer, most=self._pool_size, connect_s=self._timeouts[1])
        return self._pool


async def _read_stream(
    connection: Connection, streamed: StreamedReply, context: ReplyContext, started: float
) -> ModelResponse:
    """The completion that a stream adds up to, with the moment of its first token."""
    reader = EventReader()
    first_token_s: float | None = None
    while piece := await connection.more():
        for event in reader.feed(piece):
            streamed.add(event)
        if first_token_s is None and streamed.started:
            first_token_s = time.monotonic() - started
    for event in reader.finish():
        streamed.add_last(event)
    timing = Timing(0.0, time.monotonic() - started, first_token_s)
    arrival = Arrival(timing, quota(connection.answer.headers, time.time()))
    return response_of(streamed.body(), context, arrival)


def _is_time_out(error: Exception) -> bool:
    """Whether our own deadline has come: the system's time-outs, of packets, bear a number."""
    return isinstance(error, TimeoutError) and error.errno is None
