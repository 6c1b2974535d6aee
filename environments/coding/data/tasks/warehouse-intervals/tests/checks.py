"""Hidden checks: random uses against a plain list, and a large warehouse that changes between all questions."""

import random

CODE = """
from warehouse import Warehouse
def play(amounts, steps):
    warehouse, out = Warehouse(amounts), []
    for name, *arguments in steps:
        try:
            out.append(getattr(warehouse, name)(*arguments))
        except (IndexError, ValueError) as error:
            out.append(type(error).__name__)
    return out, len(warehouse)
[play(*case) for case in CASES]
"""


def answer(amounts, name, a, b=0):
    shelves = [shelf for shelf in range(max(a, 0), min(b, len(amounts)))]
    if name == "total":
        return sum(amounts[shelf] for shelf in shelves)
    if name == "emptiest":
        return min(shelves, key=lambda shelf: (amounts[shelf], shelf)) if shelves else "ValueError"
    if name == "locate":
        pieces = [shelf for shelf, amount in enumerate(amounts) for _ in range(amount)]
        return pieces[a - 1] if 1 <= a <= len(pieces) else "IndexError"
    if not 0 <= a < len(amounts):
        return "IndexError"
    if name == "amount":
        return amounts[a]
    if amounts[a] + b < 0:
        return "ValueError"
    amounts[a] += b
    return None


def test_random_uses(candidate):
    rng = random.Random(211)
    cases = []
    for _ in range(150):
        size = rng.choice([0, 1, 2, 3, 5, 8, 13])
        steps = []
        for _ in range(30):
            name = rng.choice(["amount", "change", "change", "total", "locate", "emptiest"])
            a = rng.randrange(-2, size + 3)
            b = rng.randrange(-4, 5) if name == "change" else rng.randrange(-2, size + 3)
            steps.append((name, a) if name in {"amount", "locate"} else (name, a, b))
        cases.append(([rng.randrange(4) for _ in range(size)], steps))
    for (amounts, steps), (results, size) in zip(
        cases, candidate.evaluate(CODE.replace("CASES", repr(cases))), strict=True
    ):
        held = list(amounts)
        wanted = [answer(held, *step) for step in steps]
        for number, (result, expected) in enumerate(zip(results, wanted, strict=True)):
            assert result == expected, (
                f"amounts {amounts}, after {steps[: number + 1]}: {result}, expected {expected}"
            )
        assert size == len(amounts), f"length {size}, expected {len(amounts)}"


def test_iterators_large_numbers_and_wrong_amounts(candidate):
    got = candidate.evaluate(
        """
from warehouse import Warehouse
warehouse = Warehouse(iter([10**30, 0, 5]))
out = [warehouse.total(0, 3), warehouse.locate(10**30), warehouse.locate(10**30 + 1), warehouse.emptiest(0, 3)]
given = [1, 2]
warehouse = Warehouse(given)
given[0] = 7
out += [warehouse.total(0, 10**15), warehouse.total(-(10**15), 1), warehouse.emptiest(-(10**15), 10**15), warehouse.total(2, 1)]
warehouse.change(0, 4)
out += [given]
try:
    Warehouse([3, -1])
except ValueError:
    out.append("ValueError")
out
""",
        timeout=4,
    )
    wanted = [10**30 + 5, 0, 2, 1, 3, 1, 0, 0, [7, 2], "ValueError"]
    assert got == wanted, f"large numbers, copies and ranges beyond the ends: {got}, expected {wanted}"


LARGE = """
SIZE = 250000
amounts = [n * 7919 % 100 + 1 for n in range(SIZE)]
def steps(kind):
    for n in range(20000):
        shelf = n * 6151 % SIZE
        yield "change", shelf, n % 3
        if kind == "total": yield "total", shelf // 3, SIZE - n
        elif kind == "locate": yield "locate", 7_000_000 - n * 150
        else: yield "emptiest", n, SIZE - n
"""


def test_a_large_warehouse(candidate):
    space = {}
    exec(LARGE, space)
    for kind in ("total", "locate", "emptiest"):
        got = candidate.evaluate(
            LARGE
            + f"""
from warehouse import Warehouse
warehouse, out = Warehouse(amounts), 0
for name, *arguments in steps({kind!r}):
    result = getattr(warehouse, name)(*arguments)
    if result is not None:
        out = (out * 31 + result) % 1000000007
out
""",
            timeout=4,
        )
        wanted = quick(kind, list(space["amounts"]), space["steps"](kind))
        assert got == wanted, (
            f"20,000 changes and calls of {kind} on 250,000 shelves: checksum {got}, expected {wanted}"
        )


def quick(kind, amounts, steps):
    """Checksum of the answers, in blocks of shelves: another way than a tree."""
    width = 400
    starts = range(0, len(amounts), width)
    sums = [sum(amounts[s : s + width]) for s in starts]
    least = [min(amounts[s : s + width]) for s in starts]
    out = 0
    for name, a, *b in steps:
        if name == "change":
            amounts[a] += b[0]
            block = a // width
            sums[block] += b[0]
            least[block] = min(amounts[block * width : (block + 1) * width])
            continue
        if name == "total":
            first, last = -(-a // width), b[0] // width
            result = (
                sum(amounts[a : first * width]) + sum(sums[first:last]) + sum(amounts[last * width : b[0]])
            )
        elif name == "locate":
            block = 0
            while sums[block] < a:
                a -= sums[block]
                block += 1
            result = block * width
            while amounts[result] < a:
                a -= amounts[result]
                result += 1
        else:
            first, last = -(-a // width), b[0] // width
            lowest = min([*amounts[a : first * width], *least[first:last], *amounts[last * width : b[0]]])
            result = find(amounts, least, width, lowest, a)
        out = (out * 31 + result) % 1000000007
    return out


def find(amounts, least, width, lowest, start):
    """The first shelf from a start on with that amount."""
    while True:
        stop = (start // width + 1) * width
        part = amounts[start:stop]
        if lowest in part:
            return start + part.index(lowest)
        start = stop
        while least[start // width] > lowest:
            start += width
