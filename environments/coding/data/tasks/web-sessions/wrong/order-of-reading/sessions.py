"""Turns access logs into visits."""

import argparse
import json
import re
import sys
from datetime import datetime, timedelta

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
QUOTED = r'"((?:[^"\\]|\\.)*)"'
LINE = re.compile(
    r"(\S+) \S+ \S+ "
    r"\[([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})\] "
    rf"{QUOTED} ([0-9]{{3}}) (?:[0-9]+|-) {QUOTED} {QUOTED}"
)
REQUEST = re.compile(r"(\S+) (/\S*) HTTP/\S+")
ASSETS = (".css", ".js", ".png", ".jpg", ".svg", ".ico", ".woff2")
ROBOTS = ("bot", "crawler", "spider")


class Broken(Exception):
    pass


def moment(day, month, year, hour, minute, second, sign, hours, minutes):
    """Time in UTC without zone."""
    try:
        local = datetime(int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    except ValueError:
        raise Broken from None
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return local + offset if sign == "-" else local - offset


def parse(line):
    """(time, address, agent, path), or None for what does not count."""
    found = LINE.fullmatch(line)
    if not found:
        raise Broken
    address, *when, request, status, _, agent = found.groups()
    time = moment(*when)
    asked = REQUEST.fullmatch(request)
    if not asked:
        raise Broken
    path = re.split("[?#]", asked[2], maxsplit=1)[0]
    agent = re.sub(r'\\(["\\])', r"\1", agent)
    if asked[1] != "GET" or not (200 <= int(status) <= 299 or status == "304"):
        return None
    if path.lower().endswith(ASSETS) or any(word in agent.lower() for word in ROBOTS):
        return None
    return time, address, agent, path


def read(paths):
    """Hits in the order of time, and the number of broken lines."""
    hits, broken = [], 0
    for path in paths:
        with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            for line in file:
                line = line.rstrip("\r\n")
                if not line:
                    continue
                try:
                    hit = parse(line)
                except Broken:
                    broken += 1
                else:
                    hits += [hit] if hit else []
    return hits, broken


def visits(hits, gap):
    current, finished = {}, []
    for time, address, agent, path in hits:
        visit = current.get((address, agent))
        if visit is None or time - visit[-1][0] > gap or time.date() != visit[-1][0].date():
            visit = []
            current[address, agent] = visit
            finished.append((time, address, agent, visit))
        visit.append((time, path))
    return sorted(finished, key=lambda entry: entry[:3])


def show(address, agent, visit):
    pages = [path for _, path in visit]
    return {
        "address": address,
        "agent": agent,
        "start": visit[0][0].isoformat() + "Z",
        "end": visit[-1][0].isoformat() + "Z",
        "hits": len(visit),
        "pages": list(dict.fromkeys(pages)),
        "entry": pages[0],
        "exit": pages[-1],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gap", type=int, default=30)
    parser.add_argument("logs", nargs="+")
    arguments = parser.parse_args()
    try:
        hits, broken = read(arguments.logs)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for _, address, agent, visit in visits(hits, timedelta(minutes=arguments.gap)):
        print(json.dumps(show(address, agent, visit)))
    if broken:
        print(f"{broken} broken lines", file=sys.stderr)
    return 0


sys.exit(main())
