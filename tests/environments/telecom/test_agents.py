"""What the reference agents earn in whole sessions, with the scripted customer and alone on tickets: pinned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentbench_sdk import Bench, Run
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.sessions import WorldEntry
from agentbench_sdk.tasks.agentic.telecom import telecom

pytestmark = pytest.mark.timeout(300)  # whole sets of sessions

EARNED = {
    # agent: (of the 20 of "small", of the 120 of "base")
    "ground-truth": (20, 120),
    "workflow": (20, 120),
    "always-transfer": (2, 24),
    "do-nothing": (0, 0),
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(cache=None, runs=tmp_path / "runs") as bench:
        yield bench


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
    assert [(record.sample_id, record.ending) for record in records if not record.ending.scorable] == []
    assert [text for record in records for text in objections(run, record.sample_id)] == []
    return {record.sample_id for record in records if record.outcome and record.outcome.reward == 1.0}


def unfixable(task: TelecomTask) -> bool:
    criteria = task.evaluation_criteria
    assert criteria is not None
    return any(action.name == "transfer_to_human_agents" for action in criteria.actions or ())


@pytest.mark.parametrize("agent", EARNED)
@pytest.mark.parametrize("solo", [False, True], ids=["with a customer", "on tickets"])
async def test_the_small_set_is_worth_to_each_agent_what_it_was(bench: Bench, agent: str, solo: bool) -> None:
    """A change in any of these figures is a change of the world, of the customer or of the agent."""
    run = await bench.evaluate(telecom(set="small", data="own", solo=solo), f"scripted/telecom/{agent}")
    assert len(earned(run)) == EARNED[agent][0]


@pytest.mark.parametrize("agent", EARNED)
@pytest.mark.parametrize("solo", [False, True], ids=["with a customer", "on tickets"])
async def test_the_base_set_is_worth_to_each_agent_what_it_was(bench: Bench, agent: str, solo: bool) -> None:
    """The set that is reported by default."""
    run = await bench.evaluate(telecom(set="base", data="own", solo=solo), f"scripted/telecom/{agent}")
    assert len(earned(run)) == EARNED[agent][1]


async def test_handing_over_at_once_earns_exactly_what_cannot_be_solved(bench: Bench) -> None:
    """Nothing solvable is given away to an agent that does not try."""
    run = await bench.evaluate(telecom(set="base", data="own"), "scripted/telecom/always-transfer")
    assert earned(run) == {task.id for task in own_data().tasks("base") if unfixable(task)}


async def test_new_tasks_are_solved_as_well(bench: Bench) -> None:
    """The agents know no task by heart."""
    for agent in ("ground-truth", "workflow"):
        run = await bench.evaluate(telecom(generate=20, seed=11), f"scripted/telecom/{agent}")
        assert len(earned(run)) == 20
