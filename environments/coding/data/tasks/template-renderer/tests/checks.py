"""Hidden checks: values, conditions, loops, white space, filters, errors; random templates against a renderer of their trees."""

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


def job(template, data=None):
    files = {"t": template, "d.json": json.dumps(data or {})}
    return {"argv": ["python3", "render.py", "{d}/t", "{d}/d.json"], "files": files}


def compare(candidate, cases):
    """Cases: template, data, and the output, or the line of the error."""
    for (template, data, wanted), (code, out, err) in zip(cases, run_all(candidate, [job(*case[:2]) for case in cases]), strict=True):
        about = f"{template!r} with {data}"
        if isinstance(wanted, int):
            assert (code, out) == (1, ""), f"{about}: expected an error in line {wanted}, got exit code {code} and {out!r} {err[-200:]!r}"
            start = err.split("/t:")[-1]
            assert err.startswith("case-") and start.startswith(f"{wanted}: ") and "Traceback" not in err, f"{about}: expected an error in line {wanted}, got {err[-300:]!r}"
        else:
            assert code == 0, f"{about}: expected exit code 0, got {code}: {err[-300:]}"
            assert out == wanted, f"{about}: expected {wanted!r}, got {out!r}"


def same_data(data, table):
    return [(template, data, wanted) for template, wanted in table.items()]


def test_the_example(candidate):
    ((code, out, err),) = run_all(candidate, [{"argv": ["python3", "render.py", "letter.tpl", "letter.json"]}])
    expected = (
        "Dear Ada,\n\nyour orders:\n   1. O-1      9.5 (a gift)\n     - tea,\n     - cup\n   2. O-22     20\n     - nothing\nYours\n"
    )
    assert (code, out) == (0, expected), f"expected {expected!r}, got {out!r} {err[-300:]}"
    assert candidate.read("letter.expected") == expected


def test_values(candidate):
    data = {"s": "x<&", "n": 12, "f": 3.0, "g": 0.1, "t": True, "z": None, "l": [1, [2], {"a": "b"}], "o": {"if": 1, "o": {"true": "T"}, "0": "nul"}, "_a1": "u"}
    table = {
        "{{ s }}{{s}}{{\ts\n}}": "x<&x<&x<&", "{{ n }} {{ -3 }} {{ 007 }}": "12 -3 7", "{{ f }} {{ g }}": "3.0 0.1", "{{ t }}{{ false }}{{ z }}{{ null }}": "truefalse", "{{ l.0 }}{{ l.1.0 }}{{ l . 2 . a }}": "12b",
        "{{ o.if }}{{ o.o.true }}{{ o.0 }}": "1Tnul", "{{ _a1 }}": "u", "{{ '}}' }}{{ \"%}'\" }}{{ '{{' }}": "}}%}'{{", "{{ 'a\nb' }}": "a\nb", "{{ '' }}": "", "}} %} #} { { { %": "}} %} #} { { { %", "{ {{ n }}}": "{ 12}",
        "{# {{ q }} {% x #}a{#}#}": "a", "a\r\nb{{ n }}\r\n": "a\r\nb12\r\n", "": "", "{{ 'é' | upper }}": "É", "{{ l.3 }}": 1, "{{ l.-1 }}": 1, "{{ s.0 }}": 1, "{{ l }}": 1, "\n{{ o }}": 2, "{{ nope.a.b }}": 1,
    }  # fmt: skip
    compare(candidate, same_data(data, table))


