"""A cache whose entries expire, and of which the least recently used one makes room.

The clock is a function that returns seconds and never goes back. An entry with a life of `ttl` seconds, stored when
the clock showed t, is fresh as long as the clock shows less than t + ttl, and expired from t + ttl on.

`get`, `put`, `get_or_load` and `purge` begin by dropping every expired entry; nothing else drops expired ones.
Entries dropped because they expired, or to make room, are told to `on_evict(key, value, reason)`, once each, with
reason "expired" or "capacity"; entries that are replaced or removed are not told. Expired entries are told in the
order in which they expired; of those that expired at the same moment, the least recently used one first.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class TtlCache:
    """At most `capacity` entries, each fresh for `ttl` seconds if nothing else is said."""

    def __init__(
        self,
        capacity: int,
        ttl: float,
        clock: Callable[[], float],
        on_evict: Callable[[Hashable, Any, str], None] | None = None,
    ) -> None:
        self.capacity = capacity
        self.ttl = ttl
        self.hits = 0
        self.misses = 0
        self._clock = clock
        self._on_evict = on_evict
        self._entries: OrderedDict[Hashable, tuple[Any, float]] = OrderedDict()  # key: value, end of life

    def __len__(self) -> int:
        """How many entries are fresh."""
        return len(self.keys())

    def __contains__(self, key: Hashable) -> bool:
        """Whether there is a fresh entry; this is no use of it, and neither a hit nor a miss."""
        return key in self._entries and self._clock() < self._entries[key][1]

    def keys(self) -> list[Hashable]:
        """Keys of the fresh entries, the least recently used first."""
        now = self._clock()
        return [key for key, (_, end) in self._entries.items() if now < end]

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The value, and the entry is now the most recently used one; or the default. Counts a hit or a miss.

        Being used does not lengthen the life of an entry.
        """
        self.purge()
        if key in self._entries:
            self.hits += 1
            self._entries.move_to_end(key)
            value = self._entries[key][0]
            self._entries[key] = (value, self._clock() + self.ttl)
            return value
        self.misses += 1
        return default

    def put(self, key: Hashable, value: Any, ttl: float | None = None) -> None:
        """Stores a value with a new life, as the most recently used one; `ttl` seconds, if given, instead of the usual.

        If there is no room for a new key, the least recently used entry is dropped.
        """
        self.purge()
        if key not in self._entries and len(self._entries) >= self.capacity:
            old, (held, _) = self._entries.popitem(last=False)
            self._told(old, held, "capacity")
        self._entries[key] = (value, self._clock() + (self.ttl if ttl is None else ttl))
        self._entries.move_to_end(key)

    def get_or_load(self, key: Hashable, load: Callable[[Hashable], Any], ttl: float | None = None) -> Any:
        """Like `get`; on a miss, `load(key)` makes the value, which is stored when it is there, and returned.

        None is a value like others. The life begins when `load` has ended; `load` may use the cache itself.
        What `load` raises goes through, and nothing is stored.
        """
        missing = object()
        value = self.get(key, missing)
        if value is missing:
            value = load(key)
            self.put(key, value, ttl)
        return value

    def remove(self, key: Hashable) -> bool:
        """Removes an entry; whether it was there and fresh."""
        was_fresh = key in self
        if was_fresh:
            del self._entries[key]
        return was_fresh

    def purge(self) -> int:
        """Drops expired entries; how many."""
        now = self._clock()
        expired = [key for key, (_, end) in self._entries.items() if end <= now]
        expired.sort(key=lambda key: self._entries[key][1])
        for key in expired:
            self._told(key, self._entries.pop(key)[0], "expired")
        return len(expired)

    def _told(self, key: Hashable, value: Any, reason: str) -> None:
        if self._on_evict is not None:
            self._on_evict(key, value, reason)
