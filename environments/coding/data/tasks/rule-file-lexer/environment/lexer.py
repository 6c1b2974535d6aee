r"""Turns the text of a rule file into tokens.

Kinds of tokens, and what their `value` is:

name     a letter or '_' and then letters, digits and '_' (letters and digits: those of ASCII); value: the text
keyword  a name that is one of and, or, not, in, when, end; value: the text
number   digits, or digits '.' digits; value: an int, or a float. A number is never followed directly by a letter or
         '_': '3px' is an error at the position of the number. The point belongs to the number only if a digit follows:
         '1..5' is number, op, number, and '7.' is number, op
string   between two '"' or two "'", on one line; value: the text meant. A backslash begins an escape: n (new line),
         t (tab), a backslash, either quote, or u and braces with 1 to 6 hexadecimal digits for a code point, such as
         \u{1F600}; what is no code point (above 10FFFF) is an error, as is any other escape
op       the longest possible of  .. . -> - + * / <= >= < > == = != ( ) [ ] , :   ; value: the text
newline  one or more line ends, with only spaces, tabs and comments between them; value: None. None before the first
         other token, and none inside parentheses or brackets
end      at the end of the text, always the last; value: None

Spaces and tabs separate tokens. A comment runs from '#' to the end of the line, or from '(*' to its '*)' over any
number of lines; those nest, and a line end inside one is no line end. Line ends are '\n', '\r\n' and '\r'.

Lines and columns count from 1; every character, tabs too, is one column. A token is where its first character is, a
newline token where its first line end is.
"""

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


class Token(NamedTuple):
    kind: str
    value: str | int | float | None
    line: int
    column: int


class LexError(Exception):
    """The text is no sequence of tokens.

    `line` and `column` say where the token, or the outermost comment, starts that is wrong or does not end; for a wrong
    escape, where its backslash is. Where several things are wrong, the first in the text is told.
    """

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
        rest = self.text[self.position :]
        if rest[0] in " \t":
            self._skip(1)
        elif rest[0] == "#":
            self._skip(len(rest.split("\n")[0]))
        elif rest.startswith("(*"):
            self._skip(rest.index("*)") + 2)
        elif rest[0] in "\r\n":
            if self.tokens and self.tokens[-1].kind != "newline" and self.depth == 0:
                self._add("newline", None)
            self._skip(1)
            self.line += 1
            self.column = 1
        elif rest[0] in "\"'":
            self._string(rest)
        elif found := re.match(r"\d+(\.\d*)?", rest):
            number = found.group()
            self._add("number", float(number) if "." in number else int(number))
            self._skip(len(number))
        elif found := re.match("|".join(KEYWORDS), rest):
            self._add("keyword", found.group())
            self._skip(found.end())
        elif found := re.match(r"\w+", rest):
            self._add("name", found.group())
            self._skip(found.end())
        else:
            self._operator(rest)

    def _operator(self, rest: str) -> None:
        for operator in OPERATORS:
            if rest.startswith(operator):
                self._add("op", operator)
                self._skip(len(operator))
                self.depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(operator, 0)
                return
        raise LexError(f"unexpected {rest[0]!r}", self.line, self.column)

    def _string(self, rest: str) -> None:
        found = re.match(r"""(["'])(.*?)\1""", rest)
        if found is None:
            raise LexError("string without an end", self.line, self.column)
        value = re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[1]), found[2])
        self._add("string", value)
        self._skip(found.end())

    def _add(self, kind: str, value: str | float | None) -> None:
        self.tokens.append(Token(kind, value, self.line, self.column))

    def _skip(self, count: int) -> None:
        self.position += count
        self.column += count


def tokens(text: str) -> list[Token]:
    """The tokens of a text; raises LexError. A closing bracket without an opening one is an op like others."""
    return Lexer(text).run()
