"""Hidden checks: texts put together from known tokens, and single cases with their errors."""

import random

NAMES = ["a", "and", "android", "_x9", "end", "ending", "In", "in", "when1", "or_", "not", "W", "u"]
NUMBERS = {"0": 0, "42": 42, "007": 7, "1.5": 1.5, "10.25": 10.25}
STRINGS = {
    '""': "",
    "'x y'": "x y",
    r'"a\"b"': 'a"b',
    r"'it\'s'": "it's",
    '"it\'s"': "it's",
    r'"\\"': "\\",
    r'"\n\t"': "\n\t",
    r'"\u{41}\u{1F600}"': "A\U0001f600",
    '"# (* no"': "# (* no",
    r"'\\\''": "\\'",
    '"é\t1"': "é\t1",
}
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
GAPS = [" ", "  ", "\t", " (* c *) ", "(* a (* b\r\n *) # ' \n*)", " (**) "]
ENDS = ["\n", "\r\n", "\r", "# x ' (* \n", "# y\r\n", " #z\r", "\n \t\n", "\r\r\n", "\n(* k *)\n"]


def advance(line, column, text):
    text = text.replace("\r\n", "\0\n")  # as long, one line end
    for char in text:
        if char in "\r\n":
            line, column = line + 1, 1
        elif char != "\0":
            column += 1
    return line, column


def build(rng):
    """A random text and its tokens."""
    text, wanted = "", []
    line = column = 1
    depth = 0

    def put(piece):
        nonlocal text, line, column
        text += piece
        line, column = advance(line, column, piece)

    for _ in range(rng.randrange(25)):
        kind = rng.choice(["name", "number", "string", "op", "op", "gap", "newline"])
        if kind == "gap":
            put(rng.choice(GAPS))
        elif kind == "newline":
            end = rng.choice(ENDS)
            if text.endswith("\r") and end.startswith("\n"):
                put(" ")
            if wanted and wanted[-1][0] != "newline" and depth == 0:
                before = end[: min(end.find(c) for c in "\r\n" if c in end)]
                wanted.append(("newline", None, *advance(line, column, before)))
            put(end)
        else:
            if kind == "name":
                piece = value = rng.choice(NAMES)
                kind = "keyword" if piece in {"and", "or", "not", "in", "when", "end"} else "name"
            elif kind == "op":
                piece = value = rng.choice(OPERATORS)
                depth = max(0, depth + (piece in "([") - (piece in ")]"))
            else:
                piece, value = rng.choice(list((NUMBERS if kind == "number" else STRINGS).items()))
            wanted.append((kind, value, line, column))
            put(piece)
            put(rng.choice(GAPS))  # so that neighbours never join
    wanted.append(("end", None, line, column))
    return text, wanted


CODE = """
from lexer import LexError, tokens
out = []
for text in TEXTS:
    try:
        out.append([tuple(token) for token in tokens(text)])
    except LexError as error:
        out.append((error.line, error.column))
out
"""


def run(candidate, texts):
    return candidate.evaluate(CODE.replace("TEXTS", repr(texts)))


def test_random_texts(candidate):
    rng = random.Random(51)
    cases = [build(rng) for _ in range(400)]
    for (text, wanted), got in zip(cases, run(candidate, [text for text, _ in cases]), strict=True):
        assert got == wanted, f"{text!r}: {got}, expected {wanted}"
        assert [type(t[1]) for t in got] == [type(t[1]) for t in wanted], (
            f"{text!r}: types of values in {got}"
        )


def test_tokens_without_gaps(candidate):
    cases = {
        "1..5": [1, "..", 5],
        "1...5": [1, "..", ".", 5],
        "7.": [7, "."],
        "1.2.3": [1.2, ".", 3],
        "a.b": ["a", ".", "b"],
        "a->b": ["a", "->", "b"],
        "a--1": ["a", "-", "-", 1],
        "x<==y": ["x", "<=", "=", "y"],
        "a1.5": ["a1", ".", 5],
        "notin": ["notin"],
        "not(in)": ["not", "(", "in", ")"],
        "*(*)*)(": ["*", "("],
        "a\"b\"'c'": ["a", "b", "c"],
        "a!=-2": ["a", "!=", "-", 2],
        "==->=": ["==", "->", "="],
        "[1:2,]": ["[", 1, ":", 2, ",", "]"],
        "3.x": [3, ".", "x"],
        "": [],
        " \t": [],
        "\n\n a": ["a"],
        "(*\n*)": [],
        "): \n ( \n ) \n": [")", ":", None, "(", ")", None],
        "#": [],
        "(a\n)\nb\n]\nc\n": ["(", "a", ")", None, "b", None, "]", None, "c", None],
        "a # b": ["a"],
    }
    for (text, values), got in zip(cases.items(), run(candidate, list(cases)), strict=True):
        wanted = [*values, None]
        assert isinstance(got, list) and [t[1] for t in got] == wanted, (
            f"{text!r}: {got}, expected values {wanted}"
        )


def test_positions_of_errors(candidate):
    cases = {
        "a ?": (1, 3),
        "é": (1, 1),
        "aé": (1, 2),
        "\u0663": (1, 1),
        "a!b": (1, 2),
        "x\r\n  3px": (2, 3),
        "1.5e3": (1, 1),
        "1_000": (1, 1),
        '"abc': (1, 1),
        ' "abc\n"': (1, 2),
        "'a\r'": (1, 1),
        '"abc\\"': (1, 1),
        "'ab\"": (1, 1),
        r'  "ab\q"': (1, 6),
        r'"\u{110000}"': (1, 2),
        r'"\u{}"': (1, 2),
        r'"x\u{1234567}"': (1, 3),
        r'"\u41"': (1, 2),
        "a\n (* b (* c *) \n d": (2, 2),
        "(* (*": (1, 1),
        "(*)": (1, 1),
        "\r\r\n\n\t@": (4, 2),
        '"a\\\nb"': (1, 3),
        "(*\r\n\r*) $": (3, 4),
        '"\\u{1F600}" \u00a0': (1, 13),
        "a \x0c b": (1, 3),
        '"tail\\': (1, 6),
        "3.5x ?": (1, 1),
        '(* " *) "\\x" ?': (1, 10),
        "a\u2028b": (1, 2),
    }
    for (text, wanted), got in zip(cases.items(), run(candidate, list(cases)), strict=True):
        assert got == wanted, f"{text!r}: {got}, expected LexError at line and column {wanted}"


def test_long_texts(candidate):
    got = candidate.evaluate(
        """
from lexer import tokens
text = "(* x *) name = 'value' + 1.5 # remark\\n" * 60000
made = tokens(text)
(len(made), tuple(made[-1]))
""",
        timeout=8,
    )
    wanted = (60000 * 6 + 1, ("end", None, 60001, 1))
    assert got == wanted, f"a text of 60,000 lines: {got}, expected {wanted}"
