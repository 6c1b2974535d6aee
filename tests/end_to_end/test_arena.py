"""An arena of finished runs: who is asked, what is written, what comes out, and what is refused."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Bench, Run, Sample, Task, evaluate_sync
from agentbench_sdk.arena import Arena, load_arena
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import CacheMissError, ConfigurationError, RequestRejectedError, RunFileError
from agentbench_sdk.judges import exact, includes
from agentbench_sdk.messages import Usage
from agentbench_sdk.runs.kinship import KinshipWarning
from agentbench_sdk.statistics import bradley_terry
from agentbench_sdk.statistics.evalscope_arena import Game, evalscope_arena
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel

Make = Callable[..., Run]
N = 12


def samples(prompt: str = "say") -> list[Sample]:
    return [Sample(f"s{i}", f"{prompt} {i}", target="good") for i in range(N)]


def answering(name: str, good: int | range, *, fails: range = range(0), more: str = "") -> ScriptedModel:
    """A model that is good at the first so many samples, and whose endpoint refuses some."""

    known = range(good) if isinstance(good, int) else good

    def answer(request: Any) -> Any:
        number = int(request.messages[-1].text.split()[-1])
        if number in fails:
            return RequestRejectedError("the endpoint refuses this")
        return f"{'good' if number in known else 'bad'} by {name}{more}"

    return ScriptedModel(answer, id=f"scripted/{name}")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(name: str, good: int | range = 6, task: Task | None = None, **options: Any) -> Run:
        model = answering(
            name, good, **{key: options.pop(key) for key in ("fails", "more") if key in options}
        )
        task = task or Task("said", samples(), judges=[includes()])
        output = tmp_path / "runs" / f"{name}-{len(list(tmp_path.glob('runs/*')))}.db"
        return evaluate_sync(
            task, model, cache=tmp_path / "cache.db", runs=tmp_path / "runs", output=output, **options
        )

    return made


def shown_answers(body: dict[str, Any]) -> tuple[str, str]:
    """What stands behind the two fences."""
    lines = body["messages"][0]["content"].splitlines()
    begins = [n for n, line in enumerate(lines) if "nswer" in line and line.endswith(" begins]")]
    first, second = (lines[n + 1] for n in begins)
    return first, second


def verdict(word: str) -> Reply:
    return Reply.text(json.dumps({"reasoning": "r", "verdict": word}), usage=Usage(100, 10))


def fair(body: dict[str, Any], number: int) -> Reply:
    """Good beats bad, whatever else."""
    first, second = (text.startswith("good") for text in shown_answers(body))
    return verdict("tie" if first == second else "first" if first else "second")


def judge_at(endpoint: FakeEndpoint) -> str:
    return f"openai/referee?base_url={endpoint.base_url}"


async def held(endpoint: FakeEndpoint, runs: list[Run], **more: Any) -> Arena:
    folder = runs[0].path.parent
    async with Bench(cache=folder.parent / "cache.db", runs=folder) as bench:
        return await bench.arena(runs, judge_model=judge_at(endpoint), **more)


async def test_battles_are_ranked_as_the_statistics_do(make: Make) -> None:
    good = {"a": range(10), "b": range(5, 12), "c": range(2, 8)}
    runs = [await asyncio.to_thread(make, name, each) for name, each in good.items()]
    async with FakeEndpoint(fair) as endpoint:
        arena = await held(endpoint, runs)
        assert len(endpoint.requests) == 3 * N * 2
    found = arena.summary()
    battles = [
        (f"scripted/{one}", f"scripted/{other}", 0.5 + 0.5 * ((n in good[one]) - (n in good[other])), f"s{n}")
        for one, other in (("a", "b"), ("a", "c"), ("b", "c"))
        for n in range(N)
    ]
    first, second, scores, prompts = zip(*battles, strict=True)
    expected = bradley_terry(first, second, scores, prompts)
    assert found.ranking is not None
    for each in expected.strengths:
        assert found.ranking.strength(each.name).elo == pytest.approx(each.elo, abs=1e-4)
    assert {each.name: (each.wins, each.ties, each.losses) for each in found.records} == {
        "scripted/a": (9, 13, 2),
        "scripted/b": (6, 10, 8),
        "scripted/c": (3, 13, 8),
    }
    assert (found.decided, found.undecided, found.not_run, found.unanswered) == (36, 0, 0, 0)
    assert [each.estimate.mean for each in found.meetings] == [7.5 / 12, 8 / 12, 6.5 / 12]
    assert found.flips is not None
    assert found.flips.n == 0
    shown = " ".join(str(arena).split())
    for told in ("scripted/a", "Share of points", "cannot be told apart", "36 decided", "9, 13, 2"):
        assert told in shown
    json.dumps(arena.to_dict(), allow_nan=False)


async def test_the_models_under_test_are_not_asked_and_nothing_is_judged_twice(make: Make) -> None:
    runs = [await asyncio.to_thread(make, name, good) for name, good in (("a", 9), ("b", 4))]
    async with FakeEndpoint(fair) as endpoint:
        once = await held(endpoint, runs)
        asked = len(endpoint.requests)
        again = await held(endpoint, runs[::-1])
        assert len(endpoint.requests) == asked == 2 * N
    assert {call.role for call in once.run.calls()} == {"judge"}
    assert all(call.cached for call in again.run.calls())
    one, other = once.summary().ranking, again.summary().ranking
    assert one is not None
    assert other is not None
    for each in one.strengths:
        assert other.strength(each.name).elo == pytest.approx(each.elo, abs=1e-4)
    async with Bench(
        cache=runs[0].path.parents[1] / "cache.db", cache_policy="replay", runs=runs[0].path.parent
    ) as bench:
        offline = await bench.arena(runs, judge_model=judge_at(endpoint))
        assert list(offline.battles()) == list(once.battles())
        with pytest.raises(CacheMissError):
            await bench.arena(
                runs, judge_model=judge_at(endpoint), judge={"name": "pairwise", "criteria": "x"}
            )
    assert load_arena(once.path).summary() == once.summary()


async def test_sampled_verdicts_are_found_again_too_unless_they_are_to_be_refreshed(make: Make) -> None:
    runs = [await asyncio.to_thread(make, name, good) for name, good in (("a", 9), ("b", 4))]
    folder = runs[0].path.parent
    warm = {"name": "pairwise", "temperature": 0.7}
    async with FakeEndpoint(fair) as endpoint:
        for policy, asked in (("reuse", 2 * N), ("reuse", 2 * N), ("refresh", 4 * N)):
            async with Bench(cache=folder.parent / "cache.db", cache_policy=policy, runs=folder) as bench:
                await bench.arena(runs, judge_model=judge_at(endpoint), judge=warm)
            assert len(endpoint.requests) == asked


async def test_a_judge_that_prefers_a_place_is_found_out(make: Make) -> None:
    runs = [await asyncio.to_thread(make, name) for name in ("a", "b")]
    async with FakeEndpoint(lambda body, n: verdict("first")) as endpoint:
        found = (await held(endpoint, runs)).summary()
    assert found.first_place is not None
    assert found.first_place.mean == 1.0
    assert found.flips is not None
    assert (found.flips.effect, found.flips.n) == (1.0, N)
    assert [each.ties for each in found.records] == [N, N]
    assert "12 times the first place won in both" in " ".join(str(found).split())


async def test_strengths_at_equal_length_use_the_lengths_of_the_answers(make: Make) -> None:
    def answer(request: Any) -> str:
        return "<think>a long thought</think>" + "good " * (
            1 + int(request.messages[-1].text.split()[-1]) % 5
        )

    def moody(body: dict[str, Any], number: int) -> Reply:
        """The same for the same two answers, in whatever order."""
        texts = shown_answers(body)
        word = ("first", "second", "tie")[sum(map(len, texts)) % 3]
        return verdict(
            word if texts[0] < texts[1] or word == "tie" else {"first": "second"}.get(word, "first")
        )

    task = Task("said", samples(), judges=[includes()])
    one = await asyncio.to_thread(make, "a", task=task)
    folder = one.path.parent
    other = await asyncio.to_thread(
        evaluate_sync, task, ScriptedModel(answer, id="scripted/b"), cache=None, runs=folder
    )
    async with FakeEndpoint(moody) as endpoint:
        arena = await held(endpoint, [one, other])
    battles = list(arena.battles())
    lengths = {each.sample_id: each.lengths for each in battles}
    assert lengths["s0"] == (len("good by a"), len("good"))
    assert lengths["s4"] == (len("good by a"), len("good good good good good"))
    expected = bradley_terry(
        [each.first for each in battles],
        [each.second for each in battles],
        [1.0 if each.score is None else each.score for each in battles],
        [each.sample_id for each in battles],
        control=[(a - b) / (a + b) for a, b in (each.lengths for each in battles)],
    )
    assert arena.summary().controlled == expected
    assert arena.summary(length_control=False).controlled is None
    assert "Ranking as if both answers had been of one length" in str(arena)


async def test_without_a_verdict_a_battle_is_neither_tie_nor_loss(make: Make, tmp_path: Path) -> None:
    runs = [await asyncio.to_thread(make, name, good) for name, good in (("a", 10), ("b", 4))]

    def mumbling(body: dict[str, Any], number: int) -> Reply:
        return Reply.text("hm") if "say 7" in body["messages"][0]["content"] else fair(body, number)

    async with FakeEndpoint(mumbling) as endpoint:
        arena = await held(endpoint, runs)
    found = arena.summary()
    shown = CliRunner().invoke(cli, ["arena", "--from", str(arena.path)])
    assert (found.decided, found.undecided) == (N - 1, 1)
    assert [(each.wins, each.ties, each.losses, each.undecided) for each in found.records] == [
        (5, 6, 0, 1),
        (0, 6, 5, 1),
    ]
    assert "no verdict twice" in found.reasons[0][0]
    assert shown.exit_code == 1
    assert "1 without a verdict (neither tie nor loss)" in shown.output


async def test_a_session_that_failed_is_no_lost_battle(make: Make) -> None:
    runs = [await asyncio.to_thread(make, "a", fails=range(3, 5)), await asyncio.to_thread(make, "b", 3)]
    async with FakeEndpoint(fair) as endpoint:
        found = (await held(endpoint, runs)).summary()
    assert (found.decided, found.unanswered) == (N - 2, 2)


async def test_a_judge_of_the_family_of_a_contestant_is_warned_of(make: Make) -> None:
    runs = [await asyncio.to_thread(make, name) for name in ("gpt-a", "b")]
    async with FakeEndpoint(fair) as endpoint:
        folder = runs[0].path.parent
        async with Bench(cache=None, runs=folder) as bench:
            with pytest.warns(
                KinshipWarning, match="same family .gpt. as the model under test, scripted/gpt-a"
            ):
                arena = await bench.arena(runs, judge_model=f"openai/gpt-4?base_url={endpoint.base_url}")
    assert len(arena.summary().warnings) == 1


# --- without a model --------------------------------------------------------------------------


def test_recorded_scores_decide_offline(make: Make) -> None:
    runs = [make(name, good) for name, good in (("a", 10), ("b", 6), ("c", 3))]
    order = ["arena", *(str(run.path) for run in runs), "--by", "includes", "--json", "-q"]
    shown = CliRunner().invoke(cli, order)
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert [each["wins"] for each in found["contestants"]] == [11, 3, 0]
    assert [each["model"] for each in found["ranking"]["strengths"]] == [
        "scripted/a",
        "scripted/b",
        "scripted/c",
    ]
    assert found["first_place"] is None
    again = CliRunner().invoke(cli, ["arena", "--from", found["arena"], "--json"])
    assert json.loads(again.stdout) == found
    assert again.exit_code == 0


def test_where_lower_is_better_the_lower_score_wins(make: Make) -> None:
    from agentbench_sdk.judges import wer

    task = Task("said", samples(), judges=[wer()])
    runs = [make("a", 12, task), make("b", 12, task, more=" and more words")]
    order = ["arena", *(str(run.path) for run in runs), "--by", "wer", "--json", "-q"]
    shown = CliRunner().invoke(cli, order)
    assert shown.exit_code == 0, shown.output
    assert [each["wins"] for each in json.loads(shown.stdout)["contestants"]] == [N, 0]


def test_all_meet_the_baseline_alone(make: Make) -> None:
    runs = [make(name, good) for name, good in (("a", 10), ("b", 6), ("c", 3))]
    paths = [str(run.path) for run in runs]
    for baseline in ("scripted/b", paths[1], runs[1].manifest.run_id):
        shown = CliRunner().invoke(
            cli,
            [
                "arena",
                paths[0],
                paths[2],
                paths[1],
                "--by",
                "includes",
                "--baseline",
                baseline,
                "--json",
                "-q",
            ],
        )
        assert shown.exit_code == 0, shown.output
        found = json.loads(shown.stdout)
        assert {(each["first"], each["second"]) for each in found["win_matrix"]} == {
            ("scripted/a", "scripted/b"),
            ("scripted/c", "scripted/b"),
        }
        held_at = {each["model"]: each for each in found["ranking"]["strengths"]}["scripted/b"]
        assert (held_at["elo"], held_at["score"]) == (1000, pytest.approx(0.5))
    outside = CliRunner().invoke(
        cli, ["arena", paths[0], paths[2], "--by", "includes", "--baseline", paths[1], "--json", "-q"]
    )
    assert len(json.loads(outside.stdout)["contestants"]) == 3


def test_a_limit_and_all_epochs_choose_the_battles(make: Make) -> None:
    runs = [make(name, good, epochs=2) for name, good in (("a", 10), ("b", 6))]
    paths = [str(run.path) for run in runs]

    def decided(*more: str) -> int:
        shown = CliRunner().invoke(cli, ["arena", *paths, "--by", "includes", "--json", "-q", *more])
        assert shown.exit_code == 0, shown.output
        return int(json.loads(shown.stdout)["decided"])

    assert decided() == N
    assert decided("--all-epochs") == 2 * N
    assert decided("--limit", "5", "--all-epochs") == 10


def test_epochs_of_a_sample_are_one_prompt(make: Make) -> None:
    runs = [make(name, good, epochs=2) for name, good in (("a", 10), ("b", 6))]
    order = ["arena", *(str(run.path) for run in runs), "--by", "includes", "--json", "-q", "--all-epochs"]
    ranking = json.loads(CliRunner().invoke(cli, order).stdout)["ranking"]
    assert (ranking["battles"], ranking["prompts"]) == (2 * N, N)


def test_two_runs_of_one_model_are_told_apart_by_their_ids(make: Make) -> None:
    runs = [make("a", 10), make("a", 6)]
    order = ["arena", *(str(run.path) for run in runs), "--by", "includes", "--json", "-q"]
    names = [each["name"] for each in json.loads(CliRunner().invoke(cli, order).stdout)["contestants"]]
    assert names == [f"scripted/a ({run.manifest.run_id[-6:]})" for run in runs]


async def test_evalscope_s_figures_are_those_of_its_rows(make: Make) -> None:
    runs = [await asyncio.to_thread(make, name, good) for name, good in (("a", 10), ("b", 6))]

    def uneven(body: dict[str, Any], number: int) -> Reply:
        """Prefers the first place where both are good."""
        first, second = (text.startswith("good") for text in shown_answers(body))
        return verdict("first" if first else "second" if second else "tie")

    async with FakeEndpoint(uneven) as endpoint:
        arena = await held(endpoint, runs)
    a, b = "scripted/a", "scripted/b"
    rows = (
        [[Game(a, b, "A>B"), Game(b, a, "A>B")]] * 6
        + [[Game(a, b, "A>B"), Game(b, a, "B>A")]] * 4
        + [[Game(a, b, "A=B"), Game(b, a, "A=B")]] * 2
    )
    found = arena.evalscope(baseline=b)
    expected = evalscope_arena(rows, b)
    assert (found.rows, found.winners) == (expected.rows, expected.winners)
    assert found.elo == pytest.approx(expected.elo)
    with pytest.raises(ConfigurationError, match="need a baseline"):
        arena.evalscope()
    shown = CliRunner().invoke(
        cli, ["arena", "--from", str(arena.path), "--compat", "evalscope", "--baseline", b]
    )
    assert "too narrow" in shown.output
    ours = arena.summary(baseline=b, ties="half").ranking
    assert ours is not None
    interval = ours.strength(a).interval
    assert interval is not None


# --- interrupting -----------------------------------------------------------------------------


async def arena_process(runs: list[Run], endpoint: FakeEndpoint, *more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agentbench_sdk",
        "arena",
        *(str(run.path) for run in runs),
        "--judge-model",
        judge_at(endpoint),
        "--max-connections",
        "2",
        *more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_an_arena_that_is_stopped_and_repeated_asks_for_the_rest_alone(make: Make, how: int) -> None:
    runs = [await asyncio.to_thread(make, name, good) for name, good in (("a", 10), ("b", 6))]

    def slowly(body: dict[str, Any], number: int) -> Reply:
        return fair(body, number).after(0.1)

    async with FakeEndpoint(slowly) as endpoint:
        process = await arena_process(runs, endpoint)
        async with asyncio.timeout(30):
            while len(endpoint.requests) < 6 and process.returncode is None:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.005)
        process.send_signal(how)
        _, told = await asyncio.wait_for(process.communicate(), 20)
        before = len(endpoint.requests)
        assert before < 2 * N
        if how == signal.SIGINT:
            assert process.returncode == 130, told.decode()
            assert "go on with: the same command" in told.decode()
        again = await arena_process(runs, endpoint, "--json", "-q")
        out, told = await asyncio.wait_for(again.communicate(), 30)
        assert again.returncode == 0, told.decode()
        # Killed: what was on the wire, or answered and not yet durable, is asked for again.
        assert len(endpoint.requests) <= 2 * N + (0 if how == signal.SIGINT else 4)
    found = json.loads(out)
    assert (found["decided"], found["not_run"]) == (N, 0)


# --- what is refused --------------------------------------------------------------------------


def refusal(*order: str) -> tuple[int, str]:
    shown = CliRunner().invoke(cli, ["arena", *order])
    assert shown.exception is not None, shown.output
    return getattr(shown.exception, "exit_code", -1), str(shown.exception)


def test_what_cannot_be_compared_is_refused_with_the_reason(make: Make) -> None:
    run = make("a")
    other = make("b", task=Task("else", samples(), judges=[includes()]))
    changed = make("b", task=Task("said", samples("tell"), judges=[includes()]))
    unlike = make("b", task=Task("said", samples(), judges=[exact()]))
    for path, told in (
        (other.path, "its task is 'else'"),
        (changed.path, "fingerprint differs"),
        (run.path, "is the run"),
    ):
        code, said = refusal(str(run.path), str(path), "--by", "includes")
        assert (code, told in said) == (2, True), said
    assert "has no judge 'includes'" in refusal(str(run.path), str(unlike.path), "--by", "includes")[1]


def test_runs_without_a_common_answer_are_refused(make: Make) -> None:
    runs = [make("a", fails=range(6)), make("b", fails=range(6, N))]
    code, said = refusal(*(str(run.path) for run in runs), "--by", "includes")
    assert (code, "share no sample that both have answered" in said) == (2, True), said


def test_options_that_make_no_sense_are_refused(make: Make, tmp_path: Path) -> None:
    runs = [make("a", 10), make("b", 6)]
    paths = [str(run.path) for run in runs]
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    for order, told in (
        ([], "name the runs that are to meet"),
        ([paths[0]], "at least two runs"),
        (paths, "with --judge-model (judge_model=…), or compare recorded scores with --by"),
        ([*paths, "--by", "includes", "--judge-model", "openai/x"], "asks nobody"),
        ([*paths, "--by", "includes", "--baseline", "scripted/c"], "no contestant is called 'scripted/c'"),
        ([*paths, "--judge", "{name: rating, criteria: c, low: 1, high: 5}"], "rating"),
        ([*paths, "--criteria", str(empty), "--judge-model", "openai/x"], "is empty"),
        ([*paths, "--criteria", str(tmp_path / "none.txt"), "--judge-model", "openai/x"], "cannot be read"),
        ([*paths, "--by", "includes", "--compat", "evalscope"], "needs --baseline"),
        (["--from", paths[0]], "holds no battles of an arena"),
        (["--from", paths[0], paths[1], "--by", "includes"], "leave out runs, --by"),
    ):
        code, said = refusal(*order)
        assert code in (2, 3), said
        assert told in said, said


def test_battles_are_no_run_of_a_model(make: Make) -> None:
    runs = [make("a", 10), make("b", 6)]
    shown = CliRunner().invoke(cli, ["arena", *(str(run.path) for run in runs), "--by", "includes", "-q"])
    path = shown.output.strip()
    assert "holds the battles of an arena" in refusal(path, str(runs[0].path), "--by", "includes")[1]
    resumed = CliRunner().invoke(cli, ["resume", path])
    assert "repeat the `agentbench arena`" in str(resumed.exception)
    with pytest.raises(RunFileError, match="holds no battles"):
        load_arena(runs[0].path)
    newest = CliRunner().invoke(cli, ["report", "--runs", str(Path(path).parent)])
    assert "scripted/b" in newest.output
    assert "arena of" not in newest.output


async def test_criteria_of_a_file_reach_the_judge(make: Make, tmp_path: Path) -> None:
    runs = [await asyncio.to_thread(make, name) for name in ("a", "b")]
    criteria = tmp_path / "criteria.txt"
    criteria.write_text("The better answer rhymes.\n")
    async with FakeEndpoint(fair) as endpoint:
        options = ["--criteria", str(criteria), "--judge", "{name: pairwise, both_orders: false}", "-q"]
        process = await arena_process(runs, endpoint, *options)
        out, told = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, told.decode()
        assert load_arena(out.decode().strip()).status == "finished"
        assert len(endpoint.requests) == N
        assert all("rhymes" in body["messages"][0]["content"] for body in endpoint.bodies)
