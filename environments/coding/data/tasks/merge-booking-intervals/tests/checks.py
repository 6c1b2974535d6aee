"""Hidden checks: the three functions against a minute-by-minute count."""

import random

from agentbench_checks import CandidateError


def calls(candidate, name, cases):
    """Results of `name(*case)` for each case, tuples of plain numbers."""
    code = f"""
import bookings
cases = {cases!r}
def plain(value):
    return [plain(v) for v in value] if isinstance(value, list) else tuple(value)
out = []
for slots, *rest in cases:
    out.append(plain(bookings.{name}([bookings.Slot(*s) for s in slots], *rest)))
out
"""
    return candidate.evaluate(code)


def runs(minutes):
    """Ascending minutes as half-open runs."""
    found = []
    for minute in sorted(minutes):
        if found and found[-1][1] == minute:
            found[-1] = (found[-1][0], minute + 1)
        else:
            found.append((minute, minute + 1))
    return found


def random_slots(rng):
    slots = []
    for _ in range(rng.randrange(8)):
        start = rng.randrange(30)
        slots.append((start, start + rng.choice([0, 1, 2, 3, 5, 12])))
    return slots


def held(slots):
    return {minute for start, end in slots for minute in range(start, end)}


def test_merged_slots_hold_the_same_minutes(candidate):
    rng = random.Random(11)
    cases = [(random_slots(rng),) for _ in range(400)]
    for (slots,), got in zip(cases, calls(candidate, "merge", cases), strict=True):
        assert got == runs(held(slots)), f"merge({slots}) gave {got}, expected {runs(held(slots))}"


def test_free_gaps_are_inside_the_opening_hours(candidate):
    rng = random.Random(12)
    cases = []
    for _ in range(500):
        opening = rng.randrange(20)
        cases.append((random_slots(rng), opening, opening + rng.randrange(25), rng.choice([1, 1, 2, 4])))
    for case, got in zip(cases, calls(candidate, "free", cases), strict=True):
        slots, opening, closing, at_least = case
        gaps = runs(set(range(opening, closing)) - held(slots))
        expected = [gap for gap in gaps if gap[1] - gap[0] >= at_least]
        assert got == expected, f"free{case} gave {got}, expected {expected}"


def test_the_busiest_minute(candidate):
    rng = random.Random(13)
    cases = [(random_slots(rng),) for _ in range(400)] + [([],), ([(5, 5)],)]
    for (slots,), got in zip(cases, calls(candidate, "busiest", cases), strict=True):
        counts = {minute: sum(start <= minute < end for start, end in slots) for minute in held(slots)}
        most = max(counts.values(), default=0)
        expected = (most, min((m for m, n in counts.items() if n == most), default=None))
        assert got == expected, f"busiest({slots}) gave {got}, expected {expected}"


def test_arguments_stay_and_iterators_are_taken(candidate):
    code = """
from bookings import Slot, busiest, free, merge
given = [Slot(9, 12), Slot(1, 4), Slot(3, 3), Slot(2, 9)]
kept = list(given)
merge(given), free(given, 0, 20), busiest(given)
[given == kept, merge(iter(kept)) == [(1, 12)], free(iter(kept), 0, 20) == [(0, 1), (12, 20)],
 busiest(iter(kept)) == (2, 2), all(isinstance(slot, Slot) for slot in merge(kept) + free(kept, 0, 20))]
"""
    got = candidate.evaluate(code)
    assert got == [True] * 5, f"unchanged argument, iterators taken, slots returned: {got}"


def test_a_slot_that_ends_before_it_starts_is_refused(candidate):
    for call in ("merge(s)", "free(s, 0, 100)", "busiest(s)"):
        try:
            candidate.evaluate(f"from bookings import *\ns = [Slot(1, 5), Slot(30, 20)]\n{call}")
        except CandidateError as error:
            assert error.type == "ValueError", f"{call} should raise ValueError, raised {error.type}"
        else:
            raise AssertionError(f"{call} should raise ValueError for a slot 30-20")
