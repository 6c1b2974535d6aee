"""The reader of answers knows where one ends, however the bytes are cut, and takes nothing without bound."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count, pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.models.openai_compatible import answer as answer_module
from agentbench_sdk.models.openai_compatible.answer import AnswerReader, NotHttpError
from tests.models.http.raw import answer, chunked, unbounded

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
WHOLE = {
    "a length": answer(b"body"),
    "no body": answer(b""),
    "chunks": chunked(b"b", b"od", b"y"),
    "chunks with extensions": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b;c\r\nbody\r\n0\r\n\r\n",
    "chunks and trailers": chunked(b"body", end=b"0\r\nX-Late: 1\r\nContent-Type: x/y\r\n\r\n"),
    "interim answers": INTERIM + answer(b"body"),
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nbody",
    "the end of the connection": unbounded(b"body"),
}


def read(data: bytes, cuts: Iterable[int] = (), *, reader: AnswerReader | None = None) -> AnswerReader:
    reader = reader or AnswerReader()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        if start < end:
            reader.feed(data[start:end])
    return reader


def feed(reader: AnswerReader, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        reader.feed(piece)


FIELDS = (b"X-%d: 01234567\r\n" % number for number in count())


@pytest.mark.parametrize("name", WHOLE)
@given(cuts=st.lists(st.integers(0, 150), max_size=8))
def test_an_answer_is_the_same_however_it_is_cut(name: str, cuts: list[int]) -> None:
    reader = read(WHOLE[name], cuts)
    lengthless = "end" in name
    assert reader.complete is not lengthless
    assert reader.reusable is not lengthless
    assert reader.end() is True
    assert (reader.status, reader.take()) == (200, b"" if name == "no body" else b"body")
    assert not {"link", "x-late", "content-type"} & reader.headers.keys()


@given(cuts=st.lists(st.integers(0, 150), max_size=8))
def test_answers_follow_one_another(cuts: list[int]) -> None:
    reader = AnswerReader()
    for name in ("chunks and trailers", "a length", "interim answers", "chunks"):
        reader.begin()
        read(WHOLE[name], cuts, reader=reader)
        assert (reader.complete, reader.reusable, reader.take()) == (True, True, b"body")


def test_names_of_headers_ignore_case_and_the_first_of_two_counts() -> None:
    reader = read(answer(b"", "X-RateLimit-Limit: 5", "Retry-After: 1", "Retry-After: 2"))
    assert reader.headers == {"content-length": "0", "x-ratelimit-limit": "5", "retry-after": "1"}


@pytest.mark.parametrize(
    "data",
    [
        answer(b"body", "Connection: close"),
        answer(b"body", version="1.0"),
        answer(b"body") + b"more",
        answer(b"body") + b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno",
    ],
)
def test_a_whole_answer_may_be_the_last_of_its_connection(data: bytes) -> None:
    reader = read(data)
    assert (reader.status, reader.complete, reader.reusable) == (200, True, False)
    assert reader.take() == b"body"


@pytest.mark.parametrize(
    "data", [answer(b"body")[:-1], chunked(b"body")[:-3], chunked(b"body", end=b""), b"HTTP/1.1 200 OK\r\n"]
)
def test_an_answer_that_is_cut_is_not_complete(data: bytes) -> None:
    reader = read(data)
    assert (reader.complete, reader.end()) == (False, False)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "Expected HTTP/"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "Expected HTTP/"),
        (b"HTTP/2 200\r\n\r\n", "Expected dot"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
            "another protocol",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "chunk size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "'gzip, chunked'"),
        (answer(b"x", "Content-Encoding: br"), "content-encoding is 'br'"),
        (b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", "Invalid header"),
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(data: bytes, said: str) -> None:
    with pytest.raises(NotHttpError, match=said):
        read(data)


PACKED = gzip.compress(b"body" * 500, mtime=0)


@given(cuts=st.lists(st.integers(0, 150), max_size=8))
@pytest.mark.parametrize("frame", [answer, unbounded])
def test_an_answer_that_was_compressed_unasked_is_read_all_the_same(
    frame: Callable[..., bytes], cuts: list[int]
) -> None:
    reader = AnswerReader()
    body = b""
    for start, end in pairwise([0, *sorted(cuts), 10_000]):
        reader.feed(frame(PACKED, "Content-Encoding: gzip")[start:end])
        body += reader.take() if reader.status is not None else b""
    assert reader.end()
    assert body + reader.take() == b"body" * 500


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (PACKED[:-9], "compressed and breaks off"),
        (b"\x1f\x8bnonsense", "compressed and damaged"),
        (gzip.compress(bytes(5000), mtime=0), "longer than 0.00"),
    ],
    ids=["cut", "damaged", "bomb"],
)
def test_a_compressed_answer_that_is_damaged_or_a_bomb_is_refused(body: bytes, said: str) -> None:
    reader = read(answer(body, "Content-Encoding: gzip"), reader=AnswerReader(most_body=4096))
    with pytest.raises(NotHttpError, match=said):
        reader.take()


def test_a_head_without_end_is_refused() -> None:
    reader = AnswerReader()
    reader.feed(b"HTTP/1.1 200 OK\r\n")
    with pytest.raises(NotHttpError, match="its head is longer than 128 KiB"):
        feed(reader, FIELDS)


def test_interim_answers_without_end_are_refused() -> None:
    reader = AnswerReader()
    with pytest.raises(NotHttpError, match="head"):
        feed(reader, repeat(INTERIM))


@pytest.mark.parametrize("data", [answer(b"x" * 5000), chunked(b"x" * 5000), unbounded(b"x" * 5000)])
def test_a_body_beyond_the_bound_is_refused(data: bytes) -> None:
    head, _, body = data.partition(b"\r\n\r\n")
    reader = AnswerReader(most_body=4096)
    reader.feed(head + b"\r\n\r\n")
    padding = answer_module.MOST_HEAD_BYTES  # what the head left of its own room
    reader._room -= padding - len(head) - 4
    with pytest.raises(NotHttpError, match="longer than"):
        reader.feed(body[:4500])


def test_trailers_without_end_are_refused() -> None:
    reader = AnswerReader(most_body=1024)
    reader.feed(chunked(b"body", end=b"0\r\n"))
    with pytest.raises(NotHttpError, match="longer than"):
        feed(reader, FIELDS)


def test_of_an_error_the_beginning_is_enough() -> None:
    reader = AnswerReader()
    reader.feed(b"HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n")
    while not reader.complete:
        reader.feed(b"x" * 10_000)
    assert (reader.status, reader.reusable) == (500, False)
    assert answer_module.ERROR_BODY_BYTES <= len(reader.take()) < 300_000


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_no_bytes_break_the_reader(data: bytes, cuts: list[int]) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        with suppress(NotHttpError):
            read(start + data, cuts).end()
