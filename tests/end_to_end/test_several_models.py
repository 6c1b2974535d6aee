"""Several models at once on one task: own files, own fates, one endpoint shared in turns, all side by side."""

import asyncio
import json
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Bench, GenerateParams, Sample, Task, evaluate, evaluate_sync, load_run
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import CacheError, ConfigurationError, UsageError
from agentbench_sdk.judges import exact
from agentbench_sdk.runs.options import Options
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.records import CallRecord, SampleRecord
from agentbench_sdk.runs.run import Run
from agentbench_sdk.runs.several import ModelRuns, execute_all
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel

SAMPLES = 12
RIGHT, WRONG = "openai/right", "openai/wrong"
GREEDY = GenerateParams(temperature=0.0)  # the same answer whichever run asks: it is found in the cache
YAML = "name: echo\nsamples:\n{rows}\njudges: [exact]\n"


def echo() -> Task:
    return Task(
        "echo", [Sample(f"s{n}", f"say {n}", target=str(n)) for n in range(SAMPLES)], judges=[exact()]
    )


def answer(body: dict[str, Any], number: int) -> Reply:
    """The model "right" says what it is asked to say, the other one says nothing of use."""
    said = body["messages"][-1]["content"].removeprefix("say ")
    return Reply.text(said if body["model"] == "right" else "no").after(0.02)


def at(endpoint: FakeEndpoint, *models: str) -> list[str]:
    return [f"{model}?base_url={endpoint.base_url}" for model in models]


class Told:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.totals: list[int] = []
        self.done = self.calls = self.closed = 0

    def start(self, total: int) -> None:
        self.totals.append(total)

    def sample_done(self, record: SampleRecord) -> None:
        assert not self.closed
        self.done += 1

    def call_done(self, call: CallRecord) -> None:
        self.calls += 1

    def limit_changed(self, endpoint: str, limit: int) -> None: ...

    def close(self) -> None:
        self.closed += 1


async def test_each_model_has_a_run_of_its_own_in_the_order_given(tmp_path: Path) -> None:
    async with FakeEndpoint(answer) as endpoint:
        found = await evaluate(echo(), models=at(endpoint, RIGHT, WRONG), cache=None, runs=tmp_path)
    runs = [each.run for each in found]
    assert [run.summary().primary.estimate.mean for run in runs if run] == [1.0, 0.0]
    assert [each.model.partition("?")[0] for each in found] == [RIGHT, WRONG]
    assert len({run.path for run in runs if run}) == 2
    assert len(endpoint.requests) == 2 * SAMPLES


async def test_sessions_of_all_models_take_turns_at_an_endpoint(tmp_path: Path) -> None:
    async with (
        FakeEndpoint(answer) as endpoint,
        Bench(cache=None, runs=tmp_path, max_connections=1) as bench,
    ):
        await bench.evaluate_models(echo(), at(endpoint, RIGHT, WRONG))
        asked = [body["model"] for body in endpoint.bodies]
    for half in (asked[:SAMPLES], asked[SAMPLES:]):
        assert SAMPLES // 3 <= half.count("right") <= 2 * SAMPLES // 3


async def test_one_progress_is_told_of_all_runs_and_closed_once(tmp_path: Path) -> None:
    told = Told()
    models = [ScriptedModel(["1"] * SAMPLES, id=f"scripted/{name}") for name in "ab"]
    await evaluate(echo(), models=models, cache=None, runs=tmp_path, progress=told)
    assert (told.totals, told.done, told.calls, told.closed) == ([2 * SAMPLES], 2 * SAMPLES, 2 * SAMPLES, 1)


async def test_a_model_whose_run_ends_in_an_error_does_not_stop_the_others(tmp_path: Path) -> None:
    """Nothing is sent under the policy "replay"; one of the models was never asked."""
    cache = tmp_path / "c.db"
    async with FakeEndpoint(answer) as endpoint:
        await evaluate(echo(), at(endpoint, RIGHT)[0], cache=cache, runs=tmp_path, params=GREEDY)
        async with Bench(cache=cache, cache_policy="replay", runs=tmp_path) as bench:
            lost, kept = await bench.evaluate_models(echo(), at(endpoint, WRONG, RIGHT), params=GREEDY)
    assert lost.run is None
    assert isinstance(lost.error, CacheError)
    assert kept.run is not None
    assert kept.run.status == "finished"
    assert kept.run.summary().primary.estimate.mean == 1.0


