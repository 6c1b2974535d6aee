"""Occupied and free times of a meeting room.

Times are whole minutes since midnight. A slot is half-open: it holds the minutes start, start + 1, …, end - 1.
A slot whose start and end are equal holds no minute.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Slot(NamedTuple):
    start: int
    end: int


def _checked(slots: Iterable[Slot]) -> list[Slot]:
    """The slots that hold a minute, in the order given; ValueError for a slot that ends before it starts."""
    slots = list(slots)
    for slot in slots:
        if slot.end < slot.start:
            raise ValueError(f"slot ends before it starts: {slot.start}-{slot.end}")
    return [slot for slot in slots if slot.start < slot.end]


def merge(slots: Iterable[Slot]) -> list[Slot]:
    """The same minutes as few slots, in ascending order: slots that overlap or touch become one.

    The argument is never changed. Slots that hold no minute are dropped.
    """
    merged: list[Slot] = []
    for slot in sorted(_checked(slots)):
        if merged and slot.start <= merged[-1].end:
            merged[-1] = Slot(merged[-1].start, max(merged[-1].end, slot.end))
        else:
            merged.append(slot)
    return merged


def free(slots: Iterable[Slot], opening: int, closing: int, at_least: int = 1) -> list[Slot]:
    """The gaps between `opening` and `closing` in which no slot lies, ascending.

    Only gaps of `at_least` minutes or more are told. Slots may lie partly or wholly outside the opening hours.
    """
    gaps = []
    moment = opening
    for slot in merge(slots):
        start = min(slot.start, closing)
        if start > moment and start - moment >= at_least:
            gaps.append(Slot(moment, start))
        moment = max(moment, slot.end)
    if closing > moment and closing - moment >= at_least:
        gaps.append(Slot(moment, closing))
    return gaps


def busiest(slots: Iterable[Slot]) -> tuple[int, int | None]:
    """How many slots hold the same minute at most, and the first minute that so many hold; (0, None) without any.

    A slot that ends when another starts shares no minute with it.
    """
    events = []
    for slot in _checked(slots):
        events.append((slot.start, 1))
        events.append((slot.end, 0))  # at the same minute, ends come before starts
    events.sort()
    now = most = 0
    when = None
    for moment, kind in events:
        now += 1 if kind == 1 else -1
        if now > most:
            most, when = now, moment
    return most, when
