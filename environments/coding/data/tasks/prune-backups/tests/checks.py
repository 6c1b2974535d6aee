"""Hidden checks: periods, series, holds, names, usage; random folders against an oracle."""

import random
from datetime import date, datetime, timedelta

TREES = """
import os, shutil, subprocess

def text(data):
    return data.decode("utf-8", "surrogateescape")

def build(folder, tree):
    for path, content, mode in tree:
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if content is None:
            os.makedirs(full, exist_ok=True)
        elif isinstance(content, tuple):
            os.symlink(content[0], full)
        else:
            with open(full, "wb") as file:
                file.write(content.encode("utf-8", "surrogateescape"))
        if mode:
            os.chmod(full, mode)

def look(folder):
    seen = {}
    for here, folders, files in os.walk(folder):
        for name in folders + files:
            full = os.path.join(here, name)
            path = os.path.relpath(full, folder)
            if os.path.islink(full):
                seen[path] = (os.readlink(full),)
            elif os.path.isdir(full):
                seen[path] = None
            else:
                with open(full, "rb") as file:
                    seen[path] = text(file.read())
    return seen

def run(number, case):
    folder = f"case-{number}"
    build(folder, case["tree"])
    env = {**os.environ, "LC_ALL": "C.UTF-8", **case.get("env", {})}
    outcomes = []
    for argv in case["runs"]:
        argv = [part.encode("utf-8", "surrogateescape") for part in argv]
        done = subprocess.run(argv, cwd=folder, input=case.get("stdin", "").encode(), capture_output=True, env=env, timeout=60)
        outcomes.append((done.returncode, text(done.stdout), text(done.stderr)))
    seen = look(folder)
    modes = {path: os.stat(os.path.join(folder, path)).st_mode & 0o777 for path in seen if not isinstance(seen[path], tuple)}
    shutil.rmtree(folder)
    return outcomes, seen, modes

[run(number, case) for number, case in enumerate(CASES)]
"""


def run_all(candidate, cases):
    """Run the commands of each case in a tree of its own; gives their results, what is there afterwards, and the modes."""
    return candidate.evaluate(TREES.replace("CASES", repr(cases)), timeout=90)


def tree(entries, **modes):
    """(path, content, mode) from contents by path: None is a folder, a tuple of a target a link."""
    return [(path, content, modes.get(path, 0)) for path, content in entries.items()]


def backup(series, stamp):
    return f"{series}_{stamp}.tar.gz"


def case(entries, *arguments):
    return {"tree": tree(entries), "runs": [["sh", "../prune.sh", *arguments]]}


def compare(candidate, cases):
    """Cases: entries, arguments, the names that are deleted, and those of other entries that go with them."""
    for (entries, arguments, gone, *more), (outcomes, seen, _) in zip(cases, run_all(candidate, [case(entries, *arguments) for entries, arguments, *_ in cases]), strict=True):
        code, out, err = outcomes[0]
        about = f"{arguments} with {sorted(entries)}"
        assert code == 0, f"{about}: expected exit code 0, got {code}: {err[-300:]}"
        wanted = sorted((path.rsplit("/", 1)[-1] for path in gone), key=lambda name: name.encode("utf-8", "surrogateescape"))
        assert out == "".join(f"{name}\n" for name in wanted), f"{about}: expected to be printed: {wanted}, got {out!r}"
        left = {path for path, content in seen.items() if content is not None or path in entries}
        expected = set(entries) if "-n" in arguments else set(entries) - set(gone) - set(more[0] if more else ())
        assert left == expected, f"{about}: wrongly deleted {sorted(expected - left)}, wrongly left {sorted(left - expected)}"


def files(*names):
    return dict.fromkeys(names, "x")


def days(*stamps, series="s", folder="b/"):
    return [folder + backup(series, stamp) for stamp in stamps]


