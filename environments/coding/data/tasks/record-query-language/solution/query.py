"""Queries over records, which are dictionaries from fields to numbers (int or float), texts and truth values."""

import operator
import re
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

Record = dict[str, Any]
Truth = bool | None  # None: unknown
Condition = Callable[[Record], Truth]

_TOKEN = re.compile(
    r"""\s*(?:(-?[0-9]+(?:\.[0-9]+)?)|'((?:[^']|'')*)'|"([^"]+)"|([A-Za-z_]\w*)|(<=|>=|!=|[=<>(),]))""",
    re.ASCII,
)
_RESERVED = {"and", "or", "not", "in", "is", "missing", "order", "by", "limit", "true", "false", "desc"}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class QueryError(Exception):
    """The text is no query."""


def _kind(value: Any) -> int:
    """0: number, 1: text, 2: truth value. In Python, True is a number too; here it is not."""
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def _compare(sign: str, a: Any, b: Any) -> Truth:
    if a is None or b is None:
        return None
    if sign in ("=", "!="):
        return (_kind(a) == _kind(b) and a == b) == (sign == "=")
    return _ORDER[sign](a, b) if _kind(a) == _kind(b) else None


def _negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _any(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return True if True in found else None if None in found else False


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, Any]] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None:
                raise QueryError(f"unexpected: {text[position:].strip()[:20]!r}")
            self.tokens.append(self.token(*found.groups()))
            position = found.end()
        self.tokens.append(("end", "the end"))
        self.at = 0

    @staticmethod
    def token(
        number: str | None, string: str | None, field: str | None, word: str | None, sign: str
    ) -> tuple[str, Any]:
        if number is not None:
            return "value", float(number) if "." in number else int(number)
        if string is not None:
            return "value", string.replace("''", "'")
        if field is not None:
            return "field", field
        if word is None:
            return "sign", sign
        if word.lower() in ("true", "false"):
            return "value", word.lower() == "true"
        return ("word", word.lower()) if word.lower() in _RESERVED else ("field", word)

    def fail(self) -> NoReturn:
        raise QueryError(f"unexpected: {self.tokens[self.at][1]!r}")

    def take(self, *values: str) -> str | None:
        kind, value = self.tokens[self.at]
        if kind in ("word", "sign") and value in values:
            self.at += 1
            return str(value)
        return None

    def need(self, *values: str) -> str:
        return self.take(*values) or self.fail()

    def one(self, kind: str) -> Any:
        """The value of the next token, which must be of that kind."""
        if self.tokens[self.at][0] != kind:
            self.fail()
        self.at += 1
        return self.tokens[self.at - 1][1]

    def query(self) -> tuple[Condition, list[tuple[str, bool]], int | None]:
        kind, value = self.tokens[self.at]
        plain = kind == "end" or (kind == "word" and value in ("order", "limit"))
        condition: Condition = (lambda record: True) if plain else self.either()
        keys: list[tuple[str, bool]] = []
        if self.take("order"):
            self.need("by")
            keys.append((self.one("field"), bool(self.take("desc"))))
            while self.take(","):
                keys.append((self.one("field"), bool(self.take("desc"))))
        limit = None
        if self.take("limit"):
            limit = self.one("value")
            if type(limit) is not int or limit < 0:
                raise QueryError("a limit is a whole number")
        self.one("end")
        return condition, keys, limit

    def either(self) -> Condition:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return lambda record: _any(part(record) for part in parts)

    def both(self) -> Condition:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return lambda record: _negated(_any(_negated(part(record)) for part in parts))

    def negation(self) -> Condition:
        if self.take("not"):
            inner = self.negation()
            return lambda record: _negated(inner(record))
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        return self.test(self.one("field"))

    def test(self, field: str) -> Condition:
        if self.take("is"):
            wanted = not self.take("not")
            self.need("missing")
            return lambda record: (record.get(field) is None) == wanted
        turned = bool(self.take("not"))
        word = self.need("in", *(() if turned else ("=", "!=", "<", "<=", ">", ">=")))
        if word == "in":
            test = self.within(field)
        else:
            test = self.comparison(field, word)
        return (lambda record: _negated(test(record))) if turned else test

    def within(self, field: str) -> Condition:
        self.need("(")
        values = [self.one("value")]
        while self.take(","):
            values.append(self.one("value"))
        self.need(")")
        return lambda record: _any(_compare("=", record.get(field), value) for value in values)

    def comparison(self, field: str, sign: str) -> Condition:
        if self.tokens[self.at][0] == "field":
            other = self.one("field")
            return lambda record: _compare(sign, record.get(field), record.get(other))
        value = self.one("value")
        return lambda record: _compare(sign, record.get(field), value)


def select(records: Iterable[Record], query: str) -> list[Record]:
    """The records for which the condition is true, in the order asked for; raises QueryError."""
    condition, keys, limit = _Parser(query).query()
    found = [record for record in records if condition(record) is True]
    for field, descending in reversed(keys):
        there = [record for record in found if record.get(field) is not None]
        absent = [record for record in found if record.get(field) is None]
        for kind in (2, 1, 0):
            part = [record for record in there if _kind(record[field]) == kind]
            part.sort(key=lambda record: record[field], reverse=descending)
            absent = part + absent
        found = absent
    return found[:limit]
