"""Wrong paths: rules of the desk that the agent broke, and calls that nobody needed.

Both are read off the trajectory, which is executed once more on a fresh world to see what each call met and
changed. Rules are those of both policies, tau2-bench's and ours, as far as calls and records can show whether
they were kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.evaluation import matches
from agentbench_sdk.environments.telecom.facts import solvable
from agentbench_sdk.environments.telecom.office import Office
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.environments.telecom.trajectory import Called, Entries, Said

ANNOUNCEMENT = "YOU ARE BEING TRANSFERRED TO A HUMAN AGENT"
MOST_GB = 2.0  # that may be added
TODAY = date(2025, 2, 25)
_FINDING = ("get_customer_by_phone", "get_customer_by_id", "get_customer_by_name")
_LOOKED_UP = ("send_payment_request", "resume_line")  # calls that the records may forbid
_TRANSFER = "transfer_to_human_agents"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that the agent broke.

    Attributes:
        rule: its name.
        entry: place in the trajectory, from 0.
        evidence: one sentence.
    """

    rule: str
    entry: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Walked:
    """A call, and what it met and changed.

    Attributes:
        entry: its place in the trajectory, from 0.
        before, after: the state around it, as a pair of hashes.
        office: the back office before the call; only where a rule asks for it.
    """

    entry: int
    call: Called
    before: tuple[str, str]
    after: tuple[str, str]
    office: Office | None = None

    @property
    def writes(self) -> bool:
        """Whether the tool may change something, and did not refuse."""
        facts = TOOLS.get(self.call.name)
        return facts is not None and facts.kind == "write" and not self.call.error


def walk(
    task: TelecomTask, trajectory: Entries, database: Database, *, seed: int = 0, solo: bool = False
) -> list[Walked]:
    """Execute the calls of a trajectory again, one by one, on a fresh world."""
    core = TelecomCore(database, seed=seed, solo=solo)
    core.initialise(task)
    steps: list[Walked] = []
    before = _hashes(core)
    for place, entry in enumerate(trajectory):
        if not isinstance(entry, Called):
            continue
        office = core.office.copied(str) if entry.name in _LOOKED_UP else None
        if entry.readable:
            core.call(entry.actor, entry.name, entry.arguments)
        after = _hashes(core)
        steps.append(Walked(place, entry, before, after, office))
        before = after
    return steps


def _hashes(core: TelecomCore) -> tuple[str, str]:
    return core.agent_hash(), core.user_hash()


# --- rules -------------------------------------------------------------------------------------


def violations(
    task: TelecomTask, trajectory: Entries, steps: Sequence[Walked], *, solo: bool = False
) -> list[Violation]:
    """The rules that the agent broke, in order.

    Arguments:
        task: what was to be solved.
        trajectory: what was said and called, by both sides.
        steps: what `walk` gave of the same trajectory.
        solo: the agent is alone, so that nothing can be said, to nobody.
    """
    found = [*_records_ignored(steps), *_handed_over(task, trajectory, steps, solo=solo)]
    if not solo:
        found += [*_text_with_call(trajectory), *_unidentified(steps)]
    return sorted(found, key=lambda each: (each.entry, each.rule))


def _records_ignored(steps: Sequence[Walked]) -> Iterator[Violation]:
    """Calls that the records forbid."""
    added = 0.0
    for step in steps:
        if not step.writes or step.call.actor != "agent":
            continue
        if step.call.name == "send_payment_request":
            yield from _not_overdue(step)
        elif step.call.name == "resume_line":
            yield from _not_resumable(step)
        elif step.call.name == "refuel_data":
            added += float(step.call.arguments["gb_amount"])
            if added > MOST_GB:
                told = f"{added:g} GB were added, {MOST_GB:g} GB at most may be"
                yield Violation("refuelled_too_much", step.entry, told)


def _not_overdue(step: Walked) -> Iterator[Violation]:
    assert step.office is not None
    bill = step.office.bill(step.call.arguments["bill_id"])
    if bill.status != "Overdue":
        told = f"bill {bill.bill_id} is {bill.status}, not Overdue"
        yield Violation("billed_not_overdue", step.entry, told)


def _not_resumable(step: Walked) -> Iterator[Violation]:
    office, arguments = step.office, step.call.arguments
    assert office is not None
    line, end = office.line(arguments["line_id"]), office.line(arguments["line_id"]).contract_end_date
    if end is not None and date.fromisoformat(end) < TODAY:
        told = f"the contract of line {line.line_id} ended on {end}"
        yield Violation("resumed_ended_contract", step.entry, told)
    unpaid = [
        bill.bill_id
        for bill in office.bills_of(office.customer(arguments["customer_id"]))
        if bill.status in ("Overdue", "Awaiting Payment")
    ]
    if unpaid:
        told = f"line {line.line_id} was resumed with {', '.join(unpaid)} unpaid"
        yield Violation("resumed_unpaid", step.entry, told)


