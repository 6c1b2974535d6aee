"""Several tasks and groups of tasks at once: a run in each cell, groups with intervals, nothing averaged away."""

import asyncio
import json
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import (
    Bench,
    GenerateParams,
    Member,
    RunGrid,
    Sample,
    Task,
    TaskGroup,
    compare,
    evaluate,
    evaluate_sync,
    load_run,
)
from agentbench_sdk.benchmark import Registry, assemble
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import CacheError, ConfigurationError, RequestRejectedError, UnknownNameError
from agentbench_sdk.judges import exact, includes
from agentbench_sdk.judging import Scale, judge
from agentbench_sdk.runs.grid import grid_of
from agentbench_sdk.statistics import Part, combined_mean, combined_p, differences_scale, holm
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel

SIZES = {"sums": 12, "words": 20, "dates": 8}
GREEDY = GenerateParams(temperature=0.0)


def task(name: str, size: int | None = None) -> Task:
    samples = [Sample(f"{name}-{n}", f"{name} {n}", target=str(n)) for n in range(size or SIZES[name])]
    return Task(name, samples, judges=[exact(), includes()])


def answering(name: str, right: dict[str, int], fails: str = "") -> ScriptedModel:
    """A model that knows the first answers of each task, and whose endpoint refuses one task."""

    def answer(request: Any) -> Any:
        asked, number = request.messages[-1].text.split()
        if asked == fails:
            return RequestRejectedError("the endpoint refuses this")
        return number if int(number) < right.get(asked, 0) else "none"

    return ScriptedModel(answer, id=f"scripted/{name}")


GOOD = {"sums": 10, "words": 15, "dates": 8}
POOR = {"sums": 4, "words": 5, "dates": 4}


async def test_every_task_by_every_model_has_a_run_of_its_own(tmp_path: Path) -> None:
    models = [answering("good", GOOD), answering("poor", POOR)]
    grid = await evaluate([task("sums"), task("words")], models=models, cache=None, runs=tmp_path)
    assert isinstance(grid, RunGrid)
    assert (grid.tasks, grid.models) == (("sums", "words"), ("scripted/good", "scripted/poor"))
    assert [(each.task, each.model) for each in grid] == [
        (name, model) for name in grid.tasks for model in grid.models
    ]
    assert len({run.path for run in grid.runs}) == len(grid) == 4
    found = grid["words", "scripted/poor"].run
    assert found is not None
    assert found.summary().primary.estimate.mean == 5 / 20
    with pytest.raises(UnknownNameError, match="no model is named"):
        grid["words", "scripted/none"]


def test_one_model_and_a_list_without_an_event_loop(tmp_path: Path) -> None:
    grid = evaluate_sync([task("sums")], answering("good", GOOD), cache=None, runs=tmp_path)
    assert [each.task for each in grid] == ["sums"]
    with pytest.raises(ConfigurationError, match="either one model or models"):
        evaluate_sync([task("sums")], cache=None, runs=tmp_path)


async def test_sessions_of_all_tasks_take_turns_at_an_endpoint(tmp_path: Path) -> None:
    async with (
        FakeEndpoint(lambda body, number: Reply.text("0").after(0.01)) as endpoint,
        Bench(cache=None, runs=tmp_path, max_connections=1) as bench,
    ):
        model = f"openai/m?base_url={endpoint.base_url}"
        await bench.evaluate_tasks([task("sums"), task("words", 12)], [model])
        asked = [body["messages"][-1]["content"].split()[0] for body in endpoint.bodies]
    for half in (asked[:12], asked[12:]):
        assert 4 <= half.count("sums") <= 8


GROUP = TaskGroup("all", [task("sums"), task("words"), Member(task("dates"), weight=2)], "weighted")


async def grid(tmp_path: Path, group: TaskGroup = GROUP, **fails: str) -> RunGrid:
    models = [
        answering("poor", POOR, fails.get("poor", "")),
        answering("good", GOOD, fails.get("good", "")),
        answering("same", {**POOR, "dates": 5}, fails.get("same", "")),
    ]
    return await evaluate(group, models=models, cache=None, runs=tmp_path)


