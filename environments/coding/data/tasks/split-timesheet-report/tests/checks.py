"""Hidden checks: reports must not change by a byte, and the structure that was asked for."""

import ast
import random


def original(text, week=40):
    people = {}
    problems = []
    number = 0
    project = "general"
    for line in text.split("\n"):
        number += 1
        if "#" in line:
            line = line[: line.index("#")]
        line = line.strip()
        if line == "":
            continue
        if line.startswith("[") and line.endswith("]"):
            project = line[1:-1].strip().lower()
            if project == "":
                project = "general"
            continue
        parts = line.split()
        if len(parts) != 4:
            problems.append("line " + str(number) + ": expected name, day, start and end")
            continue
        name, day, start, end = parts
        if day[:3].lower() not in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            problems.append("line " + str(number) + ": unknown day " + day)
            continue
        minutes = []
        for moment in (start, end):
            pieces = moment.split(":")
            if len(pieces) == 2 and pieces[0].isdecimal() and pieces[1].isdecimal() and len(pieces[1]) == 2:
                if (
                    int(pieces[0]) <= 24
                    and int(pieces[1]) <= 59
                    and int(pieces[0]) * 60 + int(pieces[1]) <= 1440
                ):
                    minutes.append(int(pieces[0]) * 60 + int(pieces[1]))
                    continue
            problems.append("line " + str(number) + ": no time: " + moment)
        if len(minutes) < 2:
            continue
        length = minutes[1] - minutes[0]
        if length < 0:
            length += 1440
        if length == 0:
            problems.append("line " + str(number) + ": nothing between " + start + " and " + end)
            continue
        if length > 600:
            problems.append("line " + str(number) + ": more than 10 hours, 10 counted")
            length = 600
        if length > 360:
            length -= 30
        key = name.lower()
        if key not in people:
            people[key] = {"name": name, "days": {}, "projects": {}, "weekend": 0}
        person = people[key]
        person["days"][day[:3].lower()] = person["days"].get(day[:3].lower(), 0) + length
        person["projects"][project] = person["projects"].get(project, 0) + length
        if day[:3].lower() in ("sat", "sun"):
            person["weekend"] += length
    lines = []
    all_minutes = 0
    all_extra = 0
    projects = {}
    for key in sorted(people):
        person = people[key]
        total = 0
        longest = 0
        longest_day = ""
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            if day in person["days"]:
                if person["days"][day] > longest:
                    longest = person["days"][day]
                    longest_day = day
                total += person["days"][day]
        rounded = (total + 7) // 15 * 15
        extra = 0
        if rounded > week * 60:
            extra = rounded - week * 60
        all_minutes += rounded
        all_extra += extra
        line = person["name"] + ": " + str(rounded // 60) + ":" + str(rounded % 60).zfill(2)
        if extra:
            line += " (" + str(extra // 60) + ":" + str(extra % 60).zfill(2) + " extra)"
        line += (
            ", longest "
            + longest_day.capitalize()
            + " "
            + str(longest // 60)
            + ":"
            + str(longest % 60).zfill(2)
        )
        if person["weekend"]:
            line += ", weekend " + str(person["weekend"] // 60) + ":" + str(person["weekend"] % 60).zfill(2)
        lines.append(line)
        ranked = sorted(person["projects"].items(), key=lambda item: (-item[1], item[0]))
        for project, length in ranked[:3]:
            lines.append("  " + project + " " + str(100 * length // total) + " %")
        if len(ranked) > 3:
            lines.append("  and " + str(len(ranked) - 3) + " more")
        for project, length in ranked:
            projects[project] = projects.get(project, 0) + length
    if not lines:
        lines.append("nobody worked")
    else:
        line = "all: " + str(all_minutes // 60) + ":" + str(all_minutes % 60).zfill(2)
        if all_extra:
            line += " (" + str(all_extra // 60) + ":" + str(all_extra % 60).zfill(2) + " extra)"
        lines.append(line)
        busiest = ""
        for project in projects:
            if busiest == "" or projects[project] > projects[busiest]:
                busiest = project
        lines.append("most on " + busiest)
    if problems:
        lines.append("")
        for problem in problems[:5]:
            lines.append("! " + problem)
        if len(problems) > 5:
            lines.append("! and " + str(len(problems) - 5) + " more")
    return "\n".join(lines) + "\n"


NAMES = ["Ann", "ann", "ANN", "bob", "Cy", "Zoë", "_x"]
TIMES = [
    "8:00",
    "08:15",
    "9:07",
    "12:00",
    "17:59",
    "18:00",
    "22:30",
    "0:00",
    "24:00",
    "14:01",
    "6:52",
    "20:00",
]
WRONG = ["24:01", "25:00", "8:60", "8:5", "8", "8:00:00", "-1:00", "a:bc", ":30", "8:", "8.30", "\u0668:00"]
DAYS = ["Mon", "tue", "Wednesday", "THU", "fri", "Sat", "sun", "Sunday", "Saturn"]
OTHERS = [
    "",
    "   ",
    "# only a remark",
    "[Kitchen]",
    "[ bar ]",
    "[]",
    "[Bar",
    "[a#b]",
    "Ann Mon 8:00",
    "Ann Mon 8:00 9:00 x",
    "Ann Xyz 8:00 9:00",
    "x",
    "[[x]]",
    "Ann Mo 8:00 9:00",
    "\tbob\tFri 1:00  2:00 ",
]


def random_sheet(rng):
    lines = []
    for _ in range(rng.choice([0, 1, 3, 8, 25, 60])):
        if rng.random() < 0.2:
            lines.append(rng.choice(OTHERS))
        elif rng.random() < 0.15:
            lines.append(f"[{rng.choice(['kitchen', 'Bar', 'hall', 'yard', 'office', 'General'])}]")
        else:
            start, end = (rng.choice(WRONG if rng.random() < 0.06 else TIMES) for _ in range(2))
            line = f"{rng.choice(NAMES)} {rng.choice(DAYS)} {start} {end}"
            lines.append(line + rng.choice(["", "", " # remark", "#x", "  "]))
    return rng.choice(["\n", "\n", "\r\n"]).join(lines), rng.choice([40, 40, 5, 10, 0, 7.5])


def test_reports_stay_the_same(candidate):
    rng = random.Random(171)
    cases = [random_sheet(rng) for _ in range(500)]
    got = candidate.evaluate(f"""
from timesheet import report
[report(*case) if case[1] != 40 else report(case[0]) for case in {cases!r}]
""")
    for (text, week), result in zip(cases, got, strict=True):
        wanted = original(text, week)
        assert result == wanted, f"report of {text!r}, week {week}:\n{result}expected:\n{wanted}"


def test_rare_cases(candidate):
    long_day = "Ann Mon 8:00 18:01\nann Mon 0:00 24:00\nAnn Sun 23:00 1:00\n"
    many = "\n".join(f"[p{n}]\nbob Tue 8:00 9:0{n}" for n in range(6))
    tie = "[b]\nx mon 1:00 2:00\n[a]\nx tue 1:00 2:00\n[c]\ny tue 1:00 2:00\n[c]\nx sun 5:00 5:01"
    cases = [
        (long_day, 40),
        (many, 40),
        (tie, 40),
        ("\n" * 9 + "q\n" * 7, 40),
        (long_day, 0),
        ("A Mon 1:00 1:07", 0),
        ("A Mon 1:00 1:08", 0),
    ]
    cases += [
        ("é FRIDAYS 8:00 14:00\nÉ frigid 14:00 20:01", 1),
        ("A sat 9:00 9:00\nB sat x y", 40),
        ("[x]\nA Tue 3:00 2:00 # late", 40),
        ("[b]\nx mon 1:00 2:00\n[a]\nx tue 1:00 2:00", 40),
    ]
    cases += [("[b]\nx mon 1:00 2:00\n[a]\ny mon 1:00 2:00\nx mon 3:00 3:30\n[b]\ny mon 4:00 4:30", 40)]
    got = candidate.evaluate(
        f"from timesheet import report\n[report(text, week=week) for text, week in {cases!r}]"
    )
    for (text, week), result in zip(cases, got, strict=True):
        wanted = original(text, week)
        assert result == wanted, f"report of {text!r}, week {week}:\n{result}expected:\n{wanted}"


def test_the_parts_can_be_used_alone(candidate):
    text = "[Bar]\nAnn Mon 8:00 16:30\nbad\nbob sat 22:00 x:y # no\nANN Tuesday 23:00 11:00\n"
    got = candidate.evaluate(f"""
import timesheet
text = {text!r}
entries, problems = timesheet.parse(text)
first = [tuple(entry) for entry in entries]
again = [tuple(entry) for entry in timesheet.parse(text)[0]]
people = timesheet.summarize(entries)
one, two = timesheet.render(people, problems, 10), timesheet.render(people, problems, 10)
(first, first == again, list(problems), one == two == timesheet.report(text, 10), timesheet.render(timesheet.summarize(entries[1:]), [], 40))
""")
    entries = [("Ann", "mon", "bar", 480), ("ANN", "tue", "bar", 570)]
    problems = [
        "line 3: expected name, day, start and end",
        "line 4: no time: x:y",
        "line 5: more than 10 hours, 10 counted",
    ]
    last = "ANN: 9:30, longest Tue 9:30\n  bar 100 %\nall: 9:30\nmost on bar\n"
    wanted = (entries, True, problems, True, last)
    assert got == wanted, f"parse, summarize and render: {got}, expected {wanted}"


def depth(node):
    inner = max((depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return inner + isinstance(node, (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match))


def chained(node):
    """A copy of the tree in which an elif is not one level deeper than its if."""

    class Flat(ast.NodeTransformer):
        def visit_If(self, node):
            self.generic_visit(node)
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                inner = node.orelse[0]
                node.body, node.orelse = node.body + inner.body, inner.orelse
            return node

    return Flat().visit(node)


def test_structure(candidate):
    tree = ast.parse(candidate.read("timesheet.py"))
    found = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for function in found:
        length = function.end_lineno - function.lineno + 1
        assert length <= 25, f"{function.name} has {length} lines, allowed are 25"
    names = {function.name for function in tree.body if isinstance(function, ast.FunctionDef)}
    assert {"report", "parse", "summarize", "render"} <= names, f"functions of timesheet.py: {sorted(names)}"
    assert not [n for n in ast.walk(tree) if isinstance(n, (ast.Global, ast.Nonlocal))], (
        "no global or nonlocal statements"
    )
    zfills = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value == " extra)"]
    assert len(zfills) <= 1, "the text ' extra)' should occur once at most"
    for function in found:
        levels = depth(chained(function))
        assert levels <= 3, f"{function.name} nests {levels} blocks, allowed are 3"
