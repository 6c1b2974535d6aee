"""Loads values at most once, however many threads ask for them."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any


class _Load:
    """A load that is running or has just ended. Everything but `ended` is guarded by the loader's lock."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.ended = threading.Event()
        self.value: Any = None
        self.error: Exception | None = None
        self.given_up = False


class OnceLoader:
    """Values by key, each made by `load(key)` when it is first asked for, and kept.

    All methods may be called from any thread, also from within `load`.
    """

    def __init__(self, load: Callable[[Any], Any]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._values: dict[Hashable, Any] = {}
        self._running: dict[Hashable, _Load] = {}
        self._waiting: dict[Hashable, int] = {}
        self._waits_for: dict[int, _Load] = {}  # by thread

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
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                if key in self._values:
                    return self._values[key]
                running = self._running.get(key)
                if running is None:
                    mine = self._running[key] = _Load()
                else:
                    self._begin_to_wait(key, running)
            if running is None:
                return self._run(key, mine)
            self._wait(key, running, deadline)
            if running.error is not None:
                raise running.error
            if not running.given_up:
                return running.value

    def _begin_to_wait(self, key: Hashable, load: _Load) -> None:
        me = threading.get_ident()
        last: _Load | None = load
        while last is not None and not last.ended.is_set():  # who waited for one that has ended goes on soon
            if last.thread == me:
                raise RuntimeError(f"waiting for {key!r} would never end: its load waits for this thread")
            last = self._waits_for.get(last.thread)
        self._waits_for[me] = load
        self._waiting[key] = self._waiting.get(key, 0) + 1

    def _wait(self, key: Hashable, load: _Load, deadline: float | None) -> None:
        try:
            ended = load.ended.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        finally:
            with self._lock:
                del self._waits_for[threading.get_ident()]
                self._waiting[key] -= 1
                if not self._waiting[key]:
                    del self._waiting[key]
        if not ended:
            raise TimeoutError(f"the load of {key!r} takes too long")

    def _run(self, key: Hashable, load: _Load) -> Any:
        try:
            load.value = self._load(key)
        except Exception as error:
            load.error = error
            raise
        except BaseException:
            load.given_up = True
            raise
        finally:
            with self._lock:
                if self._running.get(key) is load:  # otherwise it was invalidated
                    del self._running[key]
                    if load.error is None and not load.given_up:
                        self._values[key] = load.value
            load.ended.set()
        return load.value

    def invalidate(self, key: Hashable) -> None:
        """Forgets the value of the key, if there is one.

        A load that is running goes on, and those that wait for it already get its value, but it is not kept: a `get`
        that begins after this call neither gets it nor waits for it.
        """
        with self._lock:
            self._values.pop(key, None)

    def waiting(self, key: Hashable) -> int:
        """How many threads are waiting for a load of the key now, for the status page."""
        with self._lock:
            return self._waiting.get(key, 0)

    def kept(self) -> list[Hashable]:
        """The keys whose values are kept, in the order in which they were loaded."""
        with self._lock:
            return list(self._values)
