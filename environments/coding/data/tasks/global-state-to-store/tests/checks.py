"""Hidden checks: the modules behave as before, stores are apart, and no state is left in modules."""

import ast
import random

NAMES = ["Tea", "green tea", "Cup", "pot"]


class Model:
    def __init__(self):
        self.articles, self.next, self.log, self.heard, self.asked, self.cache = {}, 1, [], [], [], {}
        self.percent, self.rules = 19, []

    def changed(self, event, number):
        self.log.append((event, number))
        self.cache = {}
        self.heard.append((event, number, len(self.log)))

    def step(self, kind, a, b, c):
        if kind == "add":
            if b < 0 or c < 0:
                return "ValueError"
            self.articles[self.next] = [NAMES[a], b, c]
            self.next += 1
            self.changed("add", self.next - 1)
            return self.next - 1
        if kind == "find":
            return [n for n, row in sorted(self.articles.items()) if "ea" in row[0]]
        if kind in {"take", "article", "price"} and a not in self.articles:
            return "KeyError"
        if kind == "take":
            if b > self.articles[a][1]:
                return "ValueError"
            self.articles[a][1] -= b
            return self.changed("take", a)
        if kind == "article":
            return tuple(self.articles[a])
        if kind == "price":
            return self.price(a, b)
        if kind == "value":
            return sum(self.price(n, row[1]) for n, row in sorted(self.articles.items()))
        if kind == "history":
            return list(self.log)
        if kind == "set_tax":
            self.percent, self.cache = c, {}
        elif kind == "add_discount":
            self.rules.append(c)
            self.cache = {}
        elif kind == "reset stock":
            self.articles, self.log, self.next, self.cache = {}, [], 1, {}
        elif kind == "reset pricing":
            self.percent, self.rules, self.cache = 19, [], {}
        return self.percent if kind == "tax" else None

    def price(self, number, count):
        if (number, count) not in self.cache:
            rates = []
            for rule in self.rules:
                self.asked.append((rule, number, count, self.articles[number][0]))
                rates.append(rule % 40 if count > 1 else 0)
            net = self.articles[number][2] * count
            self.cache[number, count] = (
                net * (100 - max(rates, default=0)) * (100 + self.percent) + 5000
            ) // 10000
        return self.cache[number, count]


def random_steps(rng, stores):
    kinds = [
        "add",
        "add",
        "take",
        "take",
        "find",
        "article",
        "price",
        "price",
        "value",
        "history",
        "set_tax",
        "tax",
        "add_discount",
    ]
    steps = []
    for _ in range(40):
        kind = rng.choice(
            [*kinds, rng.choice(["reset stock", "reset pricing"])] if rng.random() < 0.3 else kinds
        )
        a = rng.randrange(4) if kind == "add" else rng.randrange(1, 5)
        steps.append(
            (
                rng.randrange(stores),
                kind,
                a,
                rng.randrange(-1, 4) if kind == "add" else rng.randrange(1, 4),
                rng.randrange(-1, 99) if kind == "add" else rng.randrange(99),
            )
        )
        if kind == "reset stock":  # prices of articles that are gone are not asked for at once
            steps.append((steps[-1][0], "reset pricing", 0, 0, 0))
    return steps


PLAY = """
import pricing, stock
NAMES = ["Tea", "green tea", "Cup", "pot"]
def call(target, kind, a, b, c, asked):
    names = {"reset stock": "reset_stock", "reset pricing": "reset_pricing"}
    if target is None:
        target = pricing if kind in ("price", "value", "set_tax", "tax", "add_discount", "reset pricing") else stock
        names = {"reset stock": "reset", "reset pricing": "reset"}
    method = getattr(target, names.get(kind, kind))
    def rule(number, count):
        asked.append((c, number, count, stock.article(number)[0]))
        return c % 40 if count > 1 else 0
    arguments = {"add": (NAMES[a % 4], b, c), "find": ("EA",), "take": (a, b), "article": (a,), "price": (a, b), "set_tax": (c,), "add_discount": (rule,)}.get(kind, ())
    try:
        result = method(*arguments)
    except (KeyError, ValueError) as error:
        return type(error).__name__
    return None if kind == "add_discount" else result
"""


def compare(cases, got):
    for steps, (results, ends) in zip(cases, got, strict=True):
        models = [Model() for _ in ends]
        for number, ((store, *step), result) in enumerate(zip(steps, results, strict=True)):
            wanted = models[store].step(*step)
            assert result == wanted, f"after {steps[: number + 1]}: {result}, expected {wanted}"
        for model, (heard, asked) in zip(models, ends, strict=True):
            assert heard == model.heard, (
                f"{steps}: listeners heard (event, number, changes so far) {heard}, expected {model.heard}"
            )
            assert asked == model.asked, (
                f"{steps}: rules asked (rule, number, count, name) {asked}, expected {model.asked}"
            )


def test_the_modules_work_as_before(candidate):
    rng = random.Random(191)
    cases = [random_steps(rng, 1) for _ in range(120)]
    got = candidate.evaluate(
        PLAY
        + f"""
heard, asked, out = [], [], []
same = stock.on_change(lambda event, number: heard.append((event, number, len(stock.history()))))
for steps in {cases!r}:
    stock.reset(); pricing.reset()
    heard.clear(); asked.clear()
    results = [call(None, *step, asked) for _, *step in steps]
    out.append((results, [(list(heard), list(asked))]))
out
"""
    )
    compare(cases, got)