def yes(size: int, right: int) -> list[float]:
    return [1.0] * right + [0.0] * (size - right)


async def test_a_groups_score_is_the_combined_mean_of_its_tasks(tmp_path: Path) -> None:
    found = (await grid(tmp_path)).group_scores("all")
    for score, right in zip(found[:2], (POOR, GOOD), strict=True):
        parts = [
            Part(name, yes(size, right[name]), 0.5 if name == "dates" else 0.25)
            for name, size in SIZES.items()
        ]
        expected = combined_mean(parts)
        assert score.estimate.mean == pytest.approx(expected.mean)
        assert score.estimate.interval is not None
        assert expected.interval is not None
        assert score.estimate.interval.low == pytest.approx(expected.interval.low)
        assert score.estimate.interval.high == pytest.approx(expected.interval.high)
        assert [each.share for each in score.shares] == [0.25, 0.25, 0.5]
        assert score.bounds.low == pytest.approx(expected.mean)
        assert score.missing == 0


async def test_models_are_compared_sample_by_sample_and_adjusted_over_all_pairs(tmp_path: Path) -> None:
    found = await grid(tmp_path)
    first, second = found.compare_group("all")
    assert [(each.first, each.second) for each in (first, second)] == [
        ("scripted/poor", "scripted/good"),
        ("scripted/poor", "scripted/same"),
    ]
    parts = [
        Part(
            name,
            [b - a for a, b in zip(yes(size, POOR[name]), yes(size, GOOD[name]), strict=True)],
            0.5 if name == "dates" else 0.25,
        )
        for name, size in SIZES.items()
    ]
    wide = differences_scale(Scale())
    assert first.estimate.mean == pytest.approx(combined_mean(parts, wide).mean)
    assert first.p == pytest.approx(combined_p(parts, wide))
    assert (first.verdict, second.verdict) == ("better", "unknown")
    pairs = found.compare_group("all", all_pairs=True)
    assert len(pairs) == 3
    assert [each.p_holm for each in pairs] == holm([each.p for each in pairs if each.p is not None])
    assert (first.estimate.n, first.left_out) == (40, 0)


async def test_micro_weighs_by_samples(tmp_path: Path) -> None:
    micro = TaskGroup("pooled", [task("sums"), task("words"), task("dates")], "micro")
    score = (await grid(tmp_path, micro)).group_scores("pooled")[0]
    assert score.estimate.mean == pytest.approx(13 / 40)
    assert [each.share for each in score.shares] == pytest.approx([0.3, 0.5, 0.2])


async def test_repeats_and_clusters_within_a_task_count_as_one(tmp_path: Path) -> None:
    samples = [Sample(f"s{n}", f"sums {n}", target=str(n), cluster=f"c{n % 6}") for n in range(12)]
    group = TaskGroup("g", [Task("sums", samples, judges=[exact()]), task("words")])
    found = await evaluate(group, answering("good", GOOD), cache=None, runs=tmp_path, epochs=3)
    score = found.group_scores("g")[0]
    assert [each.estimate.n_clusters for each in score.shares if each.estimate] == [6, 20]
    assert [each.estimate.n for each in score.shares if each.estimate] == [36, 60]


async def test_a_task_without_any_score_leaves_its_group_without_one(tmp_path: Path) -> None:
    """Never a mean over the tasks that went well."""
    found = await grid(tmp_path, good="words")
    poor, good, _ = found.group_scores("all")
    assert poor.estimate.mean is not None
    assert (good.estimate.mean, good.estimate.interval) == (None, None)
    assert good.estimate.note == "no score: nothing was scored in words"
    assert good.missing == 20
    assert (good.bounds.low, good.bounds.high) == pytest.approx((0.25 * 10 / 12 + 0.5, 0.25 * 10 / 12 + 0.75))
    to_good, to_same = found.compare_group("all")
    assert (to_good.estimate.mean, to_good.p, to_good.verdict) == (None, None, "unknown")
    assert to_good.left_out == 20
    assert to_same.p == to_same.p_holm
    shown = " ".join(str(found).split())
    assert "words by B: 20 failed (request_rejected; words-0: the endpoint refuses this)" in shown
    assert "B: no score: nothing was scored in words" in shown
    assert "B: with the 20 attempts without a score it lies somewhere from 0.708 to 0.958" in shown


