"""Over many runs, `compare` finds a difference as often as was planned, and none where there is none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from agentbench_sdk import Run, compare
from agentbench_sdk.runs.records import Manifest, SampleRecord
from agentbench_sdk.statistics import DifferenceVariance, expected_power

Make = Callable[..., Manifest]
Record = Callable[..., SampleRecord]
N, REPEATS, TRIALS = 60, 2, 200


@dataclass
class Held:
    """A run in memory."""

    path: Path
    manifest: Manifest
    held: list[SampleRecord]

    def records(self) -> list[SampleRecord]:
        return self.held

    def calls(self) -> Iterator[Any]:
        return iter(())


@pytest.fixture
def draw(manifest: Make, record: Record) -> Callable[..., Run]:
    def drawn(name: str, rates: np.ndarray, generator: np.random.Generator) -> Run:
        passed = generator.random((REPEATS, N)) < rates
        records = [
            record(f"s{sample}", epoch, bool(passed[epoch, sample]))
            for sample in range(N)
            for epoch in range(REPEATS)
        ]
        return cast("Run", Held(Path(name), manifest(run_id=name, epochs=REPEATS), records))

    return drawn


@pytest.mark.parametrize("gain", [0.0, 0.13])
def test_a_difference_is_found_as_often_as_planned(draw: Callable[..., Run], gain: float) -> None:
    generator, found = np.random.default_rng(71), 0
    for _ in range(TRIALS):
        rates = generator.uniform(0.1, 0.8, N)
        runs = draw("old", rates, generator), draw("new", rates + gain, generator)
        verdict = compare(*runs).pairs[0].verdict
        assert verdict != "worse" or gain == 0
        found += verdict != "unknown"
    grid = np.linspace(0.1, 0.8, 10_001)
    within = float(np.mean(grid * (1 - grid) + (grid + gain) * (1 - grid - gain)))
    planned = expected_power(gain, N, DifferenceVariance(0.0, within, paired=True), epochs=REPEATS)
    if gain == 0:
        assert found / TRIALS <= 0.06
    else:
        assert 0.6 < planned < 0.9
        assert found / TRIALS == pytest.approx(planned, abs=0.08)


def test_epochs_that_were_not_run_count_as_missing(manifest: Make, record: Record) -> None:
    """Three of four planned epochs of one sample are there: the fourth may have gone either way."""
    whole = [record(f"s{i}", epoch, 1.0) for i in range(4) for epoch in range(4)]
    runs = [
        cast("Run", Held(Path(name), manifest(run_id=name, epochs=4), records))
        for name, records in (("old", whole), ("new", whole[:-1]))
    ]
    comparison = compare(*runs)
    assert [side.missing for side in comparison.sides] == [0, 1]
    assert comparison.pairs[0].bounds.low == pytest.approx(-1 / 16)
    assert comparison.pairs[0].bounds.high == pytest.approx(0)
    assert comparison.pairs[0].unscored == 0
