"""The events of one attempt, in order, in the spans that Inspect's viewer draws as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any


class Events:
    """Events under way.

    Arguments:
        attempt: unique id of the attempt; ids of events and spans begin with it.
        begin: what times are counted from.
    """

    def __init__(self, attempt: str, begin: datetime) -> None:
        self.list: list[dict[str, Any]] = []
        self.working_s = 0.0
        self._attempt, self._begin = attempt, begin
        self._spans: list[str] = []

    def add(self, event: str, **members: Any) -> dict[str, Any]:
        """Something happened now; returns what is on record of it."""
        record = {
            "uuid": f"{self._attempt}-e{len(self.list)}",
            **({"span_id": self._spans[-1]} if self._spans else {}),
            "timestamp": self.now(),
            "working_start": self.working_s,
            "event": event,
            **members,
        }
        self.list.append(record)
        return record

    def now(self) -> str:
        """The time, by what was worked so far (ISO 8601); of one length, as the viewer sorts the texts."""
        now = self._begin + timedelta(seconds=self.working_s)
        return now.isoformat(timespec="microseconds")

    @contextmanager
    def span(self, type: str, name: str) -> Iterator[None]:
        """What is added in the block belongs together."""
        self.open(type, name)
        yield
        self.close()

    def open(self, type: str, name: str) -> None:
        """Begin a span; see `span`."""
        span_id = f"{self._attempt}-s{len(self.list)}"
        parent = {"parent_id": self._spans[-1]} if self._spans else {}
        self._spans.append(span_id)
        self.add("span_begin", id=span_id, type=type, name=name, **parent)

    def close(self) -> None:
        """End the innermost span."""
        self.add("span_end", id=self._spans[-1])
        self._spans.pop()