async def test_a_run_that_ends_in_an_error_stops_no_other_and_is_named(tmp_path: Path) -> None:
    """Nothing is sent under the policy "replay"; one of the tasks was never asked."""
    cache = tmp_path / "c.db"
    async with FakeEndpoint(lambda body, number: Reply.text("0")) as endpoint:
        model = f"openai/m?base_url={endpoint.base_url}"
        await evaluate(task("sums"), model, cache=cache, runs=tmp_path, params=GREEDY)
        async with Bench(cache=cache, cache_policy="replay", runs=tmp_path) as bench:
            group = TaskGroup("g", [task("words"), task("sums")])
            found = await bench.evaluate_tasks([group], [model], params=GREEDY)
    lost, kept = found
    assert lost.run is None
    assert isinstance(lost.error, CacheError)
    assert kept.run is not None
    assert kept.run.status == "finished"
    (score,) = found.group_scores("g")
    assert score.estimate.mean is None
    assert score.estimate.note.startswith("no score: words: no answer to this request is recorded")
    assert (score.bounds.low, score.bounds.high) == pytest.approx((0.5 / 12, 0.5 + 0.5 / 12))
    assert "words by A: no run: no answer" in " ".join(str(found).split())
    record = found.to_dict()
    assert record["runs"][0]["error"].startswith("no answer")
    assert record["groups"][0]["scores"][0]["tasks"][0]["problem"]


@judge(scale=(0, None), unit="USD")
def money(case: Any) -> float:
    return 5.0


