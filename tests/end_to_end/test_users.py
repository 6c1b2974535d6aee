"""Whole runs with a simulated user: who plays it, what it costs, and that the record can be proven."""

import json
import sqlite3
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Bench, Run, Sample, Task
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import CacheMissError, ConfigurationError
from agentbench_sdk.judging import JudgeCase, judge
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.scripted import OracleModel, PolicyModel
from agentbench_sdk.runs import load_run, replay
from agentbench_sdk.simulation import Environment
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel
from agentbench_sdk.testing.lamp import BYE, Lamp, helper, owner


@judge
def lit(case: JudgeCase) -> float:
    assert case.outcome is not None
    return case.outcome.reward or 0.0


def lamps(*scenarios: dict[str, Any], **more: Any) -> Task:
    samples = [
        Sample(f"lamp-{i}", scenario=each)
        for i, each in enumerate(scenarios or ({"presses": 1}, {"presses": 3}))
    ]
    return Task("lamps", samples, judges=[lit()], environment="lamp", **more)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add("environment", "lamp", Lamp)
    return registry


@pytest.fixture
async def bench(tmp_path: Path, registry: Registry) -> AsyncIterator[Bench]:
    async with Bench(cache=tmp_path / "cache.db", runs=tmp_path / "runs", registry=registry) as bench:
        yield bench


def find(name: str) -> type[Environment]:
    assert name == "lamp"
    return Lamp


def client(endpoint: FakeEndpoint, name: str) -> OpenAICompatible:
    return OpenAICompatible(name, base_url=endpoint.base_url, api_key="sk-none")


async def test_the_worlds_own_user_plays_when_nobody_is_named(bench: Bench) -> None:
    run = await bench.evaluate(lamps(), PolicyModel(helper))
    assert run.manifest.user_model == "scripted/lamp/owner"
    records = list(run.records())
    assert [record.ending.reason for record in records] == ["user_stop", "user_stop"]
    assert [record.outcome.metrics["pressed"] for record in records if record.outcome] == [1, 3]
    assert set(records[0].usage) == {"agent", "user"}
    assert records[0].usage["user"].cost_usd == 0.0


async def test_two_runs_have_the_same_transcripts_to_the_byte(bench: Bench) -> None:
    runs = [await bench.evaluate(lamps(), PolicyModel(helper)) for _ in range(2)]
    first, second = ([run.reader.transcript_bytes(f"lamp-{i}") for i in range(2)] for run in runs)
    assert first == second


async def test_a_run_with_a_user_is_proven_by_replay(bench: Bench) -> None:
    report = await replay(await bench.evaluate(lamps(), PolicyModel(helper)), find)
    assert report.mismatches == []
    assert (report.proven, report.calls) == (2, 8)


