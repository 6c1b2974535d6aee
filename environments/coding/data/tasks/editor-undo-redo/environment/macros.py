"""Commands made of several steps. They must go on working as they are."""

from editor import Editor


def duplicate_line(editor: Editor) -> None:
    """Puts a copy of the line of the cursor below it."""
    start = editor.text.rfind("\n", 0, editor.cursor) + 1
    end = editor.text.find("\n", editor.cursor)
    end = len(editor.text) if end == -1 else end
    line = editor.text[start:end]
    editor.move(end)
    editor.insert("\n" + line)


def surround(editor: Editor, before: str, after: str) -> None:
    """Puts something before and after the whole text."""
    editor.move(0)
    editor.insert(before)
    editor.move(len(editor.text))
    editor.insert(after)
