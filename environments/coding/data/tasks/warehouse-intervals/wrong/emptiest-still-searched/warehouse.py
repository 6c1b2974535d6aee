"""Stock of a warehouse by shelf. Shelves are numbered from 0, amounts are whole numbers, 0 or more."""

from collections.abc import Iterable


class Warehouse:
    """A Fenwick tree for the sums."""

    def __init__(self, amounts: Iterable[int]) -> None:
        self._amounts = list(amounts)
        if any(amount < 0 for amount in self._amounts):
            raise ValueError("amounts are 0 or more")
        self._tree = [0, *self._amounts]
        for node in range(1, len(self._tree)):
            parent = node + (node & -node)
            if parent < len(self._tree):
                self._tree[parent] += self._tree[node]

    def __len__(self) -> int:
        return len(self._amounts)

    def amount(self, shelf: int) -> int:
        self._check(shelf)
        return self._amounts[shelf]

    def change(self, shelf: int, by: int) -> None:
        self._check(shelf)
        if self._amounts[shelf] + by < 0:
            raise ValueError(f"shelf {shelf} holds only {self._amounts[shelf]}")
        self._amounts[shelf] += by
        node = shelf + 1
        while node < len(self._tree):
            self._tree[node] += by
            node += node & -node

    def _before(self, shelf: int) -> int:
        node, total = max(0, min(shelf, len(self))), 0
        while node:
            total += self._tree[node]
            node -= node & -node
        return total

    def total(self, start: int, stop: int) -> int:
        return max(0, self._before(stop) - self._before(start))

    def locate(self, number: int) -> int:
        if not 1 <= number <= self._before(len(self)):
            raise IndexError("there is no such piece")
        node, step = 0, 1 << len(self).bit_length()
        while step:
            if node + step < len(self._tree) and self._tree[node + step] < number:
                node += step
                number -= self._tree[node]
            step //= 2
        return node

    def emptiest(self, start: int, stop: int) -> int:
        part = self._amounts[max(start, 0) : max(stop, 0)]
        if not part:
            raise ValueError("no shelf is in the range")
        return max(start, 0) + part.index(min(part))

    def _check(self, shelf: int) -> None:
        if not 0 <= shelf < len(self):
            raise IndexError(f"there is no shelf {shelf}")
