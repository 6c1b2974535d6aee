"""Hidden checks: contents, ignore files, manifests, reproducibility, failures, verification."""

import hashlib

DRIVER = """
import gzip, hashlib, io, os, random, resource, shutil, subprocess, tarfile

def plant(folder, entries):
    os.makedirs(folder, exist_ok=True)
    for path, content in entries.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if content is None:
            os.makedirs(full, exist_ok=True)
        elif isinstance(content, tuple):
            os.symlink(content[0], full)
        else:
            with open(full, "w", encoding="utf-8", newline="") as file:
                file.write(content)

def call(*argv, **more):
    done = subprocess.run(argv, capture_output=True, timeout=60, **more)
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "replace")

def build(name, source, out, **more):
    return call("sh", "build.sh", name, source, out, **more)

def contents(path):
    found = {}
    with tarfile.open(path) as archive:
        for member in archive:
            found[member.name] = archive.extractfile(member).read().decode() if member.isreg() else None
    return found

def listing(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else None

def packed(entries, name="p"):
    # What is in the bundle of a folder with these entries.
    plant("src", entries)
    code, _, err = build(name, "src", "out")
    result = contents(f"out/{name}.tar.gz") if code == 0 else (code, err[-300:])
    shutil.rmtree("src")
    shutil.rmtree("out", ignore_errors=True)
    return result

def archive(members, path="a.tar.gz"):
    # An archive of (name, content): None is a folder, a tuple a link.
    with tarfile.open(path, "w:gz") as file:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if content is None:
                member.type = tarfile.DIRTYPE
                file.addfile(member)
            elif isinstance(content, tuple):
                member.type, member.linkname = tarfile.SYMTYPE, content[0]
                file.addfile(member)
            else:
                data = content.encode()
                member.size = len(data)
                file.addfile(member, io.BytesIO(data))
    return call("python3", "tools/verify.py", path)
"""


def drive(candidate, body):
    return candidate.evaluate(DRIVER + body, timeout=90)


def escaped(path):
    return path.replace("\\", "\\\\").replace("\n", "\\n")


def manifest(files):
    lines = []
    for path in sorted(files, key=str.encode):
        data = files[path].encode()
        lines.append(f"{hashlib.sha256(data).hexdigest()}  {len(data)}  {escaped(path)}\n")
    return "".join(lines)


def whole(files, name="p"):
    """All members of a bundle with these files."""
    folders = {f"{name}/" + "/".join(path.split("/")[:length]) for path in files for length in range(1, path.count("/") + 1)} | {name}
    return {**dict.fromkeys(folders), **{f"{name}/{path}": content for path, content in files.items()}, f"{name}/MANIFEST": manifest(files)}


def compare(candidate, cases):
    """Cases: entries of the source, and paths of those that should be packed."""
    results = drive(candidate, f"[packed(entries) for entries in {[entries for entries, _ in cases]!r}]")
    for (entries, paths), got in zip(cases, results, strict=True):
        expected = whole({path: entries[path] for path in paths})
        assert got == expected, f"{entries}: expected {expected}, got {got}"


def test_names_and_kinds(candidate):
    hostile = ["user guide.md", "a  b", "-n", "--help", "line\nfeed", "end\n", "*", "[a]", "back\\slash", "\\n", "'q\"", "$HOME", " lead", "é", "d i r/x y", "d\nd/-x", "#x", "!x", ".hidden", "B", "a-b", "a.b", "MANIFESTO", "sub/MANIFEST", "sub/.bundleignore", "~"]
    entries = {path: f"{number}\n" for number, path in enumerate([*hostile, "aa/b"])}
    kinds = {"file": "x", "link": ("file",), "linkdir": ("deep",), "broken": ("none",), "deep/f": "y", "empty": None, "deep/e/e": None}
    compare(candidate, [(entries, list(entries)), (kinds, ["file", "deep/f"]), ({}, []), ({"e": ""}, ["e"])])


