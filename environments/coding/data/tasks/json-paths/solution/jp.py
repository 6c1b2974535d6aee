"""Picks values out of a JSON document by a path."""

import json
import operator
import re
import sys
from decimal import Decimal

OPERATORS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Number:
    """A number as it stands in the input."""

    def __init__(self, text):
        self.text = text
        self.value = Decimal(text)


def refuse(name):
    raise ValueError(f"{name} is not JSON")


def load(text):
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse)


def dump(value, indent, level=0):
    if isinstance(value, Number):
        return value.text
    if not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        colon = ": " if indent else ":"
        parts = [json.dumps(name, ensure_ascii=False) + colon + dump(part, indent, level + 1) for name, part in value.items()]
        first, last = "{}"
    else:
        parts = [dump(part, indent, level + 1) for part in value]
        first, last = "[]"
    if not indent:
        return first + ",".join(parts) + last
    margin = "\n" + "  " * level
    return f"{first}{margin}  " + f",{margin}  ".join(parts) + margin + last


def equal(one, other):
    if isinstance(one, Number) and isinstance(other, Number):
        return one.value == other.value
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return one == other


def compare(sign, one, other):
    if sign in ("==", "!="):
        return equal(one, other) == (sign == "==")
    if isinstance(one, Number) and isinstance(other, Number):
        return OPERATORS[sign](one.value, other.value)
    return isinstance(one, str) and isinstance(other, str) and OPERATORS[sign](one, other)


def children(value):
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def member(name):
    return lambda value: [value[name]] if isinstance(value, dict) and name in value else []


def element(index):
    return lambda value: [value[index]] if isinstance(value, list) and -len(value) <= index < len(value) else []


def piece(start, stop):
    return lambda value: value[start:stop] if isinstance(value, list) else []


def descent(name):
    own = member(name)

    def find(value):
        found = own(value)
        for child in children(value):
            found = found + find(child)
        return found

    return find


def every(finders):
    return lambda value: [found for find in finders for found in find(value)]


def condition(steps, sign, wanted):
    def holds(value):
        found = follow(steps, value)
        return bool(found) if sign is None else any(compare(sign, one, wanted) for one in found)

    return lambda value: [child for child in children(value) if holds(child)]


def follow(steps, value):
    values = [value]
    for step in steps:
        values = [found for one in values for found in step(one)]
    return values


class PathParser:
    """Turns the text of a path into steps, each a function from a value to a list of values."""

    def __init__(self, text):
        self.text = text
        self.place = 0

    def fail(self):
        raise Failure(2, f"column {self.place + 1}: the path is not understood")

    def take(self, pattern):
        found = re.compile(pattern).match(self.text, self.place)
        if found:
            self.place = found.end()
        return found

    def need(self, pattern):
        return self.take(pattern) or self.fail()

    def json_value(self):
        decoder = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=refuse)
        try:
            value, self.place = decoder.raw_decode(self.text, self.place)
        except ValueError:
            self.fail()
        return value

    def name(self):
        if self.text[self.place : self.place + 1] == '"':
            return self.json_value()
        return self.need("[A-Za-z0-9_-]+")[0]

    def whole(self):
        steps = []
        if re.match("[A-Za-z0-9_-]", self.text):
            steps.append(member(self.name()))
        steps += self.steps(bool(steps))
        if self.place < len(self.text):
            self.fail()
        return steps

    def steps(self, some=False):
        """Steps from here on; at least one, or a lone dot, unless there were some."""
        steps = []
        while True:
            if self.take(r"\.\."):
                steps.append(descent(self.name()))
            elif self.take(r"\[ *"):
                steps.append(self.bracket())
            elif self.take(r"\.(?=[A-Za-z0-9_\"-])"):
                steps.append(member(self.name()))
            elif not some and not steps:
                self.need(r"\.")
                return []
            elif self.text[self.place : self.place + 1] == ".":
                self.place += 1
                self.fail()
            else:
                return steps

    def bracket(self):
        if self.take(r"\*"):
            step = children
        elif self.take(r"\? *"):
            step = self.filter()
        elif found := self.take(r"(-?[0-9]+)? *: *(-?[0-9]+)?"):
            step = piece(*(None if part is None else int(part) for part in found.groups()))
        else:
            parts = [self.part()]
            while self.take(" *, *"):
                parts.append(self.part())
            step = every(parts)
        self.take(" *")
        self.need(r"\]")
        return step

    def part(self):
        if self.text[self.place : self.place + 1] == '"':
            return member(self.json_value())
        return element(int(self.need("-?[0-9]+")[0]))

    def filter(self):
        steps = self.steps()
        sign = self.take(" *(==|!=|<=|>=|<|>) *")
        return condition(steps, sign and sign[1], self.json_value() if sign else None)


def read(path):
    try:
        data = open(path, "rb").read() if path else sys.stdin.buffer.read()
    except OSError as error:
        raise Failure(2, f"{path}: {error.strerror}") from None
    try:
        return load(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Failure(3, f"not a JSON document: {error}") from None


def main(arguments):
    flags = set()
    while arguments and re.fullmatch("-[rpna]+", arguments[0]):
        flags |= set(arguments[0][1:])
        arguments = arguments[1:]
    if not 1 <= len(arguments) <= 2:
        raise Failure(2, "usage: jp.py [-r] [-p] [-n] [-a] PATH [FILE]")
    steps = PathParser(arguments[0]).whole()
    found = follow(steps, read(arguments[1] if len(arguments) > 1 else None))
    output = [found] if "a" in flags else found
    lines = [one if "r" in flags and isinstance(one, str) else dump(one, "p" in flags) for one in output]
    if "n" in flags:
        lines = [str(len(found))]
    sys.stdout.buffer.write("".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass"))
    return 0 if found else 1


try:
    sys.exit(main(sys.argv[1:]))
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(failure.code)
