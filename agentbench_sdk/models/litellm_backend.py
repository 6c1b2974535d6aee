"""Any other provider, through litellm: its own wire formats, our requests, replies and errors.

litellm is imported with the first request: it takes seconds. It also looks for its price list on the
network unless told not to, hence the environment variable.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import itertools
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import orjson

from agentbench_sdk.errors import (
    ConfigurationError,
    ContentFilteredError,
    ContextLengthError,
    InvalidResponseError,
    MalformedResponseError,
    MissingExtraError,
    ModelError,
    RequestTimeoutError,
    TransportError,
)
from agentbench_sdk.messages import Usage
from agentbench_sdk.models.base import Capabilities, ModelRequest, ModelResponse, Timing
from agentbench_sdk.models.openai_compatible.address import Address, variant_of
from agentbench_sdk.models.openai_compatible.encoding import RequestEncoder
from agentbench_sdk.models.openai_compatible.failures import (
    Complaint,
    complaint_of,
    failure,
    shortened,
)
from agentbench_sdk.models.openai_compatible.headers import quota, retry_after
from agentbench_sdk.models.openai_compatible.json_values import ShapeError, as_cost
from agentbench_sdk.models.openai_compatible.prices import Prices
from agentbench_sdk.models.openai_compatible.redaction import secrets_in
from agentbench_sdk.models.openai_compatible.reply import ReplyContext, response_of
from agentbench_sdk.models.openai_compatible.secret import Redactor, Secret, is_sensitive, reveal

# By name, because the classes exist only where litellm is installed; the nearest base class counts.
_BY_CLASS: dict[str, type[ModelError]] = {
    "ContextWindowExceededError": ContextLengthError,
    "ContentPolicyViolationError": ContentFilteredError,
    "Timeout": RequestTimeoutError,
    "APITimeoutError": RequestTimeoutError,
    "APIConnectionError": TransportError,
    "APIResponseValidationError": InvalidResponseError,
    "JSONSchemaValidationError": InvalidResponseError,
}


class LiteLLM:
    """A model of one of litellm's providers.

    Arguments:
        model: as litellm names it, for example "anthropic/claude-sonnet-4-5" or "bedrock/…".
        base_url: another address than the provider's usual one.
        api_key: the key; never shown. litellm reads the provider's own variable when it is left out.
        api_key_env: the environment variable that holds the key.
        params: further arguments of `litellm.acompletion`, for example {"aws_region_name": "eu-west-1"}.
        extra_body: further members of the request; part of `id`.
        timeout_s: seconds for the whole call.
        price_in, price_out, price_cached_in: US dollars per million tokens; what litellm reckons when
            left out.
        context_tokens: the most tokens that the model can read.
        tools, images, audio, video, logprobs, response_format, seed: False for what the model cannot do.

    Raises:
        MissingExtraError: litellm is not installed.
        ConfigurationError: an option does not fit.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | Secret | None = None,
        api_key_env: str | None = None,
        params: Mapping[str, Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        timeout_s: float = 600.0,
        price_in: float | None = None,
        price_out: float | None = None,
        price_cached_in: float | None = None,
        context_tokens: int | None = None,
        tools: bool = True,
        images: bool = True,
        audio: bool = True,
        video: bool = True,
        logprobs: bool = True,
        response_format: bool = True,
        seed: bool = True,
    ) -> None:
        _check_installed()
        address = Address.parse(base_url) if base_url else None
        self._params = dict(params or {})
        self._timeout_s = timeout_s
        self._connection: dict[str, Any] = {"timeout": timeout_s, "num_retries": 0, "max_retries": 0}
        if address is not None:
            self._connection["api_base"] = base_url
        key = _key(api_key, api_key_env)
        if key:
            self._connection["api_key"] = key
        places = secrets_in(self._params), secrets_in(extra_body), address.secrets if address else ()
        self._redact = Redactor([key, *itertools.chain(*places)])
        self._encoder = RequestEncoder(model, extra_body=extra_body)
        self.prices = Prices.given(price_in, price_out, price_cached_in)
        self.id = _identity(model, self._params, extra_body or {})
        provider = model.partition("/")[0]
        self.endpoint = address.shown if address else f"litellm/{provider}"
        self.capabilities = Capabilities(
            tools=tools,
            images=images,
            audio=audio,
            video=video,
            logprobs=logprobs,
            streaming=False,
            response_format=response_format,
            seed=seed,
            context_tokens=context_tokens,
        )
        self._where = f"{model} through litellm"

    def __repr__(self) -> str:
        return f"LiteLLM({self.id.removeprefix('litellm/')!r})"

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request; see `Model.generate`.

        Raises:
            ModelError: the typed reason why there is no answer.
            ConfigurationError: the request cannot be encoded.
        """
        arguments = orjson.loads(await self._encoder.encode(request))
        library = await asyncio.to_thread(load_litellm)
        context = ReplyContext(self._where, len(request.messages), self._redact, prices=self.prices)
        started = time.monotonic()
        failed: ModelError
        try:
            async with asyncio.timeout(self._timeout_s):
                reply = await library.acompletion(**arguments, **self._params, **self._connection)
        except TimeoutError:
            failed = RequestTimeoutError(f"{self._where} gave no complete answer in {self._timeout_s:g} s")
        except Exception as error:  # noqa: BLE001 - the boundary to litellm, whose exceptions have no one root
            failed = self._failure(error)
        else:
            took = Timing(wire_s=time.monotonic() - started)
            return self._response(reply, context, took)
        raise failed from None

    async def close(self) -> None:
        """Nothing to do: the connections belong to litellm."""

    # --- inside -------------------------------------------------------------------------------

    def _response(self, reply: Any, context: ReplyContext, took: Timing) -> ModelResponse:
        """The answer in a reply; what the call cost is litellm's reckoning where nobody else knows it."""
        try:
            response = response_of(reply.model_dump(), context)
        except ModelError as error:
            if error.usage is not None:
                error.usage = self._priced(error.usage, reply)
            raise
        return replace(response, usage=self._priced(response.usage, reply), timing=took)

    def _priced(self, usage: Usage, reply: Any) -> Usage:
        reckoned = (getattr(reply, "_hidden_params", None) or {}).get("response_cost")
        if usage.cost_usd is not None or reckoned is None:
            return usage
        try:
            return replace(usage, cost_usd=as_cost(reckoned, "response_cost"))
        except ShapeError as error:
            raise MalformedResponseError(
                f"{self._where} has an answer whose cost litellm reckons wrong ({error}): "
                "give price_in and price_out",
                usage=usage,
            ) from None

    def _failure(self, error: Exception) -> ModelError:
        """The typed error for an exception of litellm."""
        said = shortened(self._redact(str(getattr(error, "message", None) or error)))
        names = [each.__name__ for each in type(error).__mro__]
        code = str(getattr(error, "status_code", ""))
        status = int(code) if code.isdecimal() else None
        kind = next((_BY_CLASS[name] for name in names if name in _BY_CLASS), None)
        if kind is not None:
            return kind(f"{self._where} failed: {said}", status=status)
        if status is None or status < 300:
            return InvalidResponseError(f"{self._where} raised {type(error).__name__}: {said}")
        codes = complaint_of(getattr(error, "body", None), self._redact).codes
        headers, now = _headers_of(error), time.time()
        return failure(
            status,
            Complaint(said, codes),
            self._where,
            retry_after=retry_after(headers, now),
            quota=quota(headers, now),
        )


