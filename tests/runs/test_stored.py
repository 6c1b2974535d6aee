"""Short transcripts stand uncompressed in a zlib stream of our own making."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.runs.store import _packed


@given(st.binary(max_size=6000))
def test_whatever_is_packed_is_a_zlib_stream(body: bytes) -> None:
    assert zlib.decompress(_packed(body)) == body


@pytest.mark.parametrize("size", [0, 1, 4095, 4096])
def test_the_ends_of_the_range_are_streams_too(size: int) -> None:
    body = bytes(index % 251 for index in range(size))
    assert zlib.decompress(_packed(body)) == body