def test_conditions(candidate):
    data = {"n": 1, "f": 1.0, "t": True, "s": "1", "z": None, "zero": 0, "e": "", "l": [], "o": {}, "lt": [1, {"a": True}], "lf": [1.0, {"a": True}], "l1": [1, {"a": 1}], "fz": 0.0}
    true = [
        "n", "s", "lt", "not z", "not zero", "not e", "not l", "not o", "not q.r", "not fz", "n == f", "n != t", "n != s", "lt == lf", "lt != l1", "z == q", "q == r", "null == z", "not n == s", "not n != f", "e != q", "zero != false",
        "zero != null", "'a' == \"a\"", "l | length == 0", "s | default: 'x' == '1'", "q | default: 2 == 2", "t == true", "o == o", "n==1", "not\nz", "l != o",
    ]  # fmt: skip
    compare(candidate, [(f"{{% if {text} %}}yes{{% else %}}no{{% end %}}", data, "yes") for text in true])
    chain = "{% if a %}A{% elif b == 2 %}B{% elif c %}C{% else %}D{% end %}"
    compare(candidate, [(chain, {"a": 1, "b": 2}, "A"), (chain, {"b": 2, "c": 1}, "B"), (chain, {"c": 1}, "C"), (chain, {}, "D"), ("{% if a %}A{% elif b %}B{% end %}", {}, ""), ("{% if a %}{% if b %}1{% else %}2{% end %}{% else %}3{% end %}", {"a": 1}, "2")])


def test_loops(candidate):
    data = {"l": ["a", "b", "c"], "m": [[1, 2], [], [3]], "x": "X", "z": None, "loop": "own", "s": "abc", "o": {"k": 1}}
    table = {
        "{% for x in l %}{{ x }}{{ loop.index }}{% if loop.first %}F{% end %}{% if loop.last %}L{% end %} {% end %}{{ x }}": "a1F b2 c3L X", "{% for x in q %}{{ x }}{% else %}none {{ x }}{% end %}": "none X", "{% for x in z %}a{% end %}b": "b",
        "{% for r in m %}{% for x in r %}{{ loop.outer.index }}.{{ loop.index }}={{ x }} {% else %}({{ loop.index }}) {% end %}{% end %}": "1.1=1 1.2=2 (2) 3.1=3 ", "{{ loop }}{% for q in l %}{{ loop.outer.index | default: '-' }}{% end %}{{ loop }}": "own---own",
        "{% for x in l %}{% for x in l %}{{ x }}{% end %}{{ x }},{% end %}": "abca,abcb,abcc,", "{% for x in s %}{% end %}": 1, "a\n{% for x in o %}{% end %}": 2, "{% for loop in l %}{{ loop.index }}{% end %}": "123", "{% for l in l %}{{ l }}{% end %}{{ l | length }}": "abc3",
        "{% for x in l | length %}{% end %}": 1, "{% for x in q | default: l %}{{ x }}{% end %}": "abc", "{% for x in l %}{% else %}{{ nope }}{% end %}k": "k", "{% for a in m.0 %}{% for b in l %}{% for c in m.0 %}{{ loop.outer.outer.index }}{% end %}{% end %}{% end %}": "111111222222",
    }  # fmt: skip
    compare(candidate, same_data(data, table))


def test_white_space(candidate):
    table = {
        "a \n {{- n }}\n b": "a1\n b", "a {{ n -}} \n\t b": "a 1b", "a \n {%- if n -%} \n b \n {%- end -%} \n c": "abc", "a {#- c -#} b": "ab", "a\n  {% if n %}  \nb\n{% end %}\nc": "a\nb\nc", "{% if n %}\nb\n\t{% end %}": "b\n",
        "a\n {# c #}\t\nb": "a\nb", "a\n{# c\n#}  \nb": "a\nb", "a\n{# c\n#} x\nb": "a\n x\nb", "a\nx {# c\n#}\nb": "a\nx \nb", "{% if n %} {% end %}\na": " \na", "a\n {{ n }} \nb": "a\n 1 \nb", "a\n{% if n %}{# #}\nb{% end %}": "a\n\nb", "{#-#}{{-n-}} x": "1x",
        "a\n{%- if n %}\nb{% end %}": "ab", "a\n{% if n -%}\n\n b{% end %}": "a\nb", "a\n\n {# x -#}\n\n b": "a\n\nb", "a\n\n {#- x #}\n\n b": "a\n b", " {{- ' x ' -}} y": " x y", "{% if n %}\r\na\r\n{% end %}\r\n": "\r\na\r\n\r\n", "{% if n %}\n\n{% end %}\n\n": "\n\n",
        "{{ n }} {{- n }}": "11", "{{ n -}} {# c #} x": "1 x", "{{ ' ' -}} \n {{- ' ' }}": "  ", "a{{ 3-}} b": "a3b", "a {{-3 }}": "a3", "a {{ -3 }}": "a -3", "x\n  {% if n %}\n  y\n  {% end %}\n  z": "x\n  y\n  z", "{# a #}\n{# b #}\n": "", "{% if n %}a\n{% end %} \nb": "a\nb",
    }  # fmt: skip
    compare(candidate, same_data({"n": 1}, table))