def _headers_of(error: Exception) -> Mapping[str, str]:
    """The endpoint's headers; the `response` of an exception is often one that litellm made up."""
    response = getattr(error, "response", None)
    return getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None) or {}


def load_litellm() -> ModuleType:
    """Import litellm, offline and quiet.

    Raises:
        MissingExtraError: it is not installed.
    """
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    try:
        library = importlib.import_module("litellm")
    except ImportError as error:
        raise MissingExtraError("a model of another provider than openai and scripted", "litellm") from error
    library.suppress_debug_info = True  # type: ignore[attr-defined]
    return library


def is_installed() -> bool:
    """Whether litellm can be imported; it is not, because that takes seconds."""
    return "litellm" in sys.modules or importlib.util.find_spec("litellm") is not None


def _check_installed() -> None:
    if not is_installed():
        raise MissingExtraError("a model of another provider than openai and scripted", "litellm")


def _key(api_key: str | Secret | None, variable: str | None) -> str:
    if api_key is not None:
        return reveal(api_key).strip()
    if variable is None:
        return ""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ConfigurationError(f"the environment variable {variable}, named by api_key_env, holds no key")
    return key


def _identity(model: str, params: Mapping[str, Any], extra_body: Mapping[str, Any]) -> str:
    public = {name: value for name, value in params.items() if not is_sensitive(name)}
    return f"litellm/{model}" + variant_of({"params": public, "extra_body": dict(extra_body)})
