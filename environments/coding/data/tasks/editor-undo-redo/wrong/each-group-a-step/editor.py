"""The core of a text editor: a text and a cursor, without a screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class _State(NamedTuple):
    text: str
    cursor: int


class _Step(NamedTuple):
    before: _State
    after: _State


class Editor:
    """`cursor` is a position from 0 to the length of the text: between characters, not on one.

    At most `limit` steps can be undone.
    """

    def __init__(self, text: str = "", limit: int = 100) -> None:
        self.text = text
        self.cursor = len(text)
        self._limit = limit
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []
        self._typing = False  # the last step may take in one more character
        self._groups = 0
        self._saved = text

    def move(self, position: int) -> None:
        """Moves the cursor; positions outside of the text mean its nearest end."""
        self.cursor = max(0, min(position, len(self.text)))
        self._typing = False

    def insert(self, text: str) -> None:
        """Inserts text at the cursor, which is behind it then."""
        typed = len(text) == 1 and text != "\n"
        self._change(
            self.text[: self.cursor] + text + self.text[self.cursor :], self.cursor + len(text), typed
        )

    def delete_back(self, count: int = 1) -> None:
        """Deletes up to `count` characters before the cursor."""
        start = max(0, self.cursor - count)
        self._change(self.text[:start] + self.text[self.cursor :], start)

    def replace_all(self, old: str, new: str) -> int:
        """Replaces every occurrence of a text; how many. The cursor is at the end of the text then, if there were any."""
        if not old:
            raise ValueError("the text to replace must not be empty")
        count = self.text.count(old)
        if count:
            text = self.text.replace(old, new)
            if text == self.text:
                self.move(len(text))
            else:
                self._change(text, len(text))
        return count

    @contextmanager
    def group(self) -> Iterator[None]:
        """Makes one step of all changes in the block; takes them back if it raises."""
        before = self._state()
        self._groups += 1
        self._typing = False
        try:
            yield
        except BaseException:
            self._restore(before)
            raise
        finally:
            self._groups -= 1
            self._typing = False
        self._record(before)

    def undo(self) -> bool:
        return self._travel(self._undo, self._redo, "before")

    def redo(self) -> bool:
        return self._travel(self._redo, self._undo, "after")

    @property
    def can_undo(self) -> bool:
        return bool(self._undo) and not self._groups

    @property
    def can_redo(self) -> bool:
        return bool(self._redo) and not self._groups

    def mark_saved(self) -> None:
        self._saved = self.text
        self._typing = False

    @property
    def modified(self) -> bool:
        return self.text != self._saved

    def _state(self) -> _State:
        return _State(self.text, self.cursor)

    def _restore(self, state: _State) -> None:
        self.text, self.cursor = state

    def _change(self, text: str, cursor: int, typed: bool = False) -> None:
        if text == self.text:
            return
        before = self._state()
        self.text, self.cursor = text, cursor
        if self._groups:
            return
        if typed and self._typing:
            before = self._undo.pop().before
        self._record(before)
        self._typing = typed

    def _record(self, before: _State) -> None:
        """Keeps the way from a state to the present one as a step, if the text is another."""
        if before.text == self.text:
            return
        self._undo.append(_Step(before, self._state()))
        del self._undo[: -self._limit]
        self._redo.clear()

    def _travel(self, source: list[_Step], target: list[_Step], side: str) -> bool:
        if self._groups:
            raise RuntimeError("within a group, nothing is undone or redone")
        self._typing = False
        if not source:
            return False
        step = source.pop()
        target.append(step)
        self._restore(getattr(step, side))
        return True
