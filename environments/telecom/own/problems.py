"""What a task is about, before it is put into words, and which problems a seed makes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import gcd

from agentbench_sdk.environments.telecom.own.callers import Caller, Identity, callers
from agentbench_sdk.environments.telecom.own.families import (
    FAMILIES,
    Combination,
    Family,
    combinations,
    line_state,
)
from agentbench_sdk.environments.telecom.own.faults import Site, hidden
from agentbench_sdk.environments.telecom.own.personas import Persona, personas
from agentbench_sdk.simulation import SeededStreams

Kind = tuple[int, bool]

SHARES = 16
MOST = 5_000

# How many faults a task has and whether they can all be repaired; the turns that every family takes.
_TURNS: tuple[Kind, ...] = (
    (1, True),
    (3, True),
    (2, True),
    (2, False),
    (4, True),
    (1, True),
    (3, True),
    (1, False),
    (2, True),
    (5, True),
)
_AMOUNTS = (0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Problem:
    """A case for the desk.

    Attributes:
        identity: how the customer names the line.
        site: amounts, and the line where it happens.
        abroad: the customer travels; without a fault of roaming this is no trouble.
        key: what makes two tasks the same: family, faults, line and persona.
    """

    family: Family
    faults: Combination
    persona: Persona
    identity: Identity
    site: Site
    abroad: bool

    @property
    def key(self) -> str:
        return problem_key(self.family, self.faults, self.site.caller, self.persona)

    @property
    def fixable(self) -> bool:
        return all(fault.fixable for fault in self.faults)

    @property
    def level(self) -> int:
        """Difficulty from 1 to 5: more faults, hidden ones, a hard persona, a line that is hard to find."""
        caller = self.site.caller
        points = len(self.faults) - 1
        points += bool(hidden(self.faults))
        points += self.persona.hard
        points += self.identity != "number" or caller.misleading
        return min(max(points, 1), 5)


def problem_key(family: Family, faults: Combination, caller: Caller, persona: Persona) -> str:
    """See `Problem.key`; it is the first part of a task's id."""
    names = "|".join(fault.name for fault in faults)
    return f"[{family.name}]{names}[LINE:{caller.line_id}][PERSONA:{persona.name}]"


def problems(seed: int, without: Collection[str], *, share: int | None) -> Iterator[Problem]:
    """The problems of a seed, without end as long as there are any.

    Arguments:
        seed: any integer.
        without: keys that must not come.
        share: the part of all problems, of `SHARES`, to which those of the seed are confined; None for all.
    """
    chooser = _Chooser(seed, set(without), share)
    for index in count():
        problem = chooser.choose(index)
        if problem is None:
            return
        yield problem


class _Chooser:
    """Takes families, sizes and personas in turns; combinations and lines by lot.

    Where what the turn wants has run out for a family and persona, the nearest kind that is left comes instead.
    """

    def __init__(self, seed: int, used: set[str], share: int | None) -> None:
        self._streams = SeededStreams("agentbench.telecom.problems/1", seed, {"lot"})
        self._used = used
        self._share = share
        self._drawn: dict[tuple[str, Kind], int] = defaultdict(int)
        self._exhausted: set[tuple[str, Kind, str]] = set()

    def choose(self, index: int) -> Problem | None:
        family = FAMILIES[index % len(FAMILIES)]
        people = tuple(personas().values())
        persona = people[(index // len(FAMILIES)) % len(people)]
        for kind in _kinds(family, index // len(FAMILIES) % len(_TURNS)):
            if (family.name, kind, persona.name) in self._exhausted:
                continue
            for _ in combinations(family.name)[kind]:
                faults = self._combination(family, kind)
                caller = self._caller(family, faults, persona, index)
                if caller is not None:
                    return self._problem(family, faults, persona, caller)
            self._exhausted.add((family.name, kind, persona.name))
        return None

    def _combination(self, family: Family, kind: Kind) -> Combination:
        """The next one of its kind; all of them have come once before one comes again."""
        found = combinations(family.name)[kind]
        drawn = self._drawn[family.name, kind]
        self._drawn[family.name, kind] += 1
        # A step that shares no factor with the length visits every place; the start is the seed's.
        start = self._streams.between(0, len(found) - 1, "lot", "start", family.name, *kind)
        return found[(start + drawn * _step(len(found))) % len(found)]

    def _caller(self, family: Family, faults: Combination, persona: Persona, index: int) -> Caller | None:
        """A line that fits and with which the problem is new and in the seed's share; None for none."""
        fitting = _fitting(line_state(faults), any(fault.name == "bill_unpaid" for fault in faults))
        start = self._streams.between(0, len(fitting) - 1, "lot", "line", index, len(self._used))
        for place in range(len(fitting)):
            caller = fitting[(start + place) % len(fitting)]
            key = problem_key(family, faults, caller, persona)
            if key not in self._used and (self._share is None or share_of(key) == self._share):
                self._used.add(key)
                return caller
        return None

    def _problem(self, family: Family, faults: Combination, persona: Persona, caller: Caller) -> Problem:
        key = problem_key(family, faults, caller, persona)

        def lot(low: int, high: int, what: str) -> int:
            return self._streams.between(low, high, "lot", what, key)

        names = {fault.name for fault in faults}
        amount = _AMOUNTS[lot(0, len(_AMOUNTS) - 1, "amount")]
        refuses = "data_used_up_refused" in names or ("data_used_up" not in names and lot(0, 3, "buys") == 0)
        site = Site(
            caller=caller,
            bill_id=f"B{lot(100_000, 999_999, 'bill')}",
            over_gb=round(amount * lot(1, 7, "over") / 10, 2),
            buy_gb=0.0 if refuses else amount,
        )
        roaming = any(fault.kind == "roaming" for fault in faults)
        # Two in three name the line by its number, as people do.
        others = caller.identities[1:]
        identity = "number" if lot(0, 2, "number") else others[lot(0, len(others) - 1, "identity")]
        abroad = roaming or (family.name != "service_issue" and lot(0, 5, "abroad") == 0)
        return Problem(family, faults, persona, identity, site, abroad)


def share_of(key: str) -> int:
    """To which of the shares a problem belongs."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") % SHARES


@lru_cache(maxsize=64)
def _kinds(family: Family, turn: int) -> tuple[Kind, ...]:
    """The kinds of combinations of a family; the nearest to what the turn wants comes first."""
    size, fixable = _TURNS[turn]

    def distance(kind: Kind) -> tuple[bool, int, int]:
        return kind[1] != fixable, abs(kind[0] - size), kind[0]

    return tuple(sorted(combinations(family.name), key=distance))


def _step(length: int) -> int:
    return next(step for step in count(max(1, int(length * 0.618))) if gcd(step, length) == 1)


@lru_cache(maxsize=16)
def _fitting(state: str, request: bool) -> tuple[Caller, ...]:
    """Lines of a state. A payment request reaches only a customer whom the line's number brings up."""
    return tuple(
        caller for caller in callers() if caller.state == state and not (request and caller.misleading)
    )