@pytest.mark.parametrize(
    ("tasks", "options", "told"),
    [
        (
            [TaskGroup("g", [task("sums"), Task("shop", [Sample("a", "sums 1")], judges=[money()])])],
            {},
            r"cannot make one score of sums by 'exact' \(0 to 1\) and shop by 'money' \(0 to … USD\)",
        ),
        (
            [TaskGroup("g", [Member(task("sums"), judge="bleu")])],
            {},
            "sums has no judge 'bleu'; it has 'exact'",
        ),
        ([task("sums"), task("words")], {"task_params": {"n": "1"}}, "name them in a group's members"),
        ([task("sums"), task("words")], {"output": "x.db"}, "an output file holds one run"),
        ([], {}, "at least one task or group"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_starts(
    tmp_path: Path, tasks: list[Any], options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        await evaluate(tasks, models=[answering("good", GOOD)], cache=None, runs=tmp_path / "runs", **options)
    assert not (tmp_path / "runs").exists()


# --- the command ------------------------------------------------------------------------------

YAML = "name: {name}\nsamples:\n{rows}\njudges: [exact]\n"
IDLE, NAIVE = "scripted/vending/idle", "scripted/vending/naive-restock"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, size in SIZES.items():
        rows = "\n".join(f"  - {{id: {name}-{n}, question: {name} {n}, target: '{n}'}}" for n in range(size))
        (tmp_path / f"{name}.yaml").write_text(YAML.format(name=name, rows=rows))
    (tmp_path / "two.yaml").write_text("group: two\nmembers: [sums.yaml, words.yaml]\n")
    (tmp_path / "worlds.yaml").write_text(
        "group: worlds\nmembers:\n"
        "- {task: vending, name: week, judge: coherence, params: {scenario: tiny-7, seeds: 1-3}}\n"
        "- {task: vending, name: month, judge: coherence, params: {scenario: smoke-30, seeds: 1-3}}\n"
    )
    return tmp_path


def agentbench(*arguments: str) -> Any:
    return CliRunner(env={"COLUMNS": "240"}).invoke(cli, arguments)


def test_a_group_is_run_reported_again_and_compared(folder: Path) -> None:
    done = agentbench("run", "worlds.yaml", "-m", IDLE, "-m", NAIVE)
    assert done.exit_code == 0, done.output
    assert "Group worlds: mean of its members" in done.stdout
    assert done.stdout.count("no evidence") + done.stdout.count("B is better than A") == 1
    again = next(line for line in done.stdout.splitlines() if line.startswith("The group again: "))
    words = shlex.split(again.removeprefix("The group again: agentbench "))
    assert len([load_run(path) for path in words[2:]]) == 4
    report = agentbench(*words)
    assert report.exit_code == 0, report.output
    assert report.stdout.strip() == done.stdout.partition("\nRuns (")[0].strip()
    told = json.loads(agentbench(*words, "--json", "--all-pairs").stdout)
    (group,) = told["groups"]
    assert [each["model"] for each in group["scores"]] == [IDLE, NAIVE]
    assert [each["task"] for each in group["scores"][0]["tasks"]] == ["week", "month"]
    assert len(group["differences"]) == 1


def test_a_group_of_runs_that_lacks_one_says_which(folder: Path) -> None:
    agentbench("run", "worlds.yaml", "-m", IDLE, "-m", NAIVE, "--quiet")
    week = [
        str(p) for p in folder.glob("runs/*.db") if load_run(p).manifest.task_params["scenario"] == "tiny-7"
    ]
    done = agentbench("group", "worlds.yaml", *sorted(week))
    assert done.exit_code == 0, done.output
    assert "month by A: no run: no run of month was named" in done.stdout
    assert "no score: month: no run of month was named" in done.stdout


def test_runs_that_do_not_belong_are_refused(folder: Path) -> None:
    (path, *_) = agentbench("run", "worlds.yaml", "-m", IDLE, "--quiet").stdout.split()
    done = CliRunner().invoke(cli, ["group", "essentials", path])
    assert "is a run of vending (scenario=tiny-7, seeds=1-3), which is not among the tasks" in str(
        done.exception
    )
    (second, *_) = agentbench("run", "worlds.yaml", "-m", IDLE, "--quiet").stdout.split()
    done = CliRunner().invoke(cli, ["group", "worlds.yaml", path, second])
    assert "are both of week by" in str(done.exception)
    done = CliRunner().invoke(cli, ["group", "vending", path])
    assert "no group is named 'vending'" in str(done.exception)


def test_micro_refuses_runs_of_other_samples(folder: Path) -> None:
    found = [
        evaluate_sync("sums.yaml", model, cache=None, runs=folder, limit=limit)
        for model, limit in (
            (IDLE.replace("vending/idle", "constant?text=1"), 5),
            ("scripted/constant?text=2", 9),
        )
    ]
    words = evaluate_sync("words.yaml", "scripted/constant?text=2", cache=None, runs=folder)
    assembly = assemble([TaskGroup("m", ["sums.yaml", "words.yaml"], "micro")], Registry.discover())
    with pytest.raises(ConfigurationError, match="runs of sums were of 5 and 9"):
        grid_of(assembly, [*found, words]).group_scores("m")


def test_several_tasks_in_one_command(folder: Path) -> None:
    done = agentbench("run", "sums.yaml", "words.yaml", "-m", "scripted/constant?text=3")
    assert done.exit_code == 0, done.output
    assert "Group" not in done.stdout
    rows = [line.split()[:3] for line in done.stdout.splitlines()]
    assert ["sums", "exact", "0.083"] in rows
    assert ["words", "exact", "0.050"] in rows
    quiet = agentbench("run", "sums.yaml", "two.yaml", "-m", "scripted/constant?text=3", "--quiet")
    assert [load_run(path).manifest.task for path in quiet.stdout.split()] == ["sums", "words"]
    told = json.loads(agentbench("run", "two.yaml", "-m", "scripted/constant?text=3", "--json", "-q").stdout)
    assert [each["group"] for each in told["groups"]] == ["two"]
    assert [each["summary"]["manifest"]["task"] for each in told["runs"]] == ["sums", "words"]


def test_a_dry_run_tells_of_each_task_and_starts_nothing(folder: Path) -> None:
    done = agentbench("run", "two.yaml", "dates.yaml", "-m", "scripted/constant?text=3", "--dry-run")
    assert [line.split()[2] for line in done.stdout.splitlines() if line.startswith("would run")] == [
        "sums",
        "words",
        "dates",
    ]
    assert not (folder / "runs").exists()


def test_groups_are_listed_with_their_members() -> None:
    done = agentbench("list", "groups")
    assert (
        "macro of: calendar_questions, telecom (set=small, data=own), vending (scenario=smoke-30, judge coherence)"
        in (done.stdout)
    )
    told = json.loads(agentbench("list", "groups", "--json").stdout)
    assert told["groups"][0]["aggregate"] == "macro"


async def test_ctrl_c_stops_all_and_resuming_asks_for_what_is_missing_alone(folder: Path) -> None:
    def answer(body: dict[str, Any], number: int) -> Reply:
        return Reply.text(body["messages"][-1]["content"].split()[1]).after(0.1)

    async with FakeEndpoint(answer) as endpoint:
        process = await started(
            "run", "two.yaml", "-m", "m", "--base-url", endpoint.base_url, "--max-connections", "2"
        )
        async with asyncio.timeout(30):
            while len(endpoint.requests) < 6 and process.returncode is None:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 130, err.decode()
        told = [line for line in err.decode().splitlines() if "go on with: agentbench resume" in line]
        files = [line.split()[-1] for line in told]
        assert len(set(files)) == 2
        assert len(endpoint.requests) < SIZES["sums"] + SIZES["words"]
        resumed = []
        for path in files:
            again = await started("resume", path, "--quiet")
            out, err = await again.communicate()
            assert again.returncode == 0, err.decode()
            resumed.append(out.decode().strip())
        assert len(endpoint.requests) == SIZES["sums"] + SIZES["words"], "an answer was asked for twice"
    assembly = assemble(["two.yaml"], Registry.discover())
    (score,) = grid_of(assembly, [load_run(path) for path in resumed]).group_scores("two")
    assert (score.estimate.mean, score.missing) == (1.0, 0)


async def started(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    call = (sys.executable, "-m", "agentbench_sdk", *arguments)
    return await asyncio.create_subprocess_exec(*call, stdout=pipe, stderr=pipe)


# --- comparing more than two runs of one task ---------------------------------------------------


async def test_all_pairs_of_runs_are_compared_and_adjusted_together(tmp_path: Path) -> None:
    found = await grid(tmp_path)
    runs = [found["words", model].run for model in found.models]
    one, two, three = (run for run in runs if run is not None)
    comparison = compare(one, two, three, all_pairs=True)
    places = [
        (comparison.sides.index(each.first), comparison.sides.index(each.second)) for each in comparison.pairs
    ]
    assert places == [(0, 1), (0, 2), (1, 2)]
    raw = [each.difference.p for each in comparison.pairs]
    assert [each.p_holm for each in comparison.pairs] == holm([p for p in raw if p is not None])
    assert comparison.pairs[2].difference == compare(two, three).pairs[0].difference
    files = [str(each.path) for each in (one, two, three)]
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(cli, ["compare", *files, "--all-pairs"])
    assert shown.exit_code == 0, shown.output
    assert "C beside B" in shown.output
    assert "C is worse than B" in shown.output
    assert "McNemar, exact: B alone 10, the other alone 0" in shown.output
    assert "3 pairs of runs are compared" in shown.output
    told = json.loads(CliRunner().invoke(cli, ["compare", *files, "--all-pairs", "--json"]).output)
    assert [(each["beside"], each["run"]) for each in told["pairs"]] == [
        (files[0], files[1]),
        (files[0], files[2]),
        (files[1], files[2]),
    ]
    assert told["all_pairs"] is True


async def test_a_comparison_as_markdown(tmp_path: Path) -> None:
    found = await grid(tmp_path)
    files = [str(each.run.path) for each in found if each.task == "words" and each.run]
    done = CliRunner().invoke(cli, ["compare", *files, "--all-pairs", "--markdown"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "## words by exact"
    assert "| A | scripted/poor | 0.250 | [0.112, 0.469] | 0 | $0.00 |" in lines
    (row,) = (line for line in lines if line.startswith("| C - B |"))
    assert row.startswith("| C - B | -0.500 | [")
    assert row.endswith("| 20 | 0 | 10 | 10 |")
    assert any(line.startswith("- C is worse than B") for line in lines)
    both = CliRunner().invoke(cli, ["compare", *files, "--markdown", "--json"])
    assert both.exit_code == 2
