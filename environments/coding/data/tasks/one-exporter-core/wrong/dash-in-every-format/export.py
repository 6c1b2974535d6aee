"""Exports tables, which are lists of dictionaries, as CSV, Markdown and HTML."""

from collections.abc import Callable
from typing import Any

Table = list[dict[str, Any]]


def _heading(column: str) -> str:
    return column.replace("_", " ").strip().capitalize()


def _text(value: Any) -> str:
    """What a value looks like, before it is escaped for a format."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:.2f}"
        return "0.00" if text == "-0.00" else text
    if isinstance(value, (list, tuple)):
        return "; ".join(str(part) for part in value)
    return str(value)


def _rows(table: Table, columns: list[str], cell: Callable[[Any], str]) -> list[list[str]]:
    return [[cell(row.get(column)) for column in columns] for row in table]


def _csv_text(text: str) -> str:
    if "," in text or '"' in text or "\n" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def to_csv(table: Table, columns: list[str], title: str = "") -> str:
    """Comma-separated values; the title becomes a comment line."""
    lines = ["# " + title] if title else []
    lines.append(",".join(_csv_text(_heading(column)) for column in columns))
    lines += [",".join(cells) for cells in _rows(table, columns, lambda value: _csv_text(_text(value)))]
    return "\n".join(lines) + "\n"


def _markdown_text(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def to_markdown(table: Table, columns: list[str], title: str = "") -> str:
    """A Markdown table; the title becomes a heading."""
    lines = ["## " + title, ""] if title else []
    lines.append("| " + " | ".join(_markdown_text(_heading(column)) for column in columns) + " |")
    lines.append("|" + "---|" * len(columns))
    rows = _rows(table, columns, lambda value: _markdown_text(_text(value)))
    lines += ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join(lines) + "\n"


def _html_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _html_cell(value: Any) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return ('<td class="number">' if number else "<td>") + _html_text(_text(value)) + "</td>"


def to_html(table: Table, columns: list[str], title: str = "") -> str:
    """An HTML table; the title becomes its caption."""
    lines = ["<table>"]
    if title:
        lines.append("<caption>" + _html_text(title) + "</caption>")
    lines.append(
        "<tr>" + "".join("<th>" + _html_text(_heading(column)) + "</th>" for column in columns) + "</tr>"
    )
    lines += ["<tr>" + "".join(cells) + "</tr>" for cells in _rows(table, columns, _html_cell)]
    lines.append("</table>")
    return "\n".join(lines) + "\n"
