"""Hidden checks: results, forms of the command, errors and files of units; random conversions in exact arithmetic."""

import random
from decimal import Decimal, localcontext
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


def run(*arguments, stdin="", **files):
    return {"argv": ["python3", "convert.py", *arguments], "stdin": stdin, "files": {name.replace("_", "."): text for name, text in files.items()}}


def compare(candidate, cases):
    """Cases: the run, exit code, stdout, and stderr (None: any line)."""
    for (job, *expected), (code, out, err) in zip(cases, run_all(candidate, [case[0] for case in cases]), strict=True):
        wanted_code, wanted_out, wanted_err = expected
        about = f"{job['argv'][2:]} {job['stdin']!r} {job['files']}"
        assert code == wanted_code, f"{about}: expected exit code {wanted_code}, got {code}: {err[-300:]}"
        assert out == wanted_out, f"{about}: expected {wanted_out!r}, got {out!r}"
        if wanted_err is None:
            assert err.strip() and "Traceback" not in err, f"{about}: expected a message, got {err[-300:]!r}"
        else:
            assert err == wanted_err, f"{about}: expected stderr {wanted_err!r}, got {err!r}"


def test_single_values(candidate):
    results = {
        ("1", "mile", "km"): "1.6093", ("-12", "inch", "feet"): "-1", ("+0.5", "m", "metre"): "0.5", (".5", "km", "m"): "500",
        ("3.", "ft", "yd"): "1", ("0", "m", "km"): "0", ("-0.00001", "m", "km"): "0", ("1", "oz", "g"): "28.3495",
        ("100000000000000000001", "km", "mm"): "100000000000000000001000000", ("0.00005", "m", "m"): "0.0001", ("-0.00005", "m", "m"): "-0.0001",
        ("2.00025", "m", "m"): "2.0003", ("1000", "m", "m"): "1000", ("1", "lb", "pound"): "1", ("007", "cm", "mm"): "70",
    }  # fmt: skip
    places = [
        (("-p", "0"), ("2.5", "m", "m"), "3"), (("-p", "0"), ("-0.4", "m", "m"), "0"), (("-p", "12"), ("1", "in", "mile"), "0.000015782828"),
        (("-p", "40"), ("1", "m", "yd"), "1.0936132983377077865266841644794400699913"), (("-p", "0"), ("10", "m", "m"), "10"), (("-p", "1"), ("0.05", "m", "m"), "0.1"),
    ]  # fmt: skip
    compare(candidate, [(run(*arguments), 0, text + "\n", "") for arguments, text in results.items()])
    compare(candidate, [(run(*options, *arguments), 0, text + "\n", "") for options, arguments, text in places])


def test_stdin(candidate):
    lines = "1 mile km\n\n  2   ft\tin \nx m m\n1 m\n1 kg m\n3 yd ft"
    errors = "line 4: not a number: x\nline 5: expected VALUE FROM TO\nline 6: cannot convert kg to m\n"
    compare(
        candidate,
        [
            (run("-", stdin=lines), 1, "1.6093\n24\n9\n", errors),
            (run("-p", "1", "-", stdin="1 mile km\n"), 0, "1.6\n", ""),
            (run("-", stdin=""), 0, "", ""),
            (run("-", stdin="1 2 3 4\n"), 1, "", "line 1: expected VALUE FROM TO\n"),
            (run("-", stdin="- m m\n1 em m\n"), 1, "", "line 1: not a number: -\nline 2: unknown unit: em\n"),
        ],
    )


def test_lists(candidate):
    own = "b = 2 z\nz, zz: q\na = 2 z\nh, half = 1/2 zz\nlate = 3 half\nother: r\nA = 2 z\n"
    compare(
        candidate,
        [
            (run("-l", "inches"), 0, "mm\ncm\nin\nft\nyd\nm\nkm\nmile\n", ""),
            (run("-u", "{d}/o.txt", "-l", "zz", o_txt=own), 0, "h\nz\nlate\nA\na\nb\n", ""),
            (run("-u", "{d}/o.txt", "-l", "other", o_txt=own), 0, "other\n", ""),
            (run("-l", "parsec"), 1, "", "unknown unit: parsec\n"),
        ],
    )


