"""Instructions to the scripted worker: a JSON list of calls, or lines of a small command form.

    stock A1 cola_can 12
    price A1 225
    remove A1 4 discard
    collect
    inventory
    service

Lines of one kind that follow each other are one trip, and so one call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.simulation import BadArguments, parse_arguments

_FORMS: dict[str, re.Pattern[str]] = {
    "stock": re.compile(r"stock (?P<slot>\S+) (?P<sku>\S+) (?P<qty>[0-9]{1,9})"),
    "price": re.compile(r"price (?P<slot>\S+) (?P<price_cents>[0-9]{1,9})"),
    "remove": re.compile(r"remove (?P<slot>\S+) (?P<qty>[0-9]{1,9}) (?P<destination>storage|discard)"),
    "collect": re.compile(r"collect"),
    "inventory": re.compile(r"inventory"),
    "service": re.compile(r"service"),
}
# Tool, the argument that takes the list, and how many entries it takes at most.
_LISTS = {
    "stock": ("stock_machine", "moves", 24),
    "price": ("set_prices", "prices", 12),
    "remove": ("remove_from_machine", "moves", 12),
}
_PLAIN = {"collect": "collect_cash", "inventory": "get_machine_inventory", "service": "service_machine"}


@dataclass(frozen=True, slots=True)
class Job:
    """One call that the worker is told to make; `arguments` are any JSON."""

    tool: str
    arguments: Any


def read_instructions(text: str) -> list[Job] | BadArguments:
    """Read instructions; `path` of what is refused is the number of the line or call, from 1."""
    stripped = text.strip()
    if not stripped:
        return BadArguments("there is nothing to do")
    return _calls(stripped) if stripped.startswith("[") else _lines(text)


def _calls(text: str) -> list[Job] | BadArguments:
    # The strict rules for arguments hold here, too; they are made for objects.
    parsed = parse_arguments('{"calls": ' + text + "}")
    if isinstance(parsed, BadArguments):
        return BadArguments(parsed.reason)
    calls = parsed["calls"]
    if set(parsed) != {"calls"} or not calls:
        return BadArguments("a list of calls holds objects with a tool and its arguments, and nothing else")
    jobs = []
    for number, call in enumerate(calls, 1):
        known = isinstance(call, dict) and set(call) <= {"tool", "arguments"}
        if not known or not isinstance(call.get("tool"), str):
            return BadArguments('a call is {"tool": "name", "arguments": {…}}', str(number))
        jobs.append(Job(call["tool"], call.get("arguments", {})))
    return jobs


def _lines(text: str) -> list[Job] | BadArguments:
    jobs: list[Job] = []
    last = ""
    for number, line in enumerate(text.splitlines(), 1):
        words = " ".join(line.split())
        if not words:
            continue
        verb = words.partition(" ")[0].lower()
        form = _FORMS.get(verb)
        match = form.fullmatch(verb + words[len(verb) :]) if form is not None else None
        if match is None:
            return BadArguments(f"no command looks like {line.strip()[:60]!r}", str(number))
        _add(jobs, verb, match, follows=verb == last)
        last = verb
    return jobs


def _add(jobs: list[Job], verb: str, match: re.Match[str], *, follows: bool) -> None:
    """Add a command: to the last call where it is one trip, else as a call of its own."""
    if verb in _PLAIN:
        jobs.append(Job(_PLAIN[verb], {}))
        return
    tool, field, most = _LISTS[verb]
    entry: dict[str, Any] = {
        name: int(value) if value.isdecimal() and name != "sku" else value
        for name, value in match.groupdict().items()
    }
    entry["slot"] = match["slot"].upper()
    rest = {"destination": entry.pop("destination")} if "destination" in entry else {}
    if follows and len(jobs[-1].arguments[field]) < most and rest.items() <= jobs[-1].arguments.items():
        jobs[-1].arguments[field].append(entry)
    else:
        jobs.append(Job(tool, {field: [entry], **rest}))
