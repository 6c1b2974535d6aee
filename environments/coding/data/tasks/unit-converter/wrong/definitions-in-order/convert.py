"""Converts values between units that a file defines."""

import re
import sys
from fractions import Fraction

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
FACTOR = re.compile(r"[0-9]+(\.[0-9]+)?|[0-9]+/[0-9]+")


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Units:
    """Units by name: (first name, factor to the base unit, quantity)."""

    def __init__(self, path):
        self.path = path
        self.defined = {}
        self.aliases = {}
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(3, f"{path}: cannot be read ({error})") from None
        for number, line in enumerate(lines, 1):
            line = line.split("#")[0].strip()
            if line:
                self.define(number, line)

    def bad(self, message):
        return Failure(3, f"{self.path}: {message}")

    def define(self, number, line):
        found = re.fullmatch(r"([^:=]+)([:=])([^:=]+)", line)
        if not found:
            raise self.bad(f"line {number} is no definition")
        names = [name.strip() for name in found[1].split(",")]
        right = found[3].split()
        if found[2] == ":" and len(right) == 1:
            meaning = (right[0],)
        elif found[2] == "=" and len(right) == 2 and FACTOR.fullmatch(right[0]):
            try:
                meaning = (Fraction(right[0]), right[1])
            except ZeroDivisionError:
                raise self.bad(f"line {number} divides by zero") from None
            if meaning[0] == 0:
                raise self.bad(f"line {number} has a factor of zero")
        else:
            raise self.bad(f"line {number} is no definition")
        if found[2] == "=" and right[1] not in self.aliases:
            raise self.bad(f"{right[1]} is not defined")
        if len(meaning) == 1 and meaning in self.defined.values():
            raise self.bad(f"{meaning[0]} has two base units")
        for name in names:
            if not name or len(name.split()) > 1:
                raise self.bad(f"line {number} is no definition")
            if name in self.aliases:
                raise self.bad(f"{name} is defined twice")
            self.aliases[name] = names[0]
        self.defined[names[0]] = meaning

    def resolve(self, name):
        """Factor to the base unit, and the quantity."""
        factor, seen = Fraction(1), set()
        while True:
            name = self.aliases.get(name)
            if name is None or name in seen:
                raise self.bad("a unit is defined by one that does not exist, or by itself")
            seen.add(name)
            meaning = self.defined[name]
            if len(meaning) == 1:
                return factor, meaning[0]
            factor, name = factor * meaning[0], meaning[1]

    def find(self, name):
        if name not in self.aliases:
            raise Failure(1, f"unknown unit: {name}")
        return self.resolve(name)


def show(value, places):
    scaled = (2 * abs(value) * 10**places + 1) // 2
    digits = str(scaled).rjust(places + 1, "0")
    text = digits[: len(digits) - places]
    decimals = digits[len(digits) - places :].rstrip("0")
    text += f".{decimals}" if decimals else ""
    return f"-{text}" if value < 0 and scaled else text


def convert(units, places, value, source, target):
    if not NUMBER.fullmatch(value):
        raise Failure(1, f"not a number: {value}")
    (first, kind), (second, other) = units.find(source), units.find(target)
    if kind != other:
        raise Failure(1, f"cannot convert {source} to {target}")
    return show(Fraction(value) * first / second, places)


def convert_lines(units, places):
    code = 0
    for number, line in enumerate(sys.stdin, 1):
        parts = line.split()
        if not parts:
            continue
        try:
            if len(parts) != 3:
                raise Failure(1, "expected VALUE FROM TO")
            print(convert(units, places, *parts))
        except Failure as failure:
            print(f"line {number}: {failure}", file=sys.stderr)
            code = 1
    return code


def similar(units, name):
    _, quantity = units.find(name)
    sizes = [(units.resolve(other)[0], other) for other in units.defined if units.resolve(other)[1] == quantity]
    return [other for _, other in sorted(sizes)]


def run(arguments):
    path, places = "units.txt", "4"
    while arguments and arguments[0] in ("-u", "-p"):
        if len(arguments) < 2:
            raise Failure(2, f"{arguments[0]} needs a value")
        path, places = (arguments[1], places) if arguments[0] == "-u" else (path, arguments[1])
        arguments = arguments[2:]
    if not re.fullmatch("[0-9]+", places):
        raise Failure(2, f"-p needs a whole number, not {places}")
    listing = len(arguments) == 2 and arguments[0] == "-l"
    if not listing and arguments != ["-"] and len(arguments) != 3:
        raise Failure(2, "usage: convert.py [-u FILE] [-p PLACES] VALUE FROM TO | - | -l UNIT")
    units = Units(path)
    if listing:
        print("\n".join(similar(units, arguments[1])))
    elif arguments == ["-"]:
        return convert_lines(units, int(places))
    else:
        print(convert(units, int(places), *arguments))
    return 0


try:
    sys.exit(run(sys.argv[1:]))
except Failure as failure:
    print(failure, file=sys.stderr)
    sys.exit(failure.code)