async def test_a_bug_is_raised_after_all_runs_have_ended(tmp_path: Path) -> None:
    ended: list[str] = []

    async def execute(plan: Plan, options: Options) -> Run:
        if plan.manifest.model == "scripted/a":
            raise RuntimeError("a bug")
        await asyncio.sleep(0.01)
        ended.append(plan.manifest.model)
        raise ConfigurationError("no run here")

    bench = Bench(cache=None, runs=tmp_path)
    plans = [bench.plan(echo(), ScriptedModel(["1"], id=f"scripted/{name}")) for name in "abc"]
    with pytest.raises(RuntimeError, match="a bug"):
        await execute_all(execute, plans, Options())
    assert ended == ["scripted/b", "scripted/c"]
    await bench.close()


async def test_interrupting_the_bench_stops_all_runs(tmp_path: Path) -> None:
    async with (
        FakeEndpoint(answer) as endpoint,
        Bench(cache=None, runs=tmp_path, max_connections=1) as bench,
    ):
        going = asyncio.create_task(bench.evaluate_models(echo(), at(endpoint, RIGHT, WRONG)))
        async with asyncio.timeout(20):
            while len(endpoint.requests) < 4:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.005)
        await bench.interrupt()
        found = await going
    assert [each.run.status for each in found if each.run] == ["interrupted"] * 2
    assert len(endpoint.requests) < 2 * SAMPLES


