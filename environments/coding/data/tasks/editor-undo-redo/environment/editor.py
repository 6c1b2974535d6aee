"""The core of a text editor: a text and a cursor, without a screen."""


class Editor:
    """`cursor` is a position from 0 to the length of the text: between characters, not on one."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.cursor = len(text)

    def move(self, position: int) -> None:
        """Moves the cursor; positions outside of the text mean its nearest end."""
        self.cursor = max(0, min(position, len(self.text)))

    def insert(self, text: str) -> None:
        """Inserts text at the cursor, which is behind it then."""
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def delete_back(self, count: int = 1) -> None:
        """Deletes up to `count` characters before the cursor."""
        start = max(0, self.cursor - count)
        self.text = self.text[:start] + self.text[self.cursor :]
        self.cursor = start

    def replace_all(self, old: str, new: str) -> int:
        """Replaces every occurrence of a text; how many. The cursor is at the end of the text then, if there were any."""
        if not old:
            raise ValueError("the text to replace must not be empty")
        count = self.text.count(old)
        if count:
            self.text = self.text.replace(old, new)
            self.cursor = len(self.text)
        return count