def _handed_over(
    task: TelecomTask, trajectory: Entries, steps: Sequence[Walked], *, solo: bool
) -> Iterator[Violation]:
    for step in steps:
        if step.call.name != _TRANSFER or step.call.error or step.call.actor != "agent":
            continue
        if solvable(task):
            yield Violation("handed_over_solvable", step.entry, "a task that can be solved was handed over")
        later = trajectory[step.entry + 1 :]
        spoken = next((each for each in later if isinstance(each, Said) and each.actor == "agent"), None)
        if not solo and spoken is not None and ANNOUNCEMENT not in spoken.text:
            yield Violation("handed_over_untold", step.entry, "the customer was not told of the transfer")


def _text_with_call(trajectory: Entries) -> Iterator[Violation]:
    """A text of the agent's that a call of the agent's follows at once came with it, in one message."""
    for place, (first, second) in enumerate(pairwise(trajectory)):
        if isinstance(first, Said) and isinstance(second, Called) and first.actor == second.actor == "agent":
            yield Violation("text_with_call", place, f"a text came with a call of {second.name}")


def _unidentified(steps: Sequence[Walked]) -> Iterator[Violation]:
    for step in steps:
        if step.call.actor == "agent" and step.call.name in _FINDING and not step.call.error:
            return
        if step.call.actor == "agent" and step.writes:
            yield Violation(
                "unidentified", step.entry, f"{step.call.name} was called before the customer was looked up"
            )
            return


# --- calls that nobody needed -------------------------------------------------------------------


def needless_writes(task: TelecomTask, steps: Sequence[Walked]) -> dict[str, list[int]]:
    """Places of successful writes, of both sides, that changed nothing, were undone, or that no reference has.

    Each action of the reference accounts for one call; a write is undone when a later one brings back the very
    state that was before it.
    """
    writes = [step for step in steps if step.writes]
    surplus = _beyond_reference(task, writes)
    changing = [step for step in writes if step.before != step.after]
    return {
        "without_effect": [step.entry for step in surplus if step.before == step.after],
        "undone": [
            step.entry
            for number, step in enumerate(changing)
            if any(later.after == step.before for later in changing[number + 1 :])
        ],
        "beyond_reference": [step.entry for step in surplus if step.before != step.after],
    }


def _beyond_reference(task: TelecomTask, writes: Sequence[Walked]) -> list[Walked]:
    criteria = task.evaluation_criteria
    left = list((criteria and criteria.actions) or [])
    surplus = []
    for step in writes:
        action = next((action for action in left if matches(action, step.call)), None)
        if action is None:
            surplus.append(step)
        else:
            left.remove(action)
    return surplus


def repeated_calls(steps: Sequence[Walked]) -> list[int]:
    """Places of calls that were made before, with the same arguments, in the same state of the world."""
    seen: list[tuple[object, ...]] = []
    repeated: list[int] = []
    for step in steps:
        key = (step.before, step.call.actor, step.call.name, step.call.arguments)
        if key in seen:
            repeated.append(step.entry)
        else:
            seen.append(key)
    return repeated


def conduct(
    task: TelecomTask, trajectory: Entries, database: Database, *, seed: int = 0, solo: bool = False
) -> dict[str, int | float | str | None]:
    """The wrong-path metrics of a conversation, for `Outcome.metrics`."""
    steps = walk(task, trajectory, database, seed=seed, solo=solo)
    broken = violations(task, trajectory, steps, solo=solo)
    needless = needless_writes(task, steps)
    kinds = Counter(violation.rule for violation in broken)
    said = Counter(entry.actor for entry in trajectory if isinstance(entry, Said))
    called = Counter(step.call.actor for step in steps)
    refused = Counter(step.call.actor for step in steps if step.call.error)
    return {
        "policy_violations": len(broken),
        "policy_violation_kinds": ", ".join(f"{rule} {count}" for rule, count in sorted(kinds.items())),
        "writes": sum(step.writes for step in steps),
        "needless_writes": len({place for places in needless.values() for place in places}),
        "writes_without_effect": len(needless["without_effect"]),
        "writes_undone": len(needless["undone"]),
        "writes_beyond_reference": len(needless["beyond_reference"]),
        "repeated_calls": len(repeated_calls(steps)),
        "agent_texts": said["agent"],
        "user_texts": said["user"],
        "agent_calls": called["agent"],
        "user_calls": called["user"],
        "agent_errors": refused["agent"],
        "user_errors": refused["user"],
    }
