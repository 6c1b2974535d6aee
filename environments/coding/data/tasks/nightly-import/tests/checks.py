"""Hidden checks: names, failures, moves, log; amounts, dates, repetition, refusal; a random run against an oracle."""

import json
import random

DRIVER = """
import json, os, shutil, subprocess

def plant(files):
    for path, content in files.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if content is None:
            os.makedirs(path, exist_ok=True)
        else:
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(content)

def call(*argv, **more):
    done = subprocess.run(argv, capture_output=True, timeout=60, **more)
    return done.returncode, done.stdout.decode(), done.stderr.decode()

def below(folder):
    return sorted(os.path.relpath(os.path.join(here, name), folder) for here, _, names in os.walk(folder) for name in names)

def text(path):
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return file.read()
    return None

def payments(path):
    return [(one["id"], one["date"], one["cents"]) for one in json.loads(text(path))["payments"]] if os.path.exists(path) else None

def imports(*contents, book=None):
    # Import the files one after the other into a new book; results, and the book after each.
    os.makedirs("w")
    if book is not None:
        plant({"w/book.json": book})
    seen = []
    for content in contents:
        with open("w/f.csv", "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        code, out, err = call("python3", "importer.py", "w/book.json", "w/f.csv")
        seen.append((code, out.splitlines()[-1:], err, payments("w/book.json")))
    left = below("w")
    shutil.rmtree("w")
    return seen, left
"""

HEAD = "id,date,amount\n"


def drive(candidate, body):
    return candidate.evaluate(DRIVER + body, timeout=90)


def test_names_and_places(candidate):
    results = drive(
        candidate,
        r"""
names = ["payments 2024-05-01.csv", "b.csv", "B.csv", "-n.csv", "*.csv", "a\nb.csv", "$x.csv", "back\\n.csv", "é.csv", "a  b.csv"]
plant({f"in box/{name}": f"id,date,amount\n{number},2024-05-01,{number}.10\n" for number, name in enumerate(names)})
plant({"in box/.hidden.csv": "x", "in box/csv.txt": "x", "in box/x.csv.old": "x", "in box/folder.csv/y.csv": "x", "in box/CSV": "x", "sub/k": ""})
first = call("sh", "../nightly.sh", "../in box", "../my book.json", "../the log", cwd="sub")
log = text("the log").splitlines()
again = call("sh", "nightly.sh", "in box", "my book.json", "the log")
first, log, again, below("in box"), sorted(one[0] for one in payments("my book.json")), text("the log").splitlines() == log, sorted(os.listdir("."))
""",
    )
    names = ["payments 2024-05-01.csv", "b.csv", "B.csv", "-n.csv", "*.csv", "a\nb.csv", "$x.csv", "back\\n.csv", "é.csv", "a  b.csv"]
    order = sorted(names, key=str.encode)
    log = [f"ok {name}: 1 new, 0 skipped, total {names.index(name)}.10".replace("\n", "?") for name in order]
    kept = sorted([f"done/{name}" for name in names] + [".hidden.csv", "csv.txt", "x.csv.old", "folder.csv/y.csv", "CSV"])
    first, got_log, again, files, ids, same, _ = results
    assert first == (0, "", ""), first
    assert got_log == log, f"expected the log {log}, got {got_log}"
    assert (again, same) == ((0, "", ""), True), again
    assert files == kept, f"expected {kept}, got {files}"
    assert ids == [str(number) for number in range(10)], ids


