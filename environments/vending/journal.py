"""The append-only part of the state: what has happened and can no longer change.

A year holds thousands of postings, mails and sales. Their canonical bytes are made once, when they are
written, and the hash of all of them is kept running, so that hashing the whole state after each call costs
only as much as the small part that changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from agentbench_sdk.canonical import canonical_json

Record = list[Any]
KEY = "archive"  # sorts before every other key of the state, so its bytes come first


class Journal:
    """Records of several kinds in the order in which they were written; record[0] names the kind.

    Only their bytes are kept here; whoever needs a record indexes it when it is written or loaded.
    """

    def __init__(self, preamble: bytes) -> None:
        self._head = b'{"' + KEY.encode() + b'":['
        self._preamble = preamble
        self.load(())

    def append(self, record: Record) -> None:
        """Write a record; it must not be changed afterwards."""
        data = canonical_json(record)
        if self._bytes:
            data = b"," + data
        self._bytes += data
        self._running.update(data)

    def load(self, records: Iterable[Record]) -> None:
        """Start over with these records."""
        self._bytes = bytearray()
        self._running = hashlib.sha256(self._preamble + self._head)
        for record in records:
            self.append(record)

    def copy_from(self, other: Journal) -> None:
        """Take over what another journal holds; nothing is shared."""
        self._bytes = bytearray(other._bytes)
        self._running = other._running.copy()

    def join(self, rest: bytes) -> bytes:
        """Canonical bytes of the whole state, given those of an object with all other keys."""
        return b"".join((self._head, self._bytes, b"],", rest[1:]))

    def hash(self, rest: bytes) -> str:
        """SHA-256 (hexadecimal) of the preamble and `join(rest)`."""
        running = self._running.copy()
        running.update(b"],")
        running.update(rest[1:])
        return running.hexdigest()
