"""Formulas: exact arithmetic with fractions."""

import re
from fractions import Fraction

_TOKEN = re.compile(r"\s*(?:([0-9]+(?:\.[0-9]+)?)|([-+*/()]))")


class FormulaError(Exception):
    """A formula is wrong; `position` is where in its text, from 0. The end of the text has its length as position."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at position {position}")
        self.position = position


class _Formula:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, int]] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None:
                position += len(text[position:]) - len(text[position:].lstrip())
                raise FormulaError(f"unexpected {text[position]!r}", position)
            self.tokens.append((found[found.lastindex or 0], found.start(found.lastindex or 0)))
            position = found.end()
        self.tokens.append(("", len(text)))

    def take(self, *texts: str) -> tuple[str, int] | None:
        """The next token, if it is one of those."""
        return self.tokens.pop(0) if self.tokens[0][0] in texts else None

    def unexpected(self) -> FormulaError:
        text, position = self.tokens[0]
        return FormulaError(f"unexpected {text!r}" if text else "unexpected end", position)

    def sum(self) -> Fraction:
        value = self.product()
        while operator := self.take("+", "-"):
            term = self.product()
            value = value + term if operator[0] == "+" else value - term
        return value

    def product(self) -> Fraction:
        value = self.unary()
        while operator := self.take("*", "/"):
            factor = self.unary()
            if operator[0] == "/" and factor == 0:
                raise FormulaError("division by zero", operator[1])
            value = value * factor if operator[0] == "*" else value / factor
        return value

    def unary(self) -> Fraction:
        return -self.unary() if self.take("-") else self.atom()

    def atom(self) -> Fraction:
        if self.take("("):
            value = self.sum()
            if not self.take(")"):
                raise self.unexpected()
            return value
        if not self.tokens[0][0][:1].isdigit():
            raise self.unexpected()
        return Fraction(self.tokens.pop(0)[0])


def evaluate(text: str) -> Fraction:
    """The value of a formula; raises FormulaError."""
    formula = _Formula(text)
    value = formula.sum()
    if formula.tokens[0][0]:
        raise formula.unexpected()
    return value
