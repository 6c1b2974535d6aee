"""Pictures: what a world draws of a session, when its recorded calls are executed again."""

from __future__ import annotations

from typing import Protocol


class Sketch(Protocol):
    """A picture in the making; it follows one world from its opening on."""

    def look(self) -> None:
        """Take note of the world as it is; called after each call that was executed."""
        ...

    def draw(self, title: str) -> str:
        """The picture as an SVG document: the same bytes for the same session.

        Arguments:
            title: what the picture is of, in anybody's words; to be escaped.
        """
        ...
