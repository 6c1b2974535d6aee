"""Games of the vending world for the scripts beside this one: any scripted agent, on any scenario and seed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.bound import clairvoyant_bound
from agentbench_sdk.environments.vending.policies import papers
from agentbench_sdk.environments.vending.policies.keeper.goods import restock
from agentbench_sdk.environments.vending.policies.keeper.orders import affordable, best_known
from agentbench_sdk.environments.vending.policies.keeper.post import read_mails
from agentbench_sdk.environments.vending.policies.keeper.research import look_around, write_to_more
from agentbench_sdk.environments.vending.policies.keeper.shop import Manners, Offer, Shop, call, write
from agentbench_sdk.simulation import Act, Opening

Run = Generator[Act, str, None]
_WEEK = 7
_QUOTES_BY = 4  # the day from which a supplier is chosen


@dataclass(frozen=True)
class Constant:
    """A policy that never changes its mind: fixed prices, the same order every week.

    Attributes:
        price: per mille of the guide price.
        volume: per mille of the table's base sales that the weekly order covers.
        choice: which supplier is asked first: "first" for the one whose quote came first, "cheapest" for the
            lowest of all, "fair" for one that really is fair: it is told which, so that nothing is left to luck.
        goods: products of each size.
    """

    price: int
    volume: int
    choice: str
    goods: int = 6

    def __str__(self) -> str:
        return (
            f"{self.choice} supplier, price {self.price / 1000:.1f} x guide, order "
            f"{self.volume / 1000:.1f} x table, {self.goods}+{self.goods} products"
        )

    def play(self, opening: Opening, fair: Sequence[str]) -> Run:
        """Run the shop until the end; `fair` are addresses."""
        horizon = papers.HORIZON.search(opening.observation)
        shop = Shop(days=int(horizon[1]) if horizon else 365, manners=Manners())
        yield from look_around(shop)
        if self.choice != "first":
            while shop.written < len(shop.directory):
                yield from write_to_more(shop)
        guide = dict(shop.guide)
        while True:
            if shop.day == shop.days - 1:
                yield from call("collect_cash")
            report = yield from call("wait_for_next_day")
            shop.day, shop.bank = report.get("day", shop.day), report.get("bank_cents", shop.bank)
            if report.get("new_emails"):
                yield from read_mails(shop)
            shop.guide = {sku: cents * self.price // 1000 for sku, cents in guide.items()}
            yield from restock(shop)
            shop.guide = guide
            if shop.day == _QUOTES_BY:
                self._rank(shop, fair)
            if shop.day % _WEEK == _QUOTES_BY and shop.days - shop.day > _WEEK:
                yield from self._order(shop)
            if shop.day % _WEEK == 0:
                yield from call("collect_cash")

    def _rank(self, shop: Shop, fair: Sequence[str]) -> None:
        if self.choice == "cheapest":
            shop.offers.sort(key=_dearness(shop))
        elif self.choice == "fair":
            shop.offers.sort(key=lambda offer: offer.address not in fair)

    def _order(self, shop: Shop) -> Run:
        if not shop.offers:
            yield from write_to_more(shop)
            return
        offer = shop.offers[0]
        chosen = best_known(offer, self.goods)
        weekly = {sku: max(1, base * _WEEK * self.volume // 1_000_000) for sku, base in chosen.items()}
        lines = affordable(shop, offer, weekly)
        if lines:
            goods = [{"sku": sku, "qty": qty} for sku, qty in lines.items()]
            yield from write(offer.address, "Order", "Good day, this is an order.", order_lines=goods)
            shop.pending, shop.asked, shop.ordered_on, shop.first = lines, offer.address, shop.day, False


def _dearness(shop: Shop) -> Callable[[Offer], float]:
    def of(offer: Offer) -> float:
        known = [sku for sku in offer.prices if sku in shop.guide]
        return sum(offer.prices[sku] for sku in known) / sum(shop.guide[sku] for sku in known)

    return of


@dataclass(frozen=True)
class Game:
    """What came of a game: dollars, and the certified bound where it was asked for."""

    agent: str
    scenario: str
    seed: int
    dollars: float
    bound: float
    end_reason: str
    actions: int
    cpu_s: float


Job = tuple[str | Constant, str, int]


def begin(agent: str | Constant, world: Vending) -> Run:
    """An agent at the start of a game."""
    if isinstance(agent, Constant):
        suppliers = world.truth()["suppliers"].values()
        return agent.play(
            world.opening(), [each["address"] for each in suppliers if each["archetype"] == "fair"]
        )
    if agent in world.oracles():
        return world.oracles()[agent](world.opening(), world.truth())
    return world.policies()[agent](world.opening())


def play(job: Job) -> Game:
    """Play one game to its end."""
    agent, scenario, seed = job
    started = time.process_time()
    world = Vending.create(scenario, seed)
    run = begin(agent, world)
    act = next(run)
    while not world.ended:
        act = run.send(world.call("agent", act.tool, dict(act.arguments)).content)
    outcome = world.outcome()
    cpu_s = time.process_time() - started
    bound = clairvoyant_bound(world.core.scenario, seed) / 100 if isinstance(agent, str) else 0.0
    dollars = (outcome.reward or 0.0) / 100
    actions: Any = outcome.metrics["actions"]
    return Game(str(agent), scenario, seed, dollars, bound, outcome.end_reason, actions, cpu_s)


def play_all(jobs: Iterable[Job], processes: int | None = None) -> Sequence[Game]:
    """Play many games side by side, each process its share."""
    todo = list(jobs)
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(play, todo, chunksize=4))
