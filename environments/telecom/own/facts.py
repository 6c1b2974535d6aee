"""What a task of ours is made of, read back from its notes."""

from __future__ import annotations

from dataclasses import dataclass

from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """Metadata of one of our tasks; the agent never sees it.

    Attributes:
        level: difficulty, 1 (a single fault in plain sight) to 5.
        family: "service_issue", "mobile_data_issue" or "mms_issue".
        faults: what is wrong, from the bottom of the connection to its top.
        hidden: those of them whose cause the customer cannot see at first.
        persona: its name; "none" for nobody in particular.
        identity: how the customer names the line: "number", "contact", "customer_id" or "model".
        customer, line: ids of whom and what it is about.
        buys_gb: how much extra data the customer agrees to; 0.0 for none.
        abroad: the customer travels.
        fixable: the desk can solve it; else it has to be handed over.
    """

    level: int
    family: str
    faults: tuple[str, ...]
    hidden: tuple[str, ...]
    persona: str
    identity: str
    customer: str
    line: str
    buys_gb: float
    abroad: bool
    fixable: bool


def facts(task: TelecomTask) -> TaskFacts:
    """The metadata of a task that the generator made; ConfigurationError for any other."""
    notes = task.description.notes if task.description else None
    if not notes or not notes.startswith("level="):
        raise ConfigurationError(
            f"task {task.id!r} has no notes of our generator, so it has no known difficulty"
        )
    found = dict(entry.split("=", 1) for entry in notes.split("; "))
    return TaskFacts(
        level=int(found["level"]),
        family=found["family"],
        faults=_names(found["faults"]),
        hidden=_names(found["hidden"]),
        persona=found["persona"],
        identity=found["identity"],
        customer=found["customer"],
        line=found["line"],
        buys_gb=float(found["buys_gb"]),
        abroad=found["place"] == "abroad",
        fixable=found["fixable"] == "yes",
    )


def difficulty(task: TelecomTask) -> int:
    """Difficulty of one of our tasks from 1 to 5 (see `Problem.level`); ConfigurationError for any other task."""
    return facts(task).level


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
