"""Hidden checks: tidy names, numbers, folders, links, output, hostile names; random trees against an oracle."""

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


def raw(name):
    return name.encode("utf-8", "surrogateescape")


def tidied(name):
    rest = raw(name).lstrip(b".").lower()
    rest = re.sub(rb"[^a-z0-9._-]+", b"_", rest)
    rest = re.sub(rb"([._-])\1+", rb"\1", rest).strip(b"._-") or b"x"
    return ("." if name.startswith(".") else "") + rest.decode()


def plan(entries):
    """New names by path, for entries by path in which None is a folder."""
    folders = {}
    for path in entries:
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            folders.setdefault("/".join(parts[: length - 1]), set()).add(parts[length - 1])
    new = {}
    for folder, names in folders.items():
        taken = {name for name in names if tidied(name) == name}
        for name in sorted(names - taken, key=raw):
            path = f"{folder}/{name}" if folder else name
            stem, suffix = tidied(name), ""
            if path not in folders and entries.get(path) is not None and "." in stem[1:]:
                stem, _, suffix = stem.rpartition(".")
                suffix = "." + suffix
            choice, number = tidied(name), 2
            while choice in taken:
                choice, number = f"{stem}-{number}{suffix}", number + 1
            taken.add(choice)
            new[path] = choice
    return new


def moved(path, new):
    parts = path.split("/")
    return "/".join(new.get("/".join(parts[: place + 1]), part) for place, part in enumerate(parts))


def escaped(path):
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def case(entries, *arguments):
    return {"tree": tree({f"t/{path}": content for path, content in entries.items()}), "runs": [["sh", "../tidy.sh", *arguments]]}


def whole(entries):
    """The entries with all folders around them."""
    folders = {"/".join(path.split("/")[:length]) for path in entries for length in range(1, path.count("/") + 1)}
    return {**dict.fromkeys(folders), **entries}


def check(entries, result, new, dry=False):
    outcomes, seen, _ = result
    code, out, err = outcomes[0]
    assert code == 0, f"{list(entries)}: expected exit code 0, got {code}: {err[-300:]}"
    expected = {f"t/{path if dry else moved(path, new)}": content for path, content in whole(entries).items()}
    got = {path: content for path, content in seen.items() if path != "t"}
    assert got == expected, f"{list(entries)}: expected {expected}, got {got}"
    lines = {path: f"{escaped(path)} -> {escaped(moved(path, new))}" for path in new}
    printed = out.split("\n")
    assert printed.pop() == "" and sorted(printed) == sorted(lines.values()), f"{list(entries)}: expected the lines {sorted(lines.values())}, got {sorted(printed)}"
    for path in new:
        for other in new:
            if other.startswith(f"{path}/"):
                assert printed.index(lines[other]) < printed.index(lines[path]), f"{path!r} is printed before {other!r}, which it holds"


def compare(candidate, trees):
    """Trees, each with the expected new names of some paths."""
    results = run_all(candidate, [case(entries, "t") for entries, _ in trees])
    for (entries, some), result in zip(trees, results, strict=True):
        new = plan(entries)
        for path, name in some.items():
            assert new.get(path, path.rsplit("/", 1)[-1]) == name, (path, name, new)
        check(entries, result, new)


def files(*names):
    return {name: f"content of {number}" for number, name in enumerate(names)}


def test_tidy_names(candidate):
    names = {
        "  My Photo (1).JPG": "my_photo_1_.jpg", "..--Draft.": ".draft", "a": "a", "A..B": "a.b", "x___y--z": "x_y-z", "-rf": "rf", "é.txt": "txt", "Ü": "x", "a\nb": "a_b", "a \t_ b": "a_b", "_-.a.-_": "a", "a.-b": "a.-b", "...": ".x",
        ".Bashrc": ".bashrc", "\udcff\udcfea": "a", "50%": "50", "C++.h": "c_.h", "a\\b": "a_b", "'q'": "q", "tail\n\n": "tail", ". a": ".a", "$HOME": "home", "-": "x", "a_-b": "a_-b", ".-.x.": ".x",
    }  # fmt: skip
    compare(candidate, [(files(name), {name: new}) for name, new in names.items()])


def test_numbers(candidate):
    compare(
        candidate,
        [
            (files("report.txt", "Report.txt", "REPORT.txt"), {"REPORT.txt": "report-2.txt", "Report.txt": "report-3.txt"}),
            (files("a b", "a_b", "A B", "a-b", "a_b-2"), {"A B": "a_b-3", "a b": "a_b-4"}),
            (files("B", "b-2", "B-2", "b"), {"B": "b-3", "B-2": "b-2-2"}),
            (files(".Profile", ".profile", "..profile"), {"..profile": ".profile-2", ".Profile": ".profile-3"}),
            (files("é.txt", "ö.txt", "txt"), {"é.txt": "txt-2", "ö.txt": "txt-3"}),
            (files("A.tar.gz", "a.tar.gz", ".A.b", ".a.b"), {"A.tar.gz": "a.tar-2.gz", ".A.b": ".a-2.b"}),
            ({"D.d": None, "d.d": "f", "E.e/x": "1", "e.e/y": "2"}, {"D.d": "d.d-2", "E.e": "e.e-2"}),
            (files(*(" " * (number + 1) for number in range(11))), {" ": "x", "  ": "x-2", " " * 11: "x-11"}),
            (files(" a", "!a", "..a", ".!a", ".A", "a"), {" a": "a-2", "!a": "a-3", ".!a": ".a", "..a": ".a-2", ".A": ".a-3"}),
            (files("a-2", "A", "a", "A "), {"A": "a-3", "A ": "a-4"}),
        ],
    )


