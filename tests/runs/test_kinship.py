"""A judge that is the model under test, or its kin, is told of: before the run, in its file and in its report."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Bench, Run, Sample, Task
from agentbench_sdk.cli import cli
from agentbench_sdk.judges.llm import binary, panel
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.runs.kinship import KinshipWarning
from agentbench_sdk.testing import ScriptedModel

YES = json.dumps({"reasoning": "It is.", "verdict": "yes"})


def model(name: str, answer: str = YES) -> ScriptedModel:
    return ScriptedModel(lambda request: answer, id=name)


async def run_with(folder: Path, under_test: str, judge: str, *judges: Any) -> Run:
    task = Task("t", [Sample("a", "Say hello.")], judges=judges or [binary(criteria="It greets.")])
    async with Bench(cache=None, runs=folder) as bench:
        return await bench.evaluate(task, model(under_test, "hello"), judge_model=model(judge))


async def test_a_model_that_judges_itself_is_warned_of_before_anything_is_asked(tmp_path: Path) -> None:
    asked: list[ModelRequest] = []

    def answer(request: ModelRequest) -> str:
        asked.append(request)
        return "hello"

    under_test = ScriptedModel(answer, id="openai/gpt-4o")
    task = Task("t", [Sample("a", "Say hello.")], judges=[binary(criteria="It greets.")])
    async with Bench(cache=None, runs=tmp_path) as bench:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(KinshipWarning, match="openrouter/openai/gpt-4o is the model under test"):
                await bench.evaluate(task, under_test, judge_model=model("openrouter/openai/gpt-4o"))
    assert asked == []


async def test_a_judge_of_the_same_family_is_told_of_in_file_report_and_evidence(tmp_path: Path) -> None:
    with pytest.warns(KinshipWarning, match=r"same family \(claude\)"):
        run = await run_with(tmp_path, "bedrock/anthropic.claude-3-haiku", "anthropic/claude-opus-4")
    (told,) = run.manifest.warnings
    assert "anthropic/claude-opus-4" in told
    assert "warning: judge model anthropic/claude-opus-4" in " ".join(str(run.summary()).split())
    (score,) = next(iter(run.scores.values())).values()
    assert score.evidence["same_family"] == ["claude"]
    assert "self_judged" not in score.evidence


async def test_a_judge_of_another_family_is_no_news(tmp_path: Path) -> None:
    run = await run_with(tmp_path, "openai/gpt-4o", "anthropic/claude-opus-4")
    assert run.manifest.warnings == []
    (score,) = next(iter(run.scores.values())).values()
    assert "same_family" not in score.evidence


async def test_members_of_a_panel_with_models_of_their_own_are_looked_at_too(tmp_path: Path) -> None:
    nowhere = "?base_url=http://127.0.0.1:9/v1"
    models = [f"openai/{name}{nowhere}" for name in ("gpt-4o-mini", "o3", "claude-3-haiku")]
    task = Task("t", [Sample("a", "x")], judges=[panel(judges=[binary(criteria="c")], models=models)])
    async with Bench(cache=None, runs=tmp_path) as bench:
        told = bench.plan(task, model("openai/gpt-4.1")).manifest.warnings
    assert [each.split()[2] for each in told] == ["openai/gpt-4o-mini", "openai/o3"]


def test_the_command_line_warns_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.yaml").write_text("name: t\nsamples: [{question: Hi}]\njudges: [{name: binary, criteria: c}]\n")
    spec = "scripted/constant?text=hello"
    done = CliRunner().invoke(cli, ["run", "t.yaml", "--model", spec, "--judge-model", spec, "--dry-run"])
    assert done.exit_code == 0, done.output
    assert f"warning: judge model {spec} is the model under test" in done.stderr
    done = CliRunner().invoke(cli, ["run", "t.yaml", "--model", spec, "--judge-model", spec, "--quiet"])
    assert "is the model under test" in done.stderr
    assert "no verdict twice" in CliRunner().invoke(cli, ["report"]).output
