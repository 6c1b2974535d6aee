"""Outages of the machine: breakdowns and coin jams, drawn day by day where the scenario has events."""

from __future__ import annotations

from agentbench_sdk.environments.vending.agenda import MACHINE, Agenda
from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.machine import Machine
from agentbench_sdk.simulation import SeededStreams

EVENTS_FROM_DAY = 10
BREAKDOWN, JAM, HEALED = "breakdown", "jam", "healed"
_BREAKDOWN_CHANCE, _JAM_CHANCE = 8, 10  # per mille and day
_DAYS_DOWN = 3  # a machine that nobody repairs works again when its fourth day begins


def outages(streams: SeededStreams, day: int) -> list[str]:
    """What is drawn to go wrong on a day; a machine that is out of order already does not mind."""
    if day < EVENTS_FROM_DAY:
        return []
    drawn = {
        BREAKDOWN: streams.between(0, 999, "evt.breakdown", day) < _BREAKDOWN_CHANCE,
        JAM: streams.between(0, 999, "evt.jam", day) < _JAM_CHANCE,
    }
    return [event for event, happens in drawn.items() if happens]


def plan_outages(agenda: Agenda, streams: SeededStreams, day: int) -> None:
    """Put the outages of a day into the queue, each at a minute of its own."""
    for event in outages(streams, day):
        minute = streams.between(0, DAY - 1, "evt.minute", event, day)
        agenda.add(day * DAY + minute, MACHINE, f"{event}|{day:04d}")


def break_down(agenda: Agenda, machine: Machine, day: int) -> None:
    """Put the machine out of order, and plan the day on which it recovers by itself."""
    if machine.broken_since is None:
        machine.broken_since = day
        agenda.add((day + _DAYS_DOWN) * DAY, MACHINE, f"{HEALED}|{day:04d}")


def heal(machine: Machine, broken_on: int) -> None:
    """Let the machine recover, if it still has the breakdown of that day."""
    if machine.broken_since == broken_on:
        machine.broken_since = None