def test_folders(candidate):
    deep = {"Top Dir/Sub\nDir/File A": "1", "Top Dir/Sub\nDir/file a": "2", "Top Dir/sub_dir/x": "3", "top_dir/Y": "4", "Top Dir/Empty ": None, ".Hidden Dir/.F": "5", "ok/ok/NOT": "6"}
    compare(
        candidate,
        [
            (deep, {"Top Dir": "top_dir-2", "Top Dir/Sub\nDir": "sub_dir-2", "Top Dir/Sub\nDir/file a": "file_a-2", ".Hidden Dir/.F": ".f"}),
            ({"A/A/A/A": "x", "A/A/a": "y", "a": "z"}, {"A": "a-2", "A/A/A": "a-2"}),
            ({"-n/-n": "x", "--/-": "y", "-n.d": None}, {"-n": "n", "--": "x", "-n.d": "n.d"}),
        ],
    )


def test_hostile_names(candidate):
    names = ["a\n", "a\n\n", "\n", "*", "[ab]", "?", "back\\slash", "\\n", "`x`", "$(touch hacked)", "'", '"', "tab\there", "-", "--", "--help", "~", "#", "!", "%s", "\x01", "\x7f", "\udcff", "\udcc3", "a b", "a  b", " ", "  ", ";", "&", "a -> b", "...", "..x", ".. "]
    entries = files(*names)
    entries |= {"*d*/*": "s", "d\nd/\n\n": "n", "d\\d/\\": "b", "\udcfe\udcfe/\udcfd": "u"}
    (result, dry) = run_all(candidate, [case(entries, "t"), case(entries, "-n", "t")])
    check(entries, result, plan(entries))
    check(entries, dry, plan(entries), dry=True)


def test_links(candidate):
    entries = {"Link A": ("../other",), "Broken Link": ("no where",), "Dir/Loop L": ("..",), "Link.To.Dir": ("Dir",), "link.to.dir": "f", "Dir/File": "x"}
    new = {"Link A": "link_a", "Broken Link": "broken_link", "Dir": "dir", "Dir/Loop L": "loop_l", "Dir/File": "file", "Link.To.Dir": "link.to-2.dir"}
    jobs = [case(entries, "t"), case(entries, "top/")]
    for job in jobs:
        job["tree"] += [("other/Not This", "x", 0), ("top", ("t",), 0)]
    for job, (outcomes, seen, modes) in zip(jobs, run_all(candidate, jobs), strict=True):
        about = job["runs"][0][2:]
        assert seen.pop("other/Not This", None) == "x", f"{about}: a linked folder was entered: {seen}"
        assert (seen.pop("other", 0), seen.pop("top", 0)) == (None, ("t",)), f"{about}: {seen}"
        check(entries, (outcomes, seen, modes), new)


def test_usage(candidate):
    wrong = [[], ["t", "t"], ["-x", "t"], ["none"], ["t/A B"], ["-n"], ["--"]]
    for arguments, (outcomes, seen, _) in zip(wrong, run_all(candidate, [case(files("A B"), *arguments) for arguments in wrong]), strict=True):
        code, out, err = outcomes[0]
        assert (code, out) == (2, "") and err.strip(), f"{arguments}: expected exit code 2 and a message, got {code}, {out!r}, {err!r}"
        assert set(seen) == {"t", "t/A B"}, f"{arguments}: something was renamed: {seen}"
    dash = {"tree": [("-d/A", "x", 0)], "runs": [["sh", "../tidy.sh", "--", "-d"]]}
    ((outcomes, seen, _),) = run_all(candidate, [dash])
    assert outcomes[0][:2] == (0, "A -> a\n") and set(seen) == {"-d", "-d/a"}, (outcomes, seen)


def test_a_second_run_changes_nothing(candidate):
    job = case({**files("A b", "a_b", "-2", "X.Y", "x.y"), "D D/d d": "x"}, "t")
    job["runs"] *= 2
    ((outcomes, _, _),) = run_all(candidate, [job])
    assert outcomes[0][1].count("\n") == 5, outcomes
    assert outcomes[1] == (0, "", ""), f"expected nothing to do, got {outcomes[1]}"


def test_random_trees(candidate):
    rng = random.Random(23)
    trees = []
    for _ in range(5):
        entries = {}
        for number in range(16):
            parts = [rng.choice(["A", "a", "a ", ".a", "A.b"]) for _ in range(rng.randrange(3))]
            parts.append("".join(rng.choice(["a", "A", " ", ".", "-2", "b", "\n", "é"]) for _ in range(rng.randrange(1, 5))))
            path = "/".join(parts)
            folders = {"/".join(parts[:length]) for length in range(1, len(parts))}
            if path in whole(entries) or any(entries.get(folder) is not None for folder in folders) or parts[-1] in (".", ".."):
                continue
            entries[path] = f"c{number}"
        trees.append((entries, {}))
    compare(candidate, trees)
