"""Searches logs for entries by pattern and time."""

import argparse
import re
import sys
from datetime import datetime, timedelta

DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
ENTRY = re.compile(DAY + r"[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,6})?(?: |$)")
POINT = re.compile(DAY + r"(?:[ T]([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
SPAN = re.compile("([0-9]+)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(day, clock, decimals=""):
    """A time, or None if it is not real."""
    try:
        return datetime.strptime(f"{day} {clock}{decimals or '.0'}", "%Y-%m-%d %H:%M:%S.%f")
    except ValueError:
        return None


def parse_time(text):
    """A time or a span."""
    if span := SPAN.fullmatch(text):
        return timedelta(**{UNITS[span[2]]: int(span[1])})
    if point := POINT.fullmatch(text):
        seconds, _, decimals = (point[3] or ":00").partition(".")
        if found := moment(point[1], (point[2] or "00:00") + seconds, f".{decimals or 0}"):
            return found
    raise argparse.ArgumentTypeError(f"not a time: {text}")


def count(text):
    if not re.fullmatch("[0-9]+", text):
        raise argparse.ArgumentTypeError(f"not a number: {text}")
    return int(text)


def options():
    parser = argparse.ArgumentParser(prog="loggrep.py", allow_abbrev=False)
    parser.add_argument("--from", dest="begin", type=parse_time)
    parser.add_argument("--to", dest="end", type=parse_time)
    for name in ("-i", "-F", "-v", "-c", "-l"):
        parser.add_argument(name, action="store_true")
    for name in ("-A", "-B", "-C"):
        parser.add_argument(name, type=count)
    parser.add_argument("words", nargs="*", metavar="PATTERN [FILE ...]")
    arguments, after = sys.argv[1:], []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, after = arguments[:cut], arguments[cut + 1 :]
    given = parser.parse_intermixed_args(arguments)
    if not given.words + after:
        parser.error("a pattern is needed")
    given.pattern, *given.files = given.words + after
    given.A = next(value for value in (given.A, given.C, 0) if value is not None)
    given.B = next(value for value in (given.B, given.C, 0) if value is not None)
    text = re.escape(given.pattern) if given.F else given.pattern
    try:
        given.pattern = re.compile(text, re.MULTILINE | (re.IGNORECASE if given.i else 0))
    except re.error as error:
        parser.error(f"pattern: {error}")
    return given


def entries(text):
    """Entries as (time, lines)."""
    found = []
    lines = text.split("\n")
    for line in lines if lines[-1] else lines[:-1]:
        start = ENTRY.match(line)
        time = moment(*start.groups()) if start else None
        if time:
            found.append((time, [line]))
        elif found:
            found[-1][1].append(line)
    return found


def read(paths):
    """(name, entries) of each readable file, and whether one was not."""
    logs, failed = [], False
    for path in paths or ["-"]:
        try:
            if path == "-":
                name, data = "(standard input)", sys.stdin.buffer.read()
            else:
                with open(path, "rb") as file:
                    name, data = path, file.read()
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)
            failed = True
            continue
        logs.append((name, entries(data.decode("utf-8", "replace"))))
    return logs, failed


def limit(value, logs, default):
    if isinstance(value, timedelta):
        latest = next((found[-1][0] for _, found in reversed(logs) if found), None)
        return default if latest is None else latest - value
    return default if value is None else value


def matching(found, given, begin, end):
    places = set()
    for place, (time, lines) in enumerate(found):
        if begin <= time and (end is None or time < end) and bool(given.pattern.search("\n".join(lines))) != given.v:
            places.add(place)
    return places


def selected(found, matches, given):
    """Places that are printed, in order."""
    around = {near for place in matches for near in range(place - given.B, place + given.A + 1)}
    return sorted(around & set(range(len(found))))


def printed(logs, given, begin, end, several):
    """Lines of output; the value returned says whether something matched."""
    matched, previous = False, None
    for number, (name, found) in enumerate(logs):
        matches = matching(found, given, begin, end)
        matched = matched or bool(matches)
        if given.c:
            yield f"{name}:{len(matches)}" if several else str(len(matches))
            continue
        if given.l:
            if matches:
                yield name
            continue
        for place in selected(found, matches, given):
            if (given.A or given.B) and previous not in (None, (number, place - 1)):
                yield "--"
            previous = number, place
            mark = f"{name}{':' if place in matches else '-'}" if several else ""
            yield from (mark + line for line in found[place][1])
    return matched


def main():
    given = options()
    logs, failed = read(given.files)
    begin = limit(given.begin, logs, datetime.min)
    end = limit(given.end, logs, None)
    output = printed(logs, given, begin, end, len(given.files) > 1)
    matched = False
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    while True:
        try:
            print(next(output))
        except StopIteration as stop:
            matched = stop.value
            break
    return 2 if failed else int(not matched)


sys.exit(main())
