"""Hidden checks: the control record, each step of the procedure, and random months against an oracle."""

import csv
import io
import random
from datetime import date, timedelta

RUNNER = """
import os, shutil, subprocess

def run(number, case):
    folder = f"case-{number}"
    os.makedirs(folder)
    for path, text in case.get("files", {}).items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
    argv = [part.replace("{d}", folder) for part in case["argv"]]
    stdin = case.get("stdin", "").encode()
    env = {**os.environ, "LC_ALL": "C.UTF-8", **case.get("env", {})}
    done = subprocess.run(argv, input=stdin, capture_output=True, env=env, timeout=30)
    shutil.rmtree(folder)
    return (done.returncode, *(stream.decode("utf-8", "backslashreplace") for stream in (done.stdout, done.stderr)))

[run(number, case) for number, case in enumerate(CASES)]
"""


def run_all(candidate, cases):
    """Run each case with its files in a folder of its own, `{d}`; gives exit code, stdout and stderr of each."""
    return candidate.evaluate(RUNNER.replace("CASES", repr(cases)), timeout=60)

FIRST = date(2024, 6, 1)


def money(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def entry(day, cents, reference="", text="x"):
    """A line of the statement; `day` counts from the first of June."""
    when = FIRST + timedelta(day)
    return f"D{when:%Y%m%d}{abs(cents):>12}{'D' if cents < 0 else 'C'}{reference:<12}{text}".rstrip()


def control(count, cents):
    return f"T{count:06}{abs(cents):>12}{'D' if cents < 0 else 'C'}"


def case(statement, book, lines=None):
    """Statement: (day, cents, reference); book: (day, cents, reference, batch), named b0, b1, …"""
    if lines is None:
        lines = [entry(*item) for item in statement] + [control(len(statement), sum(item[1] for item in statement))]
    text = io.StringIO()
    rows = [(f"b{place}", FIRST + timedelta(day), money(cents), *rest) for place, (day, cents, *rest) in enumerate(book)]
    csv.writer(text).writerows([["id", "date", "amount", "reference", "batch"], *rows])
    files = {"s.txt": "\n".join(lines) + "\n", "b.csv": text.getvalue()}
    return {"argv": ["python3", "reconcile.py", "{d}/s.txt", "{d}/b.csv"], "files": files}


def parsed(result, about=""):
    code, out, err = result
    assert code in (0, 1), f"{about}: expected exit code 0 or 1, got {code}: {err[-300:]}"
    rows = [tuple(row) for row in csv.reader(io.StringIO(out))]
    assert rows[:1] == [("step", "statement", "book", "days")], rows[:1]
    left = any(row[0] == "open" for row in rows)
    assert code == left, f"{about}: expected exit code {int(left)}, got {code}"
    return rows[1:]


def compare(candidate, cases):
    """Cases: what is checked, statement, book, and the rows of the statement's entries as (step, book, days)."""
    results = run_all(candidate, [case(statement, book) for _, statement, book, _ in cases])
    for (about, statement, book, expected), result in zip(cases, results, strict=True):
        rows = [(step, str(place), *rest) for place, (step, *rest) in enumerate(expected, 1)]
        used = {name for _, names, _ in expected for name in names.split()}
        rows += [("open", "", f"b{place}", "") for place in range(len(book)) if f"b{place}" not in used]
        got = parsed(result, about)
        assert got == rows, f"{about}: {statement} with {book}: expected {rows}, got {got}"


OPEN = ("open", "", "")


def test_the_example(candidate):
    ((code, out, err),) = run_all(candidate, [{"argv": ["python3", "reconcile.py", "statement.txt", "book.csv"]}])
    assert code == 1, err
    assert out == (
        "step,statement,book,days\nreference,1,B1,-5\namount,2,B2,-1\nbatch,3,B3 B4,0\namount,4,B5,1\n"
        "open,5,,\nopen,6,,\nopen,,B6,\nopen,,B7,\n"
    ), out


def test_the_control_record(candidate):
    one, two = entry(1, 500, "A"), entry(2, -800)
    book = [(1, 500, "A", ""), (2, -800, "", "")]
    good = [
        ["H header", one, two, control(2, -300), "", "# end"],
        [control(2, -300), one, two],
        [one, two, "T" + "     2" + "         300" + "D" + " and more"],
        [one.replace("         500", "000000000500"), two, control(2, -300)],
        [one + "\r", two + "\r", control(2, -300) + "\r"],
    ]
    bad = [
        [one, two], [one, two, control(2, -300), control(2, -300)], [one, two, control(1, -300)], [one, two, control(2, 300)],
        [one, two, control(2, -301)], [one, control(2, -300)],
    ]  # fmt: skip
    zero = [
        case([], [], [entry(1, 5), entry(1, -5), "T000002000000000000" + sign]) for sign in "CD"
    ]  # fmt: skip
    results = run_all(candidate, [case([], book, lines) for lines in good + bad] + zero)
    for lines, result in zip(good, results, strict=False):
        assert parsed(result, lines) == [("reference", "1", "b0", "0"), ("amount", "2", "b1", "0")], (lines, result)
    for lines, (code, out, err) in zip(bad, results[len(good) :], strict=False):
        assert (code, out) == (3, ""), f"{lines}: expected exit code 3 and no output, got {code} and {out!r}"
        assert err.strip() and "Traceback" not in err, f"{lines}: expected a line on stderr, got {err!r}"
    for result in results[-2:]:
        assert parsed(result, "sum zero") == [("open", "1", "", ""), ("open", "2", "", "")], result


def test_columns(candidate):
    lines = [
        entry(1, 100, "REF-12345678", "9 text that begins at once"),
        entry(1, 200, "", "REF"),
        "D20240602" + "         300" + "C",
        entry(1, 400, "ÄB 1", "Größe"),
        control(4, 1000),
    ]
    book = [(1, 100, "ref12345678", ""), (9, 200, "REF", ""), (1, 300, "", ""), (9, 400, "B1", ""), (9, 100, "REF123456789", "")]
    (result,) = run_all(candidate, [case([], book, lines)])
    assert parsed(result) == [
        ("reference", "1", "b0", "0"), ("open", "2", "", ""), ("amount", "3", "b2", "0"), ("reference", "4", "b3", "8"),
        ("open", "", "b1", ""), ("open", "", "b4", ""),
    ], result  # fmt: skip


def test_amounts_of_the_book(candidate):
    texts = {"0.05": 5, "-0.5": -50, "80": 8000, "-1234.5": -123450, "1.10": 110, "0.29": 29, "-4.35": -435, "99999999.99": 9999999999}
    lines = [entry(0, cents) for cents in texts.values()] + [control(len(texts), sum(texts.values()))]
    job = case([], [], lines)
    rows = [f"b{place},2024-06-01,{text},," for place, text in enumerate(texts)]
    job["files"]["b.csv"] = "\n".join(["id,date,amount,reference,batch", *rows]) + "\n"
    (result,) = run_all(candidate, [job])
    assert parsed(result) == [("amount", str(place + 1), f"b{place}", "0") for place in range(len(texts))], result


def test_references(candidate):
    compare(
        candidate,
        [
            ("spelling", [(5, 7, "00-ab.c 1")], [(15, 7, "Abc/1", "")], [("reference", "b0", "10")]),
            ("zeros inside stay", [(5, 7, "A01")], [(5, 7, "A1", "")], [OPEN]),
            ("only zeros is no key", [(9, 7, "000")], [(1, 7, "0", "")], [OPEN]),
            ("11 days", [(16, 7, "A")], [(5, 7, "A", "")], [OPEN]),
            ("other amount", [(5, 7, "A")], [(5, -7, "A", "")], [OPEN]),
            ("nearest", [(9, 7, "A")], [(4, 7, "A", ""), (11, 7, "A", ""), (6, 7, "A", "")], [("reference", "b1", "2")]),
            ("tie: first in the book", [(9, 7, "A")], [(11, 7, "A", ""), (7, 7, "A", "")], [("reference", "b0", "2")]),
            (
                "order of the statement",
                [(9, 7, "A"), (7, 7, "A")],
                [(7, 7, "A", ""), (1, 7, "A", "")],
                [("reference", "b0", "-2"), ("reference", "b1", "-6")],
            ),
        ],
    )


def test_batches(candidate):
    week = [(3, 10, "", "w"), (5, 20, "", "w")]
    compare(
        candidate,
        [
            ("sum", [(8, 30)], week, [("batch", "b0 b1", "-3")]),
            ("too old", [(9, 30)], week, [OPEN]),
            ("too new", [(4, 30)], week, [OPEN]),
            ("single", [(5, 30)], [(1, 30, "", "w")], [OPEN]),
            ("only open entries", [(3, 10, "R"), (6, 50)], [*week, (3, 10, "R", "w"), (4, 20, "", "w")], [("reference", "b2", "0"), ("batch", "b0 b1 b3", "-1")]),
            ("no name", [(5, 30)], [(5, 10, "", ""), (5, 20, "", "")], [OPEN]),
            (
                "latest batch",
                [(6, 30)],
                [(6, 10, "", "a"), (1, 20, "", "a"), (6, 15, "", "B"), (2, 15, "", "B"), (5, 30, "", "c"), (5, 0, "", "c")],
                [("batch", "b2 b3", "0")],
            ),
            ("in the order of the book", [(6, 0)], [(6, -4, "", "z"), (1, 9, "", "z"), (4, -5, "", "z")], [("batch", "b0 b1 b2", "0")]),
            ("each batch once", [(6, 30), (6, 30)], week, [("batch", "b0 b1", "-1"), OPEN]),
            ("before amounts", [(6, 30)], [*week, (6, 30, "", "")], [("batch", "b0 b1", "-1")]),
            ("reference of the statement does not matter", [(6, 30, "Q")], week, [("batch", "b0 b1", "-1")]),
        ],
    )


def test_amounts_step(candidate):
    compare(
        candidate,
        [
            ("three days", [(5, 9)], [(8, 9, "", "")], [("amount", "b0", "3")]),
            ("four days", [(5, 9)], [(9, 9, "", "")], [OPEN]),
            ("one reference is empty", [(5, 9, "A")], [(5, 9, "", "")], [("amount", "b0", "0")]),
            ("references differ", [(5, 9, "A")], [(5, 9, "B", ""), (7, 9, "", "")], [("amount", "b1", "2")]),
            ("tie", [(5, 9)], [(4, 9, "", ""), (6, 9, "", "")], [OPEN]),
            ("tie on the other side", [(4, 9), (6, 9)], [(5, 9, "", "")], [OPEN, OPEN]),
            ("tie among farther ones", [(5, 9)], [(5, 9, "", ""), (3, 9, "", ""), (7, 9, "", "")], [("amount", "b0", "0")]),
            ("not mutual", [(5, 9), (7, 9)], [(7, 9, "", "")], [OPEN, ("amount", "b0", "0")]),
            (
                "rounds",
                [(5, 9), (8, 9)],
                [(6, 9, "", ""), (9, 9, "", "")],
                [("amount", "b0", "1"), ("amount", "b1", "1")],
            ),
            (
                "a later round decides a tie",
                [(10, 9), (8, 9)],
                [(8, 9, "", ""), (9, 9, "", ""), (12, 9, "", "")],
                [("amount", "b1", "-1"), ("amount", "b0", "0")],
            ),
            (
                "a match frees a farther pair",
                [(10, 9), (11, 9)],
                [(12, 9, "", ""), (13, 9, "", ""), (30, 9, "", "")],
                [("amount", "b1", "3"), ("amount", "b0", "1")],
            ),
            ("same day twice", [(5, 9), (5, 9)], [(5, 9, "", ""), (5, 9, "", "")], [OPEN, OPEN]),
            ("members of a batch", [(5, 9)], [(5, 9, "", "w"), (5, 1, "", "w")], [("amount", "b0", "0")]),
        ],
    )


def oracle(statement, book):
    """Rows of the statement, from references without characters to drop."""
    used, result = set(), {}
    for place, (day, cents, reference) in enumerate(statement):
        options = [
            (abs(day - other[0]), number) for number, other in enumerate(book)
            if number not in used and reference and other[1:3] == (cents, reference) and abs(day - other[0]) <= 10
        ]  # fmt: skip
        if options:
            result[place] = ("reference", [min(options)[1]])
            used.add(min(options)[1])
    for place, (day, cents, _) in enumerate(statement):
        best = None
        for name in sorted({other[3] for other in book} - {""}):
            members = [number for number, other in enumerate(book) if other[3] == name and number not in used]
            days = [book[number][0] for number in members]
            fits = len(members) > 1 and sum(book[number][1] for number in members) == cents and max(days) <= day and min(days) >= day - 5
            if place not in result and fits and (best is None or max(days) > best[0]):
                best = (max(days), members)
        if best:
            result[place] = ("batch", best[1])
            used.update(best[1])
    while True:
        table = [
            (abs(day - other[0]), place, number)
            for place, (day, cents, reference) in enumerate(statement) if place not in result
            for number, other in enumerate(book) if number not in used
            if other[1] == cents and abs(day - other[0]) <= 3 and (not reference or not other[2] or reference == other[2])
        ]  # fmt: skip
        sure = [
            pair for pair in table
            if not any(other != pair and other[0] <= pair[0] and (other[1] == pair[1] or other[2] == pair[2]) for other in table)
        ]  # fmt: skip
        if not sure:
            break
        for _, place, number in sure:
            result[place] = ("amount", [number])
            used.add(number)
    rows = []
    for place, (day, _, _) in enumerate(statement):
        step, partners = result.get(place, ("open", []))
        days = str(max(book[number][0] for number in partners) - day) if partners else ""
        rows.append((step, " ".join(f"b{number}" for number in partners), days))
    return rows


def test_random_months(candidate):
    rng = random.Random(64)
    cases = []
    for _ in range(24):
        size, span = rng.randrange(6, 40), rng.choice([8, 15, 30])
        book = [
            (rng.randrange(span), rng.choice([-300, -200, 100, 200, 300, 500]), rng.choice(["", "", "", "A", "B2", "C"]), rng.choice(["", "", "w1", "w2", "W3"]))
            for _ in range(size)
        ]  # fmt: skip
        statement = [(day + rng.randrange(-2, 4), cents, reference) for day, cents, reference, batch in book if rng.random() < 0.7]
        for name in ("w1", "w2", "W3"):
            part = [other for other in book if other[3] == name and not other[2]]
            statement.append((rng.randrange(2, span + 4), sum(other[1] for other in part), ""))
        rng.shuffle(statement)
        cases.append(("random", statement, book, oracle(statement, book)))
    compare(candidate, cases)
