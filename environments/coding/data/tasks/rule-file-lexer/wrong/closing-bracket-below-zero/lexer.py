r"""Turns the text of a rule file into tokens."""

import re
from typing import NamedTuple

KEYWORDS = ["and", "or", "not", "in", "when", "end"]
OPERATORS = [
    ".",
    "-",
    "+",
    "*",
    "/",
    "<",
    ">",
    "=",
    "..",
    "->",
    "<=",
    ">=",
    "==",
    "!=",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
]
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}

_LINE_END = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_OPERATOR = re.compile("|".join(re.escape(operator) for operator in sorted(OPERATORS, key=len, reverse=True)))
_PLAIN = re.compile(r"""[^\\"'\r\n]+""")
_CODE_POINT = re.compile(r"u\{([0-9A-Fa-f]{1,6})\}")


class Token(NamedTuple):
    kind: str
    value: str | int | float | None
    line: int
    column: int


class LexError(Exception):
    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"{message} in line {line}, column {column}")
        self.line = line
        self.column = column


class Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.line = 1
        self.column = 1
        self.depth = 0
        self.tokens: list[Token] = []

    def run(self) -> list[Token]:
        while self.position < len(self.text):
            self._next()
        self._add("end", None)
        return self.tokens

    def _next(self) -> None:
        text, start = self.text, self.position
        if text[start] in " \t":
            self._skip(start + 1)
        elif text[start] == "#":
            found = _LINE_END.search(text, start)
            self._skip(found.start() if found else len(text))
        elif text.startswith("(*", start):
            self._comment()
        elif found := _LINE_END.match(text, start):
            if self.tokens and self.tokens[-1].kind != "newline" and self.depth == 0:
                self._add("newline", None)
            self._skip(found.end())
        elif text[start] in "\"'":
            self._string()
        elif found := _NUMBER.match(text, start):
            if _NAME.match(text, found.end()):
                raise self._error("number with letters")
            self._add("number", float(found[0]) if found[1] else int(found[0]))
            self._skip(found.end())
        elif found := _NAME.match(text, start):
            self._add("keyword" if found[0] in KEYWORDS else "name", found[0])
            self._skip(found.end())
        elif found := _OPERATOR.match(text, start):
            self._add("op", found[0])
            self._skip(found.end())
            change = {"(": 1, "[": 1, ")": -1, "]": -1}.get(found[0], 0)
            self.depth += change
        else:
            raise self._error(f"unexpected {text[start]!r}")

    def _comment(self) -> None:
        depth = 0
        for mark in re.compile(r"\(\*|\*\)").finditer(self.text, self.position):
            depth += 1 if mark[0] == "(*" else -1
            if depth == 0:
                self._skip(mark.end())
                return
        raise self._error("comment without an end")

    def _string(self) -> None:
        start, quote = self.position, self.text[self.position]
        parts: list[str] = []
        at = start + 1
        while not self.text.startswith(quote, at):
            if at >= len(self.text) or self.text[at] in "\r\n":
                raise self._error("string without an end")
            if self.text[at] == "\\":
                part, at = self._escape(at)
            else:
                found = _PLAIN.match(self.text, at)
                part = found[0] if found else self.text[at]
                at += len(part)
            parts.append(part)
        self._add("string", "".join(parts))
        self._skip(at + 1)

    def _escape(self, at: int) -> tuple[str, int]:
        letter = self.text[at + 1 : at + 2]
        if letter in ESCAPES:
            return ESCAPES[letter], at + 2
        found = _CODE_POINT.match(self.text, at + 1)
        if found and int(found[1], 16) <= 0x10FFFF:
            return chr(int(found[1], 16)), found.end()
        raise LexError("unknown escape", self.line, self.column + at - self.position)

    def _error(self, message: str) -> LexError:
        return LexError(message, self.line, self.column)

    def _add(self, kind: str, value: str | float | None) -> None:
        self.tokens.append(Token(kind, value, self.line, self.column))

    def _skip(self, position: int) -> None:
        ends = list(_LINE_END.finditer(self.text, self.position, position))
        if ends:
            self.line += len(ends)
            self.column = 1 + position - ends[-1].end()
        else:
            self.column += position - self.position
        self.position = position


def tokens(text: str) -> list[Token]:
    return Lexer(text).run()