def test_filters(candidate):
    data = {"s": " äB ", "l": ["a", 1, 2.5, True, None], "o": {"a": 1, "b": 2}, "z": None, "e": "", "n": 42, "w": 4, "zero": 0, "f": False, "bad": [[1]]}
    table = {
        "{{ s | upper }}|{{ s|trim }}": " ÄB |äB", "{{ s | length }}{{ l | length }}{{ o | length }}": "452", "{{ l | join: ', ' }}": "a, 1, 2.5, true, ", "{{ z | default: 'd' }}{{ e | default: n }}{{ q.r | default: s }}{{ zero | default: 1 }}{{ f | default: 1 }}": "d42 äB 0false",
        "{{ n | pad: 5 }}{{ n | pad: -5 }}|{{ n | pad: 1 }}{{ n | pad: 0 }}": "   4242   |4242", "{{ 'ä' | pad: w }}{{ z | pad: 2 }}{{ f | pad: 6 }}": "   ä   false", "{{ s | trim | upper | pad: 3 | length }}": "3", "{{ q | default: q }}": 1, "{{ s | default: q }}": " äB ",
        "{{ q | default: q | default: 'k' }}": "k", "{% if q | default: q %}a{% end %}": "", "{{ l | default: 1 | length }}": "5", "{{ n | upper }}": 1, "{{ z | trim }}": 1, "{{ n | length }}": 1, "{{ s | join: '' }}": 1, "{{ l | join: 1 }}": 1, "{{ l | join: q }}": 1, "{{ n | pad: '3' }}": 1,
        "{{ n | pad: true }}": 1, "{{ l | pad: 3 }}": 1, "{{ q | length }}": 1, "{{ q | pad: 1 }}": 1, "{{ bad | join: ',' }}": 1, "{{ e | default: '' }}": "", "{{ s | pad: q }}": 1, "{{ n | pad: -4 | pad: 6 }}|": "  42  |",
    }  # fmt: skip
    compare(candidate, same_data(data, table))