def test_days(candidate):
    names = days("2024-05-01_0000", "2024-05-01_2359", "2024-05-03_1200", "2024-05-09_0100", "2024-05-09_0059")
    compare(
        candidate,
        [
            (files(*names), ["-d2", "-w0", "-m0", "b"], [names[0], names[1], names[4]]),
            (files(*names), ["-d", "3", "-w", "0", "-m", "0", "b"], [names[0], names[4]]),
            (files(*names), ["-d", "0", "-w", "0", "-m", "0", "b"], [name for name in names if name != names[3]]),
            (files(*names), ["-n", "-d", "1", "-w", "0", "-m", "0", "b/"], [name for name in names if name != names[3]]),
            (files(*names), ["b"], [names[0], names[4]]),
            ({"b": None}, ["b"], []),
        ],
    )


def test_weeks_and_months(candidate):
    turn = days("2019-12-28_1000", "2019-12-30_1000", "2020-01-05_1000", "2020-12-31_1000", "2021-01-03_0900", "2021-01-04_1000")
    sundays = days("2024-05-05_1000", "2024-05-06_1000", "2024-05-12_1000", "2024-05-13_1000")
    months = days("2023-12-31_1000", "2024-02-01_1000", "2024-02-28_1000", "2024-02-28_1001", "2024-04-30_1000")
    compare(
        candidate,
        [
            (files(*turn), ["-d", "0", "-w", "9", "-m", "0", "b"], [turn[1], turn[3]]),
            (files(*turn), ["-d", "0", "-w", "2", "-m", "0", "b"], turn[:4]),
            (files(*sundays), ["-d", "0", "-w", "3", "-m", "0", "b"], [sundays[1]]),
            (files(*months), ["-d", "0", "-w", "0", "-m", "3", "b"], [months[1], months[2]]),
            (files(*months), ["-d", "0", "-w", "0", "-m", "2", "b"], months[:3]),
            (files(*months), ["-d", "1", "-w", "2", "-m", "1", "b"], months[:3]),
        ],
    )


def test_series_are_apart(candidate):
    one, two = days("2024-01-01_0000", "2024-01-01_0100"), days("2024-03-01_0000", "2024-03-01_0100", series="s_2024-01-01_0000")
    three = days("2024-06-01_0000", "2024-05-01_0000", series="S")
    compare(candidate, [(files(*one, *two, *three), ["-d", "1", "-w", "0", "-m", "0", "b"], [one[0], two[0], three[1]])])


def test_holds_and_sums(candidate):
    names = days("2024-05-01_0000", "2024-05-02_0000", "2024-05-03_0000", "2024-05-03_1000")
    extra = [f"{name}.sha256" for name in names] + [f"{names[0]}.hold", f"{names[3]}.hold", f"{names[1]}.md5", f"{names[2]}.hold.old"]
    alone = ["b/s_2024-01-01_0000.tar.gz.sha256", "b/s_2024-01-02_0000.tar.gz.hold"]
    compare(
        candidate,
        [
            (files(*names, *extra, *alone), ["-d", "1", "-w", "0", "-m", "0", "b"], names[1:3], [f"{name}.sha256" for name in names[1:3]]),
            (files(*names, *extra, *alone), ["-n", "-d", "1", "-w", "0", "-m", "0", "b"], names[1:3]),
        ],
    )


