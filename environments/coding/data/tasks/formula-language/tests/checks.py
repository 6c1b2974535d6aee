"""Hidden checks: random formulas with known values, single cases, errors and their places."""

import random
from fractions import Fraction

CODE = """
from formula import FormulaError, evaluate
from fractions import Fraction
names = {"x": 5, "half": Fraction(1, 2), "yes": True, "no": False, "X": -1, "min": 3, "_1": 0}
bad = {"text": "5", "real": 1.5, "none": None}
def short(value):
    return value if type(value) is bool else (value.numerator, value.denominator) if type(value) is Fraction else repr(value)
out = []
for text in TEXTS:
    try:
        out.append(short(evaluate(text, names | bad)))
    except FormulaError as error:
        out.append("error %d" % error.position)
out
"""
NAMES = {"x": Fraction(5), "half": Fraction(1, 2), "X": Fraction(-1), "min": Fraction(3), "_1": Fraction(0)}


def short(value):
    return value if isinstance(value, bool) else (Fraction(value).numerator, Fraction(value).denominator)


def run(candidate, texts):
    return candidate.evaluate(CODE.replace("TEXTS", repr(texts)))


RANKS = ["or", "and", "not", "compare", "sum", "product", "minus", "power", "atom"]


def make(rng, depth, kind):
    """(text, rank, value) of a random formula of a kind, 'n' or 'b'; the value is None if evaluating it fails."""
    if depth == 0 or rng.random() < 0.1:
        if kind == "b":
            return rng.choice([("true", 8, True), ("FALSE", 8, False), ("yes", 8, True), ("no", 8, False)])
        name = rng.choice(list(NAMES))
        number = rng.choice(["0", "1", "2", "3", "10", "0.5", "1.25"])
        return rng.choice([(name, 8, NAMES[name]), (number, 8, Fraction(number))])

    def sub(least, kind):
        text, rank, value = make(rng, depth - 1, kind)
        return (f"({text})" if rank < least or rng.random() < 0.1 else text), value

    def gap():
        return rng.choice(["", " ", "  "])

    if rng.random() < 0.12:
        (c, cv), (a, av), (b, bv) = sub(0, "b"), sub(0, kind), sub(0, kind)
        value = None if cv is None else av if cv else bv
        return f"{rng.choice(['if', 'IF', 'If'])}{gap()}({c},{gap()}{a}, {b})", 8, value
    if kind == "b":
        operator = rng.choice(["or", "and", "not", "compare", "compare"])
        if operator == "not":
            text, value = sub(2, "b")
            return f"not {text}", 2, None if value is None else not value
        if operator == "compare":
            (a, av), (b, bv) = sub(4, "n"), sub(4, "n")
            sign = rng.choice(["=", "<>", "<", "<=", ">", ">="])
            if av is None or bv is None:
                return f"{a}{gap()}{sign}{gap()}{b}", 3, None
            value = {
                "=": av == bv,
                "<>": av != bv,
                "<": av < bv,
                "<=": av <= bv,
                ">": av > bv,
                ">=": av >= bv,
            }[sign]
            return f"{a}{gap()}{sign}{gap()}{b}", 3, value
        rank = RANKS.index(operator)
        (a, av), (b, bv) = sub(rank, "b"), sub(rank + 1, "b")
        if av is None or av == (operator == "or"):
            value = av
        else:
            value = bv
        return f"{a} {rng.choice([operator, operator.upper()])} {b}", rank, value
    operator = rng.choice(["+", "-", "*", "/", "neg", "^", "call"])
    if operator == "neg":
        text, value = sub(6, "n")
        return f"-{gap()}{text}", 6, None if value is None else -value
    if operator == "^":
        text, value = sub(8, "n")
        exponent = rng.choice(["2", "3", "-1", "0", "- 2", "2^2", "-1^2", "(1-3)"])
        number = {"2": 2, "3": 3, "-1": -1, "0": 0, "- 2": -2, "2^2": 4, "-1^2": -1, "(1-3)": -2}[exponent]
        wrong = value is None or (value == 0 and number < 0)
        return f"{text}{gap()}^{gap()}{exponent}", 7, None if wrong else value**number
    if operator == "call":
        many = [sub(0, "n") for _ in range(rng.randrange(1, 4))]
        name = rng.choice(["min", "max", "sum", "abs"])
        many = many[:1] if name == "abs" else many
        values = [value for _, value in many]
        wanted = (
            None
            if None in values
            else {"min": min, "max": max, "sum": sum, "abs": lambda v: abs(v[0])}[name](values)
        )
        return f"{rng.choice([name, name.upper()])}({', '.join(text for text, _ in many)})", 8, wanted
    rank = 4 if operator in "+-" else 5
    (a, av), (b, bv) = sub(rank, "n"), sub(rank + 1, "n")
    if av is None or bv is None or (operator == "/" and bv == 0):
        value = None
    else:
        value = {"+": av + bv, "-": av - bv, "*": av * bv, "/": av / bv if bv else None}[operator]
    return f"{a}{gap()}{operator}{gap()}{b}", rank, value


def test_random_formulas(candidate):
    rng = random.Random(121)
    made = [make(rng, rng.randrange(1, 6), rng.choice("nnb")) for _ in range(900)]
    made = [(text, value) for text, _, value in made if len(text) < 500]
    for (text, value), got in zip(made, run(candidate, [text for text, _ in made]), strict=True):
        if value is None:
            assert str(got).startswith("error"), f"{text}: {got}, expected a FormulaError"
        else:
            assert got == short(value), f"{text}: {got}, expected {short(value)}"


