"""A finished run is judged again: by other judges, without a call to the model under test, each case once."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Bench, Run, Sample, Task, evaluate_sync, load_run
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.judges import exact, includes
from agentbench_sdk.judges.llm import binary
from agentbench_sdk.messages import Usage
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.runs import replay
from agentbench_sdk.runs.recheck import recheck
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel
from agentbench_sdk.traffic import RetryPolicy

POLITE = {"name": "binary", "criteria": "It is polite."}


def verdict(yes: bool) -> str:
    return json.dumps({"reasoning": "r", "verdict": "yes" if yes else "no"})


def greeting(body: dict[str, Any], number: int) -> Reply:
    """Model and judge in one, told apart by their names."""
    asked = body["messages"][-1]["content"]
    if body["model"] == "judge":
        return Reply.text(verdict("Good day" in asked), usage=Usage(100, 10))
    return Reply.text("Good day" if "greet" in asked else "Go away", usage=Usage(10, 2))


QUESTIONS = [Sample("a", "greet me", target="Good day"), Sample("b", "say no", target="Good day")]


@pytest.fixture
async def endpoint() -> AsyncIterator[FakeEndpoint]:
    async with FakeEndpoint(greeting) as opened:
        yield opened


def named(endpoint: FakeEndpoint, name: str) -> str:
    return f"openai/{name}?base_url={endpoint.base_url}"


def asked(endpoint: FakeEndpoint, name: str) -> int:
    return sum(body["model"] == name for body in endpoint.bodies)


async def begun(
    endpoint: FakeEndpoint, folder: Path, samples: list[Sample] | None = None, **more: Any
) -> Run:
    task = Task("greetings", samples or QUESTIONS, judges=[exact()])
    async with Bench(cache=folder / "cache.db", runs=folder) as bench:
        return await bench.evaluate(task, named(endpoint, "small"), **more)


async def test_only_the_judge_is_asked(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    run = await begun(endpoint, tmp_path)
    judged = await run.rejudge([POLITE, "exact"], judge_model=named(endpoint, "judge"))
    assert (asked(endpoint, "small"), asked(endpoint, "judge")) == (2, 2)
    assert {
        judge: [score.passed for score in scores.values()] for judge, scores in judged.scores.items()
    } == {
        "binary(criteria='It is polite.')": [True, False],
        "exact": [True, False],
    }
    assert judged.manifest.judged_from == run.manifest.run_id
    assert [call.cached for call in judged.calls() if call.role == "agent"] == [True, True]
    for key in run.transcripts:
        assert judged.reader.transcript_bytes(*key) == run.reader.transcript_bytes(*key)
    (spent,) = {record.usage["judge"].total_tokens for record in judged.records()}
    assert spent == 110


async def test_the_same_judges_give_the_same_scores(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    run = await begun(endpoint, tmp_path, epochs=2)
    judged = await run.rejudge([exact()])
    assert judged.scores == run.scores
    assert judged.summary().primary.estimate == run.summary().primary.estimate
    again = await judged.rejudge([includes()])
    assert again.manifest.judged_from == run.manifest.run_id
    assert asked(endpoint, "small") == 4


async def test_identical_cases_are_judged_once(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    """Five samples with one question, three epochs, and a second judging: one call."""
    samples = [Sample(f"s{n}", "greet me", target="Good day") for n in range(5)]
    run = await begun(endpoint, tmp_path, samples, epochs=3)
    for _ in range(2):
        judged = await run.rejudge([POLITE], judge_model=named(endpoint, "judge"))
        assert judged.summary().primary.estimate.n == 15
    assert asked(endpoint, "judge") == 1


async def test_sessions_that_failed_stay_failed(tmp_path: Path) -> None:
    async with FakeEndpoint([Reply.text("4"), Reply.error(400, "no")]) as server:
        task = Task(
            "sums", [Sample("a", "2 + 2?", target="4"), Sample("b", "3 + 3?", target="6")], judges=[exact()]
        )
        async with Bench(cache=None, runs=tmp_path) as bench:
            run = await bench.evaluate(task, named(server, "small"))
            judged = await bench.rejudge(run, [includes()])
    statuses = [record.ending.status for record in judged.records()]
    assert sorted(statuses) == ["completed", "failed"]
    assert judged.summary().primary.failed == 1


async def test_a_judge_that_fails_leaves_a_bound_and_not_a_zero(
    endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    run = await begun(endpoint, tmp_path)
    judge = ScriptedModel(["nonsense"] * 2 + [verdict(True)], id="scripted/judge")
    async with Bench(cache=None, runs=tmp_path) as bench:
        judged = await bench.rejudge(run, [binary(criteria="c")], judge_model=judge)
    primary = judged.summary().primary
    assert (primary.estimate.n, primary.unscored) == (1, 1)
    assert (primary.bounds.low, primary.bounds.high) == (0.5, 1.0)


async def test_what_cannot_be_is_refused_before_anything_is_asked(
    endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    run = await begun(endpoint, tmp_path)
    with pytest.raises(ConfigurationError, match="asks a model: name one"):
        await run.rejudge([POLITE])
    with pytest.raises(UnknownNameError, match="no judge is named 'exactly'"):
        await run.rejudge(["exactly"])
    with pytest.raises(ConfigurationError, match="made in Python and is not at hand; name judges"):
        await run.rejudge()
    judged = await run.rejudge([exact()])
    async with Bench(cache=None, runs=tmp_path) as bench:
        with pytest.raises(ConfigurationError, match="judged again"):
            await bench.evaluate(
                Task("greetings", QUESTIONS, judges=[exact()]), named(endpoint, "small"), resume=judged
            )
    assert asked(endpoint, "judge") == 0


def test_the_command_judges_proves_and_rechecks(tmp_path: Path) -> None:
    """A world's run: its calls are proven in the new file too, and its new scores judged again."""
    few = {"scenario": "tiny-7", "seeds": "1-2"}
    run = evaluate_sync("vending", "scripted/vending/idle", cache=None, runs=tmp_path, task_params=few)
    output = tmp_path / "judged.db"
    judge = "{name: outcome, metric: final_bank_cents, divide: 100}"
    order = ["judge", str(run.path), "--judge", judge, "-o", str(output), "-q"]
    result = CliRunner().invoke(cli, order)
    assert result.exit_code == 0, result.output
    judged = load_run(output)
    assert asyncio.run(replay(judged, Registry.discover().environment)).proven == 2
    report = asyncio.run(recheck(judged, Registry.discover()))
    assert (report.scores, report.mismatches, report.skipped) == (2, [], "")
    bad = CliRunner().invoke(cli, ["judge", str(run.path), "--judge", "[1]"])
    assert "is neither a name nor a mapping" in str(bad.exception)


async def test_a_slow_judge_model_that_is_down_is_no_fault_of_the_answers(
    endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    run = await begun(endpoint, tmp_path)
    async with FakeEndpoint(Reply.error(500, "down")) as down:
        model = OpenAICompatible("judge", base_url=down.base_url)
        async with Bench(cache=None, runs=tmp_path, retry=RetryPolicy(max_attempts=1)) as bench:
            judged = await bench.rejudge(run, [POLITE, "exact"], judge_model=model)
        await model.close()
    scores = {judge.id: judge.unscored for judge in judged.summary().judges}
    assert list(scores.values()) == [2, 0]
