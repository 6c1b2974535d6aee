"""A page of the web."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `id` is what `open_page` takes."""

    id: str
    site: str
    title: str
    text: str

    @property
    def snippet(self) -> str:
        """The beginning of the text."""
        return self.text[:157] + "..." if len(self.text) > 160 else self.text
