"""Exports tables, which are lists of dictionaries, as CSV, Markdown and HTML."""

from typing import Any

Table = list[dict[str, Any]]


def _export(table: Table, columns: list[str], title: str, kind: str) -> str:
    def escaped(text: str) -> str:
        if kind == "html":
            return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if kind == "markdown":
            return text.replace("|", "\\|").replace("\n", " ")
        return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text

    def shown(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            text = f"{value:.2f}"
            return "0.00" if text == "-0.00" else text
        return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    heads = [escaped(column.replace("_", " ").strip().capitalize()) for column in columns]
    rows = [[escaped(shown(row.get(column))) for column in columns] for row in table]
    if kind == "csv":
        lines = ["# " + title] if title else []
        lines += [",".join(cells) for cells in [heads, *rows]]
    elif kind == "markdown":
        lines = ["## " + title, ""] if title else []
        lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(columns)]
        lines += ["| " + " | ".join(cell or "–" for cell in cells) + " |" for cells in rows]
    else:
        lines = ["<table>"]
        if title:
            lines.append("<caption>" + escaped(title) + "</caption>")
        lines.append("<tr>" + "".join("<th>" + head + "</th>" for head in heads) + "</tr>")
        for row, cells in zip(table, rows, strict=True):
            lines.append("<tr>")
            for column, cell in zip(columns, cells, strict=True):
                value = row.get(column)
                number = isinstance(value, (int, float)) and not isinstance(value, bool)
                lines[-1] += ('<td class="number">' if number else "<td>") + cell + "</td>"
            lines[-1] += "</tr>"
        lines.append("</table>")
    return "\n".join(lines) + "\n"


def to_csv(table: Table, columns: list[str], title: str = "") -> str:
    """Comma-separated values; the title becomes a comment line."""
    return _export(table, columns, title, "csv")


def to_markdown(table: Table, columns: list[str], title: str = "") -> str:
    """A Markdown table; the title becomes a heading."""
    return _export(table, columns, title, "markdown")


def to_html(table: Table, columns: list[str], title: str = "") -> str:
    """An HTML table; the title becomes its caption."""
    return _export(table, columns, title, "html")
