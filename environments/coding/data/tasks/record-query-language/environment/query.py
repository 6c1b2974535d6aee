"""Queries over records, which are dictionaries from fields to numbers (int or float), texts and truth values.

A query is empty, or comparisons joined by `and`:  price < 5 and kind = 'tea' and sold = true
"""

import operator
import re
from collections.abc import Callable, Iterable
from typing import Any

Record = dict[str, Any]
_TOKEN = re.compile(
    r"""\s*(?:(-?[0-9]+(?:\.[0-9]+)?)|'((?:[^']|'')*)'|([A-Za-z_]\w*)|(<=|>=|!=|[=<>]))""", re.ASCII
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class QueryError(Exception):
    """The text is no query."""


def _tokens(text: str) -> list[tuple[str, Any]]:
    """Kinds ('value', 'word', 'sign') and values."""
    tokens: list[tuple[str, Any]] = []
    position = 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None:
            raise QueryError(f"unexpected: {text[position:].strip()[:20]!r}")
        number, string, word, sign = found.groups()
        if number is not None:
            tokens.append(("value", float(number) if "." in number else int(number)))
        elif string is not None:
            tokens.append(("value", string.replace("''", "'")))
        elif word is not None and word.lower() in ("true", "false"):
            tokens.append(("value", word.lower() == "true"))
        else:
            tokens.append(("word", word) if word is not None else ("sign", sign))
        position = found.end()
    return tokens


def select(records: Iterable[Record], query: str) -> list[Record]:
    """The records, in their order, that fulfil the query; raises QueryError."""
    tokens = _tokens(query)
    tests: list[tuple[str, str, Any]] = []
    while tokens:
        if tests and (tokens[0][0] != "word" or tokens.pop(0)[1].lower() != "and"):
            raise QueryError("expected 'and'")
        if [kind for kind, _ in tokens[:3]] != ["word", "sign", "value"]:
            raise QueryError("expected a comparison")
        tests.append((tokens[0][1], tokens[1][1], tokens[2][1]))
        del tokens[:3]
    return [
        record
        for record in records
        if all(_COMPARE[sign](record[field], value) for field, sign, value in tests)
    ]
