"""A year of the vending world with 4,000 actions and a hash after each: CPU, copies, size of a snapshot.

The reference agent plays; calls that read and remember fill it up to 4,000 actions.

    python benchmarks/vending.py [--rounds 5] [--quick]
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle

from common import median, options, show

from agentbench_sdk.environments.vending import Vending

ACTIONS, DAYS = 4_000, 365
YEAR = {"base": "smoke-30", "days": DAYS, "max_actions": 6_000, "email_refresh": "nightly", "events": True}
FILLERS = cycle(
    [
        ("kv_set", {"key": "plan", "value": "watch the cash"}),
        ("list_emails", {"box": "inbox"}),
        ("get_storage_inventory", {}),
        ("get_balance_and_transactions", {}),
        ("search_web", {"query": "news of suppliers"}),
    ]
)


def play_year() -> tuple[float, Vending]:
    """CPU seconds of a game with a hash after each call, as a session asks for it; the world at its end."""
    world = Vending.create(YEAR, 1)
    agent = Vending.policies()["naive-restock"](world.opening())
    act, calls, started = next(agent), 0, time.process_time()
    while not world.ended:
        content = world.call("agent", act.tool, dict(act.arguments)).content
        world.state_hash()
        calls += 1
        while not world.ended and calls * DAYS < (world.core.day + 1) * ACTIONS:
            world.call("agent", *next(FILLERS))
            world.state_hash()
            calls += 1
        act = agent.send(content)
    return time.process_time() - started, world


def cpu_ms(action: Callable[[], object], times: int) -> float:
    """CPU milliseconds of one of many."""
    started = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - started) / times * 1000


def main() -> None:
    given = options(__doc__, rounds=5)
    played = [play_year() for _ in range(given.rounds)]
    world = played[-1][1]
    copies = 5 if given.quick else 50
    snapshot = world.snapshot()
    rows = [
        ("a year, seconds of CPU", f"{median([seconds for seconds, _ in played]):.2f}", "3"),
        ("fork at its end, ms", f"{cpu_ms(world.fork, copies):.2f}", "5"),
        ("snapshot, ms", f"{cpu_ms(world.snapshot, copies):.2f}", ""),
        ("restore, ms", f"{cpu_ms(lambda: Vending.restore(snapshot), copies):.2f}", ""),
        ("snapshot, bytes", f"{len(snapshot):,}", "1,000,000"),
    ]
    show(f"{world.core.tally.actions:,} actions", ("", "measured", "target"), rows)


if __name__ == "__main__":
    main()
