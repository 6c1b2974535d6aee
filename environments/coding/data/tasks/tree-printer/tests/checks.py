"""Hidden checks: the shape of the tree, paths of all kinds, options, errors; random listings against an oracle."""

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


def job(lines, *options, **more):
    return {"argv": ["python3", "tree.py", *options], "stdin": "".join(line + "\n" for line in lines), **more}


def compare(candidate, cases):
    """Cases: lines, options, expected output."""
    results = run_all(candidate, [job(lines, *options) for lines, options, _ in cases])
    for (lines, options, expected), (code, out, err) in zip(cases, results, strict=True):
        assert code == 0, f"{options} {lines}: expected exit code 0, got {code}: {err[-300:]}"
        assert out == expected, f"{options} {lines}: expected\n{expected}got\n{out}"


def tree(*lines, count):
    return "\n".join([*lines, "", count]) + "\n"


def test_the_example(candidate):
    expected = tree(
        ".", "├── docs", "│   ├── api", "│   │   └── index.md", "│   └── guide.md", "├── empty", "└── setup.py", count="3 directories, 3 files"
    )  # fmt: skip
    ((code, out, _), (again, same, _)) = run_all(
        candidate, [{"argv": ["python3", "tree.py", "listing.txt"]}, job(candidate.read("listing.txt").split("\n"))]
    )
    assert (code, out) == (0, expected), out
    assert (again, same) == (0, expected), f"stdin: {same}"


def test_paths(candidate):
    compare(
        candidate,
        [
            ([], (), tree(".", count="0 directories, 0 files")),
            (["", "/", "./", ".", "//"], (), tree(".", count="0 directories, 0 files")),
            (["/a//./b", "a/b", "./a/c/", "a/c"], (), tree(".", "└── a", "    ├── c", "    └── b", count="2 directories, 1 file")),
            (["a", "a/b"], (), tree(".", "└── a", "    └── b", count="1 directory, 1 file")),
            (["a/", "a"], (), tree(".", "└── a", count="1 directory, 0 files")),
            (["b/.", "c/./"], (), tree(".", "├── b", "└── c", count="2 directories, 0 files")),
            (["é", "z", "B", "a", "a.b/x", "a/x", "Z/"], (), tree(".", "├── Z", "├── a", "│   └── x", "├── a.b", "│   └── x", "├── B", "├── z", "└── é", count="3 directories, 5 files")),
            ([" a", "a ", " / "], (), tree(".", "├──  ", "│   └──  ", "├──  a", "└── a ", count="1 directory, 3 files")),
            (["...", "..a", "a..", ".x"], (), tree(".", "├── ...", "├── ..a", "├── .x", "└── a..", count="0 directories, 4 files")),
            (["a/b/c/d", "x"], (), tree(".", "├── a", "│   └── b", "│       └── c", "│           └── d", "└── x", count="3 directories, 2 files")),
        ],
    )


def test_depth(candidate):
    lines = ["a/b/c", "a/d", "e"]
    compare(
        candidate,
        [
            (lines, ("-d", "1"), tree(".", "├── a", "└── e", count="2 directories, 3 files")),
            (lines, ("-d", "2"), tree(".", "├── a", "│   ├── b", "│   └── d", "└── e", count="2 directories, 3 files")),
            (lines, ("-d", "30"), tree(".", "├── a", "│   ├── b", "│   │   └── c", "│   └── d", "└── e", count="2 directories, 3 files")),
        ],
    )


