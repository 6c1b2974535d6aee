"""Hidden checks: sessions against a slow search, when each is given out, memory, and large logs within the time."""

import random

from agentbench_checks import CandidateError


def expected(lines, gap):
    """Sessions, each with the number of the line that shows that it is over (None: the end of the log)."""
    rows = [(int(t), user, int(size)) for t, user, size in (line.split(" ") for line in lines)]
    found = []
    for user in {row[1] for row in rows}:
        mine = [(number, *row) for number, row in enumerate(rows, start=1) if row[1] == user]
        part = []
        for row, following in zip(mine, [*mine[1:], None], strict=True):
            part.append(row)
            if following is None or following[1] - row[1] > gap:
                over = next((n for n, other in enumerate(rows, start=1) if other[0] - row[1] > gap), None)
                found.append((row[0], (user, part[0][1], row[1], len(part), sum(r[3] for r in part)), over))
                part = []
    return [(session, over) for _, session, over in sorted(found)]


def random_log(rng):
    time, lines = rng.randrange(5), []
    for _ in range(rng.randrange(40)):
        time += rng.choice([0, 0, 1, 2, 3, 9])
        lines.append(
            f"{time} {rng.choice(['ann', 'bob', 'eve', 'x'])} {rng.randrange(100)}" + rng.choice(["", "\n"])
        )
    return lines


def test_sessions_and_when_they_come(candidate):
    rng = random.Random(221)
    cases = [(random_log(rng), rng.choice([0, 1, 3, 5, 20])) for _ in range(300)]
    got = candidate.evaluate(f"""
from sessions import Session, sessions
out = []
for lines, gap in {cases!r}:
    read = [0]
    def source():
        for line in lines:
            read[0] += 1
            yield line
        read[0] = None
    out.append([(tuple(session), read[0]) for session in sessions(source(), gap)])
out
""")
    for (lines, gap), result in zip(cases, got, strict=True):
        wanted = expected(lines, gap)
        assert [s for s, _ in result] == [s for s, _ in wanted], (
            f"gap {gap}, log {lines}: {result}, expected {wanted}"
        )
        assert result == wanted, (
            f"gap {gap}, log {lines}: (session, lines read until it came; None: all) {result}, expected {wanted}"
        )


def test_wrong_lines(candidate):
    wrong = ["x a 1", "5 a", "5 a 1 1", "5  a 1", "", "5 a -1", "4 a 1", "5 a 1.5", " 5 a 1", "5 a 1 "]
    got = candidate.evaluate(f"""
from sessions import LogError, sessions
out = []
for line in {wrong!r}:
    came = []
    try:
        for session in sessions(["1 old 1", "5 a 1", line, "99 b 1"], 2):
            came.append(session.user)
    except LogError as error:
        out.append((came, "line 3" in str(error)))
    else:
        out.append(line)
out
""")
    assert got == [(["old"], True)] * len(wrong), (
        f"wrong third lines: (users of sessions before, told 'line 3') {got}"
    )


def test_memory(candidate):
    got = candidate.evaluate(
        """
import tracemalloc
from sessions import sessions
def lines():
    for n in range(40000):
        yield f"{n * 10} visitor{n} 1"
        yield f"{n * 10} robot 1"
tracemalloc.start()
count = sum(1 for _ in sessions(lines(), 100))
(count, tracemalloc.get_traced_memory()[1] < 300_000)
""",
        timeout=8,
    )
    assert got == (40001, True), (
        f"40,000 users one after the other: (sessions, memory small) {got}, expected (40001, True)"
    )


def test_many_sessions_at_the_same_time(candidate):
    for name, line, gap, count in (
        ("30,000 users in turn", "f'{n // 100} u{n % 30000} 2'", 900, 30000),
        ("each user once", "f'{n} u{n} 2'", 50000, 120000),
        ("always one that leaves", "f'{n} u{n * 7 % 60000} 2'", 30000, 120000),
    ):
        got = candidate.evaluate(
            f"""
from sessions import sessions
count = size = 0
for session in sessions(({line} for n in range(120000)), {gap}):
    count += 1
    size += session.size
(count, size)
""",
            timeout=4,
        )
        assert got == (count, 240000), (
            f"120,000 lines, {name}: (sessions, bytes) {got}, expected {(count, 240000)}"
        )


def test_the_report_prints_at_once(candidate):
    code = """
import subprocess, sys
process = subprocess.Popen([sys.executable, "-u", "report.py", "5"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
process.stdin.write("1 a 3\\n2 b 4\\n7 b 1\\n")
process.stdin.flush()
first = process.stdout.readline()
process.stdin.close()
rest = process.stdout.read()
process.wait()
(first, rest)
"""
    try:
        got = candidate.evaluate(code, timeout=5)
    except CandidateError as error:
        raise AssertionError(f"the report should print a session as soon as it is over: {error}") from error
    assert got == ("a 1 1 1 3\n", "b 2 7 2 5\n"), f"output of the report: {got}"
