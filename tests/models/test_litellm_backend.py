"""The litellm back end: our requests, replies and errors around a stand-in for the library.

The real library takes seconds to import and is an extra; what it is given and what it raises is imitated.
"""

from __future__ import annotations

import asyncio
import os
import sys
import types
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from agentbench_sdk import errors
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import GenerateParams, ModelRequest
from agentbench_sdk.models.litellm_backend import LiteLLM
from agentbench_sdk.testing import Reply

ASK = ModelRequest((Message.user("2 + 2?"),), params=GenerateParams(max_tokens=3, temperature=0))
KEY = "sk-recognisable-1"


class Answered:
    """As much of litellm's ModelResponse as is used."""

    _hidden_params = {"response_cost": 0.5}  # noqa: RUF012 - as the library has it

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def model_dump(self) -> dict[str, Any]:
        return self._body


class LibraryError(Exception):
    """The shape of the library's exceptions: message, status, response."""

    def __init__(
        self, message: str = "no", status_code: int | None = None, headers: Any = None, body: Any = None
    ) -> None:
        super().__init__(message)
        self.message, self.status_code, self.body = message, status_code, body
        self.litellm_response_headers = headers
        self.response = types.SimpleNamespace(headers={})


def named(name: str, **members: Any) -> LibraryError:
    made: LibraryError = type(name, (LibraryError,), {})(**members)
    return made


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[dict[str, Any]]]:
    def install(outcome: Any) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        async def acompletion(**arguments: Any) -> Any:
            asked.append(arguments)
            if outcome == "hang":
                await asyncio.Event().wait()
            if isinstance(outcome, Exception):
                raise outcome
            return Answered(outcome)

        module = types.ModuleType("litellm")
        module.acompletion = acompletion  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "litellm", module)
        return asked

    return install


def completion(reply: Reply) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(reply.whole("m", 0))
    return body


async def test_a_request_goes_out_once_and_its_answer_comes_back(library: Any) -> None:
    asked = library(completion(Reply.text("<think>hm</think>4", usage=Usage(9, 2))))
    model = LiteLLM("anthropic/claude", api_key=KEY, params={"aws_region_name": "eu"}, timeout_s=9)
    response = await model.generate(ASK)
    assert (response.text, response.message.reasoning) == ("4", "hm")
    assert response.usage == Usage(9, 2, cost_usd=0.5)
    assert os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert asked == [
        {
            "model": "anthropic/claude",
            "messages": [{"role": "user", "content": "2 + 2?"}],
            "max_tokens": 3,
            "temperature": 0,
            "aws_region_name": "eu",
            "timeout": 9,
            "num_retries": 0,
            "max_retries": 0,
            "api_key": KEY,
        }
    ]


async def test_own_prices_go_before_the_librarys(library: Any) -> None:
    library(completion(Reply.text("4", usage=Usage(1_000_000, 0))))
    response = await LiteLLM("a/b", price_in=3, price_out=1).generate(ASK)
    assert response.usage.cost_usd == 3.0


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (named("ContextWindowExceededError", status_code=400), errors.ContextLengthError),
        (named("ContentPolicyViolationError", status_code=400), errors.ContentFilteredError),
        (named("Timeout", status_code=408), errors.RequestTimeoutError),
        (named("APIConnectionError", status_code=500), errors.TransportError),
        (named("AuthenticationError", status_code=401), errors.AuthenticationError),
        (named("NotFoundError", status_code=404), errors.ModelNotFoundError),
        (named("BadRequestError", status_code=400), errors.RequestRejectedError),
        (
            named("BadRequestError", status_code=400, body={"code": "content_filter"}),
            errors.ContentFilteredError,
        ),
        (named("RateLimitError", status_code=429), errors.RateLimitedError),
        (named("InternalServerError", status_code=500), errors.ServerError),
        (named("APIResponseValidationError", status_code=500), errors.InvalidResponseError),
        (KeyError("choices"), errors.InvalidResponseError),
    ],
)
async def test_its_exceptions_are_typed(
    library: Any, raised: Exception, expected: type[errors.ModelError]
) -> None:
    library(raised)
    with pytest.raises(errors.ModelError) as caught:
        await LiteLLM("a/b").generate(ASK)
    assert type(caught.value) is expected


async def test_the_wait_that_an_endpoint_asks_for_is_kept(library: Any) -> None:
    library(named("RateLimitError", status_code=429, headers={"retry-after": "4"}))
    with pytest.raises(errors.RateLimitedError) as caught:
        await LiteLLM("a/b").generate(ASK)
    assert caught.value.retry_after == 4.0


async def test_no_answer_in_time_is_a_time_out(library: Any) -> None:
    library("hang")
    with pytest.raises(errors.RequestTimeoutError):
        await LiteLLM("a/b", timeout_s=0.01).generate(ASK)


async def test_an_empty_answer_is_none(library: Any) -> None:
    library(completion(Reply.empty()))
    with pytest.raises(errors.EmptyResponseError):
        await LiteLLM("a/b").generate(ASK)


async def test_a_key_in_an_exception_is_struck_out(library: Any) -> None:
    library(named("AuthenticationError", message=f"bad key {KEY}", status_code=401))
    model = LiteLLM("a/b", api_key=KEY, base_url="http://u:pass-word@h/v1")
    with pytest.raises(errors.AuthenticationError) as caught:
        await model.generate(ASK)
    assert KEY not in str(caught.value)
    assert KEY not in repr(model)
    assert "pass-word" not in model.endpoint + model.id + repr(model)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentbench_sdk.models.litellm_backend.is_installed", lambda: False)
    with pytest.raises(errors.MissingExtraError, match=r"\[litellm\]"):
        LiteLLM("a/b")


def test_a_named_variable_without_a_key_is_refused(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    library({})
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(errors.ConfigurationError, match="MY_KEY"):
        LiteLLM("a/b", api_key_env="MY_KEY")


async def test_an_answer_that_is_none_still_tells_what_it_cost(library: Any) -> None:
    body = completion(Reply.text("", usage=Usage(1_000_000, 0)))
    library(body)
    with pytest.raises(errors.EmptyResponseError) as caught:
        await LiteLLM("a/b").generate(ASK)
    assert caught.value.usage == Usage(1_000_000, 0, cost_usd=0.5)
    with pytest.raises(errors.EmptyResponseError) as caught:
        await LiteLLM("a/b", price_in=3, price_out=1).generate(ASK)
    assert caught.value.usage == Usage(1_000_000, 0, cost_usd=3.0)


@pytest.mark.parametrize("reckoned", [float("nan"), float("inf"), -1.0, 1e308, "dear"])
async def test_a_cost_that_cannot_be_is_malformed(
    library: Any, monkeypatch: pytest.MonkeyPatch, reckoned: object
) -> None:
    monkeypatch.setattr(Answered, "_hidden_params", {"response_cost": reckoned})
    library(completion(Reply.text("4", usage=Usage(3, 2))))
    with pytest.raises(errors.MalformedResponseError) as caught:
        await LiteLLM("a/b").generate(ASK)
    assert caught.value.usage == Usage(3, 2)


async def test_secrets_inside_params_and_body_are_struck_out(library: Any) -> None:
    library(named("BadRequestError", message="no: deep-secret, body-secret", status_code=400))
    model = LiteLLM("a/b", params={"x": {"api_key": "deep-secret"}}, extra_body={"token": "body-secret"})
    with pytest.raises(errors.RequestRejectedError) as caught:
        await model.generate(ASK)
    assert "secret" not in str(caught.value)