def test_what_is_no_backup(candidate):
    new = days("2024-12-01_0000")
    others = files(
        "b/s_2024-02-30_0000.tar.gz", "b/s_2024-13-01_0000.tar.gz", "b/s_2024-01-01_2400.tar.gz", "b/s_2024-01-01_1260.tar.gz", "b/_2024-01-01_0000.tar.gz", "b/.s_2024-01-01_0000.tar.gz", "b/s_2024-01-01_0000.tar.gz.part",
        "b/s-2024-01-01_0000.tar.gz", "b/s_2024-1-01_0000.tar.gz", "b/s_2024-01-01_000.tar.gz", "b/s_2024-01-01_0000.tgz", "b/s\n_2024-01-01_0000.tar.gz", "b/s_2024-01-01_0000.tar.gz\n", "b/sub/s_2024-01-01_0000.tar.gz", "b/notes", "b/s_2023-02-29_0000.tar.gz",
        "b/x\ns_2024-01-01_0000.tar.gz", "b/s_2024-01-00_0000.tar.gz", "b/s_2024-01-01_0000Ztar.gz",
    )  # fmt: skip
    others |= {"b/s_2024-01-02_0000.tar.gz": ("nowhere",), "b/s_2024-01-03_0000.tar.gz": ("notes",), "b/s_2024-01-04_0000.tar.gz": None, "b/s_2024-01-04_0000.tar.gz/inside": "x"}
    real = days("2024-01-05_0000")
    compare(candidate, [({**files(*new, *real), **others}, ["-d", "1", "-w", "0", "-m", "0", "b"], real)])


def test_names(candidate):
    series = ["a b", "-n", "--", "*", "[s]", "a\tb", "back\\n", "'q\"", "$(x)", "\udcff", "s_2020-01-01_0000", "%s", " ", "é", "a  b", "~", "s.tar.gz", "__"]
    gone, kept = [], []
    for name in series:
        gone += days("2024-01-01_0000", series=name, folder="-d [x]*/")
        kept += days("2024-01-01_0001", series=name, folder="-d [x]*/")
    others = files("-d x/s_2024-01-01_0000.tar.gz", "-d x/s_2024-01-02_0000.tar.gz")
    compare(candidate, [({**files(*gone, *kept), **others}, ["-d1", "-w0", "-m0", "--", "-d [x]*"], gone)])


def test_usage(candidate):
    entries = {**files(*days("2024-01-01_0000", "2024-01-01_0001")), "file": "x"}
    wrong = [[], ["b", "b"], ["-x", "b"], ["-d", "x", "b"], ["-w", "", "b"], ["-m", "-1", "b"], ["-d"], ["none"], ["file"], ["-d", "1.5", "b"], ["-m", "b"]]
    for arguments, (outcomes, seen, _) in zip(wrong, run_all(candidate, [case(entries, *arguments) for arguments in wrong]), strict=True):
        code, out, err = outcomes[0]
        assert (code, out) == (2, "") and err.strip(), f"{arguments}: expected exit code 2 and a message, got {code}, {out!r}, {err!r}"
        assert {path for path in seen if seen[path] is not None} == set(entries), f"{arguments}: something was deleted: {seen}"


def oracle(stamps, numbers, held):
    """Stamps of one series that are deleted."""
    kept = {max(stamps), *held}
    periods = (lambda day: day, lambda day: day.isocalendar()[:2], lambda day: (day.year, day.month))
    for number, period in zip(numbers, periods, strict=True):
        newest = {}
        for stamp in sorted(stamps):
            newest[period(date.fromisoformat(stamp[:10]))] = stamp
        kept.update(newest[key] for key in sorted(newest)[len(newest) - min(number, len(newest)) :])
    return set(stamps) - kept


def test_random_folders(candidate):
    rng = random.Random(52)
    cases = []
    for span in (30, 90, 400, 1500):
        numbers, entries, gone = [rng.randrange(6) for _ in range(3)], {}, []
        for series in ("home", "home dir"):
            moments = [datetime(2020, 12, 20) + timedelta(minutes=rng.randrange(span * 1440)) for _ in range(30)]
            stamps = {f"{moment:%Y-%m-%d_%H%M}" for moment in moments}
            held = {stamp for stamp in stamps if rng.random() < 0.1}
            entries |= files(*days(*stamps, series=series), *(f"{name}.hold" for name in days(*held, series=series)))
            gone += days(*oracle(stamps, numbers, held), series=series)
        arguments = [part for option, number in zip("dwm", numbers, strict=True) for part in (f"-{option}", str(number))]
        cases.append((entries, [*arguments, "b"], gone))
    compare(candidate, cases)
