"""Replay: a run again with the network closed; the first miss ends it, and says what differs."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Bench, Run, Sample, Task, load_run
from agentbench_sdk.errors import CacheMissError
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.messages import Message
from agentbench_sdk.models import GenerateParams, ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel
from tests.reliability.counting import CACHE, CountingServer, install, results
from tests.reliability.workshop import Workshop


@pytest.fixture
async def played(workshop: Workshop, tmp_path: Path) -> tuple[Path, str]:
    """A folder with a sampled and a deterministic run of the counting task; the server is gone."""
    plugin = install(tmp_path)
    async with CountingServer(delay_s=(0.0, 0.002)) as server:
        order = ("run", "count.py", "--model", "tiny", "--base-url", server.base_url, "--quiet", "-o")
        await workshop.run(tmp_path, *order, "sampled.db", path=(plugin,))
        await workshop.run(tmp_path, *order, "zero.db", "--temperature", "0", path=(plugin,))
    return tmp_path, server.base_url


async def test_a_run_is_replayed_offline_with_equal_scores_and_transcripts(
    workshop: Workshop, played: tuple[Path, str]
) -> None:
    folder, address = played
    expected = results(load_run(folder / "sampled.db"))
    plugin = (folder / "plugin",)
    resume = ("resume", "sampled.db", "--cache-policy", "replay", "--quiet")
    again = await workshop.run(folder, *resume, path=plugin)
    replayed = load_run(folder / again.output.strip())
    assert results(replayed) == expected
    assert all(call.cached for call in replayed.calls())
    new = ("run", "count.py", "--model", "tiny", "--base-url", address, "--temperature", "0", "--quiet")
    again = await workshop.run(folder, *new, "--cache-policy", "replay", path=plugin)
    assert results(load_run(folder / again.output.strip())) == results(load_run(folder / "zero.db"))


async def test_a_changed_prompt_ends_the_replay_with_what_differs(
    workshop: Workshop, played: tuple[Path, str]
) -> None:
    folder, address = played
    task = folder / "count.py"
    task.write_text(task.read_text().replace('"count", samples,', '"count", samples, system="Be brief.",'))
    order = ("run", "count.py", "--model", "tiny", "--base-url", address, "--temperature", "0", "--quiet")
    done = await workshop.run(
        folder, *order, "--cache-policy", "replay", "-o", "no.db", code=3, path=(folder / "plugin",)
    )
    assert done.output == ""
    assert done.errors.count("\n") == 1, done.errors
    assert done.errors.startswith("error: no answer to this request is recorded in .agentbench/cache.db")
    assert re.search(r"message 1 \(system\) differs from character 1: .*You add.* → .*Be brief", done.errors)
    stopped = load_run(folder / "no.db")
    assert stopped.status == "interrupted"
    assert [record for record in stopped.records() if record.ending.status == "failed"] == []


async def test_a_new_sampled_run_cannot_be_replayed_and_is_told_why(
    workshop: Workshop, played: tuple[Path, str]
) -> None:
    folder, address = played
    order = ("run", "count.py", "--model", "tiny", "--base-url", address, "--quiet")
    done = await workshop.run(folder, *order, "--cache-policy", "replay", code=3, path=(folder / "plugin",))
    assert "draw differs: " in done.errors


async def test_an_answer_that_is_missing_in_the_middle_ends_the_replay(
    workshop: Workshop, played: tuple[Path, str]
) -> None:
    folder, _ = played
    run = load_run(folder / "sampled.db").manifest.run_id
    with closing(sqlite3.connect(folder / CACHE)) as connection:
        where = "json_extract(header, '$.run') = ? AND json_extract(header, '$.sample') = 's33'"
        order = "ORDER BY json_extract(header, '$.turn') DESC LIMIT 1"
        connection.execute(
            f"DELETE FROM entries WHERE rowid IN (SELECT rowid FROM entries WHERE {where} {order})", (run,)
        )
        connection.commit()
    resume = ("resume", "sampled.db", "--cache-policy", "replay", "--quiet")
    done = await workshop.run(folder, *resume, code=3, path=(folder / "plugin",))
    assert "sample s33" in done.errors


@judge
async def strict(case: JudgeCase) -> Score:
    question = str(case.metadata.get("question", "Is it right?"))
    response = await case.ask(ModelRequest((Message.user(f"{question} {case.answer}"),)))
    return Score(float(response.text))


def graded(question: str) -> Task:
    return Task("graded", [Sample("a", "say 1", metadata={"question": question})], judges=[strict()])


@pytest.mark.filterwarnings("ignore:judge model .* is the model under test")
async def test_a_judge_that_asks_something_else_ends_the_replay_too(tmp_path: Path) -> None:
    """A judge's call is recorded like any other, so its miss is no unscored sample."""

    async def run_of(task: Task, endpoint: FakeEndpoint, **options: Any) -> Run:
        model = OpenAICompatible("tiny", base_url=endpoint.base_url)
        async with Bench(cache=tmp_path / "c.db", runs=tmp_path / "runs", **options) as bench:
            try:
                params = GenerateParams(temperature=0)
                return await bench.evaluate(task, model, judge_model=model, params=params)
            finally:
                await model.close()

    async with FakeEndpoint(Reply.text("1")) as endpoint:
        first = await run_of(graded("Is it right?"), endpoint)
        assert first.scores["strict"]["a", 0].value == 1.0
        with pytest.raises(CacheMissError, match=r"Is it right.* → .*Is it wrong"):
            await run_of(graded("Is it wrong?"), endpoint, cache_policy="replay")
        assert len(endpoint.requests) == 2


@judge
async def patient(case: JudgeCase) -> Score:
    await asyncio.Event().wait()
    return Score(1.0)


async def test_a_miss_of_one_judge_leaves_no_other_judge_behind(tmp_path: Path) -> None:
    model = OpenAICompatible("tiny", base_url="http://127.0.0.1:9/v1")
    task = Task("t", [Sample("a", "x")], judges=[patient(), strict()])
    async with Bench(cache=tmp_path / "c.db", runs=tmp_path, cache_policy="replay") as bench:
        with pytest.raises(CacheMissError):
            await bench.evaluate(task, ScriptedModel(lambda request: "x"), judge_model=model)
        assert asyncio.all_tasks() == {asyncio.current_task()}
    await model.close()


async def test_replaying_without_a_cache_is_refused(tmp_path: Path) -> None:
    async with FakeEndpoint(Reply.text("1")) as endpoint:
        model = OpenAICompatible("tiny", base_url=endpoint.base_url)
        async with Bench(cache=None, runs=tmp_path, cache_policy="replay") as bench:
            with pytest.raises(CacheMissError, match="none is given"):
                await bench.evaluate(Task("t", [Sample("a", "x")], judges=[strict()]), model)
        await model.close()
        assert endpoint.requests == []
