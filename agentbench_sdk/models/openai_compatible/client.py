"""`OpenAICompatible`: one request, one answer or one typed error. No retries, no cache, no limit.

aiohttp is imported with the first request, so that naming a model costs nothing at start-up.
"""

from __future__ import annotations

import asyncio
import io
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from agentbench_sdk.errors import (
    ConfigurationError,
    ModelError,
    RequestTimeoutError,
    TransportError,
    TruncatedResponseError,
)
from agentbench_sdk.models.base import Capabilities, ModelRequest, ModelResponse, Timing
from agentbench_sdk.models.openai_compatible.address import (
    DEFAULT_BASE_URL,
    Address,
    find_key,
    header_table,
    identity,
)
from agentbench_sdk.models.openai_compatible.encoding import RequestEncoder
from agentbench_sdk.models.openai_compatible.failures import complaint_of_body, failure
from agentbench_sdk.models.openai_compatible.headers import quota, retry_after
from agentbench_sdk.models.openai_compatible.prices import Prices
from agentbench_sdk.models.openai_compatible.redaction import secrets_in
from agentbench_sdk.models.openai_compatible.reply import Arrival, ReplyContext, parse_reply, response_of
from agentbench_sdk.models.openai_compatible.secret import Redactor, Secret
from agentbench_sdk.models.openai_compatible.stream import EventReader, StreamedReply

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

MaxTokensField = Literal["auto", "max_tokens", "max_completion_tokens"]
_LARGE_BODY = 1024 * 1024  # aiohttp wants larger bodies as a file, which it sends without holding the loop
_ERROR_BODY = 64 * 1024  # no more of an error's body is read


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
        headers: further headers, for example {"api-key": …} for Azure; none of their values is shown.
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
        trust_env: use the proxy that HTTP_PROXY and its kin name.
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
        self._parsed_url: URL | None = None
        self._headers = header_table(address, key, headers or {})
        self._redact = Redactor.of_headers(
            self._headers, *(headers or {}).values(), *address.secrets, key, *secrets_in(extra_body)
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
        self._pool_size, self._trust_env = pool_size, trust_env
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
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"OpenAICompatible({self._model!r}, base_url={self.endpoint!r})"

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request; see `Model.generate`.

        Raises:
            ModelError: the typed reason why there is no answer.
            ConfigurationError: the request cannot be encoded, or the model is closed.
        """
        session = self._open_session()
        body = await self._encoder.encode(request, stream=self._stream)
        context = ReplyContext(self._where, len(request.messages), self._redact, prices=self.prices)
        # Chained exceptions of the client hold the request with its headers, so they stay behind.
        failed: ModelError
        try:
            return await self._exchange(session, body, context)
        except ModelError as error:
            failed = error
        except (OSError, _client_error()) as error:
            failed = self._transport_failure(error)
        raise failed from None

    async def close(self) -> None:
        """Close all connections; the model cannot be used afterwards."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    # --- one exchange -------------------------------------------------------------------------

    async def _exchange(
        self, session: aiohttp.ClientSession, body: bytes, context: ReplyContext
    ) -> ModelResponse:
        data = body if len(body) <= _LARGE_BODY else io.BytesIO(body)
        started = time.monotonic()
        reply = await session.post(self._url(), data=data, allow_redirects=False)
        try:
            response = await self._read(reply, context, started)
        except BaseException:
            reply.close()  # what is left of the answer must not meet the next request
            raise
        reply.release()
        return response

    async def _read(
        self, reply: aiohttp.ClientResponse, context: ReplyContext, started: float
    ) -> ModelResponse:
        import aiohttp

        if not 200 <= reply.status < 300:
            raise await self._refusal(reply)
        streamed, first_token = StreamedReply(context), None
        body: bytes | dict[str, Any]
        try:
            if reply.content_type == "text/event-stream":
                body, first_token = await _read_stream(reply, streamed)
            else:
                body = await reply.read()
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise TruncatedResponseError(
                f"{self._where} broke off in the middle of the answer ({type(error).__name__})",
                status=reply.status,
                usage=streamed.usage(),
            ) from None
        timing = Timing(
            wire_s=time.monotonic() - started,
            first_token_s=None if first_token is None else first_token - started,
        )
        arrival = Arrival(timing, quota(reply.headers, time.time()))
        if isinstance(body, bytes):
            return parse_reply(body, context, arrival)
        return response_of(body, context, arrival)

    async def _refusal(self, reply: aiohttp.ClientResponse) -> ModelError:
        import aiohttp

        try:
            body = await reply.content.read(_ERROR_BODY) if reply.status >= 400 else b""
            while len(body) < _ERROR_BODY and (more := await reply.content.read(_ERROR_BODY - len(body))):
                body += more
        except (aiohttp.ClientError, OSError):
            body = b""  # the status is enough to say what happened
        now = time.time()
        return failure(
            reply.status,
            complaint_of_body(body, self._redact),
            self._where,
            retry_after=retry_after(reply.headers, now),
            quota=quota(reply.headers, now),
        )

    def _transport_failure(self, error: BaseException) -> ModelError:
        import aiohttp

        said = self._redact(str(error)) or type(error).__name__
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            seconds = self._timeouts[1]
            return TransportError(f"no connection to {self.endpoint} within {seconds:g} s")
        if isinstance(error, TimeoutError):
            seconds = self._timeouts[0]
            return RequestTimeoutError(f"{self._where} gave no complete answer within {seconds:g} s")
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return TransportError(f"the host of {self.endpoint} is not known: {said}")
        if isinstance(error, aiohttp.ClientConnectorError):
            return TransportError(f"no connection to {self.endpoint}: {said}")
        return TransportError(f"the connection to {self.endpoint} broke before an answer came: {said}")

    # --- the session --------------------------------------------------------------------------

    def _open_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop:
            return self._session
        if self._closed:
            raise ConfigurationError(f"the model {self.id} is closed; make a new one")
        if self._session is not None:
            raise ConfigurationError(
                f"the model {self.id} holds connections of another event loop; close it there, "
                "or make one model for each loop"
            )
        self._loop = loop
        self._session = self._new_session()
        return self._session

    def _url(self) -> URL:
        if self._parsed_url is None:
            from yarl import URL

            self._parsed_url = URL(self._address.url)
        return self._parsed_url

    def _new_session(self) -> aiohttp.ClientSession:
        import aiohttp

        total, connect = self._timeouts
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._pool_size, limit_per_host=0, keepalive_timeout=15),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=total, sock_connect=connect),
            trust_env=self._trust_env,
        )


async def _read_stream(
    reply: aiohttp.ClientResponse, streamed: StreamedReply
) -> tuple[dict[str, Any], float | None]:
    """The completion that a stream adds up to, and the moment of its first token."""
    reader = EventReader()
    first_token: float | None = None
    async for chunk in reply.content.iter_any():
        for event in reader.feed(chunk):
            streamed.add(event)
        if first_token is None and streamed.started:
            first_token = time.monotonic()
    for event in reader.finish():
        streamed.add_last(event)
    return streamed.body(), first_token


def _client_error() -> type[Exception]:
    import aiohttp

    return aiohttp.ClientError
