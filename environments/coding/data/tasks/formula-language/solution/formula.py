"""Formulas: exact arithmetic with fractions, names, conditions and functions."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

Value = Fraction | bool
Node = Callable[[Mapping[str, Any]], Value]  # what a formula, or a part of it, comes to, given the names

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([A-Za-z_][A-Za-z0-9_]*)|(<>|<=|>=|[-+*/()^,=<>]))")
_KEYWORDS = {"and", "or", "not", "true", "false"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_COUNTS = {"min": (1, None), "max": (1, None), "sum": (0, None), "abs": (1, 1), "if": (3, 3)}


class FormulaError(Exception):
    """A formula is wrong; `position` is where in its text, from 0. The end of the text has its length as position."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at position {position}")
        self.position = position


def _number(value: Value, position: int) -> Fraction:
    if isinstance(value, bool):
        raise FormulaError("a number is needed", position)
    return value


def _truth(value: Value, position: int) -> bool:
    if not isinstance(value, bool):
        raise FormulaError("true or false is needed", position)
    return value


def _apply(name: str, values: list[Fraction]) -> Fraction:
    if name == "abs":
        return abs(values[0])
    if name == "sum":
        return sum(values, Fraction(0))
    return min(values) if name == "min" else max(values)


def _calculate(operator: str, a: Value, b: Value, position: int) -> Fraction:
    a, b = _number(a, position), _number(b, position)
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if operator == "/":
        if b == 0:
            raise FormulaError("division by zero", position)
        return a / b
    if b.denominator != 1 or abs(b) > 1000:
        raise FormulaError("an exponent must be a whole number from -1000 to 1000", position)
    if a == 0 and b < 0:
        raise FormulaError("division by zero", position)
    return a ** int(b)


class _Parser:
    def __init__(self, text: str) -> None:
        self.names: list[str] = []
        self.tokens: list[tuple[str, str, int]] = []  # what it is, its text, where it is
        self.at = 0
        position, end = 0, len(text.rstrip())
        while position < end:
            found = _TOKEN.match(text, position)
            if found is None:
                position += len(text[position:]) - len(text[position:].lstrip())
                raise FormulaError(f"unexpected {text[position]!r}", position)
            kind = ("number", "name", "operator")[(found.lastindex or 1) - 1]
            part = found[found.lastindex or 0]
            if kind == "name" and part.lower() in _KEYWORDS:
                kind, part = "operator", part.lower()
            self.tokens.append((kind, part, found.start(found.lastindex or 0)))
            position = found.end()
        self.tokens.append(("end", "", len(text)))

    def whole(self) -> Node:
        node = self.either()
        if self.tokens[self.at][0] != "end":
            raise self.unexpected()
        return node

    def take(self, *texts: str) -> tuple[str, int] | None:
        """Text and position of the next token, if it is one of those operators."""
        kind, text, position = self.tokens[self.at]
        if kind == "operator" and text in texts:
            self.at += 1
            return text, position
        return None

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected()

    def unexpected(self) -> FormulaError:
        kind, text, position = self.tokens[self.at]
        return FormulaError("unexpected end" if kind == "end" else f"unexpected {text!r}", position)

    def either(self) -> Node:
        return self.logic("or", lambda: self.logic("and", self.negation))

    def logic(self, word: str, part: Callable[[], Node]) -> Node:
        first = part()
        more: list[tuple[int, Node]] = []
        while operator := self.take(word):
            more.append((operator[1], part()))
        if not more:
            return first

        def value(names: Mapping[str, Any]) -> Value:
            result = _truth(first(names), more[0][0])
            for position, node in more:
                if result == (word == "or"):
                    return result
                result = _truth(node(names), position)
            return result

        return value

    def negation(self) -> Node:
        operator = self.take("not")
        if not operator:
            return self.comparison()
        inner = self.negation()
        return lambda names: not _truth(inner(names), operator[1])

    def comparison(self) -> Node:
        left = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.unary))
        operator = self.take(*_COMPARE)
        if not operator:
            return left
        right = self.chain(("+", "-"), lambda: self.chain(("*", "/"), self.unary))
        text, position = operator

        def value(names: Mapping[str, Any]) -> Value:
            a, b = left(names), right(names)
            if isinstance(a, bool) != isinstance(b, bool) or (
                isinstance(a, bool) and text not in ("=", "<>")
            ):
                raise FormulaError("these cannot be compared", position)
            return _COMPARE[text](a, b)

        return value

    def chain(self, operators: tuple[str, ...], part: Callable[[], Node]) -> Node:
        """Operators of one rank, from left to right: a loop, so that a chain may be long."""
        first = part()
        more: list[tuple[str, int, Node]] = []
        while operator := self.take(*operators):
            more.append((*operator, part()))
        if not more:
            return first

        def value(names: Mapping[str, Any]) -> Value:
            result = first(names)
            for operator, position, node in more:
                result = _calculate(operator, result, node(names), position)
            return result

        return value

    def unary(self) -> Node:
        operator = self.take("-")
        if not operator:
            return self.power()
        inner = self.unary()
        return lambda names: -_number(inner(names), operator[1])

    def power(self) -> Node:
        base = self.atom()
        operator = self.take("^")
        if not operator:
            return base
        exponent = self.unary()
        return lambda names: _calculate("^", base(names), exponent(names), operator[1])

    def atom(self) -> Node:
        if self.take("("):
            node = self.either()
            self.need(")")
            return node
        if word := self.take("true", "false"):
            return lambda names: word[0] == "true"
        kind, text, position = self.tokens[self.at]
        if kind not in ("number", "name"):
            raise self.unexpected()
        self.at += 1
        if kind == "number":
            number = Fraction(text)
            return lambda names: number
        return self.call(text.lower(), position) if self.take("(") else self.name(text, position)

    def name(self, text: str, position: int) -> Node:
        if text not in self.names:
            self.names.append(text)

        def value(names: Mapping[str, Any]) -> Value:
            try:
                found = names[text]
            except KeyError:
                raise FormulaError(f"unknown name {text!r}", position) from None
            if isinstance(found, bool):
                return found
            if not isinstance(found, int | Fraction):
                raise FormulaError(f"{text!r} is no number", position)
            return Fraction(found)

        return value

    def call(self, name: str, position: int) -> Node:
        if name not in _COUNTS:
            raise FormulaError(f"unknown function {name!r}", position)
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.either())
            while self.take(","):
                arguments.append(self.either())
            self.need(")")
        least, most = _COUNTS[name]
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise FormulaError(f"wrong number of arguments for {name!r}", position)
        if name == "if":
            condition, then, otherwise = arguments
            return lambda names: (then if _truth(condition(names), position) else otherwise)(names)

        def value(names: Mapping[str, Any]) -> Value:
            values = [argument(names) for argument in arguments]
            return _apply(name, [_number(value, position) for value in values])

        return value


def evaluate(text: str, names: Mapping[str, Any] | None = None) -> Value:
    """The value of a formula; raises FormulaError."""
    return _Parser(text).whole()({} if names is None else names)


def names_in(text: str) -> list[str]:
    """The names in a formula, each once, in the order in which they occur first; raises FormulaError."""
    parser = _Parser(text)
    parser.whole()
    return parser.names
