"""Hidden checks: keys, rules, the order of links, merging; random tables against a simple oracle."""

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

COLUMNS = ["id", "name", "email", "phone", "postcode", "tax_id", "updated"]


def row(name="", email="", phone="", postcode="", tax_id="", updated="2020-01-01"):
    return [name, email, phone, postcode, tax_id, updated]


def case(rows):
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *([f"c{number}", *fields] for number, fields in enumerate(rows))])
    return {"argv": ["python3", "merge.py", "{d}/t.csv"], "files": {"t.csv": text.getvalue()}}


def merged(candidate, *tables):
    found = []
    for code, out, err in run_all(candidate, [case(rows) for rows in tables]):
        assert code == 0, f"expected exit code 0, got {code}: {err[-300:]}"
        lines = list(csv.reader(io.StringIO(out)))
        assert lines[0] == [*COLUMNS, "merged"], lines[0]
        found.append(lines[1:])
    return found


def groups(lines):
    return [[int(name[1:]) for name in line[-1].split()] for line in lines]


def expect_groups(candidate, cases):
    """Cases: what is checked, rows, expected groups."""
    for (about, rows, expected), lines in zip(cases, merged(candidate, *(rows for _, rows, _ in cases)), strict=True):
        assert groups(lines) == expected, f"{about}: expected {expected}, got {groups(lines)} for {rows}"


def test_the_example(candidate):
    ((code, out, err),) = run_all(candidate, [{"argv": ["python3", "merge.py", "customers.csv"]}])
    assert code == 0, err
    assert out == (
        "id,name,email,phone,postcode,tax_id,updated,merged\n"
        '101,"Núñez-Gray, Ana",anunez+news@mail.pobox.example,020 5550 1234,N1 7AA,GB-77,2022-11-30,101 102 103\n'
        '104,Ben Okoro,office@okoro.example,,M1 1AE,GB-12,2020-06-01,104 107\n'
        "105,Cleo Okoro,office@okoro.example,0161 555 0001,M1 1AE,,2020-06-02,105\n"
        "106,Dan Moss,Office@okoro.example,0161 555 0002,M2 5BB,,2023-02-10,106\n"
        "108,Ben Okoro,,0161 555 0003,M1 1AE,GB-13,2024-01-01,108\n"
    ), out


def same(names, joined=True, **fields):
    """Two rows with these names (or other fields) that are one customer or not."""
    return [row(**{**fields, "name": name}) for name in names], [[0, 1]] if joined else [[0], [1]]


def test_name_keys(candidate):
    pairs = [
        (["Zoë Ångström", "ANGSTROM, zoe"], True), (["Dr. Prof. Ann Lee", "ann lee"], True), (["Lee, Dr Ann", "Ann Lee"], True),
        (["Jo-Ann Lee", "Jo Ann  Lee"], True), (["J. Lee", "J Lee"], True), (["Mrs.Ann Lee", "Ann Lee"], True),
        (["Groß, Udo", "udo gross"], True), (["Ann Lee", "Ann Leeds"], False), (["Drake Lee", "ake Lee"], False),
        (["Ann Ms Lee", "Ann Lee"], True), (["Lee, Ann, MA", "Ann Lee MA"], False), (["Lee, Ann, MA", "lee, ann,  ma"], True),
        (["Dr.", "Prof."], False), (["", " "], False), (["Núñez", "Nu\u0301n\u0303ez"], True), (["\ufb01nn Ito", "Finn Ito"], True),
        (["O'Neil", "ONeil"], False), (["Mr Ms, Dr Ann", "Ann"], True),
    ]  # fmt: skip
    expect_groups(candidate, [(names, *same(names, joined, postcode="N1 7AA")) for names, joined in pairs])


