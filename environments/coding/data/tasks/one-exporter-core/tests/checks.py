"""Hidden checks: texts that must not change, and the structure that was asked for."""

import ast
import random

PARTS = ["a", "Tea", "x,y", 'say "hi"', "|", "\\|", "<b>", "&amp;", "two\nlines", "", " ", "–", "É", "a_b"]
COLUMNS = ["name", "unit_price", "_x_", "a,b", 'q"', "p|q", "<c>", "ALL_CAPS", "new\nline", "", "_"]


def text(value):
    if value is None:
        return ""
    if value is True or value is False:
        return {True: "yes", False: "no"}[value]
    if isinstance(value, float):
        return {"-0.00": "0.00"}.get(f"{value:.2f}", f"{value:.2f}")
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def csv(value):
    return '"' + value.replace('"', '""') + '"' if set(value) & set(',"\n') else value


def html(value):
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def expected(table, columns, title):
    heads = [column.replace("_", " ").strip().capitalize() for column in columns]
    body = [[row.get(column) for column in columns] for row in table]
    comma = (
        [f"# {title}"] * bool(title)
        + [",".join(map(csv, heads))]
        + [",".join(csv(text(v)) for v in row) for row in body]
    )
    mark = [f"## {title}", ""] * bool(title)
    for number, row in enumerate([heads, *body]):
        cells = [text(v).replace("|", "\\|").replace("\n", " ") or ("–" if number else "") for v in row]
        mark.append("| " + " | ".join(cells) + " |")
        if not number:
            mark.append("|" + "---|" * len(columns))
    lines = ["<table>"] + [f"<caption>{html(title)}</caption>"] * bool(title)
    lines.append("<tr>" + "".join(f"<th>{html(head)}</th>" for head in heads) + "</tr>")
    for row in body:
        kinds = [' class="number"' if type(v) in (int, float) else "" for v in row]
        lines.append(
            "<tr>"
            + "".join(f"<td{kind}>{html(text(v))}</td>" for kind, v in zip(kinds, row, strict=True))
            + "</tr>"
        )
    lines.append("</table>")
    return tuple("\n".join(part) + "\n" for part in (comma, mark, lines))


def random_value(rng):
    word = rng.choice(PARTS)
    return rng.choice(
        [
            None,
            True,
            False,
            0,
            7,
            -3,
            1.0,
            -0.001,
            2.345,
            1e9,
            word,
            word,
            [],
            [word, 1, None],
            (word, 2.5),
            {"k": 1},
        ]
    )


def test_texts_stay_the_same(candidate):
    rng = random.Random(181)
    cases = []
    for _ in range(300):
        columns = rng.sample(COLUMNS, rng.randrange(len(COLUMNS)))
        rows = [
            {c: random_value(rng) for c in COLUMNS if rng.random() < 0.7} for _ in range(rng.randrange(4))
        ]
        cases.append((rows, columns, rng.choice(["", "Stock", "a & <b>", "x|y", "no,\nline"])))
    got = candidate.evaluate(f"""
from export import to_csv, to_html, to_markdown
[(to_csv(*case), to_markdown(*case), to_html(*case)) for case in {cases!r}]
""")
    for case, result in zip(cases, got, strict=True):
        for name, one, wanted in zip(
            ("to_csv", "to_markdown", "to_html"), result, expected(*case), strict=True
        ):
            assert one == wanted, f"{name}{case}: {one!r}, expected {wanted!r}"


def test_special_cases(candidate):
    got = candidate.evaluate("""
from export import to_csv, to_html, to_markdown
class Money(float):
    def __str__(self):
        return "money"
class Flag(int):
    pass
table, columns = [{"a": Money(2), "b": Flag(3), "c": float("nan"), "d": [[1], "x|"], "e": float("-inf")}], ["a", "b", "c", "d", "e"]
before = repr((table, columns))
[to_csv(table, columns), to_markdown(table=table, columns=columns), to_html(table, columns=columns, title="t"), to_csv([], []), to_markdown([], []), to_html([], []), repr((table, columns)) == before]
""")
    cells = ["2.00", "3", "nan", "[1]; x|", "-inf"]
    wanted = [
        "A,B,C,D,E\n" + ",".join(cells) + "\n",
        "| A | B | C | D | E |\n|---|---|---|---|---|\n| 2.00 | 3 | nan | [1]; x\\| | -inf |\n",
    ]
    row = "".join(
        f"<td{'' if cell.startswith('[') else ' class=' + chr(34) + 'number' + chr(34)}>{cell}</td>"
        for cell in cells
    )
    heads = "".join(f"<th>{name}</th>" for name in "ABCDE")
    wanted += [
        f"<table>\n<caption>t</caption>\n<tr>{heads}</tr>\n<tr>{row}</tr>\n</table>\n",
        "\n",
        "|  |\n|\n",
        "<table>\n<tr></tr>\n</table>\n",
        True,
    ]
    assert got == wanted, f"subclasses, keywords, empty tables: {got}, expected {wanted}"


def functions(candidate):
    tree = ast.parse(candidate.read("export.py"))
    return tree, [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_functions_are_short(candidate):
    for function in functions(candidate)[1]:
        length = function.end_lineno - function.lineno + 1
        assert length <= 20, f"{function.name} has {length} lines, allowed are 20"


def test_nothing_is_said_twice(candidate):
    tree, _ = functions(candidate)
    constants = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for said in ("yes", "-0.00", "; ", "&amp;", "\\|", '""'):
        count = sum(constant.count(said) if said == "&amp;" else constant == said for constant in constants)
        assert count == 1, f"the text {said!r} should occur once in export.py, occurs {count} times"
    names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert names.count("capitalize") == 1, (
        f"capitalize should be used once, is used {names.count('capitalize')} times"
    )


def test_the_work_is_done_in_functions_of_the_module(candidate):
    tree, found = functions(candidate)
    public = {
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    }
    assert public == {"to_csv", "to_markdown", "to_html"}, f"public names of export.py: {sorted(public)}"
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert set(imported) <= {"typing", "collections.abc", "functools", "dataclasses"}, (
        f"imports of export.py: {imported}"
    )
    assert not [
        name
        for name in candidate.files()
        if name.endswith(".py") and name not in {"export.py", "test_export.py"}
    ]
