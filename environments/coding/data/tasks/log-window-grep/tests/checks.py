"""Hidden checks: entries, windows, patterns, context, several files, errors; random logs against an oracle."""

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

A = "2024-05-01 08:00:00 a one\n2024-05-01 08:10:00.5 b two\n  more of two\n\n2024-05-01T08:20:00 c three\n2024-05-02 00:00:00 d Four\n"


def grep(*arguments, stdin="", **files):
    return {"argv": ["python3", "loggrep.py", *arguments], "stdin": stdin, "files": files}


def compare(candidate, cases):
    """Cases: the run, exit code, stdout."""
    for (job, code, out), (got_code, got_out, err) in zip(cases, run_all(candidate, [case[0] for case in cases]), strict=True):
        about = f"{job['argv'][2:]} {job['stdin']!r} {job['files']}"
        assert got_code == code, f"{about}: expected exit code {code}, got {got_code}: {err[-300:]}"
        got_out = "\n".join(line.replace(line.split("/")[0] + "/", "") if line.startswith("case-") else line for line in got_out.split("\n"))
        assert got_out == out, f"{about}: expected {out!r}, got {got_out!r}"
        assert (code == 2) == bool(err.strip()) and "Traceback" not in err, f"{about}: stderr is {err[-300:]!r}"


def some(*letters):
    """Entries of the log `A`."""
    parts = {"a": A[:26], "b": A[26:69], "c": A[69:97], "d": A[97:]}
    return "".join(parts[letter] for letter in letters)


def test_the_example(candidate):
    failed = "2024-05-01T08:30:00.250 ERROR pump failed\nTraceback (most recent call last):\n  pump.py line 7: PressureError: 12 bar\n"
    empty = "2024-05-01 08:45:00 ERROR kettle empty\n"
    compare(
        candidate,
        [
            (grep("error", "boiler.log"), 1, ""),
            (grep("ERROR", "boiler.log"), 0, failed + empty),
            (grep("-i", "pressureerror", "boiler.log", "--to", "2024-05-01 08:31"), 0, failed),
            (grep("--from", "15m", "-c", ".", "boiler.log"), 0, "4\n"),
        ],
    )


def test_entries(candidate):
    odd = "before one\n2024-02-30 08:00:00 x one\n2024-05-01 08:00:00\none\n 2024-05-01 09:00:00 one\n2024-05-01 08:00:00,5 one\n2024-05-01 09:00:00.1234567 one\n2024-05-01 24:00:00 one\n2024-05-01 08:00 one\n2024-05-01 10:00:00.1 other"
    kept = odd[odd.index("2024-05-01 08:00:00\n") : odd.index("2024-05-01 10")]
    compare(
        candidate,
        [
            (grep("one", stdin=odd), 0, kept), (grep("other", stdin=odd), 0, "2024-05-01 10:00:00.1 other\n"), (grep("-c", "", stdin=odd), 0, "2\n"),
            (grep("before", stdin=odd), 1, ""), (grep("more", stdin=A), 0, some("b")), (grep("x", stdin=""), 1, ""), (grep("", stdin="no entries\n"), 1, ""),
            (grep("x", "{d}/raw", raw=b"2024-05-01 08:00:00 x\xff\r\x0b\n\xc3\n"), 0, "2024-05-01 08:00:00 x\ufffd\r\x0b\n\ufffd\n"),
        ],
    )  # fmt: skip


