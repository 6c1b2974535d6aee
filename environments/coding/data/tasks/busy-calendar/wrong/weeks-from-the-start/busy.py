"""Merges calendars into one list of busy times."""

import re
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

UTC = timezone.utc
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)
PARAMETER = re.compile(r';([^=;:"]+)=("[^"]*"|[^;:"]*)')
DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


class UsageError(Exception):
    """A sentence for the user."""


@dataclass
class Event:
    properties: dict = field(default_factory=dict)
    excluded: list = field(default_factory=list)

    def text(self, name, default=""):
        return self.properties[name][1] if name in self.properties else default

    def moment(self, name):
        return parse_time(*self.properties[name])

    @property
    def key(self):
        return self.text("UID"), self.moment("RECURRENCE-ID") if "RECURRENCE-ID" in self.properties else None

    @property
    def cancelled(self):
        return self.text("STATUS").upper() == "CANCELLED"

    @property
    def busy(self):
        return not self.cancelled and self.text("TRANSP").upper() != "TRANSPARENT"

    @property
    def length(self):
        if "DTEND" in self.properties:
            return self.moment("DTEND") - self.moment("DTSTART")
        if "DURATION" in self.properties:
            weeks, days, hours, minutes = (int(part or 0) for part in DURATION.fullmatch(self.text("DURATION").upper()).groups())
            return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
        return DAY if is_date(self.properties["DTSTART"][0]) else timedelta(0)


def is_date(parameters):
    return parameters.get("VALUE", "").upper() == "DATE"


def zone(parameters):
    name = parameters.get("TZID", "").upper()
    if not name:
        return UTC
    sign, hours, minutes = re.fullmatch(r"UTC([+-])(\d\d)(\d\d)", name).groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def parse_time(parameters, value):
    """An aware time, in the zone in which it was written."""
    value = value.strip().upper()
    if is_date(parameters) or "T" not in value:
        return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC)
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone(parameters))


def content_lines(text):
    """(name, parameters, value) of each unfolded line."""
    for line in re.sub(r"\r?\n[ \t]", "", text).split("\n"):
        line = line.rstrip("\r")
        name = re.match(r"[^;:]*", line)[0]
        rest = line[len(name) :]
        parameters = {}
        while found := PARAMETER.match(rest):
            parameters[found[1].upper()] = found[2].strip('"')
            rest = rest[found.end() :]
        if rest.startswith(":"):
            yield name.upper(), parameters, rest[1:]


def events(text):
    stack, event = [], None
    for name, parameters, value in content_lines(text):
        if name == "BEGIN":
            stack.append(value.strip().upper())
            if stack == ["VCALENDAR", "VEVENT"]:
                event = Event()
        elif name == "END":
            if stack == ["VCALENDAR", "VEVENT"]:
                yield event
            stack.pop()
        elif stack == ["VCALENDAR", "VEVENT"]:
            if name == "EXDATE":
                event.excluded += [parse_time(parameters, part) for part in value.split(",")]
            else:
                event.properties[name] = parameters, value


def valid_versions(all_events):
    chosen = {}
    for event in all_events:
        best = chosen.get(event.key)
        if best is None or int(event.text("SEQUENCE", "0")) >= int(best.text("SEQUENCE", "0")):
            chosen[event.key] = event
    return chosen


def days_of(rule, first):
    """Days (as distance from the first) on which the rule may let the event start, without end."""
    interval = int(rule.get("INTERVAL", "1"))
    if rule["FREQ"] == "DAILY":
        distance = 0
        while True:
            yield distance
            distance += interval
    wanted = sorted(DAYS.index(name) for name in rule.get("BYDAY", DAYS[first.weekday()]).split(","))
    monday = 0
    while True:
        yield from sorted(monday + (day - first.weekday()) % 7 for day in wanted)
        monday += 7 * interval


def starts(event, end):
    """Starts of the repetitions before `end`."""
    first = event.moment("DTSTART")
    if "RRULE" not in event.properties:
        yield first
        return
    rule = dict(part.split("=") for part in event.text("RRULE").strip().upper().split(";"))
    until = parse_time({}, rule["UNTIL"]) if "UNTIL" in rule else None
    for number, distance in enumerate(days_of(rule, first)):
        start = first + distance * DAY
        if start >= end or (until and start > until) or number >= int(rule.get("COUNT", number + 1)):
            return
        yield start


def busy_times(chosen, end):
    for (uid, replaces), event in chosen.items():
        master = chosen.get((uid, None))
        if not event.busy or (master and master.cancelled):
            continue
        if replaces:
            yield event.moment("DTSTART"), event.moment("DTSTART") + event.length
            continue
        for start in starts(event, end):
            if start not in event.excluded and (uid, start) not in chosen:
                yield start, start + event.length


def merged(intervals, begin, end):
    result = []
    for start, stop in sorted(intervals):
        start, stop = max(start, begin), min(stop, end)
        if start >= stop:
            continue
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], stop)
        else:
            result.append([start, stop])
    return result


def parse_argument(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", text, re.ASCII):
        raise UsageError(f"{text} is no time like 2024-03-04T00:00Z")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"{text} is no real time") from None


def show(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def run(arguments):
    if len(arguments) < 3:
        raise UsageError("usage: busy.py FROM TO CALENDAR.ics [CALENDAR.ics ...]")
    begin, end = map(parse_argument, arguments[:2])
    if begin >= end:
        raise UsageError("FROM must be before TO")
    found = []
    for path in arguments[2:]:
        try:
            with open(path, encoding="utf-8-sig", newline="") as file:
                found += events(file.read())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
    for start, stop in merged(busy_times(valid_versions(found), end), begin, end):
        print(f"{show(start)}/{show(stop)}")


try:
    run(sys.argv[1:])
except UsageError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
