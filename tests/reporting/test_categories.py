"""Scores by category: each attempt counts in one, what has no score is counted, and hostile names stay texts."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.judging import Score
from agentbench_sdk.reporting import render, summarize
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.statistics import wilson_interval

Make = Callable[..., Any]


@pytest.fixture
def sorted_records(record: Make) -> list[SampleRecord]:
    """Ten samples of "a10" (7 right), five of "a9" (1 right, 1 failed), one that names no category."""
    records = [record(f"x{n}", 0, float(n < 7), metadata={"category": "a10"}) for n in range(10)]
    records += [record(f"y{n}", 0, float(n < 1), metadata={"category": "a9"}) for n in range(4)]
    lost = Ending("failed", "server")
    return [*records, record("y4", 0, 1.0, ending=lost, metadata={"category": "a9"}), record("z", 0, 1.0)]


def test_each_category_has_its_mean_and_interval(manifest: Make, sorted_records: list[SampleRecord]) -> None:
    judge = summarize(manifest(), sorted_records).primary
    assert [each.name for each in judge.categories] == ["", "a9", "a10"]
    none, few, many = judge.categories
    assert (many.estimate.mean, many.estimate.interval) == (0.7, wilson_interval(7, 10))
    assert (few.estimate.mean, few.estimate.interval) == (0.25, wilson_interval(1, 4))
    assert (none.without_score, few.without_score, many.without_score) == (0, 1, 0)
    assert sum(each.estimate.n for each in judge.categories) == judge.scored
    assert sum(each.without_score for each in judge.categories) == judge.without_score


def test_the_order_of_attempts_changes_nothing(manifest: Make, sorted_records: list[SampleRecord]) -> None:
    expected = summarize(manifest(), sorted_records).primary.categories
    random.Random(1).shuffle(sorted_records)
    assert summarize(manifest(), sorted_records).primary.categories == expected


def test_epochs_of_a_sample_stay_one_cluster(manifest: Make, record: Make) -> None:
    records = [
        record(f"s{n}", epoch, float(n % 2), metadata={"family": f"f{n % 3}"})
        for n in range(12)
        for epoch in range(3)
    ]
    for each in summarize(manifest(epochs=3), records).primary.categories:
        assert (each.estimate.n, each.estimate.n_clusters) == (12, 4)


@pytest.mark.parametrize("kinds", [1, 6])
def test_one_category_or_one_for_each_sample_sorts_nothing(manifest: Make, record: Make, kinds: int) -> None:
    records = [record(f"s{n}", 0, 1.0, metadata={"category": n % kinds}) for n in range(6)]
    summary = summarize(manifest(), records)
    assert summary.primary.categories == ()
    assert "by category" not in render(summary)


def test_a_category_without_a_score_is_told(manifest: Make, record: Make) -> None:
    records = [record(f"s{n}", 0, Score(None, explanation="?"), metadata={"category": "b"}) for n in range(2)]
    records += [record(f"t{n}", 0, 1.0, metadata={"category": "a"}) for n in range(2)]
    summary = summarize(manifest(), records)
    assert [(each.estimate.mean, each.without_score) for each in summary.primary.categories] == [
        (1.0, 0),
        (None, 2),
    ]
    assert "none" in render(summary)


def test_many_categories_are_cut_and_names_stay_texts(manifest: Make, record: Make) -> None:
    name = "[red]\x1b[31m\u202e"
    records = [
        record(f"s{n}-{twice}", 0, 1.0, metadata={"category": f"{name}{n:03}"})
        for n in range(100)
        for twice in range(2)
    ]
    summary = summarize(manifest(), records)
    report = render(summary)
    assert len(summary.to_dict()["scores"][0]["categories"]) == 100
    assert "and 40 more, in the JSON export" in report
    assert report.count("[red]") == 60
    assert "\x1b" not in report
    assert "\u202e" not in report