def test_errors(candidate):
    table = {
        "a\n{{ b": 2, "\n\n{% if x": 3, "{# a\n": 1, "{{ 'a }}\n": 1, "\n{{ }}": 2, "{{ a b }}": 1, "{{ a | nope }}": 1, "{{ a | upper: 1 }}": 1, "{{ a | pad }}": 1, "{{ a | default: b | }}": 1, "{{ a. }}": 1, "{{ .a }}": 1, "{{ if }}": 1, "{{ a == b }}": 1, "{{ 1.a }}": 1,
        "{{ 'a'.b }}": 1, "{{ é }}": 1, "{{ 2a }}": 1, "{% nope %}": 1, "{% %}": 1, "{% if %}{% end %}": 1, "{% if a b %}{% end %}": 1, "{% if a == b == c %}{% end %}": 1, "{% if not not a %}{% end %}": 1, "{% if a == not b %}{% end %}": 1, "{% end %}": 1, "{% else %}": 1,
        "{% elif a %}": 1, "{% if a %}{% else %}\n{% else %}{% end %}": 2, "{% if a %}{% else %}\n\n{% elif a %}{% end %}": 3, "{% for a in b %}\n{% elif a %}{% end %}": 2, "{% for a in b %}{% else %}\n{% else %}{% end %}": 2, "{% for a b %}{% end %}": 1, "{% for in in a %}{% end %}": 1,
        "{% for a in %}{% end %}": 1, "{% for a.b in c %}{% end %}": 1, "{% else x %}": 1, "{% if a %}{% end if %}": 1, "\n{% if a %}\n": 2, "{% if a %}\n{% for b in c %}\n": 2, "{% if a %}\n{% for b in c %}{% end %}\n": 1, "{% if a %}\n\n{{ | }}": 3, "{{ nope }}\n{{ a b }}": 2,
        "{% if a %}\n{{ a |upper: }}{% end %}": 2, "{{ nope }}\n{% end %}": 2, "{% if a %}{{ nope }}\n{% end %}k": "k", "{{\n\nnope }}": 1, "a{% if b %}{% elif\nnope | pad: 1 %}{% end %}": 1, "{% if b %}\n{% elif nope | length %}{% end %}": 2, "{{ c }}{{ '\n' }}\n{{ nope }}": 3,
        "{{ c\n| upper\n}}{{ nope }}": 3, "{% if\nc %}\n{{ nope }}{% end %}": 3, "{{ a ! b }}": 1, "{{ a | 1 }}": 1,
    }  # fmt: skip
    compare(candidate, same_data({"c": "C"}, table))
    usage = [job("x"), job("x"), job("x"), job("x")]
    usage[0]["files"]["d.json"] = "[1]"
    usage[1]["files"]["d.json"] = "{"
    usage[2]["argv"].append("x")
    usage[3]["argv"][2] = "{d}/none"
    for code, out, err in run_all(candidate, usage):
        assert (code, out) == (2, "") and err.strip() and "Traceback" not in err, (code, out, err[-300:])


def grow(rng, depth, names):
    """A random tree as (template, function from names to output)."""
    parts = []
    for _ in range(rng.randrange(1, 4)):
        kind = rng.randrange(5 if depth else 2)
        if kind == 0:
            text = rng.choice(["x", " y ", "{ ", "a-b", "\tq"])
            parts.append((text, lambda scope, text=text: text))
        elif kind == 1:
            name, other = rng.choice(names), rng.choice(["'none'", "7"])
            parts.append((f"{{{{ {name} | default: {other} | pad: 3 }}}}", lambda scope, name=name, other=other: str(scope.get(name, other.strip("'"))).rjust(3)))
        elif kind in (2, 3):
            name, wanted = rng.choice(names), rng.randrange(3)
            yes, no = grow(rng, depth - 1, names), grow(rng, depth - 1, names)
            text = f"{{% if {name} == {wanted} %}}{yes[0]}{{% else %}}{no[0]}{{% end %}}"
            parts.append((text, lambda scope, name=name, wanted=wanted, yes=yes, no=no: (yes if scope.get(name) == wanted else no)[1](scope)))
        else:
            name = rng.choice(["a", "b", "i"])
            body, none = grow(rng, depth - 1, [*names, name]), grow(rng, depth - 1, names)
            which = rng.choice(["two", "empty"])

            def loop(scope, name=name, body=body, none=none, which=which):
                return "".join(body[1]({**scope, name: value}) for value in (1, 2)) if which == "two" else none[1](scope)

            parts.append((f"{{% for {name} in {which} %}}{body[0]}{{% else %}}{none[0]}{{% end %}}", loop))
    return "".join(text for text, _ in parts), lambda scope: "".join(show(scope) for _, show in parts)


def test_random_templates(candidate):
    rng = random.Random(40)
    cases = []
    for _ in range(30):
        data = {name: rng.randrange(3) for name in rng.sample("abi", 2)}
        text, show = grow(rng, 4, ["a", "b", "i"])
        cases.append((f">{text}<", {**data, "two": [1, 2], "empty": []}, f">{show(data)}<"))
    compare(candidate, cases)
