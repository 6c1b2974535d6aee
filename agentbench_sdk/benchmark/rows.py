"""Rows of data, each with the place it came from: inline samples, JSONL and CSV files.

Files are read as a stream: a row at a time, whatever the size of the file.
"""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from agentbench_sdk.benchmark.exact import read_json
from agentbench_sdk.benchmark.hints import nearest
from agentbench_sdk.errors import TaskError

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.document import Document

FORMATS = (".jsonl", ".csv")
LONGEST_CELL = 64 * 2**20  # characters of a CSV cell; the csv module's own limit is 131,072
_CELL_LIMIT = threading.Lock()


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        values: by column.
        file, line: where it is, for errors.
        folder: what paths in the row are relative to.
        prefix: path of the row inside its file, for example "samples.3"; "" for a row of a table.
        lines: lines of single columns, where they are known.
        textual: all values are texts (CSV), so that lists come as JSON and numbers as digits.
    """

    values: Mapping[str, Any]
    file: str
    line: int
    folder: Path
    prefix: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    textual: bool = False

    def fault(self, message: str, column: str = "") -> TaskError:
        """An error that names file, line and column."""
        path = ".".join(filter(None, (self.prefix, column)))
        return TaskError(message, file=self.file, line=self.lines.get(column, self.line), field=path or None)

    def absent(self, column: str) -> TaskError:
        """The error for a column that should be there."""
        return self.fault(f"the column {column!r} is missing; {nearest(column, self.values)}", column)


def inline_rows(document: Document, folder: Path) -> Generator[Row]:
    """The rows of a task file's own `samples`."""
    for index, values in enumerate(document.data["samples"]):
        lines = {column: document.line(("samples", index, column)) for column in values}
        line = document.line(("samples", index))
        yield Row(values, document.file, line, folder, f"samples.{index}", lines)


def file_rows(path: Path, shown: str) -> Generator[Row]:
    """The rows of a data file.

    Arguments:
        path: a .jsonl or .csv file in UTF-8.
        shown: the path as the user named it.

    Raises:
        TaskError: the file cannot be read, or a row is broken; the line is named.
    """
    try:
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as text:
                yield from _csv_rows(text, path, shown)
        else:
            with path.open("rb") as stream:
                yield from _jsonl_rows(stream, path, shown)
    except OSError as error:
        raise TaskError(f"cannot be read ({error.strerror})", file=shown) from error


def _jsonl_rows(stream: BinaryIO, path: Path, shown: str) -> Generator[Row]:
    for number, line in enumerate(stream, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        try:
            values = read_json(text)
        except json.JSONDecodeError as error:
            message = f"is not valid JSON: {error.msg} (column {error.colno})"
            raise TaskError(message, file=shown, line=number) from None
        except ValueError as error:
            raise TaskError(str(error), file=shown, line=number) from None
        if not isinstance(values, dict):
            raise TaskError("each line must be one JSON object", file=shown, line=number)
        yield Row(values, shown, number, path.parent)


def _csv_rows(stream: TextIO, path: Path, shown: str) -> Generator[Row]:
    # The csv module counts lines itself, but a record may span several: the first one is named.
    reader = csv.reader(stream, strict=True)
    line = 1
    header: list[str] | None = None
    try:
        while (record := _next_record(reader)) is not None:
            if header is None:
                header = _header(record, shown)
            elif record:
                yield Row(_cells(header, record, shown, line), shown, line, path.parent, textual=True)
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            message = f"a cell holds more than {LONGEST_CELL:,} characters; is a closing quote missing?"
            raise TaskError(message, file=shown, line=line) from None
        raise TaskError(f"is not valid CSV: {error}", file=shown, line=line) from None
    except UnicodeDecodeError as error:
        raise TaskError("is not UTF-8; save the file in that encoding", file=shown, line=line) from error


def _next_record(reader: Iterator[list[str]]) -> list[str] | None:
    """The next record, None at the end. The limit of the csv module is global: it is lent for one record."""
    with _CELL_LIMIT:
        before = csv.field_size_limit(LONGEST_CELL)
        try:
            return next(reader, None)
        finally:
            csv.field_size_limit(before)


def _header(record: list[str], shown: str) -> list[str]:
    names = [name.strip() for name in record]
    if "" in names:
        raise TaskError(f"column {names.index('') + 1} of the header has no name", file=shown, line=1)
    for index, name in enumerate(names):
        if name in names[:index]:
            raise TaskError(f"the header names the column {name!r} twice", file=shown, line=1)
    return names


def _cells(header: list[str], record: list[str], shown: str, line: int) -> dict[str, str]:
    if len(record) != len(header):
        message = (
            f"the row has {len(record)} cells and the header {len(header)}; quote cells that hold commas"
        )
        raise TaskError(message, file=shown, line=line)
    return dict(zip(header, record, strict=True))