def test_sizes(candidate):
    lines = ["10\ta/b", "5\ta/c/d", "7\t./a/b", "100\te/", "3\tf", "9\tf/g", "0\th", "6\tx y"]
    full = tree(
        "[27] .", "├── [12] a", "│   ├── [5] c", "│   │   └── [5] d", "│   └── [7] b", "├── [0] e", "├── [9] f", "│   └── [9] g",
        "├── [0] h", "└── [6] x y", count="4 directories, 5 files",
    )  # fmt: skip
    cut = tree("[27] .", "├── [12] a", "├── [0] e", "├── [9] f", "├── [0] h", "└── [6] x y", count="4 directories, 5 files")
    compare(
        candidate,
        [
            (lines, ("-s",), full), (lines, ("-s", "-d", "1"), cut), (lines, ("-d", "1", "-s"), cut),
            (["5\t/"], ("-s",), tree("[0] .", count="0 directories, 0 files")), ([], ("-s",), tree("[0] .", count="0 directories, 0 files")),
            (["010\ta", "99999999999999999999\tb"], ("-s",), tree("[100000000000000000009] .", "├── [10] a", "└── [99999999999999999999] b", count="0 directories, 2 files")),
        ],
    )  # fmt: skip


def test_errors(candidate):
    cases = [
        (job(["a", "", "b/../c"]), 1, "line 3: "), (job([".."]), 1, "line 1: "), (job(["5\ta", "a"], "-s"), 1, "line 2: "), (job(["\ta"], "-s"), 1, "line 1: "),
        (job(["-5\ta"], "-s"), 1, "line 1: "), (job(["5 a"], "-s"), 1, "line 1: "), (job(["5\ta/.."], "-s"), 1, "line 1: "), (job(["a"], "-d", "0"), 2, ""), (job(["a"], "-d", "x"), 2, ""),
        (job(["a"], "-d"), 2, ""), (job(["a"], "-x"), 2, ""), (job([], "listing.txt", "listing.txt"), 2, ""), (job([], "{d}/none"), 2, ""), (job(["a"], "-d", "-1"), 2, ""),
    ]  # fmt: skip
    for (case, wanted, start), (code, out, err) in zip(cases, run_all(candidate, [case[0] for case in cases]), strict=True):
        about = f"{case['argv'][2:]} {case['stdin']!r}"
        assert (code, out) == (wanted, ""), f"{about}: expected exit code {wanted} and no output, got {code} and {out!r}"
        assert err.startswith(start) and err.strip() and "Traceback" not in err, f"{about}: expected a message {start!r}, got {err[-300:]!r}"


def oracle(paths):
    """The lines of a tree from (path, size), by looking at the set of all paths."""
    folders, files = {()}, {}
    for path, size in paths:
        names = tuple(name for name in path.split("/") if name)
        if path.endswith("/"):
            folders.add(names)
        else:
            files[names] = size
        folders.update(names[:length] for length in range(len(names)))
    files = {names: size for names, size in files.items() if names not in folders}

    def total(names):
        return sum(size for file, size in files.items() if file[: len(names)] == names)

    every = sorted([*folders - {()}, *files], key=lambda names: [(names[: place + 1] not in folders, name) for place, name in enumerate(names)])

    def last(names):
        return [other for other in every if other[:-1] == names[:-1]][-1] == names

    lines = [f"[{total(())}] ."]
    for names in every:
        bars = "".join("    " if last(names[:length]) else "│   " for length in range(1, len(names)))
        lines.append(f"{bars}{'└── ' if last(names) else '├── '}[{total(names)}] {names[-1]}")
    number = len(folders) - 1
    count = f"{number} director{'y' if number == 1 else 'ies'}, {len(files)} file{'' if len(files) == 1 else 's'}"
    return tree(*lines, count=count)


def test_random_listings(candidate):
    rng = random.Random(77)
    cases = []
    for size in [3, 8, 8, 20, 20, 60, 60, 200]:
        paths = []
        for _ in range(size):
            names = [rng.choice("abcdABÄ-") for _ in range(rng.randrange(1, 6))]
            paths.append(("/".join(names) + ("/" if rng.random() < 0.2 else ""), rng.randrange(1000)))
        cases.append(([f"{number}\t{path}" for path, number in paths], ("-s",), oracle(paths)))
    compare(candidate, cases)