def test_mail_keys(candidate):
    pairs = [
        ("A.B+x+y@Shop.example", "a.b@shop.example", True), ("ab@shop.example", "a.b@shop.example", False),
        ("a.b@pobox.example", "ab+q@MAIL.pobox.example", True), ("ab@x.pobox.example", "ab@pobox.example", False),
        ("ab", "ab", False), ("a@b@c.example", "a@b@c.example", False), ("", "", False), ("x@a.b.example", "x@ab.example", False),
        (" ab@x.example", "ab@x.example ", True),
    ]  # fmt: skip
    cases = []
    for one, two, joined in pairs:
        cases.append(((one, two), [row("Ann A", one), row("Bob B", two)], [[0, 1]] if joined else [[0], [1]]))
    expect_groups(candidate, cases)


def test_phone_and_post_keys(candidate):
    phones = [
        ("+44 20 5550 1234", "(020) 55501234", True), ("1234567", "123-4567", False), ("12345678", "9 1234 5678", True),
        ("55501234", "55501235", False), ("", "", False),
    ]  # fmt: skip
    cases = [((one, two), [row("Ann Lee", phone=one), row("Tom Lee", phone=two)], [[0, 1]] if joined else [[0], [1]]) for one, two, joined in phones]
    cases.append(("other surname", [row("Ann Lee", phone="12345678"), row("Ann Lee-Ray", phone="12345678")], [[0], [1]]))
    cases.append(("no name", [row("", phone="12345678"), row("", phone="12345678")], [[0], [1]]))
    cases.append(("postcodes", [row("Ann Lee", postcode=" n1 7 aa"), row("Lee, Ann", postcode="N17AA")], [[0, 1]]))
    cases.append(("no postcode", [row("Ann Lee"), row("Lee, Ann", postcode=" ")], [[0], [1]]))
    expect_groups(candidate, cases)


def test_shared_addresses(candidate):
    mail = "info@x.example"
    expect_groups(
        candidate,
        [
            ("two names", [row("A", mail), row("B", mail), row("A", mail)], [[0, 1, 2]]),
            ("three names", [row("A", mail), row("B", mail), row("C", mail)], [[0], [1], [2]]),
            ("no name does not count", [row("A", mail), row("", mail), row("B", mail), row("Dr.", mail)], [[0, 1, 2, 3]]),
            ("shared for nameless rows", [row("A", mail), row("B", mail), row("C", mail), row("", mail), row("", mail)], [[0], [1], [2], [3], [4]]),
            ("spellings of one name", [row("Dr A B", mail), row("B, A", "INFO@x.example"), row("a.b", "info+1@x.example")], [[0, 1, 2]]),
        ],
    )


def test_links_are_carried_through(candidate):
    chain = [
        row("Ann Lee", "a@x.example", "", "N1"), row("Lee, Ann", "", "11112222", "n 1"), row("Bo Lee", "b@x.example", "11112222"),
        row("Cy Roe", "b@x.example"), row("Di Fox", "c@x.example"),
    ]  # fmt: skip
    expect_groups(candidate, [("chain", chain, [[0, 1, 2, 3], [4]]), ("backwards", chain[::-1], [[0], [1, 2, 3, 4]])])


def test_tax_ids_and_the_order_of_links(candidate):
    mail, phone = "a@x.example", "11112222"
    expect_groups(
        candidate,
        [
            ("conflict", [row("A", mail, tax_id="1"), row("A", mail, tax_id="2")], [[0], [1]]),
            ("blanks", [row("A", mail, tax_id=" 1"), row("A", mail, tax_id="1 ")], [[0, 1]]),
            ("exact", [row("A", mail, tax_id="a1"), row("A", mail, tax_id="A1")], [[0], [1]]),
            ("earlier pair first", [row("A", mail), row("A", mail, tax_id="2"), row("A", mail, tax_id="1")], [[0, 1], [2]]),
            ("the middle goes with the first", [row("A", mail, tax_id="1"), row("A", mail, tax_id="2"), row("A", mail)], [[0, 2], [1]]),
            (
                "rule 1 comes before rule 2",
                [row("A B", "", phone, tax_id="1"), row("C B", mail, phone), row("D E", mail, tax_id="2")],
                [[0], [1, 2]],
            ),
            (
                "rule 2 comes before rule 3",
                [row("A B", "", "", "N1", tax_id="1"), row("A B", "", phone, "N1"), row("C B", "", phone, tax_id="2")],
                [[0], [1, 2]],
            ),
            (
                "groups conflict, not only rows",
                [row("A", mail, tax_id="1"), row("A", mail, postcode="N1"), row("A", "b@x.example", postcode="N1"), row("A", "b@x.example", tax_id="2")],
                [[0, 1], [2, 3]],
            ),
            (
                "within a rule by rows, not by keys",
                [row("A", "z@x.example"), row("Q", "z@x.example", tax_id="1"), row("A", "a@x.example", tax_id="2"), row("K", "a@x.example"), row("A")],
                [[0, 1], [2, 3], [4]],
            ),
            (
                "a later row of another key does not overtake",
                [
                    row("P X", "", "11110000", tax_id="1"), row("Q Y", "", "22220000", tax_id="2"),
                    row("R Y", "m@x.example", "22220000"), row("S X", "m@x.example", "11110000"),
                ],
                [[0, 2, 3], [1]],
            ),
        ],
    )  # fmt: skip


