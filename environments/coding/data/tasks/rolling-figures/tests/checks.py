"""Hidden checks: figures against slices, laziness, memory, and long series of every shape within the time."""

import random

from agentbench_checks import CandidateError


def expected(values, window):
    figures = []
    for end in range(1, len(values) + 1):
        part = values[max(0, end - window) : end]
        figures.append((len(part), sum(part), min(part), max(part), len(set(part))))
    return figures


def test_random_series(candidate):
    rng = random.Random(201)
    cases = [
        ([rng.randrange(-5, rng.choice([0, 3, 100])) for _ in range(rng.randrange(30))], rng.randrange(1, 12))
        for _ in range(400)
    ]
    cases += [([2**70, -(2**70), 2**70], 2), ([], 1), ([5], 10**12)]
    got = candidate.evaluate(
        f"from rolling import rolling\n[[tuple(f) for f in rolling(v, w)] for v, w in {cases!r}]"
    )
    for (values, window), result in zip(cases, got, strict=True):
        wanted = expected(values, window)
        assert result == wanted, f"rolling({values}, {window}): {result}, expected {wanted}"


def test_lazy_and_of_the_same_type(candidate):
    got = candidate.evaluate("""
import itertools
from rolling import Figures, rolling
asked = []
def source():
    for n in itertools.count():
        asked.append(n)
        yield n
made = rolling(source(), 3)
before = list(asked)
out = [before]
for _ in range(5):
    figure = next(made)
    out.append((tuple(figure), len(asked)))
out + [type(figure) is Figures]
""")
    wanted = [
        [],
        *[
            ((min(n, 3), sum(range(max(0, n - 3), n)), max(0, n - 3), n - 1, min(n, 3)), n)
            for n in range(1, 6)
        ],
        True,
    ]
    assert got == wanted, f"figures, and values asked for so far: {got}, expected {wanted}"


def test_a_wrong_window_is_told_at_once(candidate):
    try:
        candidate.evaluate("from rolling import rolling\nrolling([], 0)\nNone")
    except CandidateError as error:
        assert error.type == "ValueError", f"rolling([], 0) should raise ValueError, raised {error.type}"
    else:
        raise AssertionError("rolling([], 0) should raise ValueError when it is called")


SHAPES = {
    "rising": "n",
    "falling": "-n",
    "equal": "7",
    "mixed": "n * 7919 % 10007",
    "waves": "(n % 20000) * (1 if n // 20000 % 2 else -1)",
}


def test_long_series(candidate):
    for name, formula in SHAPES.items():
        last = [eval(formula, {"n": n}) for n in range(200_000 - 60_000, 200_000)]
        wanted = (60_000, sum(last), min(last), max(last), len(set(last)))
        got = candidate.evaluate(
            f"""
from rolling import rolling
for figures in rolling(({formula} for n in range(200000)), 60000):
    pass
tuple(figures)
""",
            timeout=4,
        )
        assert got == wanted, f"200,000 {name} values, window 60,000: {got}, expected {wanted}"


def test_memory_does_not_grow(candidate):
    got = candidate.evaluate("""
import tracemalloc
from rolling import rolling
tracemalloc.start()
for figures in rolling((10**6 + n * 7 % 1000003 for n in range(60000)), 50):
    pass
tracemalloc.get_traced_memory()[1] < 400_000
""")
    assert got is True, "with a window of 50, memory should not grow with the length of the series"
