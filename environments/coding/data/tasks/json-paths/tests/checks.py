"""Hidden checks: each kind of step, filters, output, errors; random documents against an oracle."""

import json
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


def pick(path, document, *options):
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return {"argv": ["python3", "jp.py", *options, path], "stdin": text}


def compare(candidate, cases):
    """Cases: the run and its output; the exit code is 0 if a value was found."""
    for (job, out, *code), (got_code, got_out, err) in zip(cases, run_all(candidate, [case[0] for case in cases]), strict=True):
        about = f"{job['argv'][2:]} {job.get('stdin', '')[:300]!r}"
        assert got_out == out, f"{about}: expected {out!r}, got {got_out!r} {err[-300:]!r}"
        wanted = code[0] if code else int(not out)
        assert got_code == wanted and "Traceback" not in err, f"{about}: expected exit code {wanted}, got {got_code}: {err[-300:]}"


def values(*items):
    return "".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in items)


def test_the_example(candidate):
    def shop(path, *options):
        return {"argv": ["python3", "jp.py", *options, path, "shop.json"]}

    compare(
        candidate,
        [
            (shop(".orders[?.total > 20].id"), '"o-2"\n"o-3"\n'), (shop("orders[0].total"), "9.90\n"), (shop("..sku", "-r"), "T1\nT1\nC7\n"),
            (shop('.orders[?.items[?.sku == "C7"]]["id"]'), '"o-2"\n'), (shop("-x", "-n"), "0\n", 1), (shop(".orders[*].note", "-a"), '["gift"]\n'),
        ],
    )  # fmt: skip


def test_steps(candidate):
    data = {"a": {"b-1": [1, 2, 3, [4]], "": 5, "x y": {"a": 6}}, "0": 7, "l": [{"a": 8}, {"b": 9}, "s"], "n": None}
    found = {
        ".": [data], ".a.b-1": [[1, 2, 3, [4]]], "a[\"\"]": [5], '.a."x y".a': [6], "0": [7], ".0": [7], ".n": [None], ".n.x": [], ".l.a": [], ".zz": [], ".a[0]": [], '.l["a"]': [],
        ".a.b-1[-1][0]": [4], ".a.b-1[4]": [], ".a.b-1[-5]": [], ".a.b-1[-4]": [1], ".a.b-1[ 0 , 2,0 ]": [1, 3, 1], '["0", "n","q"]': [7, None], ".a.b-1[*]": [1, 2, 3, [4]], ".a[*]": [[1, 2, 3, [4]], 5, {"a": 6}],
        ".l[*].a": [8], ".n[*]": [], ".l[2][*]": [], ".a.b-1[1:3]": [2, 3], ".a.b-1[:-1]": [1, 2, 3], ".a.b-1[ 2 : ]": [3, [4]], ".a.b-1[:]": [1, 2, 3, [4]], ".a.b-1[-2:99]": [3, [4]], ".a.b-1[3:1]": [], ".a[:]": [],
        ".l[2][:]": [], "..a": [data["a"], 6, 8], ".l..a": [8], "..zz": [], '.."x y"..a': [6], ".l[-1,0]": ["s", {"a": 8}], '."\\u0061"[""]': [5], '.l[1:]["b","a"]': [9],
    }  # fmt: skip
    compare(candidate, [(pick(path, data), values(*items)) for path, items in found.items()])


def test_descent_order(candidate):
    data = {"k": {"k": 1, "m": [{"k": 2}, [{"k": {"k": 3}}]]}, "b": {"k": 4}}
    compare(candidate, [(pick("..k", data), values(data["k"], 1, 2, {"k": 3}, 3, 4)), (pick("..k..k", data), values(1, 2, {"k": 3}, 3, 3))])