def test_failures_and_free_names(candidate):
    results = drive(
        candidate,
        r"""
good, bad = "id,date,amount\n1,2024-05-01,5\n", "id,date,amount\n9,2024-05-01,5\n8,2024-05-01,x\n"
plant({"i/a.csv": bad, "i/b.csv": good, "i/done/b.csv": "old", "i/done/b.csv.2": "older", "i/failed/a.csv": "old"})
one = call("sh", "nightly.sh", "i", "book.json", "log"), below("i"), [text(f"i/{path}") for path in ("done/b.csv", "done/b.csv.2", "done/b.csv.3", "failed/a.csv", "failed/a.csv.2")], payments("book.json"), text("log")
plant({"j/x.csv": good, "j/y.csv": ""})
two = call("sh", os.path.abspath("nightly.sh"), "j", "book.json", "log2", cwd=".")[0], below("j"), text("log2")
empty = (os.makedirs("k/l"), call("sh", "nightly.sh", "k", "book2.json", "log3"), below("k"), text("book2.json"))[1:]
usage = [call("sh", "nightly.sh", *arguments) for arguments in ((), ("i", "b"), ("none", "b", "l"), ("log", "b", "l"), ("i", "b", "l", "x"))]
one, two, empty, [(code, out, bool(err.strip())) for code, out, err in usage], text("l")
""",
    )
    one, two, empty, usage, log = results
    good, bad = HEAD + "1,2024-05-01,5\n", HEAD + "9,2024-05-01,5\n8,2024-05-01,x\n"
    files = ["done/b.csv", "done/b.csv.2", "done/b.csv.3", "failed/a.csv", "failed/a.csv.2"]
    assert one[:4] == ((1, "", ""), files, ["old", "older", good, "old", bad], [("1", "2024-05-01", 500)]), one
    lines = one[4].splitlines()
    assert len(lines) == 2 and lines[0].startswith("failed a.csv: line 3: ") and lines[1] == "ok b.csv: 1 new, 0 skipped, total 5.00", lines
    assert two[:2] == (1, ["done/x.csv", "failed/y.csv"]), two
    lines = two[2].splitlines()
    assert lines[0] == "ok x.csv: 0 new, 1 skipped, total 0.00" and lines[1].startswith("failed y.csv: line 1: "), lines
    assert empty == ((0, "", ""), [], None), empty
    assert usage == [(2, "", True)] * 5 and log is None, (usage, log)


def test_amounts_and_dates(candidate):
    good = {"12": 1200, "-0.5": -50, "+7.25": 725, "0.29": 29, "1.15": 115, "4.35": 435, "-8.20": -820, "0": 0, " 3 ": 300, "19.99": 1999, "1000000.01": 100000001, "90071992547409.93": 9007199254740993, "-0.07": -7, "007.1": 710}
    bad = ["", "1,5", "1.234", "1e3", ".5", "5.", "--1", "- 1", "1 000", "nan", "inf", "1_0", "\u0663", "0x1", "$5"]
    dates = ["2024-02-30", "2023-02-29", "24-05-01", "2024-5-1", "01.05.2024", "", "2024-05-01T00:00:00", "20240501", "2024-13-01"]
    content = HEAD + "".join(f"n{number},2024-02-29,{text}\n" for number, text in enumerate(good))
    wrong = [f"{HEAD}1,2024-05-01,1\n2,2024-05-01,{text}\n" if "," not in text else f'{HEAD}1,2024-05-01,1\n2,2024-05-01,"{text}"\n' for text in bad]
    wrong += [f"{HEAD}1,2024-05-01,1\n2,{text},1\n" for text in dates]
    (seen, left), (refused, nothing) = drive(candidate, f"imports({content!r}), imports(*{wrong!r})")
    code, out, err, book = seen[0]
    expected = [(f"n{number}", "2024-02-29", cents) for number, cents in enumerate(good.values())]
    assert (code, book) == (0, expected), f"expected {expected}, got {code} {book} {err[-300:]}"
    total = sum(good.values())
    assert out == [f"{len(good)} new, 0 skipped, total {total // 100}.{total % 100:02}"], out
    assert left == ["book.json", "f.csv"], left
    for content, (code, _, err, book) in zip(wrong, refused, strict=True):
        assert (code, book) == (1, None), f"{content!r}: expected it to be refused and no book, got {code} and {book}"
        assert err.startswith("line 3: ") and "Traceback" not in err, f"{content!r}: expected a message about line 3, got {err[-300:]!r}"
    assert nothing == ["f.csv"], nothing


