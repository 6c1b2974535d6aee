"""A judge beside people: agreement, confusion, the score without its errors."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale, Score
from agentbench_sdk.reporting.calibration import calibrate
from agentbench_sdk.reporting.trust import render_calibration
from agentbench_sdk.runs.labels import Labels, read_labels
from agentbench_sdk.runs.records import JudgeInfo, Manifest, SampleRecord
from agentbench_sdk.statistics import prediction_powered

Make = Callable[..., Manifest]
Record = Callable[..., SampleRecord]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_are_words_or_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, "sample_id,label\na,correct\nb,WRONG\nc,0.25\n")
    labels = read_labels(path, Scale())
    assert [labels.truth(name, 0) for name in "abcd"] == [1.0, 0.0, 0.25, None]
    five = read_labels(written(tmp_path, "sample_id,label\na,yes\nb,no\n"), Scale(1, 5))
    assert [five.truth(name, 0) for name in "ab"] == [5.0, 1.0]


def test_several_raters_give_their_mean(tmp_path: Path) -> None:
    text = "sample_id,epoch,rater,label\na,1,anna,1\na,1,ben,0\n"
    labels = read_labels(written(tmp_path, text), Scale())
    assert labels.truth("a", 1) == 0.5
    assert labels.raters == ["anna", "ben"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sample_id\na\n", "lacks the column 'label'"),
        ("sample_id,label,colour\na,1,red\n", "unknown column 'colour'"),
        ("sample_id,label\na,perhaps\n", "labels.csv:2: label 'perhaps' is neither yes nor no nor a number"),
        ("sample_id,label\na,2\n", "labels.csv:2: label 2 is outside the judge's scale, 0.0 to 1.0"),
        ("sample_id,label\na,nan\n", "neither yes nor no nor a number"),
        ("sample_id,label\na,1\na,0\n", "labels.csv:3: a, epoch 0 is labelled twice"),
        ("sample_id,epoch,label\na,-1,0\n", "epoch is '-1'"),
        ("sample_id,label\na\n", "labels.csv:2: has not as many fields"),
        ("sample_id,label\n", "holds no label"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_labels(written(tmp_path, text), Scale())
    assert told in str(caught.value)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_labels(tmp_path / "none.csv", Scale())
    (tmp_path / "b.csv").write_bytes(b"sample_id,label\n\xff,1\n")
    with pytest.raises(ConfigurationError, match="is no CSV file in UTF-8"):
        read_labels(tmp_path / "b.csv", Scale())


@pytest.fixture
def judged(record: Record) -> tuple[list[SampleRecord], np.ndarray]:
    """200 attempts, of which a judge passes 90 % of the right and 20 % of the wrong ones."""
    generator = np.random.default_rng(8)
    truth = generator.random(200) < 0.6
    verdict = np.where(truth, generator.random(200) < 0.9, generator.random(200) < 0.2)
    records = [
        record(f"s{i}", 0, bool(verdict[i]), answer="x" * int(generator.integers(5, 50))) for i in range(200)
    ]
    return records, truth.astype(float)


def labels_of(truth: Any, count: int) -> Labels:
    return Labels({(f"s{i}", 0, ""): {"": float(truth[i])} for i in range(count)})


@dataclass
class Held:
    """A run in memory."""

    manifest: Manifest
    held: list[SampleRecord]

    def records(self) -> list[SampleRecord]:
        return self.held


def test_the_corrected_mean_is_that_of_the_statistics(
    manifest: Make, judged: tuple[list[SampleRecord], np.ndarray]
) -> None:
    records, truth = judged
    found = calibrate([Held(manifest(), records)], labels_of(truth, 80))
    scores = [record.scores["exact"].value for record in records]
    labels = np.where(np.arange(200) < 80, truth, np.nan)
    expected = prediction_powered(np.array(scores, dtype=float), labels)
    assert found.corrected.mean == pytest.approx(expected.mean)
    assert found.corrected.interval is not None
    assert 0.6 in found.corrected.interval
    assert found.rate is not None
    assert (found.scored, found.labelled, found.unknown) == (200, 80, 0)


def test_agreement_and_confusion_are_of_labelled_attempts(
    manifest: Make, judged: tuple[list[SampleRecord], np.ndarray]
) -> None:
    records, truth = judged
    found = calibrate([Held(manifest(), records)], labels_of(truth, 80))
    assert sum(times for *_, times in found.confusion) == 80
    diagonal = sum(times for people, judge, times in found.confusion if people == judge)
    assert found.agreement.observed == pytest.approx(diagonal / 80)
    assert found.agreement.name == "Cohen's kappa"
    assert [each.name for each in found.biases] == ["length"]


def test_people_who_disagree_are_told_of(manifest: Make, record: Record) -> None:
    records = [record(f"s{i}", 0, float(i % 2)) for i in range(6)]
    two = {(f"s{i}", 0, ""): {"anna": float(i % 2), "ben": float(i % 3 == 0)} for i in range(6)}
    found = calibrate([Held(manifest(), records)], Labels(two))
    assert found.people is not None
    assert found.people.n_cases == 6
    assert found.rate is None  # people's mean is neither yes nor no
    one = {key: {"anna": given["anna"]} for key, given in two.items()}
    assert calibrate([Held(manifest(), records)], Labels(one)).people is None


def test_graded_scores_agree_as_they_are_measured(manifest: Make, record: Record) -> None:
    records = [record(f"s{i}", 0, i / 40) for i in range(30)]
    labels = Labels({(f"s{i}", 0, ""): {"": min(1.0, i / 40 + 0.01)} for i in range(30)})
    found = calibrate([Held(manifest(), records)], labels)
    assert found.agreement.name == "Krippendorff's alpha, interval"
    assert found.confusion == ()


def test_labels_without_attempts_are_counted_and_too_few_refused(manifest: Make, record: Record) -> None:
    records = [record("a", 0, 1.0), record("b", 0, 0.0)]
    labels = Labels({("a", 0, ""): {"": 1.0}, ("b", 0, ""): {"": 1.0}, ("zz", 0, ""): {"": 1.0}})
    assert calibrate([Held(manifest(), records)], labels).unknown == 1
    with pytest.raises(ConfigurationError, match="1 of 2 attempts that exact scored have a label"):
        calibrate([Held(manifest(), records)], Labels({("a", 0, ""): {"": 1.0}}))
    with pytest.raises(ConfigurationError, match="no judge 'other'; it has exact"):
        calibrate([Held(manifest(), records)], labels, "other")


def test_the_cluster_of_a_sample_counts(manifest: Make, record: Record) -> None:
    judges = [JudgeInfo(id="exact")]
    records = [record(f"s{i}", 0, float(i % 3 == 0), cluster=f"c{i // 10}") for i in range(60)]
    labels = labels_of(np.arange(60) % 2, 60)
    apart = [record(f"s{i}", 0, float(i % 3 == 0)) for i in range(60)]
    one = calibrate([Held(manifest(judges=judges), records)], labels).corrected.interval
    other = calibrate([Held(manifest(judges=judges), apart)], labels).corrected.interval
    assert one != other


def test_flips_of_a_pairwise_judge_are_counted_by_place(manifest: Make, record: Record) -> None:
    def compared(first: str, second: str) -> Score:
        orders = [{"answer_is": "first", "result": first}, {"answer_is": "second", "result": second}]
        return Score(
            0.5, label="tie", evidence={"orders": orders, "flipped": {first, second} == {"win", "loss"}}
        )

    scores = [compared("win", "loss")] * 6 + [compared("loss", "win")] + [compared("win", "win")] * 3
    records = [record(f"s{i}", 0, score) for i, score in enumerate(scores)]
    labels = Labels({(f"s{i}", 0, ""): {"": 0.5} for i in range(10)})
    position = calibrate([Held(manifest(), records)], labels).biases[1]
    assert (position.name, position.n) == ("position", 7)
    assert position.effect == pytest.approx(6 / 7)


def test_a_panel_is_worth_as_many_judges_as_err_apart(manifest: Make, record: Record) -> None:
    generator = np.random.default_rng(5)
    truth = generator.integers(2, size=200)
    records = []
    for i, right in enumerate(truth):
        shared = int(right if generator.random() < 0.8 else 1 - right)
        alone = int(right if generator.random() < 0.8 else 1 - right)
        votes = [
            {"judge": name, "repeat": 0, "value": value}
            for name, value in zip("abc", (shared, shared, alone), strict=True)
        ]
        records.append(record(f"s{i}", 0, Score(float(shared), evidence={"votes": votes})))
    found = calibrate([Held(manifest(), records)], labels_of(truth, 200))
    assert found.members is not None
    assert found.panel_size is not None
    size, members = found.panel_size
    assert members == 3
    assert 1.5 < size < 2.5  # two of them are one


def test_a_judge_that_favours_its_family_is_found_over_several_runs(manifest: Make, record: Record) -> None:
    generator = np.random.default_rng(6)

    def run(model: str, generosity: float) -> Held:
        values = generator.random(60) < 0.5 + generosity
        evidence = {"judge_model": "gpt-4.1"}
        records = [record(f"s{i}", 0, Score(float(values[i]), evidence=evidence)) for i in range(60)]
        return Held(manifest(model=model), records)

    labels = Labels({(f"s{i}", 0, ""): {"": float(i % 2)} for i in range(60)})
    found = calibrate([run("openai/gpt-4o", 0.4), run("anthropic/claude-3", 0.0)], labels)
    bias = found.biases[-1]
    assert bias.name == "self-preference"
    assert bias.effect == pytest.approx(0.4, abs=0.2)
    assert bias.p is not None
    assert bias.p < 0.01
    assert found.scored == 120


def test_labels_may_be_of_one_model(manifest: Make, record: Record) -> None:
    labels = Labels({("a", 0, "m"): {"": 1.0}, ("a", 0, ""): {"": 0.0}})
    assert (labels.truth("a", 0, "m"), labels.truth("a", 0, "other")) == (1.0, 0.0)


def test_a_calibration_is_shown_with_every_figure(
    manifest: Make, judged: tuple[list[SampleRecord], np.ndarray]
) -> None:
    records, truth = judged
    text = render_calibration(calibrate([Held(manifest(), records)], labels_of(truth, 80)), width=100)
    for part in (
        "80 of 200 scored attempts",
        "Cohen's kappa",
        "prediction-powered",
        "Rogan-Gladen",
        "length",
    ):
        assert part in text
    assert "judge alone" in text
