import re
from fractions import Fraction

_TOKEN = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|<>|<=|>=|[-+*/()^,=<>])")
FUNCTIONS = {"min": (1, 999999), "max": (1, 999999), "sum": (0, 999999), "abs": (1, 1), "if": (3, 3)}
WORDS = ("and", "or", "not", "true", "false")


class FormulaError(Exception):
    def __init__(self, message, position):
        super().__init__(f"{message} at position {position}")
        self.position = position


def number(value, position):
    if isinstance(value, bool):
        raise FormulaError("a number is needed", position)
    return value


def truth(value, position):
    if not isinstance(value, bool):
        raise FormulaError("true or false is needed", position)
    return value


def call(name, values, position):
    if name == "if":
        return values[1] if truth(values[0], position) else values[2]
    values = [number(value, position) for value in values]
    if name == "sum":
        return sum(values, Fraction(0))
    return abs(values[0]) if name == "abs" else min(values) if name == "min" else max(values)


def lookup(name, names, position):
    if name not in names:
        raise FormulaError(f"unknown name {name!r}", position)
    value = names[name]
    if isinstance(value, bool):
        return value
    if not isinstance(value, (int, Fraction)):
        raise FormulaError(f"{name!r} is no number", position)
    return Fraction(value)


def calculate(operator, a, b, position):
    if operator in ("=", "<>", "<", "<=", ">", ">="):
        if isinstance(a, bool) != isinstance(b, bool) or (
            isinstance(a, bool) and operator not in ("=", "<>")
        ):
            raise FormulaError("these cannot be compared", position)
        return {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
    a, b = number(a, position), number(b, position)
    if operator in "+-*":
        return a + b if operator == "+" else a - b if operator == "-" else a * b
    if operator == "^" and (b.denominator != 1 or abs(b) > 1000):
        raise FormulaError("wrong exponent", position)
    if (operator == "/" and b == 0) or (operator == "^" and a == 0 and b < 0):
        raise FormulaError("division by zero", position)
    return a / b if operator == "/" else a ** int(b)


class Parser:
    def __init__(self, text, names=None):
        self.names, self.seen, self.tokens, at = names, [], [], 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if not found:
                at += len(text[at:]) - len(text[at:].lstrip())
                raise FormulaError("unexpected", at)
            word = found[1].lower() if found[1].lower() in WORDS else found[1]
            self.tokens.append((word, found.start(1)))
            at = found.end()
        self.tokens.append(("", len(text)))
        self.tokens.reverse()

    def take(self, *texts):
        return self.tokens.pop() if self.tokens[-1][0] in texts else None

    def unexpected(self):
        return FormulaError("unexpected", self.tokens[-1][1])

    def need(self, text):
        if not self.take(text):
            raise self.unexpected()

    def whole(self):
        value = self.level(0)
        if self.tokens[-1][0]:
            raise self.unexpected()
        return value

    def arguments(self, name, position):
        if name not in FUNCTIONS:
            raise FormulaError(f"unknown function {name!r}", position)
        values = []
        if not self.take(")"):
            values.append(self.level(0))
            while self.take(","):
                values.append(self.level(0))
            self.need(")")
        if not FUNCTIONS[name][0] <= len(values) <= FUNCTIONS[name][1]:
            raise FormulaError("wrong number of arguments", position)
        return values

    def level(self, rank):
        ranks = [("or",), ("and",), (), ("=", "<>", "<", "<=", ">", ">="), ("+", "-"), ("*", "/")]
        if rank == 6:
            return self.unary()
        if rank == 2:
            operator = self.take("not")
            return not truth(self.level(2), operator[1]) if operator else self.level(3)
        value = self.level(rank + 1)
        while operator := self.take(*ranks[rank]):
            other = self.level(rank + 1)
            if rank < 2:
                a, b = truth(value, operator[1]), truth(other, operator[1])
                value = (a or b) if rank == 0 else (a and b)
            else:
                value = calculate(operator[0], value, other, operator[1])
            if rank == 3:
                break
        return value

    def unary(self):
        operator = self.take("-")
        if operator:
            return -number(self.unary(), operator[1])
        value = self.atom()
        operator = self.take("^")
        return calculate("^", value, self.unary(), operator[1]) if operator else value

    def atom(self):
        text, position = self.tokens[-1]
        if self.take("("):
            value = self.level(0)
            self.need(")")
            return value
        if self.take("true", "false"):
            return text == "true"
        if not re.match("[0-9A-Za-z_]", text) or text in WORDS:
            raise self.unexpected()
        self.tokens.pop()
        if text[0].isdigit():
            return Fraction(text)
        if self.take("("):
            return call(text.lower(), self.arguments(text.lower(), position), position)
        self.seen.append(text)
        return lookup(text, self.names, position)


def evaluate(text, names=None):
    return Parser(text, names or {}).whole()


def names_in(text):
    found = []
    for match in re.finditer(r"[A-Za-z_][A-Za-z0-9_]*(?!\w|\s*\()", text):
        if match[0].lower() not in WORDS and match[0] not in found:
            found.append(match[0])
    return found