def test_errors(candidate):
    compare(
        candidate,
        [
            (run("1", "parsec", "m"), 1, "", "unknown unit: parsec\n"),
            (run("1", "X", "Y"), 1, "", "unknown unit: X\n"),
            (run("1", "m", "M"), 1, "", "unknown unit: M\n"),
            (run("1", "inch", "pound"), 1, "", "cannot convert inch to pound\n"),
            (run("1e3", "X", "m"), 1, "", "not a number: 1e3\n"),
            *((run(value, "m", "m"), 1, "", f"not a number: {value}\n") for value in (".", "1,5", "--1", "1_000", "nan", "\u0663", "1/2", "")),
            *(
                (run(*arguments), 2, "", None)
                for arguments in ((), ("1", "m"), ("1", "m", "m", "m"), ("-p", "x", "1", "m", "m"), ("-p", "-1", "1", "m", "m"), ("-l",), ("-u",), ("-p", "1.5", "-"))
            ),
        ],
    )


def test_files_of_units(candidate):
    base = "m: length\n"
    broken = [
        "m length\n", "m: length\nm = 2 m\n", "m: length\nx, y = 2 m\nz, y = 3 m\n", base + "a = 2 b\n", base + "a = 2 b\nb = 3 a\n", base + "a = 2 a\n",
        base + "a = m\n", base + "a = 0 m\n", base + "a = 1/0 m\n", base + "a = -1 m\n", base + "a = 2 m m\n", base + "a b = 2 m\n", base + "n: length\n",
        base + ", a = 2 m\n", base + "a = 1e3 m\n", "m:\n", base + "= 2 m\n", base + "a = b = 2 m\n",
    ]  # fmt: skip
    cases = [run("-u", "{d}/bad.txt", "1", "m", "m", bad_txt=text) for text in broken]
    cases.append(run("-u", "{d}/none.txt", "1", "m", "m"))
    for job, (code, out, err) in zip(cases, run_all(candidate, cases), strict=True):
        name = "bad.txt" if job["files"] else "none.txt"
        assert (code, out) == (3, ""), f"{job['files']}: expected exit code 3 and no output, got {code} and {out!r}"
        assert err.startswith("case-") and f"{name}: " in err, f"{job['files']}: expected a message with the file first, got {err[-200:]!r}"
    good = "# c\n  x ,  long-name = 2.50 é # twice\n\né : q\n#y = 2 x\n\tw=1/4 long-name\n"
    compare(
        candidate,
        [
            (run("-u", "{d}/g.txt", "8", "w", "é", g_txt=good), 0, "5\n", ""),
            (run("-p", "1", "-u", "{d}/g.txt", "1", "é", "w", g_txt=good), 0, "1.6\n", ""),
            (run("-u", "{d}/g.txt", "1", "y", "w", g_txt=good), 1, "", "unknown unit: y\n"),
        ],
    )


def test_random_conversions(candidate):
    rng = random.Random(12)
    sizes, names, lines = {}, ["u0"], ["u0: q"]
    sizes["u0"] = Fraction(1)
    for number in range(1, 60):
        target = rng.choice(names)
        text = rng.choice([f"{rng.randrange(1, 50)}/{rng.randrange(1, 50)}", f"{rng.randrange(1, 999)}.{rng.randrange(100):02}", str(rng.randrange(1, 99))])
        sizes[f"u{number}"] = Fraction(text) * sizes[target]
        names.append(f"u{number}")
        lines.append(f"u{number} = {text} {target}")
    rng.shuffle(lines)
    asked, expected = [], []
    for _ in range(400):
        value, source, target = f"{rng.randrange(-10**6, 10**6)}.{rng.randrange(1000):03}", rng.choice(names), rng.choice(names)
        exact = Fraction(value) * sizes[source] / sizes[target]
        with localcontext() as context:
            context.prec = 400
            rounded = Decimal((abs(exact) * 1000 + Fraction(1, 2)).__floor__()).scaleb(-3)
        text = f"{rounded:.3f}".rstrip("0").rstrip(".")
        asked.append(f"{value} {source} {target}")
        expected.append(f"-{text}" if exact < 0 and rounded else text)
    ((code, out, err),) = run_all(candidate, [run("-u", "{d}/u.txt", "-p", "3", "-", stdin="\n".join(asked) + "\n", u_txt="\n".join(lines))])
    assert code == 0, err[-300:]
    for line, wanted, got in zip(asked, expected, out.splitlines(), strict=True):
        assert got == wanted, f"{line}: expected {wanted}, got {got}"
