"""Moving the clock: every event that falls due runs once, in order, at its minute."""

from __future__ import annotations

from agentbench_sdk.environments.vending.calendar import DAY, WAKE
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.invariants import check_invariants
from agentbench_sdk.environments.vending.midnight import run_midnight
from agentbench_sdk.environments.vending.outages import BREAKDOWN, HEALED, JAM, break_down, heal
from agentbench_sdk.environments.vending.overflow import discard_overflow
from agentbench_sdk.environments.vending.sales import run_block
from agentbench_sdk.environments.vending.suppliers.desk import answer_letters
from agentbench_sdk.environments.vending.suppliers.impostor import tempt
from agentbench_sdk.environments.vending.suppliers.shipping import announce_delays, deliver


def advance(core: Core, until: int, *, debug: bool = False) -> None:
    """Move the clock to `until`, or to the end of the run if that comes first."""
    while (key := core.agenda.next_due(until)) is not None:
        _run(core, key)
        if debug:
            check_invariants(core)
    if not core.end_reason:
        core.agenda.now = until


def sleep(core: Core, *, debug: bool = False) -> None:
    """Move to 07:00 of the next day."""
    advance(core, (core.day + 1) * DAY + WAKE, debug=debug)


def idle_out(core: Core, reason: str, *, debug: bool = False) -> None:
    """Let the remaining days pass with nothing but waiting; the run then ended for `reason`."""
    while not core.end_reason:
        sleep(core, debug=debug)
    core.end_reason = reason


def _run(core: Core, key: str) -> None:
    kind, _, rest = key.partition("|")
    if kind == "sales":
        day, block = rest.split("|")
        run_block(core, int(day), int(block))
    elif kind == "delivery":
        deliver(core, key)
        discard_overflow(core, "INV-" + rest.removeprefix("sup").replace("|", "-"))
    elif kind == "dawn":
        core.mailroom.deliver(core.now)
        announce_delays(core)
        answer_letters(core)
        tempt(core)
    elif kind == "midnight":
        run_midnight(core, int(rest))
        for watcher in core.watchers:
            watcher(int(rest))
    elif kind == BREAKDOWN:
        break_down(core.agenda, core.machine, int(rest))
    elif kind == JAM:
        core.machine.jammed = True
    elif kind == HEALED:
        heal(core.machine, int(rest))
    else:
        assert kind == "wake", f"no such event: {key}"