def test_filters(candidate):
    rows = [{"n": 1, "s": "b"}, {"n": "1"}, {"n": True}, {"n": None, "s": "a"}, {"n": [1, {"x": 2, "y": 3}]}, {"m": 1}, {"n": 1.5, "s": "B"}, {"n": False}]

    def kept(path, *places):
        return pick(path, rows), values(*(rows[place] for place in places))

    numbers = "[10, 2, 10.0, 1e1, 9007199254740993, 9007199254740992.0, 1E400, -0, 0.1, 0.10, true, \"10\"]"
    compare(
        candidate,
        [
            kept("[?.n]", 0, 1, 2, 3, 4, 6, 7), kept("[?.n==1]", 0), kept("[? .n == 1.0 ]", 0), kept('[?.n=="1"]', 1), kept("[?.n == true]", 2), kept("[?.n == null]", 3), kept("[?.n != 1]", 1, 2, 3, 4, 6, 7),
            kept('[?.n == [1, {"y": 3, "x": 2.0}]]', 4), kept("[?.n>1]", 6), kept("[?.n <= 1.5]", 0, 6), kept('[?.s < "a"]', 6), kept('[?.s>="a"]', 0, 3), kept("[?.n < true]"), kept("[?.n[*]==1]", 4), kept("[?..x]", 4),
            kept("[?.n.x]"), kept("[?[0]]"), kept("[?.s][?.n==null]"), kept("[?.n[?.y > 2]]", 4), kept('[?.n[1]["x"] == 2]', 4),
            (pick("[?.==10]", numbers), "10\n10.0\n1e1\n"), (pick("[? . > 9007199254740992]", numbers), "9007199254740993\n1E400\n"), (pick("[?.== 9007199254740992]", numbers), "9007199254740992.0\n"),
            (pick("[?.== 0]", numbers), "-0\n"), (pick("[?. == 0.1]", numbers), "0.1\n0.10\n"), (pick('[?. == "]\\" , "].x', '{"a": "]"}'), ""), (pick("[?.a > 1].b", {"p": {"a": 2, "b": 3}, "q": {"a": 1, "b": 4}}), "3\n"),
            (pick("[?.]", "[null, false, []]"), "null\nfalse\n[]\n"), (pick("[?. != 1]", "[1, 1.0, 2]"), "2\n"), (pick("[?[*] != 1]", "[[1], [1, 2], []]"), "[1,2]\n"),
        ],
    )  # fmt: skip


def test_output(candidate):
    odd = '{"u": "\\u00fc\\n\\"\\u2028", "num": [1.50, 1E400, -0.0, 12345678901234567890123], "o": {"b": 1, "a": {}, "b": [ ]}, "t": true}'
    pretty = '{\n  "b": [],\n  "a": {}\n}\n'
    compare(
        candidate,
        [
            (pick(".u", odd), '"ü\\n\\"\u2028"\n'), (pick(".u", odd, "-r"), 'ü\n"\u2028\n'), (pick(".num", odd), "[1.50,1E400,-0.0,12345678901234567890123]\n"), (pick(".o", odd), '{"b":[],"a":{}}\n'),
            (pick(".o", odd, "-p"), pretty), (pick(".num", odd, "-p"), "[\n  1.50,\n  1E400,\n  -0.0,\n  12345678901234567890123\n]\n"), (pick(".o", odd, "-pr"), pretty), (pick(".t", odd, "-r", "-p"), "true\n"),
            (pick("[*]", '["a", {"k": "v"}]', "-r"), 'a\n{"k":"v"}\n'), (pick("[*]", '["a", 1.0]', "-ra"), '["a",1.0]\n'), (pick("[*]", "[[1],2]", "-ap"), "[\n  [\n    1\n  ],\n  2\n]\n"),
            (pick(".q", odd, "-a"), "[]\n", 1), (pick(".q", odd, "-n"), "0\n", 1), (pick(".num[*]", odd, "-anr"), "4\n"), (pick(".", ' "\\u001f" '), '"\\u001f"\n'), (pick(".", "null"), "null\n"),
            (pick('["a\\"b"]', '{"a\\"b": {"\\t": 1}}'), '{"\\t":1}\n'),
        ],
    )  # fmt: skip


