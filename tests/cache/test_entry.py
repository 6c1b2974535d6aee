"""What a row holds of an answer."""

from __future__ import annotations

from math import inf, isnan, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.cache import Entry, Origin
from agentbench_sdk.cache.entry import decode, encode, pack, unpack
from agentbench_sdk.errors import CacheError
from agentbench_sdk.messages import Image, Message, Text, ToolCall, Usage
from agentbench_sdk.models import ModelResponse, Quota, Timing, TokenLogprob

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
floats = st.floats(allow_nan=False)
usages = st.builds(
    Usage, st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99),
    st.none() | st.floats(0, 100),
)  # fmt: skip
logprobs = st.builds(TokenLogprob, texts, floats, st.lists(st.tuples(texts, floats), max_size=3).map(tuple))
media = st.builds(lambda data: Image(data=data, media_type="image/png"), st.binary(max_size=20))
answers = st.builds(
    lambda content, calls, reasoning, refusal: Message("assistant", content, calls, None, reasoning, refusal),
    st.lists(st.builds(Text, texts) | media, max_size=3).map(tuple),
    st.lists(st.builds(ToolCall, texts, texts, texts), max_size=2).map(tuple),
    texts,
    texts,
)
responses = st.builds(
    ModelResponse, answers, st.sampled_from(["stop", "tool_calls", "length", "refusal"]), usages, texts, texts,
    st.lists(logprobs, max_size=2).map(tuple),
)  # fmt: skip
origins = st.builds(
    Origin, texts, texts, st.integers(1, 99), texts, st.integers(0, 9999), st.integers(0, 9), texts
)
entries = st.builds(
    Entry, responses, origins, st.floats(0, 4e9), st.floats(0, 1e4), st.none() | st.floats(0, 1e4), texts
)
KEY = "ab" * 32


@given(entries)
def test_an_entry_comes_back_as_it_was(entry: Entry) -> None:
    row = encode(KEY, entry, None)
    assert decode(KEY, row.header.encode(), unpack(pack(row.answer)), row.hash) == entry


@given(entries, st.data())
def test_a_row_with_one_byte_changed_is_refused(entry: Entry, data: Any) -> None:
    row = encode(KEY, entry, None)
    pieces = [KEY.encode(), row.header.encode(), row.answer]
    which = data.draw(st.integers(0, 2))
    at = data.draw(st.integers(0, len(pieces[which]) - 1))
    piece = bytearray(pieces[which])
    piece[at] ^= data.draw(st.integers(1, 127))  # stays ASCII where it was, as a key must
    pieces[which] = bytes(piece)
    key = pieces[0].decode(errors="replace")
    with pytest.raises(CacheError, match=r"damaged .* verify --remove-damaged"):
        decode(key, pieces[1], pieces[2], row.hash)


def test_a_log_probability_of_minus_infinity_or_none_at_all_survives() -> None:
    response = ModelResponse(Message.assistant("x"), logprobs=(TokenLogprob("x", -inf, (("y", nan),)),))
    row = encode(KEY, Entry(response, Origin("r"), 0.0), None)
    (token,) = decode(KEY, row.header.encode(), row.answer, row.hash).response.logprobs
    assert token.logprob == -inf
    assert isnan(token.top[0][1])


@given(responses)
def test_a_hit_cost_nothing_this_time(response: ModelResponse) -> None:
    paid = Entry(response, Origin("r"), 0.0, 2.5)
    hit = paid.hit()
    assert hit.cached
    assert hit.timing == Timing(attempts=0)
    assert hit.quota is None
    assert (hit.message, hit.usage, hit.logprobs) == (response.message, response.usage, response.logprobs)


def test_where_and_when_an_answer_was_paid_for_is_kept() -> None:
    timing = Timing(queue_s=9.0, wire_s=1.25, first_token_s=0.5, attempts=3)
    response = ModelResponse(Message.assistant("x"), timing=timing, quota=Quota(1, 2))
    origin = Origin("run", "sample", 2, "judge exact", 4, 1, "first run")
    row = encode(KEY, Entry(response, origin, 123.5, timing.wire_s, timing.first_token_s), None)
    back = decode(KEY, row.header.encode(), row.answer, row.hash)
    assert (back.origin, back.created, back.wire_s, back.first_token_s) == (origin, 123.5, 1.25, 0.5)


@given(st.binary(max_size=10) | st.integers(4000, 9000).map(lambda size: b'{"a":"' + b"x" * size + b'"}'))
def test_long_json_is_stored_compressed_and_read_back(data: bytes) -> None:
    data = b"{" + data
    assert unpack(pack(data)) == data
    assert len(pack(data)) <= max(len(data), 4096)
