"""Work at the machine: by hand, or in one errand of the worker."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from typing import Any

from agentbench_sdk.environments.vending.policies.planner.shop import Shop, Slot, Steps, call
from agentbench_sdk.simulation import Act

Job = tuple[str, dict[str, Any]]


def work(shop: Shop, jobs: Sequence[Job]) -> Generator[Act, str, list[bool]]:
    """Do some jobs in order; returns which of them went well."""
    if not jobs:
        return []
    if shop.worker:
        calls = [{"tool": tool, "arguments": arguments} for tool, arguments in jobs]
        told = yield from call(shop, "run_sub_agent", instructions=json.dumps(calls))
        done = [bool(each["ok"]) for each in told.get("calls", [])]
        return done + [False] * (len(jobs) - len(done))
    done = []
    for tool, arguments in jobs:
        done.append(bool((yield from call(shop, tool, **arguments))))
    return done


def look(shop: Shop) -> Steps:
    """Learn the slots of the machine."""
    if shop.worker:
        yield from work(shop, [("get_machine_inventory", {})])
        told = yield from call(shop, "chat_with_sub_agent", question="inventory")
        slots = (told.get("answer") or {}).get("slots", [])
    else:
        slots = (yield from call(shop, "get_machine_inventory")).get("slots", [])
    shop.slots = {
        each["slot"]: Slot(each["sku"] or "", each["qty"], each["price_cents"] or 0) for each in slots
    }
    shop.capacity = {each["slot"]: each["capacity"] for each in slots}
