"""Stock of a warehouse by shelf. Shelves are numbered from 0, amounts are whole numbers, 0 or more."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate


class Warehouse:
    """Prefix sums, made again when they are needed after a change."""

    def __init__(self, amounts: Iterable[int]) -> None:
        self._amounts = list(amounts)
        if any(amount < 0 for amount in self._amounts):
            raise ValueError("amounts are 0 or more")
        self._sums: list[int] | None = None

    def __len__(self) -> int:
        return len(self._amounts)

    def _prefix(self) -> list[int]:
        if self._sums is None:
            self._sums = [0, *accumulate(self._amounts)]
        return self._sums

    def amount(self, shelf: int) -> int:
        self._check(shelf)
        return self._amounts[shelf]

    def change(self, shelf: int, by: int) -> None:
        self._check(shelf)
        if self._amounts[shelf] + by < 0:
            raise ValueError(f"shelf {shelf} holds only {self._amounts[shelf]}")
        self._amounts[shelf] += by
        self._sums = None

    def total(self, start: int, stop: int) -> int:
        start, stop = max(start, 0), min(stop, len(self))
        return self._prefix()[stop] - self._prefix()[start] if start < stop else 0

    def locate(self, number: int) -> int:
        if not 1 <= number <= self._prefix()[-1]:
            raise IndexError("there is no such piece")
        return bisect_left(self._prefix(), number) - 1

    def emptiest(self, start: int, stop: int) -> int:
        part = self._amounts[max(start, 0) : max(stop, 0)]
        if not part:
            raise ValueError("no shelf is in the range")
        return max(start, 0) + part.index(min(part))

    def _check(self, shelf: int) -> None:
        if not 0 <= shelf < len(self):
            raise IndexError(f"there is no shelf {shelf}")
