"""Exports tables, which are lists of dictionaries, as CSV, Markdown and HTML."""

from typing import Any

Table = list[dict[str, Any]]


def to_csv(table: Table, columns: list[str], title: str = "") -> str:
    """Comma-separated values; the title becomes a comment line."""
    lines = []
    if title:
        lines.append("# " + title)
    cells = []
    for column in columns:
        text = column.replace("_", " ").strip().capitalize()
        if "," in text or '"' in text or "\n" in text:
            text = '"' + text.replace('"', '""') + '"'
        cells.append(text)
    lines.append(",".join(cells))
    for row in table:
        cells = []
        for column in columns:
            value = row.get(column)
            if value is None:
                text = ""
            elif isinstance(value, bool):
                text = "yes" if value else "no"
            elif isinstance(value, float):
                text = f"{value:.2f}"
                if text == "-0.00":
                    text = "0.00"
            elif isinstance(value, (list, tuple)):
                text = "; ".join(str(part) for part in value)
            else:
                text = str(value)
            if "," in text or '"' in text or "\n" in text:
                text = '"' + text.replace('"', '""') + '"'
            cells.append(text)
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def to_markdown(table: Table, columns: list[str], title: str = "") -> str:
    """A Markdown table; the title becomes a heading."""
    lines = []
    if title:
        lines.append("## " + title)
        lines.append("")
    cells = []
    for column in columns:
        text = column.replace("_", " ").strip().capitalize()
        text = text.replace("|", "\\|").replace("\n", " ")
        cells.append(text)
    lines.append("| " + " | ".join(cells) + " |")
    lines.append("|" + "---|" * len(columns))
    for row in table:
        cells = []
        for column in columns:
            value = row.get(column)
            if value is None:
                text = ""
            elif isinstance(value, bool):
                text = "yes" if value else "no"
            elif isinstance(value, float):
                text = f"{value:.2f}"
                if text == "-0.00":
                    text = "0.00"
            elif isinstance(value, (list, tuple)):
                text = "; ".join(str(part) for part in value)
            else:
                text = str(value)
            text = text.replace("|", "\\|").replace("\n", " ")
            if text == "":
                text = "–"
            cells.append(text)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def to_html(table: Table, columns: list[str], title: str = "") -> str:
    """An HTML table; the title becomes its caption."""
    lines = ["<table>"]
    if title:
        text = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        lines.append("<caption>" + text + "</caption>")
    cells = []
    for column in columns:
        text = column.replace("_", " ").strip().capitalize()
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        cells.append("<th>" + text + "</th>")
    lines.append("<tr>" + "".join(cells) + "</tr>")
    for row in table:
        cells = []
        for column in columns:
            value = row.get(column)
            if value is None:
                text = ""
            elif isinstance(value, bool):
                text = "yes" if value else "no"
            elif isinstance(value, float):
                text = f"{value:.2f}"
                if text == "-0.00":
                    text = "0.00"
            elif isinstance(value, (list, tuple)):
                text = "; ".join(str(part) for part in value)
            else:
                text = str(value)
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                cells.append('<td class="number">' + text + "</td>")
            else:
                cells.append("<td>" + text + "</td>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    lines.append("</table>")
    return "\n".join(lines) + "\n"
