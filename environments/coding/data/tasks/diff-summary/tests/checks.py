"""Hidden checks: hunks, paths, statuses, JSON and errors; random diffs whose numbers are known."""

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


def job(text, *options):
    return {"argv": ["python3", "difftally.py", *options], "stdin": text}


def tallies(candidate, cases):
    """Cases: diff and the expected lines of the summary, fields separated by `|`."""
    for (text, expected), (code, out, err) in zip(cases, run_all(candidate, [job(text) for text, _ in cases]), strict=True):
        assert code == 0, f"{text!r}: expected exit code 0, got {code}: {err[-300:]}"
        wanted = "\n".join(expected).replace("|", "\t") + "\n"
        assert out == wanted, f"{text!r}: expected {wanted!r}, got {out!r}"


def part(old, new, *lines):
    return "\n".join([f"diff --git a/{old} b/{new}", *lines]) + "\n"


def modified(path, *lines):
    return part(path, path, "index 1..2 100644", f"--- a/{path}", f"+++ b/{path}", *lines)


def test_the_example(candidate):
    text = candidate.read("example.diff")
    expected = ["M|+2|-1|src/tea pot.c", "R|+0|-0|docs/a.md => docs/guide.md", "A|-|-|logo.png", "3 files, +2, -1"]
    tallies(candidate, [(text, expected)])
    one, two = run_all(candidate, [{"argv": ["python3", "difftally.py", "example.diff"]}, job("")])
    assert one[:2] == (0, "\n".join(expected).replace("|", "\t") + "\n"), one
    assert two[:2] == (0, "0 files, +0, -0\n"), two


def test_hunks(candidate):
    tricky = modified("x", "@@ -1,3 +1,3 @@", "--- a/y", "+++ b/y", "-diff --git a/q b/q", "+@@ -1 +1 @@", " ")
    following = modified("x", "@@ -1 +1 @@", "-a", "+b", "-- ", "2.40", "+not counted", "-neither", "", "commit 5", "    new file mode x", "--- a/z", "+++ b/z")
    cases = [
        (tricky, ["M|+2|-2|x", "1 file, +2, -2"]),
        (following, ["M|+1|-1|x", "1 file, +1, -1"]),
        (modified("x", "@@ -0,0 +1,2 @@", "+a", "+", "\\ No newline at end of file"), ["M|+2|-0|x", "1 file, +2, -0"]),
        (modified("x", "@@ -1,2 +1 @@ f(x)", "-a", "\\ No newline", "", "@@ -9 +8,2 @@", " a", "+@@ -5 +5 @@"), ["M|+1|-1|x", "1 file, +1, -1"]),
        (modified("x", "@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"), ["M|+1|-1|x", "1 file, +1, -1"]),
        (modified("x", "@@ -1,3 +0,0 @@", "-", "--", "---"), ["M|+0|-3|x", "1 file, +0, -3"]),
        (modified("x", "@@ -1,2 +1,3 @@", " b\x0c+c\x1cd\u2028e\r", "-a\r", "+a", "+\x85"), ["M|+2|-1|x", "1 file, +2, -1"]),
        ("@@ -1,5 +1,5 @@\n+++ b/z\nnew file mode 1\n" + modified("x", "@@ -1 +1 @@", " a"), ["M|+0|-0|x", "1 file, +0, -0"]),
        (modified("x", "@@ -1 +1,2 @@", " a", "+b") + "\ncommit 2\n" + modified("x", "@@ -1 +0,0 @@", "-a"), ["M|+1|-0|x", "M|+0|-1|x", "2 files, +1, -1"]),
    ]
    tallies(candidate, cases)


