"""Customers who complain, truly or not, and what an answer to them does to goodwill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.simulation import SeededStreams

DEADLINE_DAYS = 5
EXPIRED_HAZARD = 600  # per mille, on top of the base hazard
OVERPRICED_HAZARD = 6
OVERPRICED_FROM = 1400  # per mille of the latent reference price

# What closing a case does to goodwill, in ppm.
REFUNDED, SETTLED, REFUSED, IGNORED, BROKEN_PROMISE = 1_000, 0, -6_000, -10_000, -15_000
CASE = "case"  # journal records: [kind, case]


@dataclass
class Case:
    """One claim.

    Attributes:
        day: of the sale that it is about; it is opened in the night after.
        deadline: the last day on which an answer counts.
        claimed: cents.
        paid: cents paid so far.
        answered, promised: whether a reply came, and whether one promised money.
        effect: goodwill in ppm when it was closed; None while it is open.
    """

    id: str
    address: str
    name: str
    sku: str
    day: int
    deadline: int
    claimed: int
    kind: str
    fraud: bool
    paid: int = 0
    answered: bool = False
    promised: bool = False
    effect: int | None = None
    closed_by: str = ""


@dataclass(frozen=True, slots=True)
class UnitSold:
    """One unit as it went out: enough to decide whether and about what its buyer complains."""

    day: int
    block: int
    sku: str
    unit: int
    price: int
    expired: bool
    overpriced: bool


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint that was drawn; the case is opened at midnight."""

    sku: str
    price: int
    kind: str
    name: int


def draw_complaint(streams: SeededStreams, sold: UnitSold, base_hazard: int) -> Complaint | None:
    """Whether the buyer of a unit complains.

    The kind is drawn from the parts of the hazard: half of the base is a jam, half damage.
    """
    thing = (sold.day, sold.block, sold.sku, sold.unit)
    parts = {
        "jam": base_hazard - base_hazard // 2,
        "damaged": base_hazard // 2,
        "expired": EXPIRED_HAZARD if sold.expired else 0,
        "overpriced": OVERPRICED_HAZARD if sold.overpriced else 0,
    }
    hazard = sum(parts.values())
    if streams.between(0, 999, "cust.complaint", *thing) >= hazard:
        return None
    point = streams.between(0, hazard - 1, "cust.kind", *thing)
    name = streams.uniform64("cust.name", *thing)
    return Complaint(sold.sku, sold.price, _part_at(parts, point), name)


def _part_at(parts: Mapping[str, int], point: int) -> str:
    """The part into which a point of the hazard falls."""
    for kind, part in parts.items():
        if point < part:
            return kind
        point -= part
    raise AssertionError("the point lies within the hazard")


class Cases:
    """Open cases, and the index of closed ones.

    Attributes:
        pending: complaints of the day, opened as cases at midnight.
        open: by id.
        goodwill: change since the last midnight, in ppm.
    """

    def __init__(self) -> None:
        self.pending: list[list[Any]] = []
        self.open: dict[str, Case] = {}
        self.closed: dict[str, Case] = {}
        self.goodwill = 0

    def by_address(self, address: str) -> Case | None:
        """The case of a customer; each case has an address of its own."""
        for case in (*self.open.values(), *self.closed.values()):
            if case.address == address:
                return case
        return None

    def state(self) -> dict[str, Any]:
        return {
            "pending": self.pending,
            "open": {name: vars(case) for name, case in self.open.items()},
            "goodwill": self.goodwill,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self.pending = state["pending"]
        self.open = {name: Case(**record) for name, record in state["open"].items()}
        self.closed = {}
        self.goodwill = state["goodwill"]
