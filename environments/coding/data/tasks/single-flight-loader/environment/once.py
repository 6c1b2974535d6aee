"""Loads values at most once, however many threads ask for them."""

import threading
from collections.abc import Callable, Hashable
from typing import Any


class OnceLoader:
    """Values by key, each made by `load(key)` when it is first asked for, and kept.

    All methods may be called from any thread, also from within `load`.
    """

    def __init__(self, load: Callable[[Any], Any]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._values: dict[Hashable, Any] = {}
        self._running: dict[Hashable, threading.Event] = {}
        self._waiting: dict[Hashable, int] = {}

    def get(self, key: Hashable, timeout: float | None = None) -> Any:
        """The value of the key.

        If it is not kept, one thread loads it, in its own call of `get`; threads that ask meanwhile wait for that load
        and get the same value (the same object). Loads of different keys run side by side.

        If a load raises an Exception, the thread that loads and all that wait for it get that exception (the same
        object), nothing is kept, and the next `get` loads again. If it raises what is not an Exception (such as
        SystemExit), that goes through in the loading thread only: one of those that wait loads in its place, and the
        others wait for that one.

        `load` may get other keys. A wait that could never end, because the load that it is for waits, directly or by
        way of other threads, for a load of the asking thread, raises RuntimeError at once instead of waiting.

        `timeout` limits, in seconds, how long the call waits for other threads in all; then it raises TimeoutError.
        It does not limit a load of the thread's own.
        """
        if key in self._values:
            return self._values[key]
        with self._lock:
            event = self._running.get(key)
            if event is None:
                self._running[key] = threading.Event()
        if event is None:
            self._values[key] = self._load(key)
            self._running[key].set()
        else:
            self._waiting[key] = self._waiting.get(key, 0) + 1
            event.wait(timeout)
            self._waiting[key] -= 1
        return self._values[key]

    def invalidate(self, key: Hashable) -> None:
        """Forgets the value of the key, if there is one.

        A load that is running goes on, and those that wait for it already get its value, but it is not kept: a `get`
        that begins after this call neither gets it nor waits for it.
        """
        self._values.pop(key, None)

    def waiting(self, key: Hashable) -> int:
        """How many threads are waiting for a load of the key now, for the status page."""
        return self._waiting.get(key, 0)

    def kept(self) -> list[Hashable]:
        """The keys whose values are kept, in the order in which they were loaded."""
        return list(self._values)
