"""Keeps the beginning and the end of what a command writes, in bounded memory."""

from __future__ import annotations

from collections import deque

from agentbench_sdk.sandbox.result import Output


class OutputBuffer:
    """Collects one stream. Half of what is kept is its beginning, half its end.

    Arguments:
        kept_bytes: how much is kept.
    """

    def __init__(self, kept_bytes: int) -> None:
        self._head_room = kept_bytes - kept_bytes // 2
        self._tail_room = kept_bytes // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self.total_bytes = 0

    def add(self, data: bytes) -> None:
        """Take what was read."""
        self.total_bytes += len(data)
        room = self._head_room - len(self._head)
        self._head += data[:room]
        self._keep_tail(data[room:])

    def output(self) -> Output:
        """What was kept so far."""
        tail = b"".join(self._tail)
        tail = tail[max(0, len(tail) - self._tail_room) :]
        if len(self._head) + len(tail) == self.total_bytes:
            return Output(bytes(self._head) + tail, b"", self.total_bytes)
        return Output(bytes(self._head), tail, self.total_bytes)

    def _keep_tail(self, data: bytes) -> None:
        if not data:
            return
        self._tail.append(data)
        self._tail_bytes += len(data)
        while self._tail_bytes - len(self._tail[0]) >= self._tail_room:
            self._tail_bytes -= len(self._tail.popleft())
            if not self._tail:
                break