def test_errors(candidate):
    columns = {
        "": 1, "a.": 3, "..": 3, ".a..": 5, "a b": 2, ".a[": 4, ".a[]": 4, ".a[1": 5, ".a[x]": 4, "a[1,]": 5, ".a['x']": 4, "[?]": 3, "[?a]": 3, "[?.a=1]": 5, "[?.a == ]": 9, "[?.a == x]": 9, "[?.a": 5, "[1:2:3]": 5, "[*,1]": 3,
        ".a]": 3, ". a": 2, ".é": 2, "[?.a == 1 2]": 11, "$.a": 1, "a[\"x]": 3, ".[0]x": 2, "[--1]": 2, "[1.5]": 3, "a.b[0]c": 7,
    }  # fmt: skip
    bad = ["", "{", "[1,]", "1 2", "NaN", "[-Infinity]", "{'a':1}", "nul", "[01]"]
    jobs = [pick(path, {"a": 1}) for path in columns] + [pick(".", text) for text in bad]
    usage = [["python3", "jp.py"], ["python3", "jp.py", ".", "none.json"], ["python3", "jp.py", ".", "shop.json", "shop.json"]]
    results = run_all(candidate, jobs + [{"argv": argv} for argv in usage])
    for (path, column), (code, out, err) in zip(columns.items(), results, strict=False):
        assert (code, out) == (2, ""), f"{path!r}: expected exit code 2 and no output, got {code} and {out!r}"
        assert f"column {column}" in err.replace(":", " ").replace(",", " ") + " " and "Traceback" not in err, f"{path!r}: expected column {column}, got {err[-300:]!r}"
    for text, (code, out, err) in zip(bad, results[len(columns) :], strict=False):
        assert (code, out) == (3, "") and err.strip() and "Traceback" not in err, f"{text!r}: expected exit code 3 and a message, got {code}, {out!r}, {err[-300:]!r}"
    for argv, (code, out, err) in zip(usage, results[-len(usage) :], strict=True):
        assert (code, out) == (2, "") and err.strip() and "Traceback" not in err, f"{argv}: expected exit code 2 and a message, got {code}, {out!r}, {err[-300:]!r}"


def test_random_documents(candidate):
    rng = random.Random(14)

    def document(depth):
        kind = rng.randrange(4 if depth else 2)
        if kind < 2:
            return rng.choice([0, 1, 2, "a", "b", True, False, None])
        if kind == 2:
            return [document(depth - 1) for _ in range(rng.randrange(5))]
        return {name: document(depth - 1) for name in rng.sample("abc", rng.randrange(4))}

    def inside(value):
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []

    def below(value, name):
        mine = [value[name]] if isinstance(value, dict) and name in value else []
        return mine + [found for child in inside(value) for found in below(child, name)]

    def step():
        name, index, wanted = rng.choice("abc"), rng.randrange(-3, 3), rng.choice([0, 1, "a", True, None])
        return rng.choice([
            (f".{name}", lambda value: [value[name]] if isinstance(value, dict) and name in value else []),
            (f"..{name}", lambda value: below(value, name)),
            ("[*]", inside),
            (f"[{index}]", lambda value: (value[index:] or value[:0])[:1] if isinstance(value, list) and -len(value) <= index else []),
            (f"[{index}:]", lambda value: value[index:] if isinstance(value, list) else []),
            (f"[?.{name}]", lambda value: [child for child in inside(value) if isinstance(child, dict) and name in child]),
            (f"[?. == {json.dumps(wanted)}]", lambda value: [child for child in inside(value) if type(child) is type(wanted) and child == wanted]),
        ])  # fmt: skip

    cases = []
    for _ in range(60):
        data, path = document(5), ""
        found = [data]
        for _ in range(rng.randrange(1, 4)):
            text, find = step()
            path, found = path + text, [item for value in found for item in find(value)]
        cases.append((pick(path, json.dumps(data)), values(*found)))
    compare(candidate, cases)
