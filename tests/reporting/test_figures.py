"""Figures of a whole task in a report: made of evidence alone, with an interval, in any order of the attempts."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentbench_sdk import Bench, Sample, Task, load_run
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.judges import bleu, choice, either, exact, limits, wer, with_figures
from agentbench_sdk.judging import CorpusMetric, Score
from agentbench_sdk.reporting import render, summarize
from agentbench_sdk.runs.recheck import recheck
from agentbench_sdk.runs.records import JudgeInfo, Manifest, SampleRecord
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.testing import ScriptedModel

RATE = {
    "name": "ratio",
    "over": "errors",
    "under": "units",
    "label": "WER",
    "times": 100,
    "unit": "%",
    "better": "lower",
}
MakeManifest = Callable[..., Manifest]


def attempt(sample_id: str, errors: int, units: int, **changes: Any) -> SampleRecord:
    score = Score(errors / units if units else 0.0, evidence={"errors": errors, "units": units})
    fields: dict[str, Any] = {"scores": {"wer": score}, "ending": Ending("completed", "answered")}
    return SampleRecord(sample_id, **{"epoch": 0, **fields, **changes})


def judged_by(*specs: dict[str, Any]) -> list[JudgeInfo]:
    return [JudgeInfo(id="wer", low=0, high=None, better="lower", corpus=list(specs))]


def test_a_rate_is_that_of_all_words_and_has_a_bootstrap_interval(manifest: MakeManifest) -> None:
    draws = random.Random(7)
    records = []
    for n in range(60):
        units = draws.randrange(5, 30)
        records.append(attempt(f"s{n}", sum(draws.random() < 0.2 for _ in range(units)), units))
    summary = summarize(manifest(judges=judged_by(RATE)), records)
    (figure,) = summary.primary.figures
    errors = sum(each.scores["wer"].evidence["errors"] for each in records)
    units = sum(each.scores["wer"].evidence["units"] for each in records)
    found = figure.estimate
    assert found.mean == pytest.approx(100 * errors / units)
    assert found.interval is not None
    assert found.method == "BCa bootstrap"
    assert found.interval.low < 20 < found.interval.high
    assert found.interval.high - found.interval.low < 12
    assert summary.primary.estimate.mean != pytest.approx(
        errors / units
    )  # the mean of rates is another figure


def test_the_order_of_attempts_changes_no_digit(manifest: MakeManifest) -> None:
    records = [attempt(f"s{n}", n % 4, 7 + n % 5, cluster=f"c{n % 9}") for n in range(40)]
    mixed = records[:]
    random.Random(3).shuffle(mixed)
    one, other = (summarize(manifest(judges=judged_by(RATE)), each) for each in (records, mixed))
    assert [each.to_dict() for each in one.primary.figures] == [
        each.to_dict() for each in other.primary.figures
    ]
    assert one.primary.figures[0].estimate.n_clusters == 9


def test_attempts_without_a_score_are_left_out_and_counted_beside(manifest: MakeManifest) -> None:
    records = [
        attempt("a", 1, 10),
        attempt("b", 3, 10),
        attempt("c", 0, 0, scores={"wer": Score.unscored("cannot tell")}),
        attempt("d", 0, 0, scores={}, ending=Ending("failed", "server")),
    ]
    summary = summarize(manifest(judges=judged_by(RATE)), records)
    (figure,) = summary.primary.figures
    assert figure.estimate.mean == pytest.approx(20.0)
    assert figure.estimate.n == 2
    assert summary.primary.without_score == 2


@pytest.mark.parametrize(
    ("records", "spec", "note"),
    [
        ([], RATE, "nothing was scored"),
        ([attempt("a", 1, 10)], RATE, "one cluster"),
        ([attempt("a", 0, 10), attempt("b", 0, 20)], RATE, "shows no spread"),
        ([attempt("a", 1, 0), attempt("b", 1, 0)], RATE, "not defined"),
        ([attempt("a", 1, 10)], {"name": "unheard_of"}, "unheard_of"),
        ([attempt("a", 1, 10)], {"name": "ratio"}, "over"),
        ([attempt("a", 1, 10)], RATE | {"over": "misses"}, "sample 'a'"),
    ],
)
def test_a_figure_without_an_interval_says_why(
    manifest: MakeManifest, records: list[SampleRecord], spec: dict[str, Any], note: str
) -> None:
    summary = summarize(manifest(judges=judged_by(spec)), records)
    (figure,) = summary.primary.figures
    assert figure.estimate.interval is None
    assert note in figure.estimate.note
    assert note.partition("'")[0] in " ".join(render(summary, width=200).split())


def test_the_report_shows_figures_below_their_judge(manifest: MakeManifest) -> None:
    records = [attempt(f"s{n}", n % 3, 10) for n in range(12)]
    text = render(summarize(manifest(judges=judged_by(RATE)), records), width=120)
    (line,) = [each for each in text.splitlines() if each.strip().startswith("WER")]
    assert "10.00 %" in line
    assert "BCa bootstrap" in line
    assert "lower is better" in text


def metric(**spec: Any) -> CorpusMetric:
    return Registry.discover().metric_from(spec)


def values(found: CorpusMetric, scores: list[tuple[Score, Any, dict[str, Any]]]) -> list[float]:
    kept = [found.keep(score, target, metadata) for score, target, metadata in scores]
    return [float(each) for each in found.values(found.rows(kept).sum(axis=0, keepdims=True))[0]]


def test_macro_f1_counts_every_label_the_same_and_a_reply_without_one_as_a_miss() -> None:
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", None), ("c", "d")]
    scores: list[tuple[Score, Any, dict[str, Any]]] = [
        (Score(0.0, evidence={"extracted": found}), expected, {}) for expected, found in pairs
    ]
    f1 = [2 * 2 / (2 + 3), 2 * 1 / (2 + 2), 0.0]
    assert values(metric(name="f_measure"), scores) == [pytest.approx(sum(f1) / 3)]
    found = values(metric(name="f_measure", positive="a"), scores)
    assert found == pytest.approx([1.0, 2 / 3, 0.8])


def test_a_macro_mean_counts_every_group_the_same() -> None:
    scores: list[tuple[Score, Any, dict[str, Any]]] = [(Score(1.0), None, {"kind": "x"})] * 3 + [
        (Score(0.0), None, {"kind": "y"})
    ]
    assert values(metric(name="macro_mean", by="kind", times=100), scores) == [50.0]


def test_figures_of_a_resample_that_misses_a_label_are_of_those_that_are_there() -> None:
    found = metric(name="f_measure")
    rows = found.rows([("a", "a"), ("b", "b")])
    assert found.values(rows[:1]).tolist() == [[1.0]]
    assert np.isnan(found.values(np.zeros((1, 6)))).all()


async def test_figures_go_through_a_run_its_file_and_a_recheck(tmp_path: Path) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_text(
        "name: quiz\nsamples:\n"
        + "".join(
            f'  - {{id: s{n}, question: "Say it.", target: "one two three four {n}"}}\n' for n in range(8)
        )
        + "judges: [wer, bleu, {name: limits, tokens: 50, turns: 1}, {name: with_figures, judge: exact,"
        " figures: [{name: f_measure}]}]\n"
    )
    said = [
        "one two three four 0",
        "one two",
        "one two three four 2",
        "four",
        "one two three four 4",
        "five",
        "a b",
        "",
    ]
    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate(str(path), ScriptedModel(said))
    summary = load_run(run.path).summary()
    rate = summary["wer"].figures[0]
    assert rate.name == "WER of the task"
    assert rate.estimate.mean is not None
    assert 0 < rate.estimate.mean < 100
    assert [each.name for each in summary["bleu"].figures] == ["corpus BLEU"]
    assert summary["limits(tokens=50, turns=1)"].scored == summary.attempts - summary.failed
    assert summary.to_dict()["scores"][0]["better"] == "lower"
    report = await recheck(run, Registry.discover())
    assert report.mismatches == []
    assert report.scores == 4 * summary["wer"].scored


def test_judges_name_their_figures_and_any_judge_can_be_given_some() -> None:
    assert [spec["name"] for spec in either().corpus] == ["f_measure"]  # type: ignore[attr-defined]
    made = with_figures(judge=either(), figures=[{"name": "macro_mean", "by": "kind"}])
    assert [spec["name"] for spec in made.corpus] == ["f_measure", "macro_mean"]  # type: ignore[attr-defined]
    task = Task(
        "t",
        samples=[Sample("s", "?", target="A")],
        judges=[choice(), exact(), bleu(), wer(), limits(turns=1)],
    )
    assert len(task.judges) == 5