def test_windows(candidate):
    def window(*options):
        return grep(*options, ".", stdin=A)

    falling = "2024-05-01 10:00:00 x\n2024-05-01 09:00:00 x\n2024-05-01 08:30:00 x\n"
    late = "2024-05-01 10:00:00 x\n2024-05-01 09:00:00 x\n2024-05-01 10:00:00.000001 x\n"
    compare(
        candidate,
        [
            (window("--from", "2024-05-01 08:10:00.5"), 0, some(*"bcd")), (window("--from", "2024-05-01 08:10:00.51"), 0, some(*"cd")), (window("--to", "2024-05-01T08:20"), 0, some(*"ab")),
            (window("--to", "2024-05-01 08:20:00.000001"), 0, some(*"abc")), (window("--from", "2024-05-02"), 0, some("d")), (window("--to", "2024-05-02"), 0, some(*"abc")),
            (window("--from", "2024-05-01T08:05", "--to", "2024-05-01 08:15"), 0, some("b")), (window("--from", "56400s"), 0, some(*"cd")), (window("--from", "940m"), 0, some(*"cd")),
            (window("--to", "15h"), 0, some(*"abc")), (window("--to", "1d"), 1, ""), (window("--from", "0s"), 0, some("d")), (window("--from", "2h", "--to", "0m"), 1, ""),
            (window("--from", "2024-05-01 08:20", "--to", "2024-05-01 08:20"), 1, ""), (window("-v", "--from", "2024-05-02"), 1, ""),
            (grep("-v", "two", "--to", "2024-05-02", stdin=A), 0, some(*"ac")), (grep("x", "--from", "1h", stdin=late), 0, late.replace("2024-05-01 09:00:00 x\n", "")),
            (grep("x", "--from", "1h", stdin=falling), 0, falling[:44]),
            (grep("x", "--from", "30m", "-c", "{d}/a", "{d}/b", a="2024-05-01 08:00:00 x\n", b=late), 0, "a:0\nb:2\n"), (grep("x", "--from", "1h", stdin=""), 1, ""),
        ],
    )  # fmt: skip


def test_patterns(candidate):
    compare(
        candidate,
        [
            (grep("^  more", stdin=A), 0, some("b")), (grep("two$", stdin=A), 0, some("b")), (grep("b.*of", stdin=A), 1, ""), (grep(r"b[\s\S]*of", stdin=A), 0, some("b")),
            (grep("four", stdin=A), 1, ""), (grep("-i", "FOUR", stdin=A), 0, some("d")), (grep("-F", "b t.o", stdin=A), 1, ""), (grep("-F", "-i", "00.5 B", stdin=A), 0, some("b")),
            (grep("-F", "(", stdin="2024-05-01 08:00:00 (\n"), 0, "2024-05-01 08:00:00 (\n"), (grep("--", "-c", stdin="2024-05-01 08:00:00 -c\n"), 0, "2024-05-01 08:00:00 -c\n"),
            (grep(r"\A2024.*a", stdin=A), 0, some("a")), (grep("-v", "e", stdin=A), 0, some("d")), (grep("^$", stdin=A), 0, some("b")),
        ],
    )  # fmt: skip


def test_several_files(candidate):
    other = "2024-05-01 09:00:00 x two\nfoot"
    marked = "".join(f"a:{line}\n" for line in some("b").splitlines()) + "b:2024-05-01 09:00:00 x two\nb:foot\n"
    both = {"a": A, "b": other}
    compare(
        candidate,
        [
            (grep("two", "{d}/a", "{d}/b", **both), 0, marked), (grep("-c", "two", "{d}/a", "{d}/b", **both), 0, "a:1\nb:1\n"), (grep("-l", "foot", "{d}/a", "{d}/b", **both), 0, "b\n"),
            (grep("-l", "two", "{d}/a", **both), 0, "a\n"), (grep("-c", "-l", "foot", "{d}/a", "{d}/b", **both), 0, "a:0\nb:1\n"), (grep("-l", "one", stdin=A), 0, "(standard input)\n"),
            (grep("x", "{d}/b", "-", stdin=A, **both), 0, "b:2024-05-01 09:00:00 x two\nb:foot\n"), (grep("one", "-", "{d}/b", stdin=A, **both), 0, "(standard input):" + some("a")),
            (grep("-c", "zzz", "{d}/a", **both), 1, "0\n"), (grep("two", "{d}/none", "{d}/b", **both), 2, "b:2024-05-01 09:00:00 x two\nb:foot\n"), (grep("zzz", "{d}/none", "{d}/b", **both), 2, ""),
        ],
    )  # fmt: skip