def test_ignore_files(candidate):
    files = dict.fromkeys(["a.log", "keep.log", "log/x", "log/keep.log", "src/log/y", "src/a.LOG", "src/b.py", "build", "x/build/z", "docs/a/b.md", "docs/c.md", "#c", "c d", "!e", "vendor/lib/keep/me", "vendor/lib/x"], "t")

    def case(text, *gone):
        return {**files, ".bundleignore": text}, [path for path in files if path not in gone]

    compare(
        candidate,
        [
            case("*.log\n!keep.log\n", "a.log"),
            case("!keep.log\n*.log\n", "a.log", "keep.log", "log/keep.log"),
            case("log\n", "log/x", "log/keep.log", "src/log/y"),
            case("build/\n", "x/build/z"),
            case("build", "build", "x/build/z"),
            case("docs/*.md", "docs/a/b.md", "docs/c.md"),
            case("docs/a/\nlog/\n!log/keep.log\n", "docs/a/b.md", "log/x", "src/log/y"),
            case("# comment\n\n#c\n[#]c\nc d\n[!a-z]e\n", "#c", "c d", "!e"),
            case("vendor/lib/\n!keep/\n", "vendor/lib/x"),
            case("*\n!src/\n!*.md\n", *(path for path in files if not path.startswith("src/") and not path.endswith(".md"))),
            case("src/log\nx\nlib/x\n", "log/x", "x/build/z", "vendor/lib/x"),
            case("src/l*/\n", "src/log/y"),
            case("", ""),
        ],
    )


def test_reproducible(candidate):
    results = drive(
        candidate,
        r"""
entries = {"b": "1", "a x": "2", "d/c": "3", "run": "#!/bin/sh\n", "B": "4", "d/é": "5"}
sums, modes = set(), None
for number, names in enumerate((list(entries), list(reversed(entries)))):
    plant(f"src{number}", {name: entries[name] for name in names})
    for name in names:
        os.utime(f"src{number}/{name}", (number * 10**8 + 5, number * 10**8 + 5))
        os.chmod(f"src{number}/{name}", (0o700 if name == "run" else 0o600) + number * 0o26)
    os.chmod(f"src{number}/d", 0o700 + number * 0o55)
    code = build("p", f"src{number}", f"out{number}", umask=(0o022, 0o077)[number], env={**os.environ, "TZ": ("UTC", "Asia/Tokyo")[number], "LC_ALL": ("C", "C.UTF-8")[number]})[0]
    with open(f"out{number}/p.tar.gz", "rb") as file:
        sums.add((code, hashlib.sha256(file.read()).hexdigest()))
    with tarfile.open(f"out{number}/p.tar.gz") as archive:
        modes = {member.name: (oct(member.mode), member.mtime, member.uid, member.gid) for member in archive}
len(sums), sorted(code for code, _ in sums), modes
""",
    )
    plain = ("0o644", 0, 0, 0)
    expected = dict.fromkeys(["p/b", "p/a x", "p/d/c", "p/B", "p/d/é", "p/MANIFEST"], plain) | dict.fromkeys(["p", "p/d", "p/run"], ("0o755", 0, 0, 0))
    assert results == (1, [0], expected), f"expected one archive with {expected}, got {results}"


def test_failures_leave_the_old_bundle(candidate):
    results = drive(
        candidate,
        r"""
plant("src", {"f": "x", "MANIFEST": "mine"})
plant("good", {"f": "x"})
plant("out", {"p.tar.gz": "old", "other": "o"})
seen = []
def note(result):
    with open("out/p.tar.gz", errors="replace") as file:
        seen.append((result[0] != 0, bool(result[2].strip()), file.read(), listing("out")))
note(build("p", "src", "out"))
note(build("p", "none", "out"))
with open("src/.bundleignore", "w") as file:
    file.write("MANIFEST\n")
ignored = build("q", "src", "fine")[0], sorted(contents("fine/q.tar.gz"))
# Files may not become large: first a copy fails, then only the archive.
def tight():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64000, 64000))
noise = random.Random(4)
for files in ({"large": 200000}, {f"part{number}": 55000 for number in range(4)}):
    plant("big", {name: "".join(noise.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=size)) for name, size in files.items()})
    note(build("p", "big", "out", preexec_fn=tight))
    shutil.rmtree("big")
fresh = build("p", "src/none", "new")[0] != 0, (listing("new") or [])
usage = [call("sh", "build.sh", *arguments)[0] for arguments in ((), ("p", "good"), ("p", "good", "out", "x"), ("", "good", "out"), ("a b", "good", "out"), ("../p", "good", "out"), ("-p", "good", "out"), (".p", "good", "out"))]
seen, ignored, fresh, usage
""",
    )
    seen, ignored, fresh, usage = results
    assert seen == [(True, True, "old", ["other", "p.tar.gz"])] * 4, f"expected a failure, a message, the old bundle and nothing else left, got {seen}"
    assert ignored == (0, ["q", "q/MANIFEST", "q/f"]), ignored
    assert fresh == (True, []), fresh
    assert usage == [2] * 8, usage