def test_statuses(candidate):
    cases = [
        (part("n", "n", "new file mode 100644", "index 0..1", "--- /dev/null", "+++ b/n", "@@ -0,0 +1 @@", "+x"), ["A|+1|-0|n", "1 file, +1, -0"]),
        (part("n", "n", "deleted file mode 100644", "index 1..0", "--- a/n", "+++ /dev/null", "@@ -1,2 +0,0 @@", "-x", "-y"), ["D|+0|-2|n", "1 file, +0, -2"]),
        (part("e", "e", "new file mode 100644", "index 0..0"), ["A|+0|-0|e", "1 file, +0, -0"]),
        (part("m", "m", "old mode 100644", "new mode 100755"), ["M|+0|-0|m", "1 file, +0, -0"]),
        (part("o", "p", "similarity index 90%", "rename from o", "rename to p", "index 1..2", "--- a/o", "+++ b/p", "@@ -1 +1 @@", "-x", "+y"), ["R|+1|-1|o => p", "1 file, +1, -1"]),
        (part("o", "p", "similarity index 100%", "copy from o", "copy to p"), ["C|+0|-0|o => p", "1 file, +0, -0"]),
        (part("b", "b", "index 1..2", "Binary files a/b and b/b differ") + modified("c", "@@ -1 +1 @@", "-x", "+y"), ["M|-|-|b", "M|+1|-1|c", "2 files, +1, -1"]),
        (part("b", "b", "deleted file mode 1", "GIT binary patch", "literal 3", "+++ b/zzz", "--- a/zzz", "", "literal 0", ""), ["D|-|-|b", "1 file, +0, -0"]),
        (part("o", "p", "similarity index 80%", "rename from o", "rename to p", "Binary files a/o and b/p differ"), ["R|-|-|o => p", "1 file, +0, -0"]),
    ]
    tallies(candidate, cases)


def test_paths(candidate):
    cases = [
        (part("x b/y", "x b/y", "new file mode 1"), ["A|+0|-0|x b/y", "1 file, +0, -0"]),
        (part("a b/a b/a", "a b/a b/a", "old mode 1", "new mode 2"), ["M|+0|-0|a b/a b/a", "1 file, +0, -0"]),
        ('diff --git "a/n\\303\\266t\\te\\"q\\\\" "b/n\\303\\266t\\te\\"q\\\\"\nnew file mode 1\n', ['A|+0|-0|"n\u00f6t\\te\\"q\\\\"', "1 file, +0, -0"]),
        ('diff --git "a/\\303\\266" "b/\\303\\266"\nold mode 1\nnew mode 2\n', ["M|+0|-0|\u00f6", "1 file, +0, -0"]),
        ('diff --git "a/q\\"" "b/q\\""\nindex 1..2\n--- "a/q\\""\n+++ "b/q\\""\n@@ -1 +1 @@\n-a\n+b\n', ['M|+1|-1|q"', "1 file, +1, -1"]),
        ('diff --git "a/\\302\\2401" "b/x y"\nrename from "\\302\\2401"\nrename to x y\n', ["R|+0|-0|\u00a01 => x y", "1 file, +0, -0"]),
        ('diff --git "a/\\001" "b/\\177"\nrename from "\\001"\nrename to "\\177"\n', ['R|+0|-0|"\\u0001" => "\\u007f"', "1 file, +0, -0"]),
        (part("x y", "x y", "index 1..2", "--- a/x y\t", "+++ b/x y\t", "@@ -1 +1 @@", " a"), ["M|+0|-0|x y", "1 file, +0, -0"]),
        (part("b/a/x", "b/a/x", "--- a/b/a/x", "+++ b/b/a/x", "@@ -1 +1 @@", " a"), ["M|+0|-0|b/a/x", "1 file, +0, -0"]),
        ('diff --git "a/\\a\\b\\v\\f\\r\\n" "b/\\a\\b\\v\\f\\r\\n"\ndeleted file mode 1\n', ['D|+0|-0|"\\u0007\\b\\u000b\\f\\r\\n"', "1 file, +0, -0"]),
    ]
    # JSON strings may be escaped in more than one way: U+007F and characters beyond ASCII are compared by value.
    for (text, expected), (code, out, err) in zip(cases, run_all(candidate, [job(text) for text, _ in cases]), strict=True):
        assert code == 0, f"{text!r}: expected exit code 0, got {code}: {err[-300:]}"

        def plain(line):
            head, _, path = line.rpartition("\t")
            return head, [json.loads(name) if name.startswith('"') else name for name in path.split(" => ")], path.startswith('"')

        wanted = [line.replace("|", "\t") for line in expected]
        assert [plain(line) for line in out.splitlines()] == [plain(line) for line in wanted], f"{text!r}: expected {wanted}, got {out!r}"