def test_values_of_a_customer(candidate):
    mail = "a@x.example"
    rows = [
        row(" A ", mail, "", "N1 ", "", "2020-05-01"), row("B", "A@x.example", "12", "", "", "2021-05-01"), row("", "a+1@x.example", " 7 ", "n1", "", "2021-05-01"),
        row("A", "a@x.example", "", "", "T", "2018-01-01"), row("A", mail, "", "", "", "2017-01-01"),
    ]  # fmt: skip
    quoted = [row('Lee, "Ann"', mail, updated="2020-01-01")]
    ((one,), (two,)) = merged(candidate, rows, quoted)
    assert one == ["c0", "B", "A@x.example", "12", "n1", "T", "2021-05-01", "c0 c1 c2 c3 c4"], one
    assert two == ["c0", 'Lee, "Ann"', mail, "", "", "", "2020-01-01", "c0"], two


def oracle(rows):
    """Groups of rows whose names are `F S`, mails `x@y.example`, and whose keys need no folding."""
    users = {mail: len({entry[0] for entry in rows if entry[1] == mail}) for mail in {entry[1] for entry in rows}}
    rules = [
        lambda a, b: a[1] and a[1] == b[1] and users[a[1]] <= 2,
        lambda a, b: a[2] and a[2] == b[2] and a[0].split()[1] == b[0].split()[1],
        lambda a, b: a[3] and (a[0], a[3]) == (b[0], b[3]),
    ]
    every = [(one, two) for one in range(len(rows)) for two in range(one + 1, len(rows))]
    pairs = [(one, two) for rule in rules for one, two in every if rule(rows[one], rows[two])]
    sets = [{number} for number in range(len(rows))]
    for one, two in pairs:
        first, second = (next(group for group in sets if number in group) for number in (one, two))
        union = first | second
        if first is not second and len({rows[number][4] for number in union} - {""}) <= 1:
            sets = [group for group in sets if group is not first and group is not second] + [union]
    return sorted(sorted(group) for group in sets)


def test_random_tables(candidate):
    rng = random.Random(8)
    tables = []
    for size, many in [(12, 3)] * 20 + [(80, 25)] * 3:
        tables.append([
            row(
                f"{rng.choice('ABCD')} {rng.choice('XYZ')}", rng.choice(["", f"m{rng.randrange(many)}@x.example"]),
                rng.choice(["", f"5550{rng.randrange(many):04}"]), rng.choice(["", f"N{rng.randrange(many)}"]),
                rng.choice(["", "", "", f"T{rng.randrange(4)}"]),
            ) for _ in range(size)
        ])  # fmt: skip
    for rows, lines in zip(tables, merged(candidate, *tables), strict=True):
        expected = oracle(rows)
        assert groups(lines) == expected, f"{rows}: expected {expected}, got {groups(lines)}"


def test_a_large_table(candidate):
    rows = [row(f"P{number % 7000} S{number % 500}", f"u{number % 9000}@x.example", updated="2020-01-01") for number in range(12000)]
    (lines,) = merged(candidate, rows)
    assert len(lines) == 9000, f"expected 9000 customers, got {len(lines)}"