def test_ranks(candidate):
    # fmt: off
    cases = {
        "-2^2": -4, "2^-2": Fraction(1, 4), "2^3^2": 512, "2^-1^2": Fraction(1, 2), "-x^2": -25, "(-2)^2": 4, "2*-3^2": -18,
        "1-2-3": -4, "8/4*2": 4, "not 1 = 2": True, "not not true": True, "true or true and false": True,
        "not false and false": False, "1 + 1 < 3 and x > X": True, "true = (1 < 2)": True, "yes <> no": True, "0^0": 1,
        "min + min(4, min)": 6, "Sum()": 0, "if(true, 1, 2) ^ 2": 1, "2 ^ 1000 > 2 ^ 999": True,
        "if(if(no,no,yes), if(no, 1, 2), 3)": 2, "2 --- 1": 1, "1 = 1 or 1/0 = 1": True, "not yes or not no": True,
    }
    # fmt: on
    for (text, value), got in zip(cases.items(), run(candidate, list(cases)), strict=True):
        assert got == short(value), f"{text}: {got}, expected {short(value)}"


def test_errors_and_their_places(candidate):
    # fmt: off
    cases = {
        "": 0, "   ": 3, "1 +": 3, "1 + + 2": 4, "2x": 1, "(1": 2, "(1,2)": 2, ")": 0, "1 $": 2, "  $": 2, "1 < 2 < 3": 6,
        "1 + not true": 4, "true and": 8, "if(true, 1)": 0, "1 + abs()": 4, "min()": 0, "min(1,)": 6, "2 * foo(1)": 4, "2 ^": 3, "^2": 0, ".5": 0, "a": 0, "1 + unknown": 4, "text": 0, "1 + real": 4, "x + none": 4, "if(no, abs(), 1)": 7,
        "1/0": 1, "0^-1": 1, "2^half": 1, "1 + true": 2, "yes * 2": 4,
        "2 ^ yes": 2, "not 1": 0, "1 and yes": 2, "yes and 1": 4, "no or 2": 3,
        "yes and yes and 1": 12, "if(1, 2, 3)": 0, "1 + if(x, 2, 3)": 4, "min(1, yes)": 0,
        "1 + abs(no)": 4, "1/0 + a": 1, "yes + a": 6, "min(yes, a)": 9, "TRUE()": 4,
        "0 = 0 and 1/0 = 1": 11, "(1 < 2) < 3": 8, "and(1)": 0, "1 =< 2": 3, "\u00e9": 0,
    }
    # fmt: on
    for (text, position), got in zip(cases.items(), run(candidate, list(cases)), strict=True):
        assert got == f"error {position}", f"{text!r}: {got}, expected a FormulaError at {position}"


def test_only_what_is_needed_is_looked_up(candidate):
    got = candidate.evaluate("""
from formula import FormulaError, evaluate
from collections.abc import Mapping
asked = []
class Names(Mapping):
    def __getitem__(self, name):
        asked.append(name)
        return {"a": 1, "t": True, "f": False}[name]
    def __contains__(self, name):
        return name in ("a", "t", "f")
    def __iter__(self):
        raise AssertionError("names must not be listed")
    def __len__(self):
        raise AssertionError("names must not be counted")
out = []
for text in ["if(t, a, b)", "if(f, b, a + a)", "f and b", "t or b or c", "t and f and b", "if(a = 1 or b, t, c)", "1 + 1"]:
    del asked[:]
    out.append((str(evaluate(text, Names())), "".join(asked)))
for text in ["b +", "a + b * a"]:
    del asked[:]
    try:
        evaluate(text, Names())
    except FormulaError as error:
        out.append((error.position, "".join(asked).replace("b", "")))
out
""")
    wanted = [
        ("1", "ta"),
        ("2", "faa"),
        ("False", "f"),
        ("True", "t"),
        ("False", "tf"),
        ("True", "at"),
        ("2", ""),
        (3, ""),
        (4, "a"),
    ]
    assert got == wanted, f"values and names looked up: {got}, expected {wanted}"


def test_names_in(candidate):
    got = candidate.evaluate("""
from formula import names_in
[names_in(text) for text in ["b + a * b", "min(min, IF(no, A, a))", "1 and TRUE", "x1 ^ _y + 1", "1/0"]]
""")
    wanted = [["b", "a"], ["min", "no", "A", "a"], [], ["x1", "_y"], []]
    assert got == wanted, f"names_in: {got}, expected {wanted}"


def test_long_formulas_and_the_report(candidate):
    got = candidate.evaluate(
        """
from formula import evaluate
from report import line
texts = ["+".join(["x"] * 4000), "*".join(["1"] * 4000) + "-1", " or ".join(["f"] * 4000), " and ".join(["1 = x"] * 4000), "max(" + ",".join(["x"] * 4000) + ")"]
[str(evaluate(text, {"x": 1, "f": False})) for text in texts] + [line("2^3"), line("1 + a"), line("1 < 2")]
""",
        timeout=8,
    )
    wanted = ["4000", "0", "False", "True", "1", "2^3 = 8", "1 + a\n    ^", "1 < 2 = True"]
    assert got == wanted, f"formulas of 4,000 parts, and lines of the report: {got}, expected {wanted}"
