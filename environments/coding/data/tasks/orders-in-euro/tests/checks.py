"""Hidden checks: dates, amounts, rates and totals one by one, then random orders against an oracle."""

import csv
import io
import random
from datetime import date, timedelta
from fractions import Fraction

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

RATES = """date,currency,rate
2024-05-10,USD,1.25
2024-05-03,USD,2
2024-05-17,USD,N/A
2024-05-13,GBP,0.8
2024-05-13,GBP,0.5
2024-05-13,GBP,N/A
#2024-05-14,GBP,9
2024-05-14,GBP,
2024-05-15,GBP,-1
2024-05-15,GBP,0
2024-05-12,ZAR,20
2024-05-12,JPY,3
"""


def table(header, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def case(orders, rates, *options):
    rows = [(f"o{number}", *order) for number, order in enumerate(orders)]
    files = {"o.csv": table(["order", "placed", "amount", "currency"], rows), "r.csv": rates}
    return {"argv": ["python3", "convert.py", *options, "{d}/o.csv", "{d}/r.csv"], "files": files}


def outputs(candidate, *cases):
    tables = []
    for code, out, err in run_all(candidate, list(cases)):
        assert code == 0, f"expected exit code 0, got {code}: {err[-300:]}"
        assert out.endswith("\n") and "\r" not in out, "lines must end with a newline alone"
        tables.append([tuple(row) for row in csv.reader(io.StringIO(out))])
    return tables


def compare(candidate, cases, rates=RATES):
    """Each case: placed, amount, currency, and the expected columns behind `order`."""
    (got,) = outputs(candidate, case([entry[:3] for entry in cases], rates))
    assert got[0] == ("order", "date", "eur", "rate_date", "status"), got[0]
    assert len(got) == len(cases) + 1, "one row per order"
    for number, (entry, row) in enumerate(zip(cases, got[1:], strict=True)):
        assert row == (f"o{number}", *entry[3:]), f"{entry[:3]}: expected {entry[3:]}, got {row[1:]}"


INVALID = ("", "", "", "invalid")


def test_the_example(candidate):
    argv = ["python3", "convert.py", "orders.csv", "rates.csv"]
    (rows, totals) = outputs(candidate, {"argv": argv}, {"argv": [*argv[:2], "--totals", *argv[2:]]})
    assert rows[1:] == [
        ("A-1001", "2024-03-28", "1156.23", "2024-03-28", "ok"),
        ("A-1002", "2024-04-01", "92.04", "2024-03-28", "ok"),
        ("B-17", "2024-04-05", "3.16", "2024-04-05", "ok"),
        ("B-18", "2024-04-06", "-104.81", "2024-04-05", "ok"),
        ("B-19", "", "", "", "invalid"),
        ("C-5", "2024-04-01", "17.54", "2024-03-28", "ok"),
        ("C-6", "2024-03-31", "-20.00", "2024-03-31", "ok"),
        ("C-7", "2024-04-09", "", "", "no-rate"),
    ], rows
    assert totals == [("month", "orders", "eur"), ("2024-03", "2", "1136.23"), ("2024-04", "4", "7.93")], totals


def test_dates(candidate):
    ok = [
        ("2024-05-12", "2024-05-12"),
        ("12.05.2024", "2024-05-12"),
        ("2024-05-12T23:59:59Z", "2024-05-12"),
        ("2024-05-12T23:30:00-01:00", "2024-05-13"),
        ("2024-05-12T00:30:00+0100", "2024-05-11"),
        ("2024-01-01T03:00:00+05:30", "2023-12-31"),
        ("2024-02-29", "2024-02-29"),
        ("2024-05-12T18:29:00-0530", "2024-05-12"),
        ("2024-05-12T18:30:00-0530", "2024-05-13"),
    ]
    wrong = ["2023-02-29", "31.04.2024", "2024-05-12T24:30:00Z", "2024-05-12T10:00:00", "12/05/2024", "", "5.12.2024", "20240512"]
    cases = [(text, "1", "EUR", day, "1.00", day, "ok") for text, day in ok]
    compare(candidate, cases + [(text, "1", "EUR", *INVALID) for text in wrong])


def test_amounts(candidate):
    ok = {
        "1,234.5": "1234.50", "1.234,50": "1234.50", "1234,50": "1234.50", "1.234": "1234.00", "1,234": "1234.00",
        "1,23": "1.23", "1.2": "1.20", "12": "12.00", ".5": "0.50", ",75": "0.75", "1.234.567": "1234567.00",
        "12,34,567.8": "1234567.80", "(1 000.00)": "-1000.00", " - 5,5 ": "-5.50", "1 234 , 56": "1234.56", "5.": "5.00",
        "-0": "0.00", "(0,00)": "0.00", "1.2345": "12345.00", "0.125": "125.00", "1\u00a0000,1": "1000.10",
    }  # fmt: skip
    wrong = ["", "abc", "-(5)", "(-5)", "(5", "5)", "--5", "+5", "1e3", ".", "-", "()", "5-", "12 EUR", "1'000", "\u0665"]
    day = "2024-05-12"
    cases = [(day, text, "EUR", day, value, day, "ok") for text, value in ok.items()]
    compare(candidate, cases + [(day, text, "EUR", *INVALID) for text in wrong])


def test_rates(candidate):
    compare(
        candidate,
        [
            ("2024-05-09", "10", "USD", "2024-05-09", "5.00", "2024-05-03", "ok"),
            ("2024-05-10", "10", " usd ", "2024-05-10", "8.00", "2024-05-10", "ok"),
            ("2024-05-17", "10", "USD", "2024-05-17", "8.00", "2024-05-10", "ok"),
            ("2024-05-18", "10", "USD", "2024-05-18", "", "", "no-rate"),
            ("2024-05-02", "10", "USD", "2024-05-02", "", "", "no-rate"),
            ("2024-05-16", "10", "GBP", "2024-05-16", "20.00", "2024-05-13", "ok"),
            ("2024-05-16", "1000", "gbx", "2024-05-16", "20.00", "2024-05-13", "ok"),
            ("2024-05-12", "1.5", "ZAC", "2024-05-12", "0.00", "2024-05-12", "ok"),
            ("2024-05-12", "-10", "ZAC", "2024-05-12", "-0.01", "2024-05-12", "ok"),
            ("2024-05-12", "-9", "ZAC", "2024-05-12", "0.00", "2024-05-12", "ok"),
            ("2024-05-12", "1", "NOK", "2024-05-12", "", "", "no-rate"),
            ("2024-05-12", "1", " ", *INVALID),
            ("2024-05-12", "100", "JPY", "2024-05-12", "33.33", "2024-05-12", "ok"),
            ("2024-05-12", "200", "JPY", "2024-05-12", "66.67", "2024-05-12", "ok"),
            ("2024-05-12T20:00:00-05:00", "1", "GBP", "2024-05-13", "2.00", "2024-05-13", "ok"),
        ],
    )


def test_halves_are_rounded_exactly(candidate):
    rates = "rate,x,currency,date\n2,,AAA,2024-05-01\n8,,BBB,2024-05-01\n1.6,,CCC,2024-05-01\n0.0001,,DDD,2024-05-01\n"
    day = "2024-05-01"
    amounts = [
        ("0.01", "AAA", "0.01"), ("-0.01", "AAA", "-0.01"), ("2.01", "AAA", "1.01"), ("2.03", "AAA", "1.02"),
        ("1.00", "BBB", "0.13"), ("1.08", "BBB", "0.14"), ("-1.00", "BBB", "-0.13"), ("8.04", "BBB", "1.01"),
        ("0.04", "CCC", "0.03"), ("99999999999999.99", "CCC", "62499999999999.99"), ("0.11", "DDD", "1100.00"),
        ("90071992547409.93", "AAA", "45035996273704.97"),
    ]  # fmt: skip
    compare(candidate, [(day, text, currency, day, value, day, "ok") for text, currency, value in amounts], rates)


def test_totals(candidate):
    orders = [
        ("2024-05-13", "0.3", "GBX"), ("2024-05-14", "0.3", "GBX"), ("2023-12-31", "-7", "EUR"), ("2023-12-30", "6.5", "EUR"),
        ("2024-01-01T00:00:00+01:00", "1", "EUR"), ("2024-07-01", "1", "USD"), ("bad", "1", "EUR"), ("2024-05-12", "200", "JPY"),
    ]  # fmt: skip
    (got,) = outputs(candidate, case(orders, RATES, "--totals"))
    assert got == [("month", "orders", "eur"), ("2023-12", "3", "0.50"), ("2024-05", "3", "66.69")], got
    (got,) = outputs(candidate, case(orders[-3:-1], RATES, "--totals"))
    assert got == [("month", "orders", "eur")], got


def test_random_orders(candidate):
    rng = random.Random(5)
    start = date(2023, 11, 1)
    lines, best = ["date,currency,rate"], {}
    for _ in range(150):
        day, currency = start + timedelta(rng.randrange(200)), rng.choice(["USD", "GBP", "ZAR", "SEK"])
        rate = f"{rng.randrange(1, 300000) / 10000:.4f}" if rng.random() < 0.85 else rng.choice(["N/A", "", "0"])
        lines.append(f"{day},{currency},{rate}")
        if rate not in ("N/A", "", "0"):
            best[day, currency] = Fraction(rate)
    cases = []
    for _ in range(500):
        day, currency = start + timedelta(rng.randrange(-5, 210)), rng.choice(["USD", "GBP", "GBX", "ZAC", "SEK", "EUR"])
        units = rng.randrange(-10**rng.randrange(1, 9), 10**8)
        text = f"{abs(units) / 100:,.2f}"
        text = text.translate({44: 46, 46: 44}) if rng.random() < 0.5 else text
        text = (rng.choice(["-{}", "({})", "- {}"]) if units < 0 else "{}").format(text)
        large = {"GBX": "GBP", "ZAC": "ZAR"}.get(currency, currency)
        known = [day - timedelta(age) for age in range(8) if (day - timedelta(age), large) in best]
        if currency == "EUR":
            known, rate = [day], Fraction(1)
        elif known:
            rate = best[known[0], large] * (100 if large != currency else 1)
        placed = rng.choice([f"{day}", f"{day:%d.%m.%Y}", f"{day}T12:00:00+11:00", f"{day + timedelta(1)}T01:00:00+02:00"])
        if not known:
            cases.append((placed, text, currency, str(day), "", "", "no-rate"))
            continue
        exact = abs(units) / rate
        cent = exact.__floor__() + (exact - exact.__floor__() >= Fraction(1, 2))
        value = f"{'-' if units < 0 and cent else ''}{cent // 100}.{cent % 100:02}"
        cases.append((placed, text, currency, str(day), value, str(known[0]), "ok"))
    compare(candidate, cases, "\n".join(lines) + "\n")
