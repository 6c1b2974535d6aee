"""Reports of the hours worked in a week, from time sheets."""

from dataclasses import dataclass, field
from typing import NamedTuple

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 600  # minutes of an entry that count at most
BREAK_AFTER, BREAK = 360, 30
SHOWN_PROJECTS = 3
SHOWN_PROBLEMS = 5


class Entry(NamedTuple):
    name: str
    day: str
    project: str
    minutes: int


@dataclass
class Person:
    name: str
    days: dict = field(default_factory=dict)
    projects: dict = field(default_factory=dict)


def report(text, week=40):
    entries, problems = parse(text)
    return render(summarize(entries), problems, week)


def parse(text):
    """The entries of a time sheet, and what is wrong with it, line by line."""
    entries, problems = [], []
    project = "general"
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.partition("#")[0].strip()
        if line.startswith("[") and line.endswith("]"):
            project = line[1:-1].strip().lower() or "general"
        elif line:
            entry, wrong = _entry(line, project)
            problems += [f"line {number}: {problem}" for problem in wrong]
            if entry:
                entries.append(entry)
    return entries, problems


def _entry(line, project):
    """The entry of a line, or None, and what is wrong with it."""
    parts = line.split()
    if len(parts) != 4:
        return None, ["expected name, day, start and end"]
    name, day, *moments = parts
    short = day[:3].lower()
    if short not in DAYS:
        return None, [f"unknown day {day}"]
    minutes = [_minutes(moment) for moment in moments]
    wrong = [f"no time: {moment}" for moment, at in zip(moments, minutes, strict=True) if at is None]
    if wrong:
        return None, wrong[:1]
    length = minutes[1] - minutes[0]
    if length < 0:  # over midnight
        length += 1440
    if length == 0:
        return None, [f"nothing between {moments[0]} and {moments[1]}"]
    wrong = ["more than 10 hours, 10 counted"] if length > LONGEST else []
    return Entry(name, short, project, _counted(length)), wrong


def _minutes(moment):
    """Minutes since midnight of a text such as '8:30', or None."""
    pieces = moment.split(":")
    if len(pieces) != 2 or not all(piece.isdecimal() for piece in pieces) or len(pieces[1]) != 2:
        return None
    hours, minutes = map(int, pieces)
    return hours * 60 + minutes if minutes <= 59 and hours * 60 + minutes <= 1440 else None


def _counted(length):
    length = min(length, LONGEST)
    return length - BREAK if length > BREAK_AFTER else length


def summarize(entries):
    """The people, ordered by their names in lower case."""
    people = {}
    for entry in entries:
        person = people.setdefault(entry.name.lower(), Person(entry.name))
        person.days[entry.day] = person.days.get(entry.day, 0) + entry.minutes
        person.projects[entry.project] = person.projects.get(entry.project, 0) + entry.minutes
    return [people[key] for key in sorted(people)]


def render(people, problems, week):
    """The report as text."""
    lines = [line for person in people for line in _person_lines(person, week)]
    lines += _end_lines(people, week) if people else ["nobody worked"]
    return "\n".join([*lines, *_problem_lines(problems)]) + "\n"


def _person_lines(person, week):
    total = sum(person.days.values())
    longest = max(DAYS, key=lambda day: person.days.get(day, 0))
    line = f"{person.name}: {_with_extra(_rounded(person), _extra(person, week))}"
    line += f", longest {longest.capitalize()} {_clock(person.days[longest])}"
    weekend = person.days.get("sat", 0) + person.days.get("sun", 0)
    if weekend:
        line += f", weekend {_clock(weekend)}"
    ranked = _ranked(person)
    lines = [line, *(f"  {project} {100 * length // total} %" for project, length in ranked[:SHOWN_PROJECTS])]
    if len(ranked) > SHOWN_PROJECTS:
        lines.append(f"  and {len(ranked) - SHOWN_PROJECTS} more")
    return lines


def _ranked(person):
    """Projects and minutes, the longest first."""
    return sorted(person.projects.items(), key=lambda item: (-item[1], item[0]))


def _end_lines(people, week):
    minutes = sum(_rounded(person) for person in people)
    extra = sum(_extra(person, week) for person in people)
    projects = {}
    for person in people:
        for project, length in _ranked(person):
            projects[project] = projects.get(project, 0) + length
    return [f"all: {_with_extra(minutes, extra)}", "most on " + max(projects, key=projects.__getitem__)]


def _problem_lines(problems):
    if not problems:
        return []
    lines = ["", *(f"! {problem}" for problem in problems[:SHOWN_PROBLEMS])]
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(f"! and {len(problems) - SHOWN_PROBLEMS} more")
    return lines


def _rounded(person):
    """Minutes of a week, to the nearest quarter of an hour."""
    return (sum(person.days.values()) + 7) // 15 * 15


def _extra(person, week):
    return max(0, _rounded(person) - week * 60)


def _with_extra(minutes, extra):
    return _clock(minutes) + (f" ({_clock(extra)} extra)" if extra else "")


def _clock(minutes):
    return f"{minutes // 60}:{minutes % 60:02}"
