"""Hidden checks: fixed numbers for each rule, other countries, and random lists against an oracle."""

import csv
import io
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

HEADER = "country,calling_code,trunk_prefix,min_digits,max_digits\n"
COUNTRIES = HEADER + "DE,49,0,6,11\nGB,44,0,9,10\nUS,1,1,10,10\nIT,39,,6,11\nHU,36,06,8,9\n"
OTHERS = HEADER + "LT,370,8,8,8\nSG,65,,8,8\nRU,7,8,10,10\nSM,378,,6,10\n"


def table(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def ask(candidate, countries, contacts):
    """Results for (phone, country) pairs."""
    rows = [["id", "phone", "country"], *([str(number), *pair] for number, pair in enumerate(contacts))]
    case = {
        "argv": ["python3", "phones.py", "{d}/c.csv", "{d}/p.csv"],
        "files": {"c.csv": countries, "p.csv": table(rows)},
    }
    ((exit_code, out, err),) = run_all(candidate, [case])
    assert exit_code == 0, f"expected exit code 0, got {exit_code}: {err[-300:]}"
    got = list(csv.reader(io.StringIO(out)))
    assert got[0] == ["id", "phone", "extension", "status"], f"unexpected header {got[0]}"
    assert [row[0] for row in got[1:]] == [str(number) for number in range(len(contacts))], "one row per contact, in order"
    return [tuple(row[1:]) for row in got[1:]]


def compare(candidate, countries, cases):
    got = ask(candidate, countries, [case[:2] for case in cases])
    for (phone, country, *expected), result in zip(cases, got, strict=True):
        assert result == tuple(expected), f"{phone!r} in {country!r}: expected {tuple(expected)}, got {result}"


def bad(status):
    return ("", "", status)


def test_the_example(candidate):
    ((exit_code, out, _),) = run_all(candidate, [{"argv": ["python3", "phones.py", "countries.csv", "contacts.csv"]}])
    assert exit_code == 0
    assert out == (
        "id,phone,extension,status\n17,+49711550192,,ok\n18,+49711550192,31,ok\n19,+39065550142,,ok\n"
        "20,+3615550199,,ok\n21,+12065550117,,ok\n22,+12065550117,8,ok\n23,,,missing\n24,+442079460991,,ok\n"
        "25,,,bad-character\n"
    ), out


def test_extensions(candidate):
    compare(
        candidate,
        COUNTRIES,
        [
            ("0711 550192x5", "DE", "+49711550192", "5", "ok"),
            ("0711 550192 EXT.  007 ", "DE", "+49711550192", "007", "ok"),
            ("0711 550192Ext12", "DE", "+49711550192", "12", "ok"),
            ("0711 550192 # 123456", "DE", "+49711550192", "123456", "ok"),
            ("0711 550192 x1234567", "DE", *bad("bad-character")),
            ("0711 550192 x", "DE", *bad("bad-character")),
            ("0711 550192 ext: 5", "DE", *bad("bad-character")),
            ("0711 x1 x2", "DE", *bad("bad-character")),
            ("x 12", "DE", *bad("missing")),
            ("12 x 12", "DE", *bad("bad-length")),
        ],
    )


def test_prefixes_and_zeros(candidate):
    compare(
        candidate,
        COUNTRIES,
        [
            ("00711 5501", "DE", *bad("unknown-country")),
            ("0 0711 5501", "DE", "+4907115501", "", "ok"),
            ("(0)711 5501 92", "DE", "+49711550192", "", "ok"),
            ("0049(0)711-550192", "US", "+49711550192", "", "ok"),
            ("+49 0711 550192", "", "+490711550192", "", "ok"),
            ("+49711(0)550192", "", "+49711550192", "", "ok"),
            ("  +49 711 550192", "", "+49711550192", "", "ok"),
            ("011 555 0142", "IT", "+390115550142", "", "ok"),
            ("+36 06 1 555 019", "", "+36061555019", "", "ok"),
            ("06 1 555 0199", "hu", "+3615550199", "", "ok"),
            ("1 555 0199", "HU", "+3615550199", "", "ok"),
            ("(206) 555-0117", "US", "+12065550117", "", "ok"),
            ("1 1 206 555 0117", "US", *bad("bad-length")),
            ("20\u00a07946\t0991", "GB", "+442079460991", "", "ok"),
        ],
    )


def test_statuses(candidate):
    compare(
        candidate,
        COUNTRIES,
        [
            ("", "DE", *bad("missing")),
            (" \u00a0 ", "", *bad("missing")),
            ("0711 550192", "", *bad("unknown-country")),
            ("0711 550192", "FR", *bad("unknown-country")),
            ("+33 1 5555 0142", "DE", *bad("unknown-country")),
            ("+", "DE", *bad("unknown-country")),
            ("0711+550192", "DE", *bad("bad-character")),
            ("++49711550192", "DE", *bad("bad-character")),
            ("0711 55019\u0662", "DE", *bad("bad-character")),
            ("0711 5501 \u00b2", "DE", *bad("bad-character")),
            ("call me", "", *bad("bad-character")),
            ("0", "DE", *bad("bad-length")),
            ("012345", "DE", *bad("bad-length")),
            ("0123456", "DE", "+49123456", "", "ok"),
            ("012345678901", "DE", "+4912345678901", "", "ok"),
            ("0123456789012", "DE", *bad("bad-length")),
        ],
    )


def test_countries_come_from_the_file(candidate):
    compare(
        candidate,
        OTHERS,
        [
            ("8 612 34567", "lt", "+37061234567", "", "ok"),
            ("+370 612 34567", "", "+37061234567", "", "ok"),
            ("6123 4567", "SG", "+6561234567", "", "ok"),
            ("8 495 555 01 42", "RU", "+74955550142", "", "ok"),
            ("00378 0549 555014", "", "+3780549555014", "", "ok"),
            ("0711 550192", "DE", *bad("unknown-country")),
        ],
    )


def test_csv_of_all_kinds(candidate):
    contacts = '\ufeff"note","country","phone","id"\r\n"a ""b"",\r\nc",de,"0711, 5",x-1\r\n,GB,020 7946 0991,"7,5"\r\n'
    case = {
        "argv": ["python3", "phones.py", "{d}/c.csv", "{d}/p.csv"],
        "files": {"c.csv": "\ufeff" + COUNTRIES, "p.csv": contacts},
    }
    ((exit_code, out, err),) = run_all(candidate, [case])
    assert exit_code == 0, err[-300:]
    expected = 'id,phone,extension,status\nx-1,,,bad-character\n"7,5",+442079460991,,ok\n'
    assert out == expected, f"expected {expected!r}, got {out!r}"


def oracle(phone, home):
    plans = {line.split(",")[0]: line.split(",")[1:] for line in COUNTRIES.splitlines()[1:]}
    body, extension = phone.rstrip(), ""
    tail = len(body)
    while tail and body[tail - 1] in "0123456789":
        tail -= 1
    head, digits = body[:tail].rstrip(), body[tail:]
    for mark in ("ext.", "ext", "x", "#"):
        if 1 <= len(digits) <= 6 and head.lower().endswith(mark):
            body, extension = head[: -len(mark)], digits
            break
    body = body.strip()
    if not body:
        return bad("missing")
    away = body[:1] == "+" or body[:2] == "00"
    if away:
        body = body[1 if body[0] == "+" else 2 :].replace("(0)", "")
    body = "".join(letter for letter in body if letter not in " \t\u00a0.-/()")
    if set(body) - set("0123456789"):
        return bad("bad-character")
    if away:
        home = next((name for name, plan in plans.items() if body.startswith(plan[0])), "")
        body = body[len(plans[home][0]) :] if home else body
    if home.upper() not in plans:
        return bad("unknown-country")
    code, trunk, least, most = plans[home.upper()]
    if not away and trunk and body.startswith(trunk):
        body = body[len(trunk) :]
    return ("+" + code + body, extension, "ok") if int(least) <= len(body) <= int(most) else bad("bad-length")


def test_random_numbers(candidate):
    rng = random.Random(4711)
    cases = []
    for _ in range(600):
        start = rng.choice(["", "0", "00", "+", "+49", "0044", "+1 ", "06", "+39 ", "1", "+49 (0)", "(0)", " "])
        digits = [rng.choice("0123456789") for _ in range(rng.randrange(4, 12))]
        for _ in range(rng.randrange(4)):
            digits.insert(rng.randrange(len(digits)), rng.choice([" ", "-", ".", "/", "(0)", "\u00a0"]))
        end = rng.choice(["", "", "", " ext. 12", "x7", "#4 ", "EXT 99", "x1234567", "y"])
        cases.append((start + "".join(digits) + end, rng.choice(["DE", "GB", "US", "it", "hu", "", "XX"])))
    compare(candidate, COUNTRIES, [(*case, *oracle(*case)) for case in cases])
