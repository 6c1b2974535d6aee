"""The telecom task as a user runs it: hundreds of conversations at once, the same twice, and proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbench_sdk import Bench, Run
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.runs import replay
from agentbench_sdk.tasks.agentic.telecom import telecom

CONVERSATIONS = 500


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(cache=None, runs=tmp_path)


async def test_hundreds_of_conversations_at_once_are_the_same_twice(bench: Bench, tmp_path: Path) -> None:
    async def play(name: str) -> Run:
        task = telecom(generate=CONVERSATIONS, seed=3)
        return await bench.evaluate(task, "scripted/telecom/ground-truth", output=tmp_path / name)

    async with bench:
        first, second = await play("first.db"), await play("second.db")
    keys = list(first.transcripts)
    assert len(keys) == CONVERSATIONS
    for sample_id, epoch in keys:
        one, other = (run.reader.transcript_bytes(sample_id, epoch) for run in (first, second))
        assert one == other, sample_id
    assert [record.outcome for record in first.records()] == [record.outcome for record in second.records()]


async def test_a_run_is_proven_by_replay(bench: Bench) -> None:
    async with bench:
        run = await bench.evaluate(telecom(set="small", data="own"), "scripted/telecom/workflow")
    report = await replay(run, Registry.discover().environment)
    assert report.mismatches == []
    assert report.proven == 20
    assert report.calls > 40


@pytest.mark.parametrize("agent", ["ground-truth", "workflow"])
async def test_alone_with_a_ticket_the_reference_agents_solve_everything(bench: Bench, agent: str) -> None:
    async with bench:
        run = await bench.evaluate(telecom(set="small", data="own", solo=True), f"scripted/telecom/{agent}")
    assert {record.ending.reason for record in run.records()} == {"world_ended"}
    assert run.summary().primary.estimate.mean == 1.0
    assert run.manifest.user_model is None
