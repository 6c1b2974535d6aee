"""Hidden checks: moving, gaps, limits, compression, hostile names, usage; random folders against an oracle."""

import random
import re

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

MARK = "gzip of "


def packed(text):
    """What stands for a compressed archive in expectations: its content, marked."""
    return MARK + text


def case(entries, *runs, **modes):
    """Entries by path; contents that are marked are compressed by gzip itself in a first run."""
    commands = []
    plain = {}
    for path, content in entries.items():
        if isinstance(content, str) and content.startswith(MARK):
            plain[path.removesuffix(".gz")] = content.removeprefix(MARK)
            commands.append(["gzip", "-n", "--", path.removesuffix(".gz")])
        else:
            plain[path] = content
    return {"tree": tree(plain, **modes), "runs": commands + [["sh", "../rotate.sh", *run] for run in runs]}


READ = """
import gzip, os
BODY
def opened(result):
    outcomes, seen, modes = result
    for path in seen:
        if path.endswith(".gz") and isinstance(seen[path], str):
            try:
                seen[path] = "gzip of " + gzip.decompress(seen[path].encode("utf-8", "surrogateescape")).decode()
            except OSError as error:
                seen[path] = f"not gzip: {error}"
    return outcomes, seen, modes

[opened(run(number, case)) for number, case in enumerate(CASES)]
"""


def results(candidate, cases):
    body = TREES.rpartition("\n[")[0]
    return candidate.evaluate(READ.replace("BODY", body).replace("CASES", repr(cases)), timeout=90)


def compare(candidate, cases):
    """Cases: entries, the arguments, exit code, entries afterwards."""
    found = results(candidate, [case(entries, arguments) for entries, arguments, _, _ in cases])
    for (entries, arguments, code, expected), (outcomes, seen, _) in zip(cases, found, strict=True):
        got_code, out, err = outcomes[-1]
        about = f"{arguments} with {entries}"
        assert got_code == code, f"{about}: expected exit code {code}, got {got_code}: {err[-300:]}"
        assert out == "", f"{about}: nothing should go to stdout, got {out!r}"
        assert bool(err.strip()) == bool(code), f"{about}: stderr is {err!r}"
        assert seen == expected, f"{about}: expected {expected}, got {seen}"


def test_moving(candidate):
    compare(
        candidate,
        [
            ({"a": "new"}, ["a"], 0, {"a": "", "a.1": "new"}),
            ({"a": "n", "a.1": "1", "a.2": "2"}, ["a"], 0, {"a": "", "a.1": "n", "a.2": "1", "a.3": "2"}),
            ({"a": "n", "a.1": "1", "a.2": "2", "a.5": "5"}, ["a"], 0, {"a": "", "a.1": "n", "a.2": "1", "a.3": "2", "a.5": "5"}),
            ({"a": "n", "a.2": "2", "a.3": "3"}, ["a"], 0, {"a": "", "a.1": "n", "a.2": "2", "a.3": "3"}),
            ({"a": "n", "b": "m", "b.1": "1"}, ["a", "b"], 0, {"a": "", "a.1": "n", "b": "", "b.1": "m", "b.2": "1"}),
            ({"d/a": "n", "d/a.1": "1", "a.1": "x"}, ["d/a"], 0, {"d": None, "d/a": "", "d/a.1": "n", "d/a.2": "1", "a.1": "x"}),
            ({"a": "n", **{f"a.{number}": f"{number}" for number in range(1, 12)}}, ["-k", "20", "a"], 0, {"a": "", "a.1": "n", **{f"a.{number + 1}": f"{number}" for number in range(1, 12)}}),
        ],
    )


def test_keeping(candidate):
    five = {f"a.{number}": f"{number}" for number in range(1, 6)}
    moved = {f"a.{number + 1}": f"{number}" for number in range(1, 5)}
    compare(
        candidate,
        [
            ({"a": "n", **five}, ["a"], 0, {"a": "", "a.1": "n", **moved}),
            ({"a": "n", **five}, ["-k", "2", "a"], 0, {"a": "", "a.1": "n", "a.2": "1"}),
            ({"a": "n", "a.1": "1"}, ["-k1", "a"], 0, {"a": "", "a.1": "n"}),
            ({"a": "n", "a.7": "7", "a.10": "10", "a.3": "3", "a.99999999999999999999": "x"}, ["-k", "7", "a"], 0, {"a": "", "a.1": "n", "a.3": "3", "a.7": "7"}),
            ({"a": "n", "a.1": "1", "a.9.gz": packed("9")}, ["a"], 0, {"a": "", "a.1": "n", "a.2": "1"}),
        ],
    )


def test_other_files(candidate):
    others = {"a.old": "o", "a.01": "o", "a.1.bak": "o", "a.2.gz.tmp": "o", "a.0": "o", "a.": "o", "a.1x": "o", "b.1": "o", "aa.1": "o", "a.-1": "o", "a.9 ": "o", "a.99.g": "o", "a.007": "o"}
    compare(
        candidate,
        [
            ({"a": "n", **others}, ["a"], 0, {"a": "", "a.1": "n", **others}),
            ({"a": "n", "a.1": "1", **others}, ["-z", "-k", "3", "a"], 0, {"a": "", "a.1": "n", "a.2.gz": packed("1"), **others}),
        ],
    )


