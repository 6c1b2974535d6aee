"""Hidden checks: small halls against all subsets, large ones against other ways to count, and the way there and back."""

import random
from itertools import combinations


def random_events(rng):
    events = []
    for _ in range(rng.randrange(8)):
        start = rng.randrange(9)
        events.append((start, start + rng.choice([1, 1, 2, 3, 6]), rng.randrange(-2, 4)))
    return sorted(events, key=lambda event: event[0])


def all_choices(events):
    found = []
    for size in range(len(events) + 1):
        for choice in combinations(range(len(events)), size):
            if all(events[a][1] <= events[b][0] for a, b in zip(choice, choice[1:], strict=False)):
                found.append(choice)
    return sorted(found)


CODE = """
from hall import Event, Hall
def attempt(call, *arguments):
    try:
        return call(*arguments)
    except (IndexError, ValueError) as error:
        return type(error).__name__
out = []
for events, others in CASES:
    hall = Hall(Event(*event) for event in events)
    count = hall.count()
    out.append((list(hall.choices()), count, [attempt(hall.nth, n) for n in [*range(count), -1, count, count + 9]],
                [attempt(hall.position, choice) for choice in others],
                [attempt(hall.containing, n) for n in range(-1, len(events) + 1)], hall.best()))
out
"""


def test_small_halls(candidate):
    rng = random.Random(231)
    cases = []
    for _ in range(300):
        events = random_events(rng)
        others = [tuple(rng.choices(range(-1, len(events) + 1), k=rng.randrange(1, 4))) for _ in range(10)]
        cases.append((events, all_choices(events)[:40] + others))
    for (events, others), got in zip(
        cases, candidate.evaluate(CODE.replace("CASES", repr(cases))), strict=True
    ):
        choices = all_choices(events)
        values = [sum(events[number][2] for number in choice) for choice in choices]
        wanted = (
            choices,
            len(choices),
            choices + ["IndexError"] * 3,
            [choices.index(choice) if choice in choices else "ValueError" for choice in others],
            [
                "IndexError",
                *(sum(n in choice for choice in choices) for n in range(len(events))),
                "IndexError",
            ],
            (max(values), choices[values.index(max(values))]),
        )
        names = ("choices", "count", "nth", "position of " + str(others), "containing", "best")
        for name, result, expected in zip(names, got, wanted, strict=True):
            assert result == expected, f"{name} of the hall {events}: {result}, expected {expected}"


LARGE = {
    "one after the other": "[(n, n + 1, n % 3 - 1) for n in range(8000)]",
    "all at the same time": "[(0, 5 + n, n % 7) for n in range(8000)]",
    "overlapping": "[(n, n + 1 + n * 7919 % 40, n * 31 % 11 - 3) for n in range(8000)]",
    "groups": "[(n // 50, n // 50 + 1 + n % 3, n * 17 % 5) for n in range(8000)]",
}


def tables(events):
    """Numbers of choices and best values of the events from each on, found by the moments, from the last one back."""
    last = max(end for _, end, _ in events)
    counts, bests = [1] * (last + 2), [0] * (last + 2)
    ways, values = [0] * len(events), [0] * len(events)
    at = len(events)
    for moment in range(last, -1, -1):
        counts[moment], bests[moment] = counts[moment + 1], bests[moment + 1]
        while at and events[at - 1][0] == moment:
            at -= 1
            ways[at] = counts[events[at][1]]
            values[at] = events[at][2] + bests[events[at][1]]
            counts[moment] += ways[at]
            bests[moment] = max(bests[moment], values[at])
    return counts, bests, ways, values


def first_best(events, values, best):
    chosen, moment, total = [], 0, best
    for number, (start, end, value) in enumerate(events):
        if total > 0 and start >= moment and values[number] == total:
            chosen.append(number)
            moment, total = end, total - value
    return tuple(chosen)


def mirrored_counts(events):
    """How many choices there are of the events that end at or before each start."""
    last = max(end for _, end, _ in events)
    counts, by_end = [1] * (last + 1), {}
    for start, end, _ in events:
        by_end.setdefault(end, []).append(start)
    for moment in range(1, last + 1):
        counts[moment] = counts[moment - 1] + sum(counts[start] for start in by_end.get(moment, []))
    return counts


def test_large_halls(candidate):
    for name, formula in LARGE.items():
        events = eval(formula)
        counts, bests, ways, values = tables(events)
        before = mirrored_counts(events)
        total = counts[0]
        asked = [0, 1, total // 3, total // 2, total - 1, total * 5 // 7]
        modulus = 2**61 - 1
        got = candidate.evaluate(
            f"""
from hall import Event, Hall
hall = Hall(Event(*event) for event in {formula})
asked = {asked!r}
chosen = [hall.nth(n) for n in asked]
(hall.count(), chosen, [hall.position(choice) for choice in chosen], [hall.containing(n) % {modulus} for n in range(8000)], hall.best())
""",
            timeout=4,
        )
        assert got[0] == total, f"8,000 events, {name}: wrong count"
        assert got[2] == asked, f"8,000 events, {name}: position(nth(n)) is not n"
        for position, choice in zip(asked, got[1], strict=True):
            moment = passed = 0
            at = 0
            for number in choice:
                passed += 1 + sum(ways[n] for n in range(at, number) if events[n][0] >= moment)
                moment, at = events[number][1], number + 1
            assert passed == position, f"8,000 events, {name}: nth({str(position)[:20]}…) is another choice"
        wanted = [before[events[n][0]] * counts[events[n][1]] % modulus for n in range(8000)]
        assert got[3] == wanted, f"8,000 events, {name}: wrong results of containing"
        assert got[4] == (bests[0], first_best(events, values, bests[0])), (
            f"8,000 events, {name}: best {got[4][0]}, expected {bests[0]}"
        )


def test_choices_are_still_made_one_by_one(candidate):
    got = candidate.evaluate(
        """
from itertools import islice
from hall import Event, Hall
hall = Hall([Event(n, n + 1) for n in range(200)])
out = [list(islice(hall.choices(), 3)), Hall([]).count(), Hall([]).best(), list(Hall([]).choices()), hall.position(()), hall.nth(1)]
for events in ([(1, 2), (0, 3)], [(1, 1)], [(2, 1)]):
    try:
        Hall([Event(*event) for event in events])
        out.append(events)
    except ValueError:
        out.append("ValueError")
out
""",
        timeout=4,
    )
    wanted = [[(), (0,), (0, 1)], 1, (0, ()), [()], 0, (0,), "ValueError", "ValueError", "ValueError"]
    assert got == wanted, f"first choices, an empty hall, wrong events: {got}, expected {wanted}"