@pytest.mark.parametrize(
    ("models", "options", "told"),
    [
        ([], {}, "at least one model"),
        ("scripted/a", {}, "at least one model"),
        ([RIGHT, RIGHT], {}, "named twice"),
        ([RIGHT, WRONG], {"output": "x.db"}, "holds one run"),
    ],
)
async def test_what_cannot_be_run_at_once_is_refused(
    tmp_path: Path, models: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        await evaluate(echo(), models=models, cache=None, runs=tmp_path, **options)


def test_one_model_or_several_and_not_both(tmp_path: Path) -> None:
    for given in ({}, {"model": RIGHT, "models": [WRONG]}):
        with pytest.raises(ConfigurationError, match="either one model or models"):
            evaluate_sync(echo(), cache=None, runs=tmp_path, **given)


def test_several_models_without_an_event_loop(tmp_path: Path) -> None:
    models = [ScriptedModel(["1"] * SAMPLES, id=f"scripted/{name}") for name in "ab"]
    found = evaluate_sync(echo(), models=models, cache=None, runs=tmp_path)
    assert [each.model for each in found] == ["scripted/a", "scripted/b"]
    assert isinstance(found, ModelRuns)
    (task,) = found.side_by_side().tasks
    assert task.comparisons[0].pairs[0].ties
    assert "Difference to A" in str(found.side_by_side())
    assert "2 runs side by side" in found.html()


async def test_a_model_that_does_not_exist_stops_all_before_anything_is_sent(tmp_path: Path) -> None:
    async with FakeEndpoint(answer) as endpoint:
        with pytest.raises(UsageError, match="nonsense"):
            await evaluate(
                echo(), models=[*at(endpoint, RIGHT), "nonsense/x"], cache=None, runs=tmp_path / "runs"
            )
        assert not endpoint.requests
    assert not (tmp_path / "runs").exists()


# --- the command ------------------------------------------------------------------------------

IDLE, NAIVE = "scripted/vending/idle", "scripted/vending/naive-restock"


def order(folder: Path, *options: str) -> list[str]:
    made = ["run", "vending", "-T", "scenario=tiny-7", "-T", "seeds=1-2", "--model", IDLE, "--model", NAIVE]
    return [*made, "--runs", str(folder / "runs"), "--cache", str(folder / "c.db"), *options]


def test_the_reports_come_one_after_the_other_and_then_all_side_by_side(tmp_path: Path) -> None:
    done = CliRunner(env={"COLUMNS": "300"}).invoke(cli, order(tmp_path))
    assert done.exit_code == 0, done.output
    before, _, table = done.stdout.partition("Side by side: money in the bank")
    assert before.index(IDLE) < before.index(NAIVE)
    assert before.count("\nScores\n") == 2
    assert IDLE in table
    assert NAIVE in table
    assert "Difference to A" in table
    assert "B beside A" in table
    files = shlex.split(table[table.index("agentbench report") :])[2:-2]
    assert [load_run(path).manifest.model for path in files] == [IDLE, NAIVE]


def test_one_model_has_no_table_beside_it(tmp_path: Path) -> None:
    given = order(tmp_path)
    del given[given.index(NAIVE) - 1 : given.index(NAIVE) + 1]
    done = CliRunner().invoke(cli, given)
    assert done.exit_code == 0, done.output
    assert "Side by side" not in done.output


def test_quiet_names_the_files_and_json_holds_all_runs(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, order(tmp_path, "--quiet"))
    files = done.stdout.split()
    assert [load_run(path).manifest.model for path in files] == [IDLE, NAIVE]
    found = json.loads(CliRunner().invoke(cli, order(tmp_path, "--json", "--quiet")).stdout)
    assert [each["manifest"]["model"] for each in found["runs"]] == [IDLE, NAIVE]
    (task,) = found["tasks"]
    assert task["comparisons"][0]["pairs"][0]["model"] == NAIVE


def test_a_dry_run_tells_of_each_model(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, order(tmp_path, "--dry-run"))
    assert f"against {IDLE}" in done.output
    assert f"against {NAIVE}" in done.output
    found = json.loads(CliRunner().invoke(cli, order(tmp_path, "--dry-run", "--json")).stdout)
    assert [each["model"] for each in found] == [IDLE, NAIVE]
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def task(tmp_path: Path) -> Path:
    rows = "\n".join(f"  - {{id: s{n}, question: say {n}, target: '{n}'}}" for n in range(SAMPLES))
    path = tmp_path / "echo.yaml"
    path.write_text(YAML.format(rows=rows))
    return path


async def agentbench(*arguments: str, cwd: Path) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    call = (sys.executable, "-m", "agentbench_sdk", *arguments)
    return await asyncio.create_subprocess_exec(*call, cwd=cwd, stdout=pipe, stderr=pipe)


async def test_the_exit_code_is_the_worst_and_the_other_run_is_reported(task: Path) -> None:
    async with FakeEndpoint(answer) as endpoint:
        common = ("run", task.name, "--base-url", endpoint.base_url, "--temperature", "0")
        first = await agentbench(*common, "-m", "right", "--quiet", cwd=task.parent)
        await first.communicate()
        assert first.returncode == 0
        both = ("-m", "wrong", "-m", "right", "--cache-policy", "replay")
        process = await agentbench(*common, *both, cwd=task.parent)
        out, err = (text.decode() for text in await process.communicate())
    assert process.returncode == CacheError.exit_code, err
    assert "error: openai/wrong" in err
    assert "1.000" in out
    assert "Side by side" not in out  # there is one run alone


async def test_ctrl_c_stops_all_and_says_how_to_go_on_with_each(task: Path) -> None:
    async with FakeEndpoint(lambda body, number: answer(body, number).after(0.1)) as endpoint:
        both = ("-m", "right", "-m", "wrong", "--base-url", endpoint.base_url, "--max-connections", "2")
        process = await agentbench("run", task.name, *both, cwd=task.parent)
        async with asyncio.timeout(30):
            while len(endpoint.requests) < 6 and process.returncode is None:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 130, err.decode()
        told = [line for line in err.decode().splitlines() if "go on with: agentbench resume" in line]
        files = [line.split()[-1] for line in told]
        assert len(set(files)) == 2
        assert len(endpoint.requests) < 2 * SAMPLES
        for path in files:
            resumed = await agentbench("resume", path, "--quiet", cwd=task.parent)
            _, err = await resumed.communicate()
            assert resumed.returncode == 0, err.decode()
        assert len(endpoint.requests) == 2 * SAMPLES, "an answer was asked for twice"
