"""Hidden checks: each rule by a small export, and random exports against an oracle."""

import csv
import io
import json
import random

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


def line(respondent, question, at, answer):
    stamp = f"2024-05-{1 + at // 1440:02}T{at // 60 % 24:02}:{at % 60:02}:00Z"
    return json.dumps({"respondent": respondent, "question": question, "at": stamp, "answer": answer}, ensure_ascii=False)


def pivot(candidate, *exports):
    results = run_all(candidate, [{"argv": ["python3", "pivot.py"], "stdin": text} for text in exports])
    for code, _, err in results:
        assert code == 0, f"expected exit code 0, got {code}: {err[-300:]}"
    return [(out, err) for _, out, err in results]


def expect(candidate, *cases):
    """Each case: lines, expected output, expected stderr."""
    results = pivot(candidate, *("\n".join(lines) + "\n" for lines, _, _ in cases))
    for (lines, out, err), got in zip(cases, results, strict=True):
        assert got[0] == out, f"for {lines}: expected {out!r}, got {got[0]!r}"
        assert got[1].strip() == err, f"for {lines}: expected stderr {err!r}, got {got[1]!r}"


def test_the_example(candidate):
    ((out, err),) = pivot(candidate, candidate.read("answers.jsonl"))
    assert out == (
        'respondent,q1,q2,q3:bike,q10\nr-07,4,,1,\nr-02,,yes,1,"more trains, please"\nr-11,3.5,,,\n'
    ), out
    assert err.strip() == "skipped 1 lines", err


def test_the_latest_answer_counts(candidate):
    expect(
        candidate,
        ([line("a", "q1", 9, "new"), line("a", "q1", 3, "old")], "respondent,q1\na,new\n", ""),
        ([line("a", "q1", 9, "first"), line("a", "q1", 9, "second")], "respondent,q1\na,second\n", ""),
        ([line("a", "q1", 9, None), line("a", "q1", 3, "old"), line("b", "q1", 1, 0)], "respondent,q1\na,\nb,0\n", ""),
        ([line("a", "q1", 3, None), line("a", "q1", 9, "back")], "respondent,q1\na,back\n", ""),
        ([line("a", "q1", 3, "x"), line("a", "q1", 9, None), line("b", "q2", 1, "y")], "respondent,q2\na,\nb,y\n", ""),
        ([line("a", "q1", 3, ["x"]), line("a", "q1", 9, "y"), line("b", "q1", 1, "z")], "respondent,q1\na,y\nb,z\n", ""),
    )


def test_multiple_choice(candidate):
    expect(
        candidate,
        (
            [line("a", "q2", 1, ["b", "a "]), line("b", "q2", 1, " c"), line("c", "q2", 1, []), line("d", "q1", 1, True)],
            "respondent,q1,q2:a,q2:b,q2:c\na,,1,1,0\nb,,0,0,1\nc,,0,0,0\nd,yes,,,\n",
            "",
        ),
        (
            [line("a", "q2", 1, ["é", "z", "Z", "x,y"]), line("a", "q2", 0, ["gone"])],
            'respondent,q2:Z,"q2:x,y",q2:z,q2:é\na,1,1,1,1\n',
            "",
        ),
        ([line("a", "q2", 1, []), line("a", "q7", 1, "k")], "respondent,q7\na,k\n", ""),
    )


def test_values(candidate):
    values = [4.0, -3, 2.50, 0.1, 1e3, True, False, "", " a\nb ", "007", 12345678901234567890, -0.25]
    lines = [line(f"r{number}", "q1", 1, value) for number, value in enumerate(values)]
    ((out, _),) = pivot(candidate, "\n".join(lines))
    got = [row[1] for row in csv.reader(io.StringIO(out))][1:]
    expected = ["4", "-3", "2.5", "0.1", "1000", "yes", "no", "", "a\nb", "007", "12345678901234567890", "-0.25"]
    assert got == expected, f"expected {expected}, got {got}"


def test_lines_that_are_not_valid(candidate):
    good = line("a", "q1", 1, "x")
    lacking = json.dumps({"respondent": "z", "question": "q9", "answer": 1})
    expect(
        candidate,
        ([good, "  ", "nonsense", "[1]", "", lacking, '"text"', "null", good], "respondent,q1\na,x\n", "skipped 5 lines"),
        ([good, "\t"], "respondent,q1\na,x\n", ""),
        ([good[:-1] + ', "more": [1]}'], "respondent,q1\na,x\n", ""),
        (["{"], "respondent\n", "skipped 1 lines"),
        ([""], "respondent\n", ""),
        ([line("b", "q1", 5, None), line("a", "q1", 1, None)], "respondent\nb\na\n", ""),
    )


def oracle(events):
    final, people = {}, []
    for number, (person, question, at, answer) in enumerate(events):
        if person not in people:
            people.append(person)
        final[person, question] = max(final.get((person, question), (-1, 0, 0)), (at, number, answer), key=lambda event: event[:2])
    rows = [["respondent"]] + [[person] for person in people]
    for question in sorted({event[1] for event in events}, key=lambda name: (len(name), name)):
        given = [final.get((person, question), (0, 0, None))[2] for person in people]
        if any(isinstance(answer, list) for answer in given):
            lists = [[answer] if isinstance(answer, str) else answer for answer in given]
            for option in sorted({option for chosen in lists for option in chosen or []}):
                rows[0].append(f"{question}:{option}")
                for row, chosen in zip(rows[1:], lists, strict=True):
                    row.append("" if chosen is None else "1" if option in chosen else "0")
        elif any(answer is not None for answer in given):
            rows[0].append(question)
            for row, answer in zip(rows[1:], given, strict=True):
                row.append("" if answer is None else {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer))
    return rows


def test_random_exports(candidate):
    rng = random.Random(99)
    exports = []
    for size in (15, 60, 400, 1500):
        events = []
        for _ in range(size):
            number = rng.choice([1, 2, 3, 9, 10, 11, 100])
            words = ["red", "blue", "Green", "x", "öl"]
            single = [rng.randrange(9), rng.random() < 0.5, rng.choice(words), None]
            many = [rng.sample(words, rng.randrange(4)), rng.choice(words), None]
            answer = rng.choice(many if number in (2, 10, 100) else single)
            events.append((f"p{rng.randrange(size // 3)}", f"q{number}", rng.randrange(40000), answer))
        exports.append(events)
    results = pivot(candidate, *("\n".join(line(*event) for event in events) for events in exports))
    for events, (out, _) in zip(exports, results, strict=True):
        got, expected = list(csv.reader(io.StringIO(out))), oracle(events)
        assert got == expected, f"{len(events)} lines: expected {str(expected)[:400]}, got {str(got)[:400]}"
