"""What the reference agents earn on tau2-bench's own tasks, with the scripted customer and alone: pinned."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentbench_sdk import Bench
from agentbench_sdk.environments.telecom.official import OfficialData
from agentbench_sdk.tasks.agentic.telecom import telecom
from tests.environments.telecom.earning import earned, unfixable

DATA = Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared")) / "tau2-telecom"

pytestmark = [
    pytest.mark.skipif(not DATA.exists(), reason="tau2-bench's data are not here"),
    pytest.mark.timeout(300),  # whole sets of sessions
]

EARNED = {
    # agent: (of the 20 of "small", of the 114 of "base")
    "ground-truth": (20, 114),
    "workflow": (20, 114),
    "always-transfer": (2, 20),
    "do-nothing": (0, 0),
}
# The tickets of the picture tasks do not say whether the customer buys extra data; without consent the workflow
# agent spends nobody's money and hands over. 30 of them need 2 GB.
UNSOLVED_ON_TICKETS = 30


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(cache=None, runs=tmp_path / "runs") as bench:
        yield bench


async def earned_by(bench: Bench, agent: str, set_name: str, *, solo: bool = False) -> set[str]:
    """Ids of the tasks of an official set that earned 1."""
    task = telecom(set=set_name, data="official", data_dir=str(DATA), solo=solo)
    return earned(await bench.evaluate(task, f"scripted/telecom/{agent}"))


@pytest.mark.parametrize("agent", EARNED)
@pytest.mark.parametrize(("place", "set_name"), [(0, "small"), (1, "base")])
async def test_each_agent_earns_with_the_scripted_customer_what_it_did(
    bench: Bench, agent: str, place: int, set_name: str
) -> None:
    """The official sets are solvable in conversation, and give nothing away."""
    assert len(await earned_by(bench, agent, set_name)) == EARNED[agent][place]


@pytest.mark.parametrize("agent", EARNED)
async def test_each_agent_earns_on_tickets_what_it_did(bench: Bench, agent: str) -> None:
    """Without a customer only what the ticket says can be known."""
    expected = EARNED[agent][1] - (UNSOLVED_ON_TICKETS if agent == "workflow" else 0)
    assert len(await earned_by(bench, agent, "base", solo=True)) == expected


async def test_handing_over_at_once_earns_exactly_what_cannot_be_solved(bench: Bench) -> None:
    """Of the official tasks, these are the ones whose only reference action is the transfer."""
    hopeless = {task.id for task in OfficialData.load(DATA).tasks("base") if unfixable(task)}
    assert await earned_by(bench, "always-transfer", "base") == hopeless
