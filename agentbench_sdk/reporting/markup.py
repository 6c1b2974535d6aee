"""HTML that cannot be broken by what it shows: whatever is not `Markup` is escaped when it goes in.

    >>> tag("p", "1 < 2 ", tag("b", "<i>"), class_="note")
    '<p class="note">1 &lt; 2 <b>&lt;i&gt;</b></p>'

There is no other way to make markup here, so no call can forget to escape.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from agentbench_sdk.reporting.plain import legible

_EMPTY = frozenset({"img", "input", "meta", "source"})  # elements without an end tag


class Markup(str):
    """Text that is HTML already; made by the functions of this module alone."""

    __slots__ = ()


def escaped(text: object) -> Markup:
    """A text as HTML; markup stays what it is."""
    return text if isinstance(text, Markup) else Markup(html.escape(legible(text)))


def joined(parts: Iterable[object]) -> Markup:
    """Parts one after the other; None is nothing."""
    return Markup("".join(escaped(part) for part in parts if part is not None))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """An element.

    Arguments:
        name: of the element.
        children: texts, which are escaped, and markup; None is nothing.
        attributes: a last "_" is left out and others become "-"; True is an attribute without a value, None
            and False leave it out.
    """
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Markup(opened if name in _EMPTY else f"{opened}{joined(children)}</{name}>")


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    written = name.removesuffix("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{html.escape(legible(value))}"'


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """A table whose first cells head their rows; a column whose name begins with ">" is set to the right.

    Arguments:
        caption: what the table shows, for those who hear the page; it is not seen.
        columns: names of the columns.
        rows: cells, as many as there are columns.
    """
    sides = ["number" if name.startswith(">") else None for name in columns]
    heads = [
        tag("th", name.removeprefix(">"), scope="col", class_=side)
        for name, side in zip(columns, sides, strict=True)
    ]
    body = [tag("tr", *_cells(row, sides)) for row in rows]
    made = tag(
        "table",
        tag("caption", caption, class_="heard"),
        tag("thead", tag("tr", *heads)),
        tag("tbody", *body),
    )
    return tag("div", made, class_="wide")


def _cells(row: Sequence[object], sides: Sequence[str | None]) -> Iterable[Markup]:
    for place, (cell, side) in enumerate(zip(row, sides, strict=True)):
        if place:
            yield tag("td", cell, class_=side)
        else:
            yield tag("th", cell, scope="row", class_=side)


def said(text: object, kind: str = "said") -> Markup:
    """What somebody wrote, line by line, in the direction of its own script."""
    return tag("div", text, class_=kind, dir="auto")
