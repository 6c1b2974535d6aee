"""What a task is made of: family, faults, persona, difficulty; of tau2-bench's tasks and of our own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.environments.telecom import own
from agentbench_sdk.environments.telecom.task import TelecomTask

_ID = re.compile(r"\[(?P<family>\w+)\](?P<issues>[^\[]*)\[PERSONA:(?P<persona>[^\]]*)\]")
_HANDS_OVER = "transfer_to_human_agents"


@dataclass(frozen=True, slots=True)
class Facts:
    """Metadata of a task; neither side of a conversation sees them.

    Attributes:
        family: "service_issue", "mobile_data_issue" or "mms_issue"; "" where the task does not tell.
        issues: names of what is wrong.
        persona: name of the customer's temper.
        difficulty: number of faults in tau2-bench's tasks, the level from 1 to 5 in ours.
        solvable: the reference does not hand over to a human.
    """

    family: str
    issues: tuple[str, ...]
    persona: str
    difficulty: int
    solvable: bool

    @property
    def cluster(self) -> str:
        """What tasks share that differ in persona and customer alone."""
        return f"{self.family}:{'|'.join(self.issues)}"

    def to_dict(self) -> dict[str, Any]:
        return {
            "family": self.family,
            "issues": list(self.issues),
            "persona": self.persona,
            "difficulty": self.difficulty,
            "solvable": self.solvable,
        }


def facts_of(task: TelecomTask) -> Facts:
    """The metadata of a task.

    >>> from agentbench_sdk.environments.telecom.task import Instructions, TelecomTask, UserScenario
    >>> script = Instructions(reason_for_call="No signal.", task_instructions="Follow the agent.")
    >>> task = TelecomTask(id="[service_issue]a|b[PERSONA:Hard]", user_scenario=UserScenario(instructions=script))
    >>> facts_of(task).to_dict()["issues"], facts_of(task).difficulty
    (['a', 'b'], 2)
    """
    found = _ID.match(task.id)
    notes = task.description.notes if task.description else None
    if notes and notes.startswith("level="):
        ours = own.facts(task)
        return Facts(ours.family, ours.faults, ours.persona, ours.level, ours.fixable)
    issues = tuple(found["issues"].split("|")) if found and found["issues"] else ()
    family, persona = (found["family"], found["persona"]) if found else ("", "")
    return Facts(family, issues, persona, len(issues), solvable(task))


def solvable(task: TelecomTask) -> bool:
    """Whether the reference solves the task itself instead of handing it over to a human."""
    actions = (task.evaluation_criteria and task.evaluation_criteria.actions) or []
    return not any(action.name == _HANDS_OVER for action in actions)