def test_json(candidate):
    text = (
        part("n", "n", "new file mode 1", "Binary files /dev/null and b/n differ")
        + part("d", "d", "deleted file mode 1", "--- a/d", "+++ /dev/null", "@@ -1 +0,0 @@", "-x")
        + part("o", "p", "copy from o", "copy to p")
        + 'diff --git "a/t\\t" "b/t\\t"\nold mode 1\nnew mode 2\n'
    )
    rows = [("A", None, "n", None, None, True), ("D", "d", None, 0, 1, False), ("C", "o", "p", 0, 0, False), ("M", "t\t", "t\t", 0, 0, False)]
    names = ("status", "old", "new", "added", "removed", "binary")
    one, two = run_all(candidate, [job(text, "--json"), job("no diff\n", "--json")])
    assert one[0] == 0 and json.loads(one[1]) == [dict(zip(names, row, strict=True)) for row in rows], one
    assert two[0] == 0 and json.loads(two[1]) == [], two


def test_errors_and_bytes(candidate):
    cases = [
        (modified("x", "@@ -1,2 +1,2 @@", " a"), 6), (modified("x", "@@ -1,2 +1,2 @@", " a", "b", " c"), 7), (modified("x", "@@ -1 +1,2 @@", "-a", "-b"), 7),
        (modified("x", "@@ -1,2 +1 @@", "+a", " b", "-c"), 7), (modified("x", "@@ -1 +1 @@"), 5), (modified("x", "@@ -1 +1 @@", "-a") + part("y", "y"), 7),
    ]  # fmt: skip
    results = run_all(candidate, [job(text) for text, _ in cases] + [job("", "--frob"), job("", "{d}/none"), job("", "a", "b")])
    for (text, line), (code, out, err) in zip(cases, results, strict=False):
        assert (code, out) == (1, ""), f"{text!r}: expected exit code 1 and no output, got {code} and {out!r}"
        assert err.startswith(f"line {line}: "), f"{text!r}: expected line {line} in the message, got {err[-300:]!r}"
    for code, out, err in results[len(cases) :]:
        assert (code, out) == (2, "") and err.strip() and "Traceback" not in err, (code, out, err[-300:])
    raw = modified("x", "@@ -1 +1,2 @@", "-a", "+b", "+c").encode().replace(b"+b", b"+\xff\x85\xe9")
    ((code, out, err),) = run_all(candidate, [{"argv": ["python3", "difftally.py", "{d}/raw"], "files": {"raw": raw}}])
    assert (code, out) == (0, "M\t+2\t-1\tx\n1 file, +2, -1\n"), (code, out, err[-300:])


def test_random_diffs(candidate):
    rng = random.Random(20)
    contents = ["", "a", "-- a/x", "++ b/x", "@@ -1 +1 @@", " b", "diff --git a/x b/x", "\\", "- ", "new file mode 1", "Binary files differ"]
    cases = []
    for _ in range(8):
        text, expected, sums = "Some text\n", [], [0, 0]
        for number in range(rng.randrange(1, 12)):
            path = f"d{number}/{rng.choice(['x', 'x b/x', 'q r'])}"
            lines, counts = [], {"+": 0, "-": 0}
            for _ in range(rng.randrange(1, 4)):
                kinds = [rng.choice("+- ") for _ in range(rng.randrange(1, 9))]
                old, new = sum(kind != "+" for kind in kinds), sum(kind != "-" for kind in kinds)
                sides = [f"{side}{7 if count else 0}" + (f",{count}" if count != 1 or rng.random() < 0.3 else "") for side, count in (("-", old), ("+", new))]
                lines.append(f"@@ {sides[0]} {sides[1]} @@" + rng.choice(["", " +++ b/f"]))
                for kind in kinds:
                    body = rng.choice(contents)
                    lines.append("" if kind == " " and not body and rng.random() < 0.5 else kind + body)
                    counts["+"] += kind == "+"
                    counts["-"] += kind == "-"
                    if rng.random() < 0.1:
                        lines.append("\\ No newline at end of file")
            text += modified(path, *lines)
            expected.append(f"M|+{counts['+']}|-{counts['-']}|{path}")
            sums = [sums[0] + counts["+"], sums[1] + counts["-"]]
        expected.append(f"{len(expected)} file{'' if len(expected) == 1 else 's'}, +{sums[0]}, -{sums[1]}")
        cases.append((text, expected))
    tallies(candidate, cases)
