"""What the reference agents earn in whole sessions, with the scripted customer and alone on tickets: pinned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentbench_sdk import Bench
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.tasks.agentic.telecom import telecom
from tests.environments.telecom.earning import earned, unfixable

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
