"""Stock of a warehouse by shelf. Shelves are numbered from 0, amounts are whole numbers, 0 or more."""

from collections.abc import Iterable


class Warehouse:
    """Two binary trees over the shelves, in arrays: node n has the children 2n and 2n + 1, the leaves come last."""

    def __init__(self, amounts: Iterable[int]) -> None:
        amounts = list(amounts)
        if any(amount < 0 for amount in amounts):
            raise ValueError("amounts are 0 or more")
        self._count = len(amounts)
        self._size = 1
        while self._size < self._count:
            self._size *= 2
        self._sums = [0] * self._size + amounts + [0] * (self._size - self._count)
        # The emptiest shelf below each node; shelves that do not exist are -1 and never win.
        shelves = list(range(self._count)) + [-1] * (self._size - self._count)
        self._least = [-1] * self._size + shelves
        for node in range(self._size - 1, 0, -1):
            self._update(node)

    def _update(self, node: int) -> None:
        self._sums[node] = self._sums[2 * node] + self._sums[2 * node + 1]
        self._least[node] = self._emptier(self._least[2 * node], self._least[2 * node + 1])

    def _emptier(self, left: int, right: int) -> int:
        """Of two shelves, the emptier one; of equal ones the left."""
        if left < 0 or right < 0:
            return max(left, right)
        return right if self._sums[self._size + right] < self._sums[self._size + left] else left

    def __len__(self) -> int:
        return self._count

    def amount(self, shelf: int) -> int:
        """The amount on a shelf; IndexError if there is no such shelf."""
        self._check(shelf)
        return self._sums[self._size + shelf]

    def change(self, shelf: int, by: int) -> None:
        """Adds to a shelf, or takes away (below 0); ValueError, and no change, if there is too little."""
        held = self.amount(shelf)
        if held + by < 0:
            raise ValueError(f"shelf {shelf} holds only {held}")
        node = self._size + shelf
        self._sums[node] += by
        while node > 1:
            node //= 2
            self._update(node)

    def _nodes(self, start: int, stop: int) -> tuple[list[int], list[int]]:
        """The nodes that make up a range, in order: those from its left end, and those from its right end reversed."""
        left, right = max(start, 0) + self._size, min(stop, self._count) + self._size
        first, last = [], []
        while left < right:
            if left % 2:
                first.append(left)
                left += 1
            if right % 2:
                right -= 1
                last.append(right)
            left //= 2
            right //= 2
        return first, last

    def total(self, start: int, stop: int) -> int:
        """The amount on the shelves from `start` to before `stop`; parts of the range outside the warehouse hold nothing."""
        first, last = self._nodes(start, stop)
        return sum(self._sums[node] for node in first + last)

    def locate(self, number: int) -> int:
        """The shelf of the piece of that number, from 1, if all pieces are counted through shelf by shelf.

        IndexError if there is no such piece.
        """
        if number < 1:
            raise IndexError("pieces are numbered from 1")
        if number > self._sums[1]:
            raise IndexError(f"there are only {self._sums[1]} pieces")
        node = 1
        while node < self._size:
            node *= 2
            if self._sums[node] < number:
                number -= self._sums[node]
                node += 1
        return node - self._size

    def emptiest(self, start: int, stop: int) -> int:
        """The shelf of that range with the smallest amount, the first of them; ValueError if no shelf is in the range."""
        first, last = self._nodes(start, stop)
        best = -1
        for node in first + last[::-1]:
            best = self._emptier(best, self._least[node])
        if best < 0:
            raise ValueError("no shelf is in the range")
        return best

    def _check(self, shelf: int) -> None:
        if not 0 <= shelf < self._count:
            raise IndexError(f"there is no shelf {shelf}")
