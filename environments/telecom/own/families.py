"""The three families of trouble, which faults can bring each about, and in which combinations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agentbench_sdk.environments.telecom.own.faults import FAULTS, Fault

FamilyName = Literal["service_issue", "mobile_data_issue", "mms_issue"]
Combination = tuple[Fault, ...]

_MASKS = (
    "airplane_mode",
    "sim_unseated",
    "sim_locked_pin",
    "sim_locked_puk",
    "apn_broken",
    "bill_unpaid",
    "arrears_on_file",
    "line_paused",
    "contract_ended",
)
# Few lines have these troubles on file: enough for a family of its own, not to lie under all others.
_SERVICE = (*_MASKS, "pause_on_file", "contract_ended_on_file")
_DATA = (
    "data_off",
    "roaming_phone_off",
    "roaming_line_off",
    "roaming_both_off",
    "data_used_up",
    "data_used_up_refused",
)
_SPEED = ("data_saver", "mode_2g", "mode_3g", "mode_4g", "vpn_slow")
# A phone that is slow sends pictures all the same, unless it is on 2G.
_PICTURES = (
    "mode_2g",
    "wifi_calling",
    "mmsc_missing",
    "permission_sms",
    "permission_storage",
    "permission_both",
)


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of trouble.

    Attributes:
        own: faults of which at least one must be there.
        others: faults that may come on top, and hide those.
    """

    name: FamilyName
    own: tuple[str, ...]
    others: tuple[str, ...]
    words: str


FAMILIES: tuple[Family, ...] = (
    Family("service_issue", _SERVICE, (), "no service"),
    Family("mobile_data_issue", (*_DATA, *_SPEED), _MASKS, "mobile data missing or slow"),
    Family("mms_issue", _PICTURES, (*_MASKS, *_DATA), "picture messages cannot be sent"),
)
MOST_FAULTS = 5
_PLACES = {name: place for place, name in enumerate(FAULTS)}


@lru_cache(maxsize=8)
def combinations(name: FamilyName) -> dict[tuple[int, bool], tuple[Combination, ...]]:
    """All combinations of a family by (number of faults, fixable), each in a fixed order.

    There is at most one fault of each kind, at most one that cannot be repaired, and all of them fit one
    state of the line.
    """
    family = next(family for family in FAMILIES if family.name == name)
    found: dict[tuple[int, bool], list[Combination]] = defaultdict(list)
    for combination in _products((*family.others, *family.own)):
        if _sensible(combination, family):
            fixable = all(fault.fixable for fault in combination)
            found[len(combination), fixable].append(combination)
    return {key: tuple(found[key]) for key in sorted(found)}


def _products(names: Iterable[str]) -> Iterator[Combination]:
    """Each choice of at most one fault a kind, in the order of FAULTS."""
    chosen = frozenset(names)
    kinds: dict[str, list[Fault]] = {}
    for fault in FAULTS.values():
        if fault.name in chosen:
            kinds.setdefault(fault.kind, []).append(fault)
    found: list[Combination] = [()]
    for faults in kinds.values():
        # Those that are full, or hopeless already, grow no further.
        found += [
            (*begun, fault)
            for begun in found
            if len(begun) < MOST_FAULTS
            for fault in faults
            if fault.fixable or all(other.fixable for other in begun)
        ]
    for combination in found:
        yield tuple(sorted(combination, key=_place))


def _place(fault: Fault) -> int:
    return _PLACES[fault.name]


def _sensible(combination: Combination, family: Family) -> bool:
    """Whether something is wrong, and in the family's own field."""
    return any(fault.name in family.own for fault in combination)


def line_state(combination: Combination) -> str:
    """The state of the line that a combination needs."""
    return next((fault.state for fault in combination if fault.state != "clear"), "clear")
