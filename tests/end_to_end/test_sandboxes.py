"""Worlds and judges with sandboxes: recorded results, drift, faults that are no scores, refusals before the run."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import AsyncIterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agentbench_sdk import Bench, JudgeCase, Run, Sample, Task, judge
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.runs.replay import replay
from agentbench_sdk.sandbox import (
    Capabilities,
    ExecResult,
    Limit,
    SandboxNeeds,
    SandboxPool,
    SandboxProvider,
    SandboxSpec,
    SandboxWarning,
)
from agentbench_sdk.sessions import Transcript, WorldEntry
from agentbench_sdk.simulation import Environment
from agentbench_sdk.testing import FakeEndpoint, ScriptedSandboxes
from agentbench_sdk.testing.sandboxes import ScriptedSandbox, printed
from agentbench_sdk.testing.shell import Shell, obedient

TURNS = 4  # of a session of `obedient`: three commands and the answer


class Clockwork:
    """Commands print another number each time; the hidden test passes once something was run."""

    def __init__(self) -> None:
        self._numbers = count()

    def __call__(self, sandbox: ScriptedSandbox, command: str) -> ExecResult:
        if command.startswith("test"):
            return printed("", exit_code=int("log" not in sandbox.files))
        sandbox.files["log"] = b"done"
        return printed(f"{next(self._numbers)}\n")


@pytest.fixture
async def endpoint() -> AsyncIterator[FakeEndpoint]:
    async with FakeEndpoint.of_policy(obedient) as server:
        yield server


@pytest.fixture
def sandboxes() -> ScriptedSandboxes:
    return ScriptedSandboxes(Clockwork())


def bench_of(
    folder: Path, provider: SandboxProvider | None, world: type[Environment] = Shell, **options: Any
) -> Bench:
    registry = Registry.discover()
    registry.add("environment", "shell", world)
    return Bench(
        cache=folder / "cache.db", runs=folder / "runs", registry=registry, sandbox=provider, **options
    )


def shells(number: int = 2, *judges: Any, **scenario: Any) -> Task:
    samples = [Sample(f"s{n}", scenario=scenario or None, seed=n) for n in range(number)]
    return Task("shells", samples, judges=list(judges) or [outcome()], environment="shell")


def model(endpoint: FakeEndpoint) -> str:
    return f"openai/tiny?base_url={endpoint.base_url}"


def results(run: Run) -> dict[str, list[str]]:
    """What the model was shown in each sample."""
    return {
        sample: [entry.content for entry in transcript.tool_calls]
        for (sample, _), transcript in run.transcripts.items()
    }


def without_drift(transcript: Transcript) -> list[Any]:
    return [entry for entry in transcript if not (isinstance(entry, WorldEntry) and entry.event == "drifted")]


# --- a run ----------------------------------------------------------------------------------------


async def test_a_world_runs_programs_and_its_hidden_test_is_the_outcome(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        run = await bench.evaluate(shells(), model(endpoint))
        assert not sandboxes.open, "a session's sandbox is closed with it, not with the bench"
    assert [record.outcome.reward for record in run.records() if record.outcome] == [1.0, 1.0]
    assert run.transcripts["s0", 0].drifts == 0
    assert run.manifest.sandbox == "scripted"
    assert "scripted" in str(run.summary())
    assert "drift" not in str(run.summary())
    assert sandboxes.made == 2


async def test_a_world_that_needs_no_sandbox_looks_for_none(tmp_path: Path) -> None:
    broken = ScriptedSandboxes(Clockwork(), missing="never asked")
    async with Bench(cache=None, runs=tmp_path, sandbox=broken) as bench:
        run = await bench.evaluate("vending", "scripted/vending/idle", limit=1)
    assert run.status == "finished"
    assert run.manifest.sandbox == ""


# --- recorded results -----------------------------------------------------------------------------


async def test_a_resumed_run_is_given_the_recorded_results_and_tells_drift(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        first = await bench.evaluate(shells(), model(endpoint))
        asked = len(endpoint.requests)
        again = await bench.evaluate(shells(), model(endpoint), resume=first)
    assert asked == 2 * TURNS
    assert len(endpoint.requests) == asked, "nothing is asked twice"
    assert results(again) == results(first)
    assert again.scores == first.scores
    for key, transcript in again.transcripts.items():
        assert without_drift(transcript) == list(first.transcripts[key])
        assert transcript.drifts == 3
    drift = again.summary().drift
    assert drift is not None
    assert (drift.attempts, drift.results, drift.example_sample) == (2, 6, "s0")
    told = " ".join(str(again.summary()).split())
    assert "6 results in 2 attempts (first in sample s0, epoch 0) came out otherwise" in told
    assert "came out otherwise" in again.html()


async def test_programs_that_print_the_same_do_not_drift(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    async with bench_of(tmp_path, ScriptedSandboxes(lambda *_: "done")) as bench:
        first = await bench.evaluate(shells(), model(endpoint))
        again = await bench.evaluate(shells(), model(endpoint), resume=first)
    assert again.summary().drift is None
    for key, transcript in again.transcripts.items():
        assert transcript.to_bytes() == first.transcripts[key].to_bytes()


async def test_a_verdict_that_was_recorded_counts_when_the_hidden_test_now_says_otherwise(
    endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    flaky = count()

    def answer(sandbox: ScriptedSandbox, command: str) -> ExecResult:
        return printed("", exit_code=next(flaky) if command.startswith("test") else 0)

    async with bench_of(tmp_path, ScriptedSandboxes(answer)) as bench:
        first = await bench.evaluate(shells(1), model(endpoint))
        again = await bench.evaluate(shells(1), model(endpoint), resume=first)
    assert again.scores == first.scores
    assert first.summary().primary.estimate.mean == 1.0
    (drifted,) = [e for e in again.transcripts["s0", 0] if isinstance(e, WorldEntry) and e.event == "drifted"]
    assert '"of":"outcome"' in drifted.content
    assert '"reward":0.0' in drifted.content


async def test_replaying_answers_shows_the_recorded_results_and_asks_nothing(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        first = await bench.evaluate(shells(), model(endpoint))
    asked = len(endpoint.requests)
    async with bench_of(tmp_path, sandboxes, cache_policy="replay") as bench:
        again = await bench.evaluate(shells(), model(endpoint), resume=first)
    assert len(endpoint.requests) == asked
    assert (results(again), again.summary().failed) == (results(first), 0)


async def test_a_run_anew_draws_new_results_unless_the_model_is_deterministic(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    greedy = GenerateParams(temperature=0)
    async with bench_of(tmp_path, sandboxes) as bench:
        sampled = [await bench.evaluate(shells(1), model(endpoint)) for _ in range(2)]
        assert results(sampled[0]) != results(sampled[1])
        assert sampled[1].summary().drift is None
        greedily = [await bench.evaluate(shells(1), model(endpoint), params=greedy) for _ in range(2)]
        assert results(greedily[0]) == results(greedily[1])
        other = await bench.evaluate(shells(1), f"openai/other?base_url={endpoint.base_url}", params=greedy)
        assert results(other) != results(greedily[0]), "another model is shown what comes now"
    assert len(endpoint.requests) == (2 + 1 + 1) * TURNS


@pytest.mark.parametrize("policy", ["refresh", "off"])
async def test_refreshing_shows_what_comes_now(
    policy: str, endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    greedy = GenerateParams(temperature=0)
    async with bench_of(tmp_path, sandboxes) as bench:
        first = await bench.evaluate(shells(1), model(endpoint), params=greedy)
    async with bench_of(tmp_path, sandboxes, cache_policy=policy) as bench:
        anew = await bench.evaluate(shells(1), model(endpoint), params=greedy)
    assert results(anew) != results(first)
    assert anew.summary().drift is None
    assert len(endpoint.requests) == 2 * TURNS


async def test_results_of_a_world_that_ended_only_the_first_time_end_the_session(
    endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    class Ending(Shell):
        lives: ClassVar[Any] = count()

        async def begin(self, sandboxes: SandboxPool) -> None:
            await super().begin(sandboxes)
            self.ends_at: int = 2 if next(self.lives) == 0 else 99

        @property
        def ended(self) -> bool:
            return bool(self.state()["runs"] >= self.ends_at)

    async with bench_of(tmp_path, ScriptedSandboxes(lambda *_: "same"), Ending) as bench:
        first = await bench.evaluate(shells(1), model(endpoint))
        again = await bench.evaluate(shells(1), model(endpoint), resume=first)
    for run in (first, again):
        assert [record.ending.reason for record in run.records()] == ["world_ended"]
    assert len(endpoint.requests) == 2
    assert again.transcripts["s0", 0].drifts == 1


async def test_the_cache_tells_results_from_answers(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from agentbench_sdk.cli import cli

    async with bench_of(tmp_path, sandboxes) as bench:
        await bench.evaluate(shells(1), model(endpoint))

    def cache(*arguments: str) -> str:
        done = CliRunner().invoke(cli, ["cache", *arguments], catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    file = str(tmp_path / "cache.db")
    # the opening, three commands and the outcome
    assert "world shell: 5 answers" in cache("stats", file)
    assert f"tiny: {TURNS} answers" in cache("stats", file)
    assert "all sound" in cache("verify", file)
    assert f"{5 + TURNS} added" in cache("merge", str(tmp_path / "other.db"), file)
    assert '"role":"world"' in cache("export", "--messages", file)
    assert "dropped 5 answers" in cache("prune", "--model", "world shell", "--yes", file)


# --- faults ---------------------------------------------------------------------------------------


def broken_in(step: str, error: Exception) -> type[Shell]:
    class Broken(Shell):
        pass

    async def raising(self: Shell, *_: Any) -> None:
        if step == "finish":  # what was made stays open until then
            await self._sandbox.exec("true")
        raise error

    setattr(Broken, step, raising)
    return Broken


@pytest.mark.parametrize("step", ["begin", "finish"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (EnvironmentFaultError("the daemon is gone"), "environment_fault"),
        (SandboxUnavailableError("no such image"), "sandbox_unavailable"),
        (RuntimeError("a bug"), "environment_fault"),
    ],
)
async def test_a_world_that_breaks_is_a_fault_and_never_a_score(
    step: str,
    error: Exception,
    reason: str,
    endpoint: FakeEndpoint,
    sandboxes: ScriptedSandboxes,
    tmp_path: Path,
) -> None:
    async with bench_of(tmp_path, sandboxes, broken_in(step, error)) as bench:
        run = await bench.evaluate(shells(1), model(endpoint))
        assert not sandboxes.open
    (record,) = run.records()
    assert (record.ending.status, record.ending.reason) == ("failed", reason)
    assert str(error) in record.ending.detail
    assert record.scores == {}
    assert len(endpoint.requests) == (0 if step == "begin" else TURNS)


async def test_a_sandbox_that_breaks_in_a_command_is_a_fault_and_is_not_recorded(
    endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    broken = True

    def answer(sandbox: ScriptedSandbox, command: str) -> str:
        if broken and not command.startswith("test"):
            raise EnvironmentFaultError("out of memory for us")
        return "fine"

    async with bench_of(tmp_path, ScriptedSandboxes(answer)) as bench:
        first = await bench.evaluate(shells(1), model(endpoint))
        assert [record.ending.reason for record in first.records()] == ["environment_fault"]
        broken = False
        again = await bench.evaluate(shells(1), model(endpoint), resume=first)
    assert [record.ending.status for record in again.records()] == ["completed"]
    assert again.summary().drift is None
    assert len(endpoint.requests) == TURNS


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "provider", "told"),
    [
        ({}, ScriptedSandboxes(Clockwork(), missing="install bubblewrap"), "install bubblewrap"),
        (
            {"image": "python:3.12"},
            ScriptedSandboxes(Clockwork(), capabilities=Capabilities(True, frozenset(Limit))),
            "does not offer what is needed here \\(container images\\)",
        ),
    ],
)
async def test_what_cannot_be_had_is_refused_before_anything_is_sent(
    scenario: dict[str, Any], provider: ScriptedSandboxes, told: str, endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    task = shells(2, **scenario)
    async with bench_of(tmp_path, provider) as bench:
        with pytest.raises(SandboxUnavailableError, match=told):
            await bench.evaluate(task, model(endpoint))
        with pytest.raises(SandboxUnavailableError, match=told):
            await bench.evaluate_models(task, [model(endpoint), "scripted/constant?text=x"])
    assert not endpoint.requests
    assert not list((tmp_path / "runs").glob("*")), "no run was begun"


async def test_a_sandbox_that_does_not_isolate_is_told_of(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    able = Capabilities(isolated=False, limits=frozenset(Limit))
    provider = ScriptedSandboxes(Clockwork(), name="open", capabilities=able)
    async with bench_of(tmp_path, provider) as bench:
        with pytest.warns(SandboxWarning, match="open isolates nothing"):
            run = await bench.evaluate(shells(1), model(endpoint))
    assert "isolates nothing" in " ".join(run.manifest.warnings)


async def test_an_estimate_says_what_it_does_not_know(sandboxes: ScriptedSandboxes, tmp_path: Path) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        estimate = bench.plan(shells(2), "scripted/constant?text=x").estimate()
    assert estimate.opened_in_sandbox == 2
    assert estimate.cost_bound_usd() is None


# --- replay ---------------------------------------------------------------------------------------


async def test_replay_tells_drift_and_refutes_nothing(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        run = await bench.evaluate(shells(), model(endpoint))
    async with SandboxPool(sandboxes) as pool:
        report = await replay(run, lambda name: Shell, pool)
        assert not sandboxes.open
    assert (report.proven, report.drifted, report.calls, report.ok) == (0, 2, 6, True)
    assert len(report.drifts) == 6
    assert "the result of run differs" in str(report.drifts[0])


async def test_replay_proves_programs_that_print_the_same(endpoint: FakeEndpoint, tmp_path: Path) -> None:
    steady = ScriptedSandboxes(lambda *_: "done")
    async with bench_of(tmp_path, steady) as bench:
        run = await bench.evaluate(shells(), model(endpoint))
    async with SandboxPool(steady) as pool:
        report = await replay(run, lambda name: Shell, pool)
    assert (report.proven, report.drifted, report.unproven) == (2, 0, 0)


@pytest.mark.parametrize("pool", [None, SandboxPool(ScriptedSandboxes(Clockwork(), missing="install it"))])
async def test_replay_without_a_sandbox_says_that_nothing_is_proven(
    pool: SandboxPool | None, endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        run = await bench.evaluate(shells(), model(endpoint))
    report = await replay(run, lambda name: Shell, pool)
    assert (report.proven, report.unproven, report.drifted, report.mismatches) == (0, 2, 0, [])
    assert ("install it" if pool else "needs a sandbox") in report.why_unproven


async def test_replay_refutes_a_call_that_the_model_did_not_ask_for(
    endpoint: FakeEndpoint, sandboxes: ScriptedSandboxes, tmp_path: Path
) -> None:
    async with bench_of(tmp_path, sandboxes) as bench:
        run = await bench.evaluate(shells(1), model(endpoint))

    body = json.loads(run.reader.transcript_bytes("s0"))
    next(each for each in body if each["kind"] == "tool")["arguments"] = '{"command":"rm -rf /"}'
    with closing(sqlite3.connect(run.path)) as connection, connection:
        connection.execute("UPDATE transcripts SET body = ?", (zlib.compress(json.dumps(body).encode()),))
    async with SandboxPool(sandboxes) as pool:
        report = await replay(run, lambda name: Shell, pool)
    assert "the call differs" in str(report.mismatches[0])


# --- judges ---------------------------------------------------------------------------------------


@judge(needs_sandbox=True)
async def prints(case: JudgeCase, text: str = "") -> bool:
    """What a program prints that was answered."""
    sandbox = await case.sandbox(SandboxSpec(files={"main.py": case.answer.encode()}))
    return (await sandbox.exec("python main.py")).stdout.text == text


def runs_it(sandbox: ScriptedSandbox, command: str) -> str:
    return sandbox.files["main.py"].decode().removeprefix("print ")


def programs(judged: Any) -> Task:
    return Task("programs", [Sample("a", "write"), Sample("b", "write")], judges=[judged])


async def test_a_judge_runs_programs_and_leaves_nothing_open(tmp_path: Path) -> None:
    provider = ScriptedSandboxes(runs_it)
    async with Bench(cache=None, runs=tmp_path, sandbox=provider) as bench:
        run = await bench.evaluate(programs(prints(text="7")), "scripted/constant?text=print 7")
        assert not provider.open
        again = await bench.rejudge(run, [prints(text="8")])
    assert run.summary().primary.estimate.mean == 1.0
    assert again.summary().primary.estimate.mean == 0.0
    assert (run.manifest.sandbox, again.manifest.sandbox, provider.made) == ("scripted", "scripted", 4)


async def test_a_judge_whose_sandbox_breaks_gives_no_score(tmp_path: Path) -> None:
    def gone(*_: object) -> str:
        raise EnvironmentFaultError("the daemon is gone")

    async with Bench(cache=None, runs=tmp_path, sandbox=ScriptedSandboxes(gone)) as bench:
        run = await bench.evaluate(programs(prints(text="7")), "scripted/constant?text=print 7")
    primary = run.summary().primary
    assert (primary.scored, primary.unscored) == (0, 2)
    assert "environment_fault: the daemon is gone" in primary.unscored_example


async def test_a_judge_that_did_not_say_that_it_needs_a_sandbox_is_told_so(tmp_path: Path) -> None:
    @judge
    async def secretive(case: JudgeCase) -> bool:
        return (await (await case.sandbox(SandboxSpec())).exec("true")).ok

    async with Bench(cache=None, runs=tmp_path, sandbox=ScriptedSandboxes(runs_it)) as bench:
        run = await bench.evaluate(programs(secretive()), "scripted/constant?text=x")
    assert "needs_sandbox=True" in run.summary().primary.unscored_example


async def test_judging_again_is_refused_before_it_begins_where_there_is_no_sandbox(tmp_path: Path) -> None:
    needs = SandboxNeeds(images=True)

    @judge(needs_sandbox=needs)
    async def in_image(case: JudgeCase) -> bool:
        return True

    able = Capabilities(isolated=True, limits=frozenset(Limit))
    async with Bench(
        cache=None, runs=tmp_path, sandbox=ScriptedSandboxes(runs_it, capabilities=able)
    ) as bench:
        run = await bench.evaluate(programs(prints(text="7")), "scripted/constant?text=print 7")
        with pytest.raises(SandboxUnavailableError, match="container images"):
            await bench.rejudge(run, [in_image()])