def test_sizes(candidate):
    start = {"a": "", "a.1": "1", "a.9": "9", "b": "12345", "b.1": "1"}
    compare(
        candidate,
        [
            (start, ["a"], 0, start),
            (start, ["-s", "6", "a", "b"], 0, start),
            (start, ["-s", "5", "a", "b"], 0, {"a": "", "a.1": "1", "a.9": "9", "b": "", "b.1": "12345", "b.2": "1"}),
            (start, ["-s", "0", "a"], 0, {"a": "", "a.1": "", "a.2": "1", "b": "12345", "b.1": "1"}),
            ({"a": "ä"}, ["-s2", "a"], 0, {"a": "", "a.1": "ä"}),
        ],
    )


def test_compression(candidate):
    compare(
        candidate,
        [
            ({"a": "n"}, ["-z", "a"], 0, {"a": "", "a.1": "n"}),
            ({"a": "n", "a.1": "1\n"}, ["-z", "a"], 0, {"a": "", "a.1": "n", "a.2.gz": packed("1\n")}),
            ({"a": "n", "a.1": "1", "a.2.gz": packed("2"), "a.3.gz": packed("3")}, ["-z", "-k", "3", "a"], 0, {"a": "", "a.1": "n", "a.2.gz": packed("1"), "a.3.gz": packed("2")}),
            ({"a": "n", "a.1.gz": packed("1"), "a.2": "2"}, ["a"], 0, {"a": "", "a.1": "n", "a.2.gz": packed("1"), "a.3": "2"}),
            ({"a": "n", "a.1": "1", "a.2": "2", "a.4": "4"}, ["-zk", "9", "a"], 0, {"a": "", "a.1": "n", "a.2.gz": packed("1"), "a.3.gz": packed("2"), "a.4.gz": packed("4")}),
        ],
    )


def test_names(candidate):
    names = ["two words", "-k", "--", "a\nb", "*", "[ab].log", "back\\slash", "'\"", "$HOME", "d i r/x\n", "\udcff\udcfe", "x.1", "~", "end.", "-z.log", "\n", "%s%d", "#", "d[1]/y"]
    entries, expected = {}, {}
    for number, name in enumerate(names):
        entries |= {name: f"n{number}", f"{name}.1": f"o{number}", f"{name}.6": "gone"}
        expected |= {name: "", f"{name}.1": f"n{number}", f"{name}.2.gz": packed(f"o{number}")}
    entries["a.log"], entries["b.log"] = "kept", "kept"
    folders = {"d i r": None, "d[1]": None}
    compare(candidate, [(entries, ["-z", "--", *names], 0, {**expected, **folders, "a.log": "kept", "b.log": "kept"})])


def test_modes(candidate):
    start = case({"a": "n", "a.1": "1"}, ["-z", "a"], **{"a": 0o640, "a.1": 0o604})
    ((outcomes, _, modes),) = results(candidate, [start])
    assert outcomes[-1][0] == 0, outcomes
    assert modes == {"a": 0o640, "a.1": 0o640, "a.2.gz": 0o604}, {path: oct(mode) for path, mode in modes.items()}


def test_errors(candidate):
    start = {"a": "n", "d": None, "l": ("a",), "gone": ("nowhere",)}
    done = {"a": "", "a.1": "n", "d": None, "l": ("a",), "gone": ("nowhere",)}
    wrong = [[], ["-z"], ["-x", "a"], ["-k", "0", "a"], ["-k", "x", "a"], ["-k", "", "a"], ["-s", "-1", "a"], ["-s", "1k", "a"], ["-k"], ["-k", "1.5", "a"], ["--"]]
    compare(candidate, [(start, ["none", "a"], 1, done), (start, ["d", "l", "gone", "a"], 1, done), *((start, arguments, 2, start) for arguments in wrong)])
    ((outcomes, _, _),) = results(candidate, [case(start, ["none", "l", "a"])])
    assert "none" in outcomes[-1][2] and len(outcomes[-1][2].splitlines()) == 2, outcomes


def oracle(entries, keep, pack):
    """Archives of `a` after a rotation, from (number, content) with the mark of compressed ones."""
    numbers = {int(found[1]): content for path, content in entries.items() if (found := re.fullmatch(r"a\.([0-9]+)(\.gz)?", path))}
    after = {1: entries["a"]}
    for number in sorted(numbers):
        run = all(below in numbers for below in range(1, number))
        after[number + run] = numbers[number]
    result = {"a": ""}
    for number, content in after.items():
        if number <= keep:
            content = packed(content) if pack and number > 1 and not content.startswith(MARK) else content
            result[f"a.{number}" + (".gz" if content.startswith(MARK) else "")] = content
    return result


def test_random_folders(candidate):
    rng = random.Random(9)
    cases = []
    for _ in range(25):
        entries = {"a": "new"}
        for number in range(1, 13):
            if rng.random() < 0.6 + 0.3 * (number < 4):
                zipped = rng.random() < 0.4
                entries[f"a.{number}" + (".gz" if zipped else "")] = packed(f"c{number}") if zipped else f"c{number}"
        keep, pack = rng.randrange(1, 14), rng.random() < 0.5
        cases.append((entries, ["-k", str(keep), *(["-z"] if pack else []), "a"], 0, oracle(entries, keep, pack)))
    compare(candidate, cases)
