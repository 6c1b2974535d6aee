"""Stock of a warehouse by shelf. Shelves are numbered from 0, amounts are whole numbers, 0 or more."""

from collections.abc import Iterable


class Warehouse:
    def __init__(self, amounts: Iterable[int]) -> None:
        self._amounts = list(amounts)
        if any(amount < 0 for amount in self._amounts):
            raise ValueError("amounts are 0 or more")

    def __len__(self) -> int:
        return len(self._amounts)

    def amount(self, shelf: int) -> int:
        """The amount on a shelf; IndexError if there is no such shelf."""
        self._check(shelf)
        return self._amounts[shelf]

    def change(self, shelf: int, by: int) -> None:
        """Adds to a shelf, or takes away (below 0); ValueError, and no change, if there is too little."""
        self._check(shelf)
        if self._amounts[shelf] + by < 0:
            raise ValueError(f"shelf {shelf} holds only {self._amounts[shelf]}")
        self._amounts[shelf] += by

    def total(self, start: int, stop: int) -> int:
        """The amount on the shelves from `start` to before `stop`; parts of the range outside the warehouse hold nothing."""
        return sum(self._amounts[shelf] for shelf in range(start, stop) if 0 <= shelf < len(self))

    def locate(self, number: int) -> int:
        """The shelf of the piece of that number, from 1, if all pieces are counted through shelf by shelf.

        IndexError if there is no such piece.
        """
        if number < 1:
            raise IndexError("pieces are numbered from 1")
        passed = 0
        for shelf, amount in enumerate(self._amounts):
            passed += amount
            if passed >= number:
                return shelf
        raise IndexError(f"there are only {passed} pieces")

    def emptiest(self, start: int, stop: int) -> int:
        """The shelf of that range with the smallest amount, the first of them; ValueError if no shelf is in the range."""
        shelves = [shelf for shelf in range(start, stop) if 0 <= shelf < len(self)]
        if not shelves:
            raise ValueError("no shelf is in the range")
        return min(shelves, key=lambda shelf: self._amounts[shelf])

    def _check(self, shelf: int) -> None:
        if not 0 <= shelf < len(self):
            raise IndexError(f"there is no shelf {shelf}")
