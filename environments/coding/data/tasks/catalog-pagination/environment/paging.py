"""Which part of a long list a page shows. Pages are numbered from 1."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paging:
    """A page of a list of `total` entries, `size` entries a page.

    A number below 1 means page 1, a number beyond the last page means the last page.
    An empty list has one page, which shows nothing.
    """

    number: int
    size: int
    total: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("a page shows one entry or more")
        if self.total < 0:
            raise ValueError("a list cannot have fewer than no entries")
        object.__setattr__(self, "number", max(1, min(self.number, self.pages)))

    @property
    def pages(self) -> int:
        """How many pages there are: as few as hold every entry, one or more."""
        return self.total // self.size + 1

    @property
    def offset(self) -> int:
        """Position in the list, from 0, of the first entry shown."""
        return self.number * self.size

    @property
    def shown(self) -> int:
        """How many entries the page shows."""
        return min(self.size, self.total - self.offset)

    @property
    def has_next(self) -> bool:
        return self.number <= self.pages

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    def label(self) -> str:
        """Such as '21-40 of 57', '57 of 57' for a page of one entry, or 'nothing' for an empty list."""
        first, last = self.offset, self.offset + self.shown
        if self.total == 0:
            return "nothing"
        if first == last:
            return f"{last} of {self.total}"
        return f"{first}-{last} of {self.total}"

    def links(self, width: int = 5) -> list[int]:
        """Numbers of at most `width` neighbouring pages to offer, ascending, with this page in the middle.

        With an even width one more is offered before this page than after it. Near the first and the last page the
        window is moved, not cut: it holds `width` numbers wherever there are so many pages.
        """
        first = max(1, self.number - width // 2)
        last = min(self.pages, first + width)
        return list(range(first, last))
