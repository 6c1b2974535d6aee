"""A YAML file as plain JSON values that remember their lines.

Scalars are read by the rules of YAML 1.2's JSON schema: only `true`, `false`, `null` (also `~` and nothing)
and JSON's numbers are other than text. So `no` is the text "no" and not False, `12:30` is no number of
seconds, `007` keeps its zeros and `2024-01-31` is no date object. Keys are texts and come once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from agentbench_sdk.errors import TaskError

MOST_LEVELS = 64
MOST_VALUES = 1_000_000  # aliases can make a small file endless

Where = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_RESOLVERS = {  # tag: (pattern, first characters)
    "null": (re.compile(r"null|~|"), ["n", "~", ""]),
    "bool": (re.compile(r"true|false"), ["t", "f"]),
    "int": (re.compile(r"-?(?:0|[1-9][0-9]*)"), list("-0123456789")),
    "float": (re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"), list("-0123456789")),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read.

    Attributes:
        file: its path as the user named it.
        data: the whole of it.
        lines: line of each value by its path: of the key for a member, of the item in a list.
    """

    file: str
    data: dict[str, Any]
    lines: dict[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        """The line of a value, or of the nearest thing around it."""
        for length in range(len(where), 0, -1):
            if line := self.lines.get(where[:length]):
                return line
        return self.lines.get((), 1)

    def fault(self, message: str, where: Where) -> TaskError:
        """An error that names file, line and field."""
        return TaskError(message, file=self.file, line=self.line(where), field=".".join(map(str, where)))


def read_document(path: Path) -> Document:
    """Read a YAML file whose whole is a mapping.

    Raises:
        TaskError: the file cannot be read, is not UTF-8, is not YAML, gives a key twice, or holds
            something that JSON does not have.
    """
    file = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise TaskError("there is no such file", file=file) from None
    except OSError as error:
        raise TaskError(f"cannot be read ({error.strerror})", file=file) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise TaskError("is not UTF-8; save the file in that encoding", file=file, line=line) from error
    return parse_document(text, file)


def parse_document(text: str, file: str) -> Document:
    """The document of a text; see `read_document`."""
    document = Document(file, {})
    node = _compose(text, file)
    if node is None:
        raise TaskError("the file is empty; a task needs at least a name, samples and judges", file=file)
    data = _Reader(document).value(node, ())
    if not isinstance(data, dict):
        raise TaskError("the file must hold a mapping, such as 'name: my-task'", file=file, line=1)
    document.data.update(data)
    return document


def _compose(text: str, file: str) -> yaml.Node | None:
    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = _implicit_resolvers()

    try:
        loader = Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except RecursionError:
        raise TaskError(f"is nested deeper than {MOST_LEVELS} levels", file=file) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        line = mark.line + 1 if mark else None
        raise TaskError(f"is not valid YAML: {problem}", file=file, line=line) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise TaskError(
            f"is not valid YAML: the character U+{ord(text[error.position]):04X} is not allowed",
            file=file,
            line=line,
        ) from None


def _implicit_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, (pattern, firsts) in _RESOLVERS.items():
        for first in firsts:
            # PyYAML matches from the start only; the end must match too.
            whole = re.compile(f"(?:{pattern.pattern})\\Z")
            table.setdefault(first, []).append((_TAG + tag, whole))
    return table


class _Reader:
    """Turns nodes into values and notes their lines."""

    def __init__(self, document: Document) -> None:
        self._document, self._count = document, 0

    def value(self, node: yaml.Node, where: Where) -> Any:
        self._document.lines.setdefault(where, node.start_mark.line + 1)
        self._count += 1
        if len(where) > MOST_LEVELS:
            raise self._fault(f"is nested deeper than {MOST_LEVELS} levels", node, where[:1])
        if self._count > MOST_VALUES:
            raise self._fault(f"holds more than {MOST_VALUES:,} values; use samples_file", node, where)
        tag = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.MappingNode) and tag == "map":
            return self._mapping(node.value, where)
        if isinstance(node, yaml.SequenceNode) and tag == "seq":
            return [self.value(item, (*where, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and tag in ("str", *_RESOLVERS):
            return self._scalar(node, tag, where)
        raise self._fault(f"the tag {node.tag!r} is not supported; use plain YAML", node, where)

    def _mapping(self, pairs: Sequence[tuple[yaml.Node, yaml.Node]], where: Where) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key_node, value_node in pairs:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TAG + "str":
                shown = key_node.value if isinstance(key_node, yaml.ScalarNode) else "of many parts"
                raise self._fault(f"the key {shown} is no text; quote it", key_node, where)
            key = key_node.value
            if key in members:
                raise self._fault(f"the key {key!r} is given twice", key_node, (*where, key))
            self._document.lines[*where, key] = key_node.start_mark.line + 1
            members[key] = self.value(value_node, (*where, key))
        return members

    def _scalar(self, node: yaml.Node, tag: str, where: Where) -> str | int | float | bool | None:
        text = str(node.value)
        if tag == "str":
            return text
        if not _RESOLVERS[tag][0].fullmatch(text):  # an explicit tag, such as `!!int "seven"`
            raise self._fault(f"{text!r} is no {tag}", node, where)
        if tag == "null":
            return None
        if tag == "bool":
            return text == "true"
        if len(text) > 40 or abs(float(text)) == math.inf:
            raise self._fault("the number is too long or too large; quote it", node, where)
        number = int(text) if tag == "int" else float(text)
        if where[0] == "samples" and str(number) != text:
            # A price of 2.50 must not reach a prompt as 2.5.
            raise self._fault(
                f"the number {text} would become {number}; write that, or quote it", node, where
            )
        return number

    def _fault(self, message: str, node: yaml.Node, where: Where) -> TaskError:
        field = ".".join(map(str, where))
        return TaskError(message, file=self._document.file, line=node.start_mark.line + 1, field=field)
