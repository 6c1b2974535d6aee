"""Hidden checks: kinds, order, options, names, links, usage; random trees against an oracle."""

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


def case(entries, *arguments):
    return {"tree": tree(entries), "runs": [["sh", "../space.sh", *arguments]]}


def compare(candidate, cases):
    """Cases: entries, arguments, the expected lines with `|` between the fields."""
    for (entries, arguments, lines), (outcomes, seen, _) in zip(cases, run_all(candidate, [case(entries, *arguments) for entries, arguments, _ in cases]), strict=True):
        code, out, err = outcomes[0]
        about = f"{arguments} with {list(entries)[:30]}"
        assert code == 0, f"{about}: expected exit code 0, got {code}: {err[-300:]}"
        wanted = "".join(line.replace("|", "\t") + "\n" for line in lines)
        assert out == wanted, f"{about}: expected {wanted!r}, got {out!r}"
        assert set(entries) <= set(seen), f"{about}: files are gone"


def one_kind(name):
    """The kind that a single file of this name should have."""
    found = re.search(r"(?s)(?<=.)\.([A-Za-z0-9]{1,8})\Z", name)
    return found[1].lower() if found else "-"


def test_kinds(candidate):
    names = {
        "a.txt": "txt", "A.TXT": "txt", "a.tar.gz": "gz", ".bashrc": "-", ".a.cfg": "cfg", "a.": "-", "a": "-", "a..b": "b", "a.b c": "-", "a.ä": "-", "a.7z": "7z", "a.abcdefgh": "abcdefgh", "a.abcdefghi": "-", "a.c++": "-",
        "..x": "x", "a.b.": "-", "a.x_y": "-", "a b.Txt": "txt", "x.jpg~": "-", "\n.log": "log", "a.lo\ng": "-", "a.log\n": "-", "-.c": "c", "d.d/a": "-", "d.d/.x": "-", "\udcff.h": "h", "x.\udcff": "-", "x.É": "-",
    }  # fmt: skip
    for name, kind in names.items():
        assert one_kind(name.rsplit("/", 1)[-1]) == kind
    cases = [({f"t/{name}": "123"}, ["t"], [f"{kind}|1|3", "total|1|3"]) for name, kind in names.items()]
    compare(candidate, cases)


def test_order(candidate):
    entries = {"t/a.txt": "12", "t/s/b.txt": "3", "t/.h/c.jpg": "1234567890", "t/d": "123", "t/e.7z": "äb", "t/f.zip": "", "t/g.aa": "", "t/h.B": "x" * 2000}
    lines = ["b|1|2000", "jpg|1|10", "-|1|3", "7z|1|3", "txt|2|3", "aa|1|0", "zip|1|0", "total|8|2019"]
    compare(candidate, [(entries, ["t"], lines), ({"t": None, "t/s": None}, ["t"], ["total|0|0"]), (entries, ["t/s/"], ["txt|1|1", "total|1|1"]), (entries, ["."], lines)])


def test_top(candidate):
    entries = {"t/a.x": "123", "t/b.y": "12", "t/c.z": "1", "t/d.z": ""}
    full = ["x|1|3", "y|1|2", "z|2|1", "total|4|6"]
    compare(
        candidate,
        [
            (entries, ["-t", "1", "t"], ["x|1|3", "others|3|3", "total|4|6"]),
            (entries, ["-t2", "t"], ["x|1|3", "y|1|2", "others|2|1", "total|4|6"]),
            (entries, ["-t", "3", "t"], full),
            (entries, ["-t", "10", "t"], full),
            ({"t": None}, ["-t", "1", "t"], ["total|0|0"]),
        ],
    )


def test_exclusion(candidate):
    entries = {"t/a.x": "1", "t/cache/b.x": "2", "t/d/cache/e/f.x": "3", "t/d/cache.x": "4", "t/mycache/g.x": "5", "t/h/cache": "6", "t/[a].x": "7", "t/i/a b.y": "8", "t/j\nk/l.y": "9"}
    compare(
        candidate,
        [
            (entries, ["-x", "cache", "t"], ["x|4|4", "y|2|2", "total|6|6"]),
            (entries, ["-x", "cach", "-x", "ache", "-x", "cache/b.x", "-x", "*", "t"], ["x|6|6", "y|2|2", "-|1|1", "total|9|9"]),
            (entries, ["-x", "[a].x", "-x", "a b.y", "-x", "j\nk", "-x", "h", "t"], ["x|5|5", "total|5|5"]),
            (entries, ["-x", "t", "t"], ["x|6|6", "y|2|2", "-|1|1", "total|9|9"]),
            (entries, ["-x", "a.x", "-t", "1", "t"], ["x|5|5", "others|3|3", "total|8|8"]),
            (entries, ["-x", "cache", "t/d/cache"], ["x|1|1", "total|1|1"]),
        ],
    )


def test_names_and_links(candidate):
    entries = {"-t/two words/-n.c": "12", "-t/line\nfeed.c/x\ny.c": "3", "-t/*.c": "4", "-t/back\\slash\\n.c": "5", "-t/'\".c": "", "-t/\udcff/\udcfe.c": "6", "-t/l.c": ("two words/-n.c",), "-t/dir": ("../other",), "other/z.c": "7", "link": ("other",), "-t/%s.c": "8", "-t/\t.c": "9"}
    compare(candidate, [(entries, ["--", "-t"], ["c|8|8", "total|8|8"]), (entries, ["link"], ["c|1|1", "total|1|1"]), (entries, ["./-t"], ["c|8|8", "total|8|8"])])


def test_usage(candidate):
    entries = {"t/a.x": "1", "file": "2"}
    wrong = [[], ["t", "t"], ["-q", "t"], ["-t", "t"], ["-t", "0", "t"], ["-t", "x", "t"], ["-t", "-1", "t"], ["-t", "", "t"], ["-x"], ["none"], ["file"], ["-t", "1.5", "t"], ["-x", "t"]]
    for arguments, (outcomes, _, _) in zip(wrong, run_all(candidate, [case(entries, *arguments) for arguments in wrong]), strict=True):
        code, out, err = outcomes[0]
        assert (code, out) == (2, "") and err.strip(), f"{arguments}: expected exit code 2 and a message, got {code}, {out!r}, {err!r}"


def test_random_trees(candidate):
    rng = random.Random(17)
    cases = []
    for _ in range(6):
        entries = {}
        for number in range(rng.randrange(5, 60)):
            folder = "/".join(rng.choice(["a", "b c", "D.x", ".e"]) for _ in range(rng.randrange(4)))
            name = f"{rng.choice(['f', '.g', 'h i', ''])}{number}{rng.choice(['.txt', '.TXT', '.c', '', '.', '.x y', '.tar.GZ', '.123456789'])}"
            entries["t/" + (f"{folder}/" if folder else "") + name] = "x" * rng.choice([0, 1, 5, rng.randrange(3000)])
        kinds = {}
        for path, content in entries.items():
            kind = kinds.setdefault(one_kind(path.rsplit("/", 1)[-1]), [0, 0])
            kind[0] += 1
            kind[1] += len(content)
        rows = sorted(kinds.items(), key=lambda entry: (-entry[1][1], entry[0]))
        lines = [f"{kind}|{count}|{size}" for kind, (count, size) in rows]
        cases.append((entries, ["t"], [*lines, f"total|{len(entries)}|{sum(map(len, entries.values()))}"]))
    compare(candidate, cases)