def test_context(candidate):
    log = "".join(f"2024-05-01 08:0{number}:00 {letter}\n" for number, letter in enumerate("pqrstuvw"))
    lines = log.splitlines(keepends=True)

    def pick(text):
        return "".join("--\n" if letter == "|" else lines["pqrstuvw".index(letter)] for letter in text)

    def marked(name, text):
        return "".join("--\n" if letter == "|" else name + (":" if letter.isupper() else "-") + lines["pqrstuvw".index(letter.lower())] for letter in text)

    compare(
        candidate,
        [
            (grep("-A", "1", "[ps]$", stdin=log), 0, pick("pq|st")), (grep("-B", "1", "[ps]$", stdin=log), 0, pick("p|rs")), (grep("-C", "1", "[qt]$", stdin=log), 0, pick("pqrstu")),
            (grep("-C", "1", "[qv]$", stdin=log), 0, pick("pqr|uvw")), (grep("-A", "0", "[pr]$", stdin=log), 0, pick("pr")), (grep("-C", "2", "-A", "0", "[sw]$", stdin=log), 0, pick("qrs|uvw")),
            (grep("-B", "9", "t$", stdin=log), 0, pick("pqrst")), (grep("-A", "1", "--to", "2024-05-01 08:01", ".", stdin=log), 0, pick("pq")), (grep("-A", "1", "-c", "t$", stdin=log), 0, "1\n"),
            (grep("-A", "1", "z", stdin=log), 1, ""), (grep("-A", "1", "[qr]$", "{d}/1", "{d}/2", **{"1": log, "2": log}), 0, marked("1", "QRs") + "--\n" + marked("2", "QRs")),
            (grep("-B", "1", "-v", "[p-u]$", "{d}/1", "{d}/2", **{"1": log, "2": "2024-05-01 08:00:00 p\n"}), 0, marked("1", "uVW")),
        ],
    )  # fmt: skip


def test_wrong_usage(candidate):
    wrong = [
        [], ["(", "boiler.log"], ["x", "--from", "soon"], ["x", "--from", "2024-02-30"], ["x", "--to", "24:00"], ["x", "--to", "2024-05-01 25:00"], ["x", "--from", "5w"], ["x", "-A", "-1"],
        ["x", "-A", "z"], ["x", "--frob"], ["x", "--from"], ["x", "--to", "2024-05-01 08"],
    ]  # fmt: skip
    compare(candidate, [(grep(*arguments, stdin=A), 2, "") for arguments in wrong])


def test_random_logs(candidate):
    rng = random.Random(6)
    cases = []
    for _ in range(14):
        found, text = [], ""
        for _ in range(rng.randrange(1, 40)):
            minute = rng.randrange(600)
            lines = [f"2024-05-01 {minute // 60:02}:{minute % 60:02}:00 {rng.choice('wxyz')}"] + [rng.choice(["x", " y", ""]) for _ in range(rng.randrange(3))]
            found.append((minute, lines))
            text += "".join(line + "\n" for line in lines)
        begin, end, word = rng.randrange(300), rng.randrange(300, 600), rng.choice("xyz")
        before, after = rng.randrange(3), rng.randrange(3)
        hits = {place for place, (minute, lines) in enumerate(found) if begin <= minute < end and any(word in line for line in lines)}
        out, last = "", None
        for place, (_, lines) in enumerate(found):
            if any(place + step in hits for step in range(-after, before + 1)):
                out += "--\n" if before + after and last not in (None, place - 1) else ""
                out += "".join(line + "\n" for line in lines)
                last = place
        times = [f"2024-05-01 {minute // 60:02}:{minute % 60:02}" for minute in (begin, end)]
        cases.append((grep(word, "--from", times[0], "--to", times[1], "-A", str(after), "-B", str(before), stdin=text), int(not hits), out))
    compare(candidate, cases)
