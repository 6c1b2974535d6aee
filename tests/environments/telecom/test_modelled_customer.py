"""A model plays the customer: what it is told, held to, and what becomes of a session in which it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agentbench_sdk import Bench, Run, Task
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.sessions import WorldEntry
from agentbench_sdk.tasks.agentic.telecom import telecom
from agentbench_sdk.testing import ScriptedModel

SWITCHED = Message.assistant(tool_calls=[ToolCall("c1", "toggle_airplane_mode", "{}")])


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with Bench(cache=None, runs=tmp_path / "runs") as bench:
        yield bench


def grounded(**parameters: object) -> Task:
    """A single session: a phone in airplane mode."""
    task = telecom(set="small", data="own")
    assert not callable(task.samples)
    sample = next(each for each in task.samples if each.id.startswith("[service_issue]airplane_mode["))
    assert isinstance(sample.scenario, Mapping)
    return replace(task, samples=[replace(sample, scenario={**sample.scenario, **parameters})])


async def session(bench: Bench, customer: ScriptedModel, agent: str = "ground-truth") -> Run:
    return await bench.evaluate(grounded(), f"scripted/telecom/{agent}", user_model=customer)


def objected(run: Run) -> list[str]:
    (record,) = run.records()
    entries = run.reader.transcript(record.sample_id).entries
    return [entry.content for entry in entries if isinstance(entry, WorldEntry) and entry.event == "objected"]


async def test_a_model_that_keeps_to_the_script_is_never_interrupted(bench: Bench) -> None:
    """It is told its script, works the phone, and leaves when the trouble is gone."""
    customer = ScriptedModel(
        ["My phone has no service.", SWITCHED, "Airplane mode is off, it works! ###STOP###"]
    )
    run = await session(bench, customer)
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.reward == 1.0
    assert objected(run) == []
    assert "<scenario>" in customer.calls[0].messages[0].text


async def test_a_model_that_invents_a_result_is_told_so_and_may_try_again(bench: Bench) -> None:
    """The agent never hears the invention."""
    customer = ScriptedModel(
        [
            "My phone has no service.",
            "I turned airplane mode off and the signal is excellent. ###STOP###",
            SWITCHED,
            "Now it is off, and the signal is back. ###STOP###",
        ]
    )
    run = await session(bench, customer)
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.reward == 1.0
    assert len(objected(run)) == 1
    assert "not what your phone shows" in customer.calls[2].messages[-1].text


async def test_a_model_that_insists_is_the_users_fault_and_nobodys_score(bench: Bench) -> None:
    """After two repairs the session ends; the agent is not marked down for it."""
    customer = ScriptedModel(["My phone has no service.", *["It works already. ###STOP###"] * 3])
    run = await session(bench, customer)
    (record,) = run.records()
    assert (record.ending.status, record.ending.reason) == ("failed", "user_fault")
    assert record.outcome is None
    assert len(objected(run)) == 3


async def test_the_guard_can_be_switched_off(bench: Bench) -> None:
    """For results that are to be compared with those of others, who have none."""
    customer = ScriptedModel(["My phone has no service.", "It works already. ###STOP###"])
    run = await bench.evaluate(grounded(guard=False), "scripted/telecom/ground-truth", user_model=customer)
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.reward == 0.0
    assert objected(run) == []