def test_calls_from_elsewhere(candidate):
    results = drive(
        candidate,
        r"""
plant("else where/-src", {"a b": "x"})
one = call("sh", "../build.sh", "p", "-src", "-out dir/deep", cwd="else where")
two = call("sh", os.path.abspath("build.sh"), "p", os.path.abspath("else where/-src"), os.path.abspath("else where/o"), cwd="/")
three = build("p", "else where/-src/", "else where/-out dir/deep/")
one[0], two[0], three[0], sorted(contents("else where/-out dir/deep/p.tar.gz")), listing("else where/-out dir/deep"), listing("else where/o"), listing("else where")
""",
    )
    assert results == (0, 0, 0, ["p", "p/MANIFEST", "p/a b"], ["p.tar.gz"], ["p.tar.gz"], ["-out dir", "-src", "o"]), results


def test_verification(candidate):
    files = {"a": "1", "b c": "22", "d\nd": "333", "e\\f": "4", "g  h": "", "s/t": "x", "z": "9"}
    lines = manifest(files)
    good = [("p", None), *((f"p/{path}", content) for path, content in files.items()), ("p/MANIFEST", lines)]

    def changed(**changes):
        new = {f"p/{path}": content for path, content in changes.items()}
        kept = [(name, new.pop(name, content)) for name, content in good if new.get(name, 0) != "gone"]
        return kept + list(new.items())

    cases = [
        (good, (0, "ok: 7 files\n")),
        ([("p/MANIFEST", "")], (0, "ok: 0 files\n")),
        (good[:1] + good[-1:] + good[1:-1], (0, "ok: 7 files\n")),
        (changed(a="2", z="88"), (1, "changed: a\nchanged: z\n")),
        (changed(**{"d\nd": "334", "e\\f": "5", "b c": "23", "g  h": " "}), (1, "changed: b c\nchanged: d\\nd\nchanged: e\\\\f\nchanged: g  h\n")),
        ([entry for entry in good if entry[0] != "p/b c"] + [("p/new one", "x"), ("p/B", "y")], (1, "extra: B\nextra: new one\nmissing: b c\n")),
        (good + [("p/link", ("a",)), ("p/folder", None)], (1, "extra: link\n")),
        ([entry for entry in good if entry[0] != "p/s/t"] + [("p/s/t", None)], (1, "missing: s/t\n")),
        ([(name, content) for name, content in good if name != "p/MANIFEST"], (2, "")),
        ([*good, ("q/x", "1")], (2, "")),
        ([*good, ("x", "1")], (2, "")),
        ([("p/MANIFEST", lines.replace("  ", " ", 1)), *good[:-1]], (2, "")),
        ([("p/MANIFEST", lines[:-1]), *good[:-1]], (2, "")),
        ([("p/MANIFEST", lines + "\n"), *good[:-1]], (2, "")),
    ]
    results = drive(candidate, f"""
results = [archive(members) for members in {[members for members, _ in cases]!r}]
with open("broken.tar.gz", "wb") as file:
    file.write(open("a.tar.gz", "rb").read()[:-30])
results += [call("python3", "tools/verify.py", path) for path in ("none.tar.gz", "build.sh", "broken.tar.gz")]
results
""")
    for (members, (code, out)), got in zip([*cases, *[("unreadable", (2, ""))] * 3], results, strict=True):
        assert got[:2] == (code, out), f"{members}: expected {(code, out)}, got {got}"
        assert code != 2 or (got[2].strip() and "Traceback" not in got[2]), f"{members}: expected a message, got {got[2][-300:]!r}"
