"""From the body of a chat completion to a `ModelResponse`, strictly: what is no answer is a typed error."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import (
    ContentFilteredError,
    EmptyResponseError,
    MalformedResponseError,
    MissingChoiceError,
    ModelError,
    TruncatedResponseError,
)
from agentbench_sdk.messages import Message, Text, ToolCall, Usage
from agentbench_sdk.models.base import FinishReason, ModelResponse, Quota, Timing, TokenLogprob
from agentbench_sdk.models.openai_compatible.failures import Complaint, Redact, complaint_of, failure
from agentbench_sdk.models.openai_compatible.json_values import (
    CutShortError,
    ShapeError,
    as_cost,
    as_count,
    as_json_text,
    as_list,
    as_mapping,
    as_number,
    as_text,
    parse_json,
)
from agentbench_sdk.models.openai_compatible.prices import Prices
from agentbench_sdk.models.openai_compatible.reasoning import split_reasoning

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "refusal": "refusal",
}
_FILTERED = {"content_filter", "content_filtered", "safety"}
_NO_TIMES = Timing()
# An error inside a body that came with status 200 and names no status of its own: the endpoint's fault.
_UNSTATED = 500


class Arrival(NamedTuple):
    """What came along with a reply, for the response: times and quota."""

    timing: Timing = _NO_TIMES
    quota: Quota | None = None


class ReplyContext(NamedTuple):
    """What the parser needs to know of the call.

    Attributes:
        where: names model and endpoint in error messages.
        turn: number of messages in the request; it makes invented call ids unique in a session.
        redact: strikes secrets out of what the endpoint wrote.
        status: the HTTP status that the body came with.
        prices: what tokens cost, where the endpoint does not say what the call did.
    """

    where: str
    turn: int
    redact: Redact
    status: int | None = 200
    prices: Prices | None = None


_PLAIN_ARRIVAL = Arrival()


def parse_reply(body: bytes, context: ReplyContext, arrival: Arrival | None = None) -> ModelResponse:
    """Parse the bytes of a body that came with a status of success.

    Raises:
        MalformedResponseError: not JSON, or not of the protocol's shape.
        TruncatedResponseError: the JSON ends before it is complete.
        ModelError: further, what `response_of` raises.
    """
    try:
        value = parse_json(body)
    except CutShortError as error:
        raise TruncatedResponseError(
            f"{context.where} sent a body that ends too early ({error})", status=context.status
        ) from None
    except ShapeError as error:
        start = context.redact(body.decode("utf-8", "replace"))[:80]
        raise MalformedResponseError(
            f"{context.where} sent no chat completion: {error}; it begins with {start!r}",
            status=context.status,
        ) from None
    return response_of(value, context, arrival)


def response_of(value: Any, context: ReplyContext, arrival: Arrival | None = None) -> ModelResponse:
    """Turn a parsed body into a response; a cost that the endpoint reports goes before our prices.

    Whatever is raised holds the usage that the body told, because it was paid for all the same.

    Raises:
        MissingChoiceError: there is no choice in it.
        EmptyResponseError: neither text, nor a tool call, nor a refusal.
        ContentFilteredError: the endpoint withheld the answer.
        ModelError: the body is an error in spite of its status; typed as if it had come with its own.
        MalformedResponseError: another shape than the protocol's.
    """
    told: Usage | None = None
    try:
        body = as_mapping(value, "the body")
        told = told_usage(body, context.prices)
        return _response(body, told or Usage(), context, arrival or _PLAIN_ARRIVAL)
    except ShapeError as error:
        raise MalformedResponseError(
            f"{context.where} sent JSON that is no chat completion: {error}",
            status=context.status,
            usage=told,
        ) from None
    except ModelError as error:
        error.usage = told
        raise


def _response(
    body: Mapping[str, Any], usage: Usage, context: ReplyContext, arrival: Arrival
) -> ModelResponse:
    choices = as_list(body.get("choices"), "choices")
    if body.get("error") and not choices:
        raise embedded_failure(body["error"], context)
    if not choices:
        raise MissingChoiceError(f"{context.where} sent a reply without choices", status=context.status)
    choice = _first_choice(choices, context)
    if choice.get("error"):
        raise embedded_failure(choice["error"], context)
    reason = as_text(choice.get("finish_reason"), "choices.0.finish_reason").lower()
    if reason in _FILTERED:
        raise ContentFilteredError(
            f"{context.where} withheld the answer because of its content filter", status=context.status
        )
    message = _message(as_mapping(choice.get("message"), "choices.0.message"), context.turn)
    if not (message.text.strip() or message.tool_calls or message.refusal):
        raise EmptyResponseError(_why_empty(reason, message, usage, context.where), status=context.status)
    return ModelResponse(
        message,
        finish_reason=_finish_reason(reason, message),
        usage=usage,
        model=as_text(body.get("model"), "model"),
        response_id=as_text(body.get("id"), "id"),
        logprobs=_logprobs(choice.get("logprobs")),
        timing=arrival.timing,
        quota=arrival.quota,
    )


def _first_choice(choices: list[Any], context: ReplyContext) -> dict[str, Any]:
    """The choice that was asked for: that with index 0, or with none, as in a stream."""
    for place, item in enumerate(choices):
        choice = as_mapping(item, f"choices.{place}")
        if is_first(choice):
            return choice
    raise MissingChoiceError(
        f"{context.where} sent a reply without a choice of index 0", status=context.status
    )


def is_first(choice: Mapping[str, Any]) -> bool:
    """Whether a choice is the one that was asked for; servers with only one may leave its index out."""
    return choice.get("index") in (0, None)


def embedded_failure(error: Any, context: ReplyContext) -> ModelError:
    """The typed error of an `error` member that came with a status of success."""
    complaint: Complaint = complaint_of(error, context.redact)
    return failure(complaint.status or _UNSTATED, complaint, context.where)


def told_usage(body: Mapping[str, Any], prices: Prices | None) -> Usage | None:
    """The usage of a body; None where it does not tell.

    Raises:
        ShapeError: it tells what cannot be.
    """
    value = body.get("usage")
    return None if value is None else usage_of(value, prices)


def usage_of(value: Any, prices: Prices | None = None) -> Usage:
    """Read the `usage` member; missing counts are zero."""
    if value is None:
        return Usage()
    counted = _counted(value)
    return counted if prices is None else prices.applied(counted)


def _counted(value: Any) -> Usage:
    usage = as_mapping(value, "usage")
    cached, reasoning = usage.get("prompt_cache_hit_tokens"), None  # DeepSeek's name for cached_tokens
    if prompt := usage.get("prompt_tokens_details"):
        told = as_mapping(prompt, "usage.prompt_tokens_details").get("cached_tokens")
        cached = cached if told is None else told
    if completion := usage.get("completion_tokens_details"):
        reasoning = as_mapping(completion, "usage.completion_tokens_details").get("reasoning_tokens")
    cost = usage.get("cost")
    return Usage(
        as_count(usage.get("prompt_tokens"), "usage.prompt_tokens"),
        as_count(usage.get("completion_tokens"), "usage.completion_tokens"),
        as_count(reasoning, "usage.reasoning_tokens"),
        as_count(cached, "usage.cached_tokens"),
        None if cost is None else as_cost(cost, "usage.cost"),
    )


def invented_id(turn: int, position: int, name: str, arguments: str) -> str:
    """A call id for a call that came without one: the same for the same call at the same place."""
    content = canonical_json([turn, position, name, arguments])
    return "call_" + hashlib.sha256(content).hexdigest()[:24]


def _message(message: Mapping[str, Any], turn: int) -> Message:
    text, inline = _content(message.get("content"))
    apart = as_text(message.get("reasoning_content"), "message.reasoning_content") or as_text(
        message.get("reasoning"), "message.reasoning"
    )
    thought, answer = split_reasoning(text, orphan_close=not apart)
    return Message(
        "assistant",
        (Text(answer),) if answer else (),
        _tool_calls(message, turn),
        reasoning="\n".join([part for part in (apart, inline, thought) if part]),
        refusal=as_text(message.get("refusal"), "message.refusal"),
    )


def _content(content: Any) -> tuple[str, str]:
    """(text, reasoning) of a content: a text, null, or a list of parts."""
    if not isinstance(content, list):
        return as_text(content, "message.content"), ""
    texts: list[str] = []
    thoughts: list[str] = []
    for number, item in enumerate(content):
        part = as_mapping(item, f"message.content.{number}")
        kind = part.get("type")
        if kind in ("text", "output_text"):
            texts.append(as_text(part.get("text"), f"message.content.{number}.text"))
        elif kind in ("thinking", "reasoning"):
            thoughts.append(_thought(part.get(kind) if kind in part else part.get("text")))
        else:
            said = repr(kind[:40]) if isinstance(kind, str) else "no text"
            raise ShapeError(f"message.content.{number} is of type {said}, which is not known")
    return "".join(texts), "".join(thoughts)


def _thought(value: Any) -> str:
    if isinstance(value, list):
        return "".join(as_text(as_mapping(each, "thinking").get("text"), "thinking.text") for each in value)
    return as_text(value, "thinking")


def _tool_calls(message: Mapping[str, Any], turn: int) -> tuple[ToolCall, ...]:
    listed = as_list(message.get("tool_calls"), "message.tool_calls")
    if not listed:
        old_form = message.get("function_call")
        if not old_form:
            return ()
        listed = [{"function": old_form}]
    calls: list[ToolCall] = []
    for position, item in enumerate(listed):
        call = _tool_call(as_mapping(item, f"tool_calls.{position}"), turn, position)
        if any(call.id == other.id for other in calls):
            new_id = invented_id(turn, position, call.name, call.arguments)
            call = ToolCall(new_id, call.name, call.arguments)
        calls.append(call)
    return tuple(calls)


def _tool_call(item: Mapping[str, Any], turn: int, position: int) -> ToolCall:
    where = f"tool_calls.{position}.function"
    function = as_mapping(item.get("function"), where)
    name = as_text(function.get("name"), f"{where}.name")
    arguments = function.get("arguments")
    if arguments is not None and not isinstance(arguments, str):
        arguments = as_json_text(arguments, f"{where}.arguments")
    raw = as_text(arguments, f"{where}.arguments")
    return ToolCall(
        as_text(item.get("id"), f"tool_calls.{position}.id") or invented_id(turn, position, name, raw),
        name,
        raw,
    )


def _finish_reason(reason: str, message: Message) -> FinishReason:
    known = _REASONS.get(reason)
    if message.refusal:
        return "refusal"
    if known == "length":
        return "length"
    if message.tool_calls:
        return "tool_calls"
    return known or "stop"


def _why_empty(reason: str, message: Message, usage: Usage, where: str) -> str:
    cut = _REASONS.get(reason) == "length"
    if cut and (message.reasoning or usage.reasoning_tokens):
        spent = usage.reasoning_tokens or usage.output_tokens
        tokens = f" ({spent} tokens)" if spent else ""
        return f"{where} used up the token limit on reasoning{tokens} and gave no answer: raise max_tokens"
    if cut:
        return f"{where} reached the token limit before any text: raise max_tokens"
    if message.reasoning:
        return f"{where} sent reasoning without an answer (finish reason {reason or 'not given'!r})"
    return f"{where} sent an empty answer (finish reason {reason or 'not given'!r})"


def _logprobs(value: Any) -> tuple[TokenLogprob, ...]:
    if value is None:
        return ()
    entries = as_list(as_mapping(value, "logprobs").get("content"), "logprobs.content")
    return tuple(_token(as_mapping(entry, "logprobs.content")) for entry in entries)


def _token(entry: Mapping[str, Any]) -> TokenLogprob:
    alternatives = as_list(entry.get("top_logprobs"), "top_logprobs")
    return TokenLogprob(
        *_scored(entry),
        top=tuple(_scored(as_mapping(each, "top_logprobs")) for each in alternatives),
    )


def _scored(entry: Mapping[str, Any]) -> tuple[str, float]:
    return (
        as_text(entry.get("token"), "logprobs.token"),
        as_number(entry.get("logprob"), "logprobs.logprob"),
    )