def test_stores_are_apart(candidate):
    rng = random.Random(192)
    cases = [random_steps(rng, 3) for _ in range(120)]
    got = candidate.evaluate(
        PLAY
        + f"""
from store import Store, current, use
out, ways = [], 0
for steps in {cases!r}:
    stores, heard, asked, results = [Store() for _ in range(3)], [[] for _ in range(3)], [[] for _ in range(3)], []
    for store, list_ in zip(stores, heard):
        store.on_change(lambda event, number, list_=list_: list_.append((event, number, len(stock.history()))))
    for number, *step in steps:
        ways += 1
        if ways % 3:
            results.append(call(stores[number], *step, asked[number]))
        else:
            with use(stores[number]):
                results.append(call(None, *step, asked[number]))
    out.append((results, list(zip(heard, asked))))
(out, stock.history(), stock.find(""), pricing.tax())
"""
    )
    compare(cases, got[0])
    assert got[1:] == ([], [], 19), f"the program's own store should be untouched: {got[1:]}"


def test_use(candidate):
    got = candidate.evaluate("""
import threading
import pricing, stock
from report import report
from store import Store, current, use
own, a, b = current(), Store(), Store()
stock.add("own", 1, 100)
out = []
with use(a) as given:
    out.append((given is a, current() is a))
    stock.add("a", 2, 100)
    with use(b):
        stock.add("b", 3, 100)
        with use(own):
            out.append(stock.find("own"))
        out.append(report())
    out.append(report())
    try:
        with use(b):
            raise KeyError("out")
    except KeyError:
        out.append(current() is a)
    seen = []
    thread = threading.Thread(target=lambda: seen.append((current() is own, stock.find(""))))
    thread.start(); thread.join()
    out += seen
out += [current() is own, report(), a.history(), b.value()]
both, names = threading.Barrier(2), {}
def work(name):
    store = Store()
    with use(store):
        stock.add(name, 1, 1)
        both.wait(5)
        names[name] = stock.article(1)[0]
        both.wait(5)
threads = [threading.Thread(target=work, args=(name,)) for name in "xy"]
for thread in threads: thread.start()
for thread in threads: thread.join()
out + [names == {"x": "x", "y": "y"}]
""")
    wanted = [
        (True, True),
        [1],
        "1 b: 3\nvalue 357 at 19 %, 1 changes",
        "1 a: 2\nvalue 238 at 19 %, 1 changes",
        True,
        (True, [1]),
        True,
    ]
    wanted += ["1 own: 1\nvalue 119 at 19 %, 1 changes", [("add", 1)], 357, True]
    assert got == wanted, f"use, nested, with an error, over threads: {got}, expected {wanted}"


def test_what_a_store_calls_works_on_that_store(candidate):
    got = candidate.evaluate("""
import pricing, stock
from store import Store, current, use
a, b, out = Store(), Store(), []
@a.on_change
def listener(event, number):
    out.append((event, number, current() is a, stock.article(number)[0]))
    if event == "add" and number == 1:
        b.add("other", 1, 1)
        stock.add("second", 1, 1)
    if number == 2:
        raise OSError("stop")
@b.on_change
def other(event, number):
    out.append((event, number, current() is b))
try:
    a.add("first", 1, 1)
except OSError:
    out.append(current() is not a)
a.add_discount(lambda number, count: 50 if stock.article(number)[0] == "second" else 0)
out += [a.price(2, 100), a.price(1, 100), a.history(), b.history(), stock.history(), current() not in (a, b)]
with use(b):
    out += [a.price(1, 2), current() is b]
out
""")
    wanted = [
        ("add", 1, True, "first"),
        ("add", 1, True),
        ("add", 2, True, "second"),
        True,
        60,
        119,
        [("add", 1), ("add", 2)],
    ]
    wanted += [[("add", 1)], [], True, 2, True]
    assert got == wanted, f"listeners and rules that use the modules: {got}, expected {wanted}"


def test_no_state_in_modules(candidate):
    for path in ("stock.py", "pricing.py", "store.py"):
        tree = ast.parse(candidate.read(path))
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.Global)], (
            f"{path} should have no global statement"
        )
        bodies = [("a class", n.body) for n in ast.walk(tree) if isinstance(n, ast.ClassDef)] + [
            ("the module", tree.body)
        ]
        for what, body in bodies:
            for node in body:
                value = (
                    getattr(node, "value", None) if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
                )
                state = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
                assert not isinstance(value, state), (
                    f"{path}, line {node.lineno}: {what} should hold no list, dict or set"
                )
                if path != "store.py" and what == "the module":
                    assert value is None, (
                        f"{path}, line {node.lineno}: nothing should be assigned in the module"
                    )
        for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
            defaults = [*function.args.defaults, *function.args.kw_defaults]
            assert not any(isinstance(d, (ast.List, ast.Dict, ast.Set, ast.Call)) for d in defaults), (
                f"{path}: default of {function.name}"
            )
            if path != "store.py":
                body = [
                    n
                    for n in function.body
                    if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
                ]
                assert len(body) == 1, (
                    f"{path}: {function.name} should be a single statement besides its docstring"
                )
