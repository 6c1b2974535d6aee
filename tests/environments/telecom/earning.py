"""What a run of telecom tasks earned, for the tests that pin it on our tasks and on tau2-bench's own."""

from __future__ import annotations

from agentbench_sdk import Run
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.sessions import WorldEntry


def objections(run: Run, sample_id: str) -> list[str]:
    """What the guard had against the messages of a session's customer."""
    entries = run.reader.transcript(sample_id).entries
    return [entry.content for entry in entries if isinstance(entry, WorldEntry) and entry.event == "objected"]


def earned(run: Run) -> set[str]:
    """Ids of the tasks that earned 1.

    Every session has to have been scored, and the guard must have objected to nothing: the scripted customer
    does what a model is asked to do, so whoever objects to it would object to honest models too.
    """
    records = list(run.records())
    assert records
    assert [(record.sample_id, record.ending) for record in records if not record.ending.scorable] == []
    assert [text for record in records for text in objections(run, record.sample_id)] == []
    return {record.sample_id for record in records if record.outcome and record.outcome.reward == 1.0}


def unfixable(task: TelecomTask) -> bool:
    """Whether handing over to a human is the reference."""
    criteria = task.evaluation_criteria
    assert criteria is not None
    return any(action.name == "transfer_to_human_agents" for action in criteria.actions or ())
