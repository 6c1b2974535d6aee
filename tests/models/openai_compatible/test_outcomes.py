"""Every way in which a call can end is told apart by type, against a real server on loopback."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agentbench_sdk import errors
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import ModelRequest, ModelResponse, Quota
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.testing.endpoint import Behaviour

KEY = "sk-recognisable/0123456789"
ASK = ModelRequest((Message.user("2 + 2?"),))


@asynccontextmanager
async def against(
    behaviour: Behaviour | Reply | Iterable[Reply], **options: Any
) -> AsyncIterator[tuple[FakeEndpoint, OpenAICompatible]]:
    async with FakeEndpoint(behaviour) as endpoint:
        model = OpenAICompatible("m", base_url=endpoint.base_url, api_key=KEY, **options)
        try:
            yield endpoint, model
        finally:
            await model.close()


async def answer(reply: Reply, **options: Any) -> ModelResponse:
    async with against(reply, **options) as (_, model):
        return await model.generate(ASK)


async def failure(reply: Reply, **options: Any) -> errors.ModelError:
    with pytest.raises(errors.ModelError) as caught:
        await answer(reply, **options)
    return caught.value


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the other side is a server, which sets no event of ours
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_comes_back_with_usage_times_and_names(stream: bool) -> None:
    usage = Usage(12, 7, reasoning_tokens=3, cached_input_tokens=4)
    response = await answer(Reply.text("Four, of course.", reasoning="2 and 2", usage=usage), stream=stream)
    assert response.text == "Four, of course."
    assert response.message.reasoning == "2 and 2"
    assert response.usage == usage
    assert (response.model, response.response_id, response.finish_reason) == ("m", "chatcmpl-0", "stop")
    assert response.timing.wire_s > 0
    assert (response.timing.first_token_s is not None) is stream


@pytest.mark.parametrize("stream", [False, True])
async def test_tool_calls_keep_their_raw_arguments(stream: bool) -> None:
    response = await answer(Reply.tool("set_price", '{"cents": 1e2, '), stream=stream)
    (call,) = response.message.tool_calls
    assert (call.name, call.arguments) == ("set_price", '{"cents": 1e2, ')
    assert response.finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply.malformed(), errors.MalformedResponseError),
        (Reply.raw("<html>it works</html>"), errors.MalformedResponseError),
        (Reply.nothing(), errors.MalformedResponseError),
        (Reply.json([]), errors.MalformedResponseError),
        (Reply.json({"choices": {}}), errors.MalformedResponseError),
        (Reply.json({"choices": [7]}), errors.MalformedResponseError),
        (Reply.json({"choices": [{"message": {"content": 5}}]}), errors.MalformedResponseError),
        (Reply.json({"choices": [{}]}), errors.MalformedResponseError),
        (Reply.raw('{"choices": [{"message": {"content": "fo'), errors.TruncatedResponseError),
        (Reply.no_choices(), errors.MissingChoiceError),
        (Reply.json({}), errors.MissingChoiceError),
        (Reply.json({"choices": None}), errors.MissingChoiceError),
        (Reply.truncated(), errors.TruncatedResponseError),
        (Reply.empty(), errors.EmptyResponseError),
        (Reply.text(" \n"), errors.EmptyResponseError),
        (Reply.text("", finish_reason="content_filter"), errors.ContentFilteredError),
        (Reply.text("half of", finish_reason="content_filter"), errors.ContentFilteredError),
        (Reply.json({"error": {"message": "no", "code": 429}}), errors.RateLimitedError),
        (Reply.json({"error": "upstream is gone"}), errors.ServerError),
        (Reply.json({"choices": [{"error": {"code": 502, "message": "x"}}]}), errors.ServerError),
        (Reply.error(400, code="context_length_exceeded"), errors.ContextLengthError),
        (Reply.error(400, "This model's maximum context length is 9 tokens"), errors.ContextLengthError),
        (Reply.error(400, type="exceed_context_size_error"), errors.ContextLengthError),
        (Reply.error(400, code="content_filter"), errors.ContentFilteredError),
        (Reply.error(400, "temperature must be below 2"), errors.RequestRejectedError),
        (Reply.error(401), errors.AuthenticationError),
        (Reply.error(402), errors.RequestRejectedError),
        (Reply.error(403), errors.AuthenticationError),
        (Reply.error(404, code="model_not_found"), errors.ModelNotFoundError),
        (Reply.error(408), errors.RequestTimeoutError),
        (Reply.error(413), errors.RequestRejectedError),
        (Reply.error(422), errors.RequestRejectedError),
        (Reply.error(425), errors.TransportError),
        (Reply.error(429), errors.RateLimitedError),
        (Reply.error(429, code="insufficient_quota"), errors.RequestRejectedError),
        (Reply.error(500), errors.ServerError),
        (Reply.error(503), errors.ServerError),
        (Reply.error(529), errors.ServerError),
        (Reply.raw("", status=302), errors.RequestRejectedError),
        (Reply.reset(), errors.TransportError),
    ],
)
async def test_what_is_no_answer_is_a_typed_error(reply: Reply, expected: type[errors.ModelError]) -> None:
    error = await failure(reply)
    assert type(error) is expected
    assert "m at http://127.0.0.1" in str(error) or "connection to http://127.0.0.1" in str(error)


async def test_an_azure_filter_is_known_by_its_inner_code() -> None:
    body = {"error": {"message": "filtered", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}
    assert type(await failure(Reply.json(body, status=400))) is errors.ContentFilteredError


async def test_a_refusal_is_an_answer_and_keeps_what_was_said() -> None:
    response = await answer(Reply.text("", refusal="I cannot help with that."))
    assert response.finish_reason == "refusal"
    assert (response.text, response.message.refusal) == ("", "I cannot help with that.")


async def test_an_answer_used_up_by_reasoning_says_so() -> None:
    error = await failure(Reply.text("<think>hmm, hmm", finish_reason="length"))
    assert type(error) is errors.EmptyResponseError
    assert "raise max_tokens" in str(error)


async def test_an_answer_cut_by_the_token_limit_is_still_an_answer() -> None:
    response = await answer(Reply.text("Fo", finish_reason="length"))
    assert (response.text, response.finish_reason) == ("Fo", "length")


async def test_a_stream_that_breaks_off_is_truncated() -> None:
    assert type(await failure(Reply.truncated(), stream=True)) is errors.TruncatedResponseError


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", errors.TruncatedResponseError),
        ("data: [DONE]\n\n", errors.TruncatedResponseError),
        ('data: {"choices": [{"delt', errors.TruncatedResponseError),
        ("data: nonsense\n\n", errors.MalformedResponseError),
        ('data: {"error": {"message": "broke", "code": 503}}\n\n', errors.ServerError),
        ('data: {"choices": [{"delta": {"content": 3}}]}\n\n', errors.MalformedResponseError),
    ],
)
async def test_a_stream_without_its_end_is_no_answer(tail: str, expected: type[errors.ModelError]) -> None:
    begun = 'data: {"choices": [{"delta": {"content": "Four"}}]}\n\n'
    reply = Reply.raw(begun + tail, content_type="text/event-stream")
    assert type(await failure(reply, stream=True)) is expected


async def test_a_stream_is_complete_with_its_finish_reason_even_without_done() -> None:
    body = 'data: {"choices": [{"delta": {"content": "4"}, "finish_reason": "stop"}]}\n\n'
    response = await answer(Reply.raw(body, content_type="text/event-stream"), stream=True)
    assert response.text == "4"


async def test_a_whole_answer_to_a_streaming_request_is_read_as_one() -> None:
    whole = Reply.raw(Reply.text("4").whole("m", 0))
    assert (await answer(whole, stream=True)).text == "4"


async def test_a_hanging_endpoint_ends_in_a_time_out() -> None:
    error = await failure(Reply.hang(), timeout_s=0.05)
    assert type(error) is errors.RequestTimeoutError
    assert error.retryable


async def test_a_stream_that_stalls_ends_in_a_time_out() -> None:
    slow = Reply.text("a long answer in many pieces").slowly(0.2)
    assert type(await failure(slow, stream=True, timeout_s=0.1)) is errors.RequestTimeoutError


async def test_a_late_first_byte_within_the_time_out_is_waited_for() -> None:
    assert (await answer(Reply.text("4").after(0.02))).text == "4"


async def test_a_closed_port_is_a_transport_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model = OpenAICompatible("m", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        with pytest.raises(errors.TransportError):
            await model.generate(ASK)
        await model.close()


async def test_an_unknown_host_is_a_transport_error() -> None:
    model = OpenAICompatible("m", base_url="http://no-such-host.invalid/v1")
    with pytest.raises(errors.TransportError):
        await model.generate(ASK)
    await model.close()


async def test_a_refusal_carries_status_wait_and_quota() -> None:
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-reset-requests": "1m30s"}
    error = await failure(Reply.error(429, retry_after=7, headers=headers))
    assert (error.status, error.retry_after) == (429, 7.0)
    assert error.quota == Quota(requests_limit=60, requests_reset_s=90.0)


async def test_an_answer_carries_the_quota_too() -> None:
    response = await answer(Reply.text("4").with_headers({"X-RateLimit-Remaining-Tokens": "1200"}))
    assert response.quota == Quota(tokens_remaining=1200)


async def test_prices_give_the_cost_and_a_reported_cost_goes_first() -> None:
    usage = Usage(1_000_000, 100_000, cached_input_tokens=400_000)
    prices = {"price_in": 2.0, "price_out": 10.0, "price_cached_in": 0.5}
    priced = await answer(Reply.text("4", usage=usage), **prices)
    assert priced.usage.cost_usd == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.1 * 10)
    body = {"choices": [{"message": {"content": "4"}}], "usage": {"prompt_tokens": 1, "cost": 0.25}}
    assert (await answer(Reply.json(body), **prices)).usage.cost_usd == 0.25
    assert (await answer(Reply.text("4", usage=usage))).usage.cost_usd is None


PAID = {"prompt_tokens": 1_000_000, "completion_tokens": 1}
NOT_A_CALL = {"message": {"tool_calls": [{"function": {"name": 3}}]}}


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ([], errors.MissingChoiceError),
        ([{"index": 1, "message": {"content": "4"}}], errors.MissingChoiceError),
        ([{"message": {"content": ""}}], errors.EmptyResponseError),
        ([NOT_A_CALL], errors.MalformedResponseError),
        ([{"message": {"content": "x"}, "finish_reason": "content_filter"}], errors.ContentFilteredError),
        ([{"error": {"code": 502}}], errors.ServerError),
    ],
)
async def test_an_invalid_answer_still_tells_what_it_cost(
    choices: list[Any], expected: type[errors.ModelError]
) -> None:
    error = await failure(Reply.json({"choices": choices, "usage": PAID}), price_in=2, price_out=1e6)
    assert type(error) is expected
    assert error.usage == Usage(1_000_000, 1, cost_usd=3.0)


async def test_a_failure_without_usage_tells_none() -> None:
    assert (await failure(Reply.no_choices())).usage is None
    assert (await failure(Reply.error(500))).usage is None


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("", errors.TruncatedResponseError),
        ('data: {"choices": [{"delta": {"content": 3}}]}\n\n', errors.MalformedResponseError),
        ('data: {"error": {"message": "broke", "code": 503}}\n\n', errors.ServerError),
        (
            'data: {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}\n\n',
            errors.ContentFilteredError,
        ),
    ],
)
async def test_a_stream_that_fails_tells_the_usage_so_far(
    tail: str, expected: type[errors.ModelError]
) -> None:
    begun = 'data: {"choices": [{"delta": {"content": "Four"}}], "usage": {"prompt_tokens": 9}}\n\n'
    error = await failure(Reply.raw(begun + tail, content_type="text/event-stream"), stream=True)
    assert type(error) is expected
    assert error.usage == Usage(9)


# --- secrets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        Reply.error(401, f"Incorrect API key provided: {KEY}."),
        Reply.error(400, "x" * 380 + KEY),
        Reply.raw(f"<html>Bearer {KEY}</html>", status=502),
        Reply.raw(f"not json, but {KEY}"),
        Reply.raw("not json, but " + KEY.replace("/", "\\/"), status=500),
        Reply.raw("/?key=" + KEY.replace("/", "%2F"), status=500),
        Reply.raw('{"error": {"message": "key ' + KEY.replace("/", "\\/") + '"}}', status=403),
        Reply.json({"error": f"bad key {KEY}"}),
        Reply.raw(f'data: {{"error": "{KEY}"}}\n\n', content_type="text/event-stream"),
    ],
)
async def test_an_endpoint_that_echoes_the_key_puts_it_into_no_error(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        error = await failure(reply)
    seen = " ".join([str(error), repr(error), repr(error.args), caplog.text])
    assert "recognisable" not in seen
    assert "0123456789" not in seen
    assert error.__cause__ is None
    assert error.__suppress_context__


async def test_headers_and_secrets_of_the_body_are_struck_out_of_errors() -> None:
    echo = Reply.error(400, 'no: first-header, "second\\"value", nested-secret, text-secret, 20482048')
    error = await failure(
        echo,
        headers={"X-A": "first-header", "X-B": 'second"value'},
        extra_body={
            "inner": [{"api_key": "nested-secret", "password": 20482048}],
            "text": '{"token": ["text-secret"]}',
        },
    )
    assert not any(each in str(error) for each in ("first", "second", "nested", "text-s", "2048"))


async def test_no_face_of_a_model_shows_a_secret() -> None:
    model = OpenAICompatible(
        "m",
        base_url="https://user:pass-word@host.example/v1/?token=query-secret&api-version=2",
        headers={"X-Api-Key": "header-secret"},
    )
    shown = " ".join([repr(model), str(model), model.id, model.endpoint, repr(model.capabilities)])
    for secret in ("pass-word", "query-secret", "header-secret", "user"):
        assert secret not in shown
    assert model.endpoint == "https://host.example/v1"


async def test_credentials_reach_the_endpoint() -> None:
    async with against(Reply.text("4"), headers={"X-Team": "a"}) as (endpoint, model):
        await model.generate(ASK)
    (request,) = endpoint.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-team"] == "a"


async def test_user_and_query_of_the_base_url_are_sent() -> None:
    async with FakeEndpoint(Reply.text("4")) as endpoint:
        address = endpoint.base_url.replace("http://", "http://u:p@") + "?api-version=7"
        model = OpenAICompatible("m", base_url=address, api_key="")
        await model.generate(ASK)
        await model.close()
    assert endpoint.requests[0].path == "/v1/chat/completions?api-version=7"
    assert endpoint.requests[0].headers["authorization"] == "Basic dTpw"


def test_a_key_that_no_header_can_carry_is_refused_without_being_shown() -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        OpenAICompatible("m", base_url="http://x/v1", api_key="sk-a\nb")
    assert "sk-a" not in str(caught.value)


def test_a_named_variable_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(errors.ConfigurationError, match="MY_KEY"):
        OpenAICompatible("m", base_url="http://x/v1", api_key_env="MY_KEY")


def test_the_default_endpoint_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(errors.ConfigurationError, match="OPENAI_API_KEY"):
        OpenAICompatible("m")


@pytest.mark.parametrize("base_url", ["localhost:8000/v1", "ftp://x/v1", "http://", "http://x:99999/v1"])
def test_a_base_url_that_is_no_address_is_refused(base_url: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="base_url"):
        OpenAICompatible("m", base_url=base_url)


def test_the_id_separates_what_can_answer_differently() -> None:
    base = OpenAICompatible("m", base_url="http://x/v1")
    assert base.id == "openai/m"
    others = [
        OpenAICompatible("m", base_url="http://x/v1", extra_body={"top_k": 1}),
        OpenAICompatible("m", base_url="http://x/v1", extra_body={"top_k": 2}),
        OpenAICompatible("m", base_url="http://x/v1", send_reasoning=True),
        OpenAICompatible("m", base_url="http://x/v1?api-version=3"),
    ]
    assert len({base.id, *(other.id for other in others)}) == 5
    same = OpenAICompatible("m", base_url="http://X:80/v1/", timeout_s=3, headers={"a": "b"}, api_key="k")
    assert (same.id, same.endpoint) == (base.id, base.endpoint)


# --- connections --------------------------------------------------------------------------------


async def test_one_connection_serves_one_call_after_another_refusals_included() -> None:
    replies = [Reply.text("a"), Reply.error(429), Reply.malformed(), Reply.text("b")]
    async with against(replies) as (endpoint, model):
        for _ in replies:
            try:
                await model.generate(ASK)
            except errors.ModelError:
                continue
    assert (len(endpoint.requests), endpoint.connections) == (4, 1)


@pytest.mark.parametrize("stream", [False, True])
async def test_cancelling_a_call_closes_its_connection(stream: bool) -> None:
    async with against(Reply.hang(), stream=stream) as (endpoint, model):
        call = asyncio.create_task(model.generate(ASK))
        await until(lambda: endpoint.in_flight == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await until(lambda: endpoint.in_flight == 0)
        assert endpoint.dropped == 1


async def test_many_calls_at_once_share_one_session() -> None:
    async with against(Reply.text("4").after(0.01)) as (endpoint, model):
        await asyncio.gather(*(model.generate(ASK) for _ in range(50)))
    assert endpoint.most_in_flight == 50


async def test_a_pool_size_bounds_the_connections() -> None:
    async with against(Reply.text("4").after(0.002), pool_size=3) as (endpoint, model):
        await asyncio.gather(*(model.generate(ASK) for _ in range(20)))
    assert endpoint.connections <= 3


async def test_a_closed_model_says_so() -> None:
    model = OpenAICompatible("m", base_url="http://127.0.0.1:9/v1")
    await model.close()
    with pytest.raises(errors.ConfigurationError, match="closed"):
        await model.generate(ASK)


def test_a_model_of_another_loop_says_so() -> None:
    async def use(model: OpenAICompatible) -> None:
        await model.generate(ASK)

    async def main() -> OpenAICompatible:
        async with FakeEndpoint(Reply.text("4")) as endpoint:
            model = OpenAICompatible("m", base_url=endpoint.base_url)
            await use(model)
            with pytest.raises(errors.ConfigurationError, match="another event loop"):
                await asyncio.to_thread(asyncio.run, use(model))
            await model.close()
            return model

    asyncio.run(main())
