"""Hidden checks: orders and stages of random graphs, circles, unknown names, deep chains."""

import random


def make_graphs(seed, count, circles):
    rng = random.Random(seed)
    cases = []
    for _ in range(count):
        names = rng.sample("abcdefghij", rng.randrange(1, 9))
        adds = []
        for i, name in enumerate(names):
            pool = names if circles and rng.random() < 0.2 else names[:i]
            adds.append((name, rng.choices(pool, k=rng.randrange(4)) if pool else []))
        rng.shuffle(adds)
        cases.append((adds, rng.choice([None, rng.sample(names, rng.randrange(len(names) + 1))])))
    return cases


CODE = """
from graph import Graph, CycleError, UnknownTargetError
from planner import order, stages
out = []
for adds, goals in {cases!r}:
    graph = Graph()
    for name, needs in adds:
        graph.add(name, needs)
    try:
        out.append(("ok", order(graph, goals), stages(graph, goals)))
    except CycleError as error:
        out.append(("circle", error.path))
    except UnknownTargetError as error:
        out.append(("unknown", error.name, error.needed_by))
out
"""


def needs_of(adds):
    needs = {}
    for name, names in adds:
        needs.setdefault(name, set()).update(names)
    return needs


def closure(needs, goals):
    found = set()
    waiting = list(needs if goals is None else goals)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def expected_order(needs, names):
    done = []
    while len(done) < len(names):
        ready = [n for n in names if n not in done and needs[n] <= set(done)]
        if not ready:
            return None
        done.append(min(ready))
    return done


def expected_stages(needs, names):
    levels, done = [], set()
    while len(done) < len(names):
        level = sorted(n for n in names - done if needs[n] <= done)
        levels.append(level)
        done |= set(level)
    return levels


def check(adds, goals, result):
    needs = needs_of(adds)
    names = closure(needs, goals)
    wanted = expected_order(needs, names)
    where = f"targets {adds}, goals {goals}: {result}"
    if wanted is None:
        assert result[0] == "circle", f"{where}, expected CycleError"
        path = result[1]
        assert len(path) >= 2 and path[0] == path[-1] == min(path), (
            f"{where}: the circle should begin with its smallest"
        )
        assert len(set(path)) == len(path) - 1, f"{where}: a target is twice in the circle"
        assert all(b in needs[a] for a, b in zip(path, path[1:], strict=False)), (
            f"{where}: each should need the next"
        )
        assert set(path) <= names, f"{where}: the circle is outside of what the goals need"
    else:
        assert result == ("ok", wanted, expected_stages(needs, names)), f"{where}, expected {wanted}"


def test_graphs_without_circles(candidate):
    cases = make_graphs(71, 300, circles=False)
    for (adds, goals), result in zip(cases, candidate.evaluate(CODE.format(cases=cases)), strict=True):
        check(adds, goals, result)


def test_graphs_with_circles(candidate):
    cases = make_graphs(72, 400, circles=True)
    cases += [([("a", ["a"])], None), ([("z", ["m"]), ("m", ["k"]), ("k", ["m"])], None)]
    for (adds, goals), result in zip(cases, candidate.evaluate(CODE.format(cases=cases)), strict=True):
        check(adds, goals, result)


def test_a_target_may_be_added_in_parts(candidate):
    cases = [
        ([("app", ["b"]), ("b", []), ("app", ["c", "b"]), ("c", []), ("app", [])], None),
        ([("x", ["z", "z", "y"]), ("y", []), ("z", ["y", "y"])], ["x", "x"]),
    ]
    for (adds, goals), result in zip(cases, candidate.evaluate(CODE.format(cases=cases)), strict=True):
        check(adds, goals, result)
    got = candidate.evaluate("""
from graph import Graph
graph = Graph()
graph.add("m", iter(["z", "a", "z"]))
graph.add("b")
graph.needs("m").append("broken")
(graph.needs("m"), graph.targets(), graph.needs("b"))
""")
    assert got == (["a", "z"], ["b", "m"], []), f"needs and targets in alphabetical order, each once: {got}"


def test_unknown_targets(candidate):
    cases = [
        ([("a", ["b"]), ("b", ["lost"])], None),
        ([("a", ["b"]), ("b", [])], ["a", "gone"]),
        ([("a", ["b"]), ("b", []), ("c", ["lost"])], ["a"]),
        ([("a", ["a", "lost"])], None),
    ]
    wanted = [
        ("unknown", "lost", "b"),
        ("unknown", "gone", None),
        ("ok", ["b", "a"], [["b"], ["a"]]),
        ("unknown", "lost", "a"),
    ]
    got = candidate.evaluate(CODE.format(cases=cases))
    assert got == wanted, f"unknown targets {cases}: {got}, expected {wanted}"


def test_long_chains_and_many_ways(candidate):
    got = candidate.evaluate(
        """
from graph import Graph, CycleError
from planner import order, stages
chain = Graph()
for n in range(5000):
    chain.add(f"t{n:05}", [f"t{n + 1:05}"] if n < 4999 else [])
ladder = Graph()
for n in range(60):
    for side in "lr":
        ladder.add(f"{n:02}{side}", [f"{n + 1:02}l", f"{n + 1:02}r"] if n < 59 else [])
first = (order(chain)[:2], len(stages(chain)), len(order(ladder)), len(stages(ladder)))
chain.add("t04999", ["t00000"])
try:
    order(chain)
except CycleError as error:
    first += (len(error.path), error.path[0])
first
""",
        timeout=8,
    )
    wanted = (["t04999", "t04998"], 5000, 120, 60, 5001, "t00000")
    assert got == wanted, f"a chain of 5000 and a ladder of 60 steps: {got}, expected {wanted}"
