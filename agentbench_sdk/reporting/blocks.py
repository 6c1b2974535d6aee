"""What reports on a terminal are made of: headings, tables without lines, remarks."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING

from agentbench_sdk.reporting.plain import encodable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


_NARROWEST = 40


def captured_text(parts: Iterable[RenderableType], *, width: int = 80, color: bool = False) -> str:
    """Parts as text; with `color`, with the escape codes of a terminal.

    Arguments:
        parts: what is shown, in order.
        width: columns, 40 at least.
        color: whether to colour.
    """
    from rich.console import Console

    console = Console(
        file=StringIO(),
        width=max(_NARROWEST, width),
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def heading(text: str) -> Iterable[RenderableType]:
    """A line that begins a part of a report."""
    from rich.text import Text

    yield Text("")
    yield Text(text, style="bold")


def remark(text: str, style: str = "") -> RenderableType:
    """A remark below a table."""
    from rich.padding import Padding
    from rich.text import Text

    return Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, 4))


def new_table(*columns: str) -> Table:
    """A table without lines; a column whose name begins with ">" is set to the right."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        right = name.startswith(">")
        table.add_column(name.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    return table


def add(table: Table, *cells: str, style: str = "") -> None:
    """A row; what cannot be shown in the terminal's encoding is escaped."""
    from rich.text import Text

    table.add_row(*(Text(encodable(cell), overflow="fold") for cell in cells), style=style)


def indented(table: Table) -> RenderableType:
    """A table, set in from the heading."""
    from rich.padding import Padding

    return Padding(table, (0, 0, 0, 2))
