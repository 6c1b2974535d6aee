"""`compare` and `agentbench compare`: small runs beside each other, from the run file to the terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import agentbench_sdk as ab
from agentbench_sdk import Limits, Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError, RequestRejectedError
from agentbench_sdk.judges import exact, includes
from agentbench_sdk.judging import Scale
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.statistics import mcnemar_p, paired_difference
from agentbench_sdk.testing import ScriptedModel

Make = Callable[..., Run]
N = 20


def samples(n: int = N, prompt: str = "say") -> list[Sample]:
    return [
        Sample(f"s{i}", f"{prompt} {i}", target="so", metadata={"category": "even" if i % 2 == 0 else "odd"})
        for i in range(n)
    ]


def answering(right: range, fails: range = range(0), **more: Any) -> ScriptedModel:
    """A model that knows some answers, and whose endpoint refuses some questions."""

    def answer(request: Any) -> Any:
        number = int(request.messages[-1].text.split()[-1])
        if number in fails:
            return RequestRejectedError("the endpoint refuses this question")
        return "so" if number in right else "no"

    return ScriptedModel(answer, **more)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(model: ScriptedModel, task: Task | None = None, **options: Any) -> Run:
        task = task or Task("said", samples(), judges=[includes()])
        return evaluate_sync(task, model, cache=None, runs=tmp_path, **options)

    return made


@pytest.fixture
def old(make: Make) -> Run:
    """Right in 10 of 20."""
    return make(answering(range(10)))


def test_the_difference_is_that_of_the_statistics(make: Make, old: Run) -> None:
    new = make(answering(range(2, 19), id="scripted/new"))
    comparison = ab.compare(old, new)
    (pair,) = comparison.pairs
    first = [float(i < 10) for i in range(N)]
    second = [float(2 <= i < 19) for i in range(N)]
    assert pair.difference == paired_difference(first, second)
    assert pair.wins == tuple(f"s{i}" for i in range(10, 19))
    assert pair.losses == ("s0", "s1")
    assert len(pair.ties) == 9
    assert pair.mcnemar is not None
    assert (pair.mcnemar.only_first, pair.mcnemar.only_second) == (2, 9)
    assert pair.mcnemar.p == mcnemar_p(2, 9)
    assert pair.p_holm == pair.difference.p
    assert pair.verdict == "better"
    assert [(row.name, row.n) for row in pair.groups] == [("even", 10), ("odd", 10)]
    assert pair.bounds.low == pair.bounds.high == pytest.approx(pair.difference.estimate.mean)


def test_the_terminal_shows_what_the_json_holds(make: Make, old: Run) -> None:
    new = make(answering(range(2, 19), id="scripted/new"))
    shown = CliRunner().invoke(cli, ["compare", str(old.path), str(new.path)])
    assert shown.exit_code == 0, shown.output
    for told in (
        "B is better than A (p 0.0",
        "level 95 %); the tests that assume less do not confirm it",
        "McNemar, exact: A alone 2, the other alone 9",
        "won: s10, s11, s12, s13, s14 and 4 more",
        "lost: s0, s1",
        "B beside A by category",
    ):
        assert told in " ".join(shown.output.split())
    given = CliRunner().invoke(cli, ["compare", str(old.path), str(new.path), "--json"])
    figures = json.loads(given.output)
    assert figures["pairs"][0]["wins"] == [f"s{i}" for i in range(10, 19)]
    assert figures["pairs"][0]["difference"]["estimate"]["mean"] == pytest.approx(0.35)
    assert [each["model"] for each in figures["runs"]] == ["scripted/test", "scripted/new"]


def test_clear_evidence_is_confirmed_by_all_tests(make: Make, old: Run) -> None:
    shown = str(ab.compare(old, make(answering(range(20)))))
    assert "B is better than A" in shown
    assert "do not confirm" not in shown


def test_equal_runs_show_no_evidence(make: Make, old: Run) -> None:
    comparison = ab.compare(old, make(answering(range(10))))
    assert comparison.pairs[0].verdict == "unknown"
    assert "no evidence that B is better or worse than A" in str(comparison)


def test_several_runs_are_adjusted_by_holm(make: Make, old: Run) -> None:
    better, same = make(answering(range(17))), make(answering(range(1, 11)))
    comparison = ab.compare(old, better, same)
    alone = ab.compare(old, better).pairs[0]
    assert alone.p_holm is not None
    assert comparison.pairs[0].p_holm == pytest.approx(2 * alone.p_holm)
    assert comparison.pairs[1].p_holm == 1.0
    assert "2 runs are compared with A" in str(comparison)


def test_epochs_are_averaged_before_samples_are_paired(make: Make) -> None:
    first = make(answering(range(10)), epochs=2)
    second = make(answering(range(15)), epochs=3)
    (pair,) = ab.compare(first, second).pairs
    assert pair.shared == N
    assert pair.difference.estimate.mean == pytest.approx(0.25)
    assert pair.mcnemar is None
    assert "epochs differs: 2 and 3" in pair.remarks


def test_failed_attempts_are_left_out_and_told_as_bounds(make: Make, old: Run) -> None:
    new = make(answering(range(15), fails=range(16, 20)))
    comparison = ab.compare(old, new)
    (pair,) = comparison.pairs
    assert (pair.shared, pair.unscored) == (16, 4)
    assert pair.bounds.low == pytest.approx(0.25)
    assert pair.bounds.high == pytest.approx(0.45)
    text = " ".join(str(comparison).split())
    assert "samples left out: 4 that A or the other has no score of" in text
    assert "the difference lies somewhere from 0.250 to 0.450" in text


def test_bounds_let_the_missing_of_both_runs_go_apart(make: Make) -> None:
    first = make(answering(range(10), fails=range(18, 20)))
    second = make(answering(range(10), fails=range(16, 18)))
    (pair,) = ab.compare(first, second).pairs
    assert (pair.shared, pair.unscored) == (16, 4)
    assert pair.bounds.low == pytest.approx(-0.1)
    assert pair.bounds.high == pytest.approx(0.1)


def test_clusters_of_samples_are_not_independent(make: Make) -> None:
    grouped = [Sample(f"s{i}", f"say {i}", target="so", cluster=f"c{i // 4}") for i in range(N)]
    task = Task("grouped", grouped, judges=[includes()])
    (pair,) = ab.compare(make(answering(range(8)), task), make(answering(range(16)), task)).pairs
    assert pair.difference.estimate.n_clusters == 5
    assert pair.mcnemar is None


def test_a_judge_whose_low_scores_are_good_turns_the_verdict(make: Make) -> None:
    class Errors:
        id, scale = "errors", Scale(0, 1, better="lower")

        async def judge(self, case: Any) -> ab.Score:
            return ab.Score(float("so" not in case.answer))

    task = Task("said", samples(), judges=[Errors()])
    (pair,) = ab.compare(make(answering(range(4)), task), make(answering(range(16)), task)).pairs
    assert pair.difference.estimate.mean == pytest.approx(-0.6)
    assert pair.verdict == "better"
    assert len(pair.wins) == 12


def test_cost_and_time_stand_beside_the_score(make: Make, old: Run) -> None:
    def priced(request: Any) -> ModelResponse:
        return ModelResponse(ab.Message.assistant("so"), "stop", Usage(10, 5, cost_usd=0.02))

    new = make(ScriptedModel(priced))
    comparison = ab.compare(old, new)
    assert comparison.sides[1].usd_per_attempt == pytest.approx(0.02)
    assert comparison.sides[1].working is not None
    assert "$0.0200" in str(comparison)


def test_other_judges_are_no_hindrance_where_one_is_shared(make: Make, old: Run) -> None:
    new = make(answering(range(15)), Task("said", samples(), judges=[exact(), includes()]))
    (pair,) = ab.compare(old, new).pairs
    assert pair.shared == N
    assert "the judges differ" in pair.remarks[0]
    with pytest.raises(ConfigurationError, match="has no judge 'exact' to compare by; it has includes"):
        ab.compare(old, new, judge="exact")


def test_a_part_of_the_samples_is_compared_on_what_is_shared(make: Make, old: Run) -> None:
    (pair,) = ab.compare(old, make(answering(range(15)), limit=12)).pairs
    assert (pair.shared, pair.only_first, pair.only_second) == (12, 8, 0)
    assert "the selected samples differ" in pair.remarks[0]


@pytest.mark.parametrize(
    ("task", "options", "told"),
    [
        (Task("other", samples(), judges=[includes()]), {}, "its task is 'other', the other's is 'said'"),
        (Task("said", samples(), judges=[includes()], version="9"), {}, "its task version is '9'"),
        (Task("said", samples(prompt="tell"), judges=[includes()]), {}, "prompts, samples, parameters"),
        (Task("said", samples(), judges=[includes()], system="Be brief."), {}, "fingerprint differs"),
        (
            Task("said", samples(prompt="tell"), judges=[includes()]),
            {"limit": 5},
            "sample 's0' is not the same",
        ),
        (Task("said", samples(), judges=[exact()]), {}, "has no judge 'includes'"),
    ],
)
def test_what_is_not_comparable_is_refused_with_the_reason(
    make: Make, old: Run, task: Task, options: dict[str, Any], told: str
) -> None:
    new = make(answering(range(15)), task, **options)
    with pytest.raises(ConfigurationError, match=told):
        ab.compare(old, new)


def test_runs_without_a_common_score_are_refused(make: Make, old: Run) -> None:
    new = make(answering(range(0), fails=range(N)))
    with pytest.raises(ConfigurationError, match="share no sample that both have a score of"):
        ab.compare(old, new)


def test_a_model_s_name_cannot_steer_the_terminal(make: Make, old: Run) -> None:
    new = make(answering(range(10), id="scripted/\x1b[31m[bold]x"))
    shown = str(ab.compare(old, new))
    assert "\x1b" not in shown
    assert "[bold]x" in shown


def test_other_limits_are_refused_where_fingerprints_cannot_tell(make: Make, old: Run) -> None:
    task = Task("said", samples(), judges=[includes()], limits=Limits(turns=3))
    with pytest.raises(ConfigurationError, match="the limits of a session differ"):
        ab.compare(old, make(answering(range(15)), task, limit=5))


def test_judges_of_one_name_need_one_scale(make: Make) -> None:
    class Rated:
        id = "rated"

        def __init__(self, high: float) -> None:
            self.scale = Scale(0, high)

        async def judge(self, case: Any) -> ab.Score:
            return ab.Score(float("so" in case.answer))

    runs = [make(answering(range(9)), Task("said", samples(), judges=[Rated(high)])) for high in (1.0, 5.0)]
    with pytest.raises(ConfigurationError, match="'rated' has another scale"):
        ab.compare(*runs)


def test_on_an_open_scale_missing_attempts_have_no_bounds(make: Make) -> None:
    class Length:
        id, scale = "length", Scale(0, None, "points")

        async def judge(self, case: Any) -> ab.Score:
            return ab.Score(float(int(case.sample_id[1:]) + 5 if case.answer == "so" else 0))

    task = Task("said", samples(), judges=[Length()])
    first = make(answering(range(9)), task)
    second = make(answering(range(14), fails=range(18, 20)), task)
    comparison = ab.compare(first, second)
    (pair,) = comparison.pairs
    assert (pair.bounds.low, pair.bounds.high) == (None, None)
    assert "no lower bound to no upper bound" in " ".join(str(comparison).split())
    (whole,) = ab.compare(first, make(answering(range(14)), task)).pairs
    assert whole.bounds.low == whole.bounds.high == pytest.approx(whole.difference.estimate.mean)
    hidden = ab.gate(second, first, 100.0)
    assert hidden.verdict == "undecided"
    same = ab.gate(make(answering(range(9)), task), first, 1.0)
    assert same.verdict == "undecided"
    assert same.reason.startswith("the drop has no interval (all 20 values are equal")