def test_repetition(candidate):
    first = HEAD + "7,2024-05-01,1\n007,2024-05-01,1\nx-1,2024-05-02,-2.5\n"
    files = [first, first, HEAD + "x-1,2024-05-02,-2.50\n8,2024-05-03,1\n 8 , 2024-05-03 ,1.00\n", HEAD + "9,2024-05-03,1\n8,2024-05-04,1\n", HEAD + "9,2024-05-03,1\n8,2024-05-03,2\n", HEAD + "5,2024-05-03,1\n5,2024-05-03,1.01\n"]
    seen, left = drive(candidate, f"imports(*{files!r})")
    three = [("7", "2024-05-01", 100), ("007", "2024-05-01", 100), ("x-1", "2024-05-02", -250)]
    four = [*three, ("8", "2024-05-03", 100)]
    expected = [(0, ["3 new, 0 skipped, total -0.50"], three), (0, ["0 new, 3 skipped, total 0.00"], three), (0, ["1 new, 2 skipped, total 1.00"], four), (1, [], four), (1, [], four), (1, [], four)]
    got = [(code, out, book) for code, out, _, book in seen]
    assert got == expected, f"expected {expected}, got {got}"
    assert all(err.startswith("line 3: ") for code, _, err, _ in seen if code), seen
    assert left == ["book.json", "f.csv"], left


def test_forms_of_files(candidate):
    files = [
        "\ufeffamount,note,date,id\r\n1.5,\"a, \"\"b\"\"\nc\",2024-05-01,é\r\n\r\n2,,2024-05-01,b\r\n", "", "id,date\n1,2024-05-01\n", "id,amount,date\n", HEAD + " ,2024-05-01,1\n", HEAD + "1,2024-05-01\n", 'id,date,amount,n\n1,2024-05-01,1,"a\nb"\n2,x,1,"c\nd"\n',
        HEAD + "\n1,2024-05-01,1\n\n\n2,2024-05-01,x\n", b"id,date,amount\n1,2024-05-01,\xff\n",
    ]  # fmt: skip
    body = f"[imports(content)[0][0] for content in {files!r}], call('python3', 'importer.py', 'b.json', 'none.csv'), os.path.exists('b.json')"
    results = drive(candidate, body)
    seen, missing, made = results
    assert seen[0][::3] == (0, [("é", "2024-05-01", 150), ("b", "2024-05-01", 200)]), seen[0]
    assert seen[3][::3] == (0, []), seen[3]
    lines = {1: 1, 2: 1, 4: 2, 5: 2, 6: 5, 7: 6}
    for place, line in lines.items():
        code, _, err, book = seen[place]
        assert (code, book) == (1, None) and err.startswith(f"line {line}: "), f"{files[place]!r}: expected an error in line {line}, got {seen[place]}"
    assert seen[8][0] == 1 and seen[8][3] is None and "Traceback" not in seen[8][2], seen[8]
    assert missing[0] == 1 and missing[2].strip() and "Traceback" not in missing[2] and not made, missing


def test_random_files(candidate):
    rng = random.Random(77)
    book, files, expected = {}, [], []
    for _ in range(12):
        rows, own, refused, skipped = [], {}, False, 0
        for _ in range(rng.randrange(1, 12)):
            name, cents = f"p{rng.randrange(40)}", rng.randrange(-99999, 99999)
            known = {**book, **own}.get(name)
            if known is not None and rng.random() < 0.93:
                cents = known
            rows.append(f"{name},2024-05-01,{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}\n")
            refused = refused or (known is not None and known != cents)
            skipped += known is not None
            own.setdefault(name, cents)
        new = {name: cents for name, cents in own.items() if name not in book}
        files.append(HEAD + "".join(rows))
        if not refused:
            book |= new
        total = sum(new.values())
        line = f"{len(new)} new, {skipped} skipped, total {'-' if total < 0 else ''}{abs(total) // 100}.{abs(total) % 100:02}"
        expected.append((int(refused), [] if refused else [line], [(name, "2024-05-01", cents) for name, cents in book.items()]))
    seen, _ = drive(candidate, f"imports(*{files!r})")
    for content, (code, out, book_after), (got_code, got_out, err, got_book) in zip(files, expected, seen, strict=True):
        assert (got_code, got_out, got_book or []) == (code, out, book_after), f"{content!r}: expected {(code, out, book_after)}, got {(got_code, got_out, got_book)} {err[-200:]}"
