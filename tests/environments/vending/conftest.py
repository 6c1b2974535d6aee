"""Playing the vending world in tests: always in debug mode, so every event checks the invariants."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.customers import Case
from agentbench_sdk.environments.vending.lots import Lot
from agentbench_sdk.environments.vending.suppliers.account import Order
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.simulation import Act


@dataclass
class Player:
    """A world with short hands."""

    world: Vending
    contents: list[str] = field(default_factory=list)

    def raw(self, tool: str, arguments: Any) -> dict[str, Any]:
        """Call a tool; returns the envelope."""
        result = self.world.call("agent", tool, arguments)
        self.contents.append(result.content)
        envelope: dict[str, Any] = json.loads(result.content)
        assert envelope["ok"] == result.ok
        assert (envelope["error"] or {"code": ""})["code"] == result.error
        return envelope

    def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must succeed; returns its data."""
        envelope = self.raw(tool, arguments)
        assert envelope["ok"], envelope["error"]
        data: dict[str, Any] = envelope["data"]
        return data

    def refused(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that must be refused; returns the error."""
        envelope = self.raw(tool, arguments)
        assert not envelope["ok"]
        assert envelope["data"] is None
        error: dict[str, Any] = envelope["error"]
        return error

    def wait(self, days: int = 1) -> dict[str, Any]:
        """Wait some days; returns the last report."""
        report: dict[str, Any] = {}
        for _ in range(days):
            report = self("wait_for_next_day")
        return report

    def give(self, sku: str, qty: int, unit_cost: int = 50, expiry: int | None = None) -> None:
        """Put goods into storage as if the owner had brought them."""
        core = self.world.core
        core.storage.add([Lot(sku, qty, unit_cost, expiry, "gift")])
        core.tally.move(sku, 0, qty)
        core.post("gift", "", "", inventory=qty * unit_cost, equity=-qty * unit_cost)

    # --- suppliers ------------------------------------------------------------------------------

    def company(self, kind: str) -> Supplier:
        """The first supplier of a kind."""
        roster = self.world.core.tapes.roster.values()
        return next(each for each in roster if each.archetype == kind)

    def write(self, supplier: Supplier, body: str, **more: Any) -> None:
        """Write to a supplier."""
        self("send_email", to=supplier.address, subject="Hello", body=body, **more)

    def subjects(self, address: str) -> list[str]:
        """Subjects of the latest mails from an address, latest first."""
        rows = self("list_emails", box="inbox", limit=50)["emails"]
        return [row["subject"] for row in rows if row["from"] == address]

    def latest(self, supplier: Supplier) -> dict[str, Any]:
        """The latest mail from a supplier."""
        rows = self("list_emails", box="inbox", limit=50)["emails"]
        row = next(row for row in rows if row["from"] == supplier.address)
        mail: dict[str, Any] = self("read_email", email_id=row["id"])
        return mail

    def ask(self, supplier: Supplier, body: str, days: int = 1, **more: Any) -> dict[str, Any]:
        """Write to a supplier and wait for the answer."""
        self.write(supplier, body, **more)
        self.wait(days)
        return self.latest(supplier)

    def order(self, supplier: Supplier, cents: int, skus: int = 1) -> Order:
        """Order some products for about so many cents altogether; returns the invoice that came next morning."""
        chosen = sorted(supplier.carries)[:skus]
        floor = self.world.core.tapes.prices.floor
        lines = [
            {"sku": sku, "qty": max(1, cents // skus // floor(supplier, sku, self.world.core.day))}
            for sku in chosen
        ]
        subject = self.ask(supplier, "I order this.", order_lines=lines)["subject"]
        return self.world.core.papers.open[subject.removeprefix("Invoice ")]

    def pay(self, order: Order, cents: int | None = None) -> None:
        """Pay what is missing of an invoice, or so many cents, to the company that wrote it."""
        to = self.world.core.tapes.roster[order.supplier].address
        self("send_payment", to=to, amount_cents=cents or order.total - order.paid, reference=order.id)

    def buy(self, supplier: Supplier, cents: int, skus: int = 1) -> Order:
        """Order and pay."""
        order = self.order(supplier, cents, skus)
        self.pay(order)
        return order

    # --- customers ------------------------------------------------------------------------------

    def open_case(self, **changes: Any) -> Case:
        """Open a customer's case of today."""
        core = self.world.core
        day = core.day
        fields: dict[str, Any] = {
            "id": "CASE-9999-01",
            "address": "ada.9999-01@mailbox.example",
            "name": "Ada Quist",
            "sku": "cola_can",
            "day": day - 1,
            "deadline": day + 5,
            "claimed": 200,
            "kind": "jam",
            "fraud": False,
        }
        case = Case(**{**fields, **changes})
        core.cases.open[case.id] = case
        return case

    def play(self, policy: str) -> None:
        """Let a reference agent play to the end."""
        agent = agent_of(policy, self.world)
        act = next(agent)
        while not self.world.ended:
            self.raw(act.tool, dict(act.arguments))
            act = agent.send(self.contents[-1])


def agent_of(policy: str, world: Vending) -> Generator[Act, str, None]:
    """A reference agent in a world; an oracle is told what is true there."""
    if policy in world.oracles():
        return world.oracles()[policy](world.opening(), world.truth())
    return world.policies()[policy](world.opening())


@pytest.fixture
def start() -> Callable[..., Player]:
    """Begin a world: `start("tiny-7", seed=1, fee_cents=0)`."""

    def begin(base: str = "smoke-30", seed: int = 1, **overrides: Any) -> Player:
        scenario: Mapping[str, Any] = {"base": base, **overrides}
        world = Vending.create(scenario, seed)
        world.debug = True
        return Player(world)

    return begin


@pytest.fixture
def player(start: Callable[..., Player]) -> Player:
    """Scenario smoke-30, seed 1."""
    return start()