def edited(run: Run, change: Callable[[list[dict[str, Any]]], None]) -> Run:
    body = json.loads(run.reader.transcript_bytes("lamp-0"))
    change(body)
    packed = zlib.compress(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
    connection = sqlite3.connect(run.path)
    connection.execute("UPDATE transcripts SET body = ? WHERE sample_id = 'lamp-0'", (packed,))
    connection.commit()
    connection.close()
    return load_run(run.path)


def _said(body: list[dict[str, Any]], speaker: str) -> dict[str, Any]:
    spoken = [each for each in body if each["kind"] == "message" and each["speaker"] == speaker]
    found: dict[str, Any] = next(each for each in reversed(spoken) if not each["message"].get("tool_calls"))
    return found


@pytest.mark.parametrize("speaker", ["agent", "user", "environment"])
async def test_an_edited_word_of_either_side_is_found(bench: Bench, speaker: str) -> None:
    run = await bench.evaluate(lamps(), PolicyModel(helper))

    def change(body: list[dict[str, Any]]) -> None:
        _said(body, speaker)["message"]["content"] = "Something else."

    report = await replay(edited(run, change), find)
    assert [each.sample_id for each in report.mismatches] == ["lamp-0"]


async def test_an_edited_call_of_the_users_is_found(bench: Bench) -> None:
    run = await bench.evaluate(lamps(), PolicyModel(helper))

    def change(body: list[dict[str, Any]]) -> None:
        next(each for each in body if each.get("actor") == "user" and each["kind"] == "tool")["name"] = "look"

    assert [each.sample_id for each in (await replay(edited(run, change), find)).mismatches] == ["lamp-0"]


async def test_both_sides_over_http_resume_and_replay_offline(tmp_path: Path, registry: Registry) -> None:
    agents, users = PolicyModel(helper), OracleModel(owner).told({"name": "Ada"})
    task = lamps()
    async with FakeEndpoint.of_model(agents) as one, FakeEndpoint.of_model(users) as other:

        async def play(policy: str, **more: Any) -> Run:
            bench = Bench(cache=tmp_path / "c.db", cache_policy=policy, runs=tmp_path, registry=registry)
            async with bench:
                agent, user = client(one, "agent"), client(other, "user")
                try:
                    return await bench.evaluate(task, agent, user_model=user, **more)
                finally:
                    await agent.close()
                    await user.close()

        first = await play("reuse", user_params=GenerateParams(temperature=0.0))
        sent = len(one.requests), len(other.requests)
        assert other.bodies[0]["temperature"] == 0.0
        assert "temperature" not in one.bodies[0]
        resumed = await play("reuse", resume=first, user_params=GenerateParams(temperature=0.0))
        replayed = await play("replay", resume=first, user_params=GenerateParams(temperature=0.0))
        assert (len(one.requests), len(other.requests)) == sent
        with pytest.raises(CacheMissError):
            await play("replay")
    for run in (resumed, replayed):
        assert [record.scores for record in run.records()] == [record.scores for record in first.records()]
        assert run.reader.transcript_bytes("lamp-1") == first.reader.transcript_bytes("lamp-1")
    assert {call.role for call in first.calls()} == {"agent", "user"}


async def test_a_resumed_run_has_the_same_user(bench: Bench) -> None:
    first = await bench.evaluate(lamps(), PolicyModel(helper))
    with pytest.raises(ConfigurationError, match="its user model is 'scripted/lamp/owner'"):
        await bench.evaluate(lamps(), PolicyModel(helper), user_model=ScriptedModel([BYE]), resume=first)


async def test_a_user_that_breaks_its_script_leaves_the_session_unscored(bench: Bench) -> None:
    run = await bench.evaluate(lamps({}), PolicyModel(helper), user_model=ScriptedModel(["It is lit."] * 3))
    (record,) = run.records()
    assert (record.ending.status, record.ending.reason, record.scores) == ("failed", "user_fault", {})


async def test_naming_a_user_where_there_is_none_is_refused(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="nobody talks with the agent"):
        await bench.evaluate(lamps({"alone": True}), ScriptedModel(["x"]), user_model=ScriptedModel([BYE]))


async def test_the_users_tokens_and_dollars_count_towards_the_limits(bench: Bench) -> None:
    async with FakeEndpoint(Reply.text("Dark.", usage=Usage(100, 10))) as endpoint:
        user = client(endpoint, "user?")
        with pytest.raises(ConfigurationError, match="a cost limit needs prices"):
            await bench.evaluate(lamps({}), PolicyModel(helper), user_model=user, max_cost=1.0)
        await user.close()


async def test_the_seed_of_a_run_goes_to_the_user_too(bench: Bench) -> None:
    async with FakeEndpoint(Reply.text(BYE)) as endpoint:
        user = client(endpoint, "user")
        await bench.evaluate(lamps({}), PolicyModel(helper), user_model=user, seed=7, epochs=2)
        await user.close()
    assert [body["seed"] for body in endpoint.bodies] == [7, 8]
