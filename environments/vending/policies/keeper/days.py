"""The shopkeeper's days."""

from __future__ import annotations

from agentbench_sdk.environments.vending.policies import papers
from agentbench_sdk.environments.vending.policies.errands import with_worker
from agentbench_sdk.environments.vending.policies.keeper.goods import restock
from agentbench_sdk.environments.vending.policies.keeper.orders import buy
from agentbench_sdk.environments.vending.policies.keeper.post import read_mails
from agentbench_sdk.environments.vending.policies.keeper.research import look_around
from agentbench_sdk.environments.vending.policies.keeper.shop import Manners, Shop, Steps, call
from agentbench_sdk.simulation import Opening

_COLLECT_DAYS = 7


def keep_shop(opening: Opening, manners: Manners) -> Steps:
    """Run the shop until the end."""
    return with_worker(opening, _keep(opening, manners))


def _keep(opening: Opening, manners: Manners) -> Steps:
    horizon = papers.HORIZON.search(opening.observation)
    shop = Shop(days=int(horizon[1]) if horizon else 365, manners=manners)
    yield from look_around(shop)
    while True:
        if shop.day == shop.days - 1:
            yield from call("collect_cash")
        report = yield from call("wait_for_next_day")
        shop.day, shop.bank = report.get("day", shop.day), report.get("bank_cents", shop.bank)
        if report.get("machine_status", "ok") != "ok":
            yield from call("service_machine")
        if report.get("new_emails"):
            yield from read_mails(shop)
        yield from restock(shop)
        yield from buy(shop)
        if shop.day % _COLLECT_DAYS == 0:
            collected = yield from call("collect_cash")
            shop.bank = collected.get("bank_cents", shop.bank)
