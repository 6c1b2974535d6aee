"""`agentbench power`: plans from a run at hand."""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import variance
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges import includes
from agentbench_sdk.reporting.power import plan_power
from agentbench_sdk.statistics import VarianceParts, paired_variance, samples_needed, variance_parts
from agentbench_sdk.testing import ScriptedModel

Make = Callable[..., Run]
N = 24


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A run that knows the first half of the samples, and of the rest each `luck`-th attempt."""

    def made(luck: int = 3, cluster: int = 0, **options: Any) -> Run:
        asked = iter(range(10_000))

        def answer(request: Any) -> str:
            number = int(request.messages[-1].text.split()[-1])
            return "so" if number < N // 2 or next(asked) % luck == 0 else "no"

        samples = [
            Sample(f"s{i}", f"say {i}", target="so", cluster=f"c{i // cluster}" if cluster else "")
            for i in range(N)
        ]
        task = Task("said", samples, judges=[includes()])
        return evaluate_sync(task, ScriptedModel(answer), cache=None, runs=tmp_path, **options)

    return made


def test_the_plan_is_that_of_the_statistics(make: Make) -> None:
    run = make(epochs=3)
    held = [(key[0], score.value or 0.0) for key, score in run.scores["includes"].items()]
    parts = variance_parts([value for _, value in held], [name for name, _ in held])
    plan = plan_power(run, effect=0.05, epochs=5, correlation=0.3)
    assert plan.samples == samples_needed(0.05, paired_variance(parts, parts, 0.3), epochs=5)
    assert "correlation of the two runs over the samples: 0.3, assumed" in plan.source


def test_effect_and_samples_answer_each_other(make: Make) -> None:
    run = make(epochs=3)
    plan = plan_power(run, samples=500, epochs=2)
    assert plan_power(run, effect=plan.effect, epochs=2).samples == 500
    assert plan_power(run).samples == N
    assert plan_power(run).epochs == 3


def test_pairing_and_a_measured_difference_need_fewer_samples(make: Make) -> None:
    run, other = make(epochs=3), make(luck=2, epochs=3)
    unpaired = plan_power(run, effect=0.05, paired=False).samples
    assert plan_power(run, effect=0.05).samples < unpaired
    measured = plan_power(run, other, effect=0.05)
    assert measured.samples < unpaired
    assert "as measured on 24 samples of both runs" in measured.source


def test_what_repeats_explain_is_no_difference_of_samples(make: Make) -> None:
    """Of runs with 2 and 4 epochs: ω² is the variance of the differences less w₁/2 + w₂/4."""
    runs = make(epochs=2), make(luck=2, epochs=4)
    means, within = [], []
    for run in runs:
        by_sample: dict[str, list[float]] = {}
        for (name, _), score in run.scores["includes"].items():
            by_sample.setdefault(name, []).append(score.value or 0.0)
        means.append([sum(by_sample[f"s{i}"]) / len(by_sample[f"s{i}"]) for i in range(N)])
        flat = [(name, value) for name, values in by_sample.items() for value in values]
        within.append(variance_parts([value for _, value in flat], [name for name, _ in flat]).within)
    spread = variance([new - old for old, new in zip(*means, strict=True)])
    found = plan_power(*runs).variance
    assert found.within == pytest.approx(sum(within))
    assert found.between == pytest.approx(max(0.0, spread - within[0] / 2 - within[1] / 4))
    assert plan_power(*runs, samples=90, epochs=2).variance == found


def test_two_runs_without_repeats_tell_of_their_differences(make: Make) -> None:
    run, other = make(), make(luck=2)
    plan = plan_power(run, other)
    first, second = run.scores["includes"], other.scores["includes"]
    differences = [(second[key].value or 0) - (first[key].value or 0) for key in first]
    assert plan.variance.between == pytest.approx(variance(differences))
    assert plan.variance.within == 0


def test_clusters_are_taken_into_account(make: Make) -> None:
    plan = plan_power(make(cluster=6))
    assert plan.variance.design_effect > 2
    assert "clusters of samples multiply it by" in str(plan)


def test_the_command_asks_either_way(make: Make) -> None:
    run = make(epochs=2)
    shown = CliRunner().invoke(cli, ["power", str(run.path), "--effect", "0.03"])
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.output.split())
    assert "a true difference of 0.030 is found with a chance of 80 % (level 95 %) by" in text
    assert "samples in both runs with 2 epochs" in text
    given = CliRunner().invoke(cli, ["power", str(run.path), "--samples", "500", "--epochs", "4", "--json"])
    figures = json.loads(given.output)
    assert (figures["samples"], figures["epochs"], figures["asked"]) == (500, 4, "effect")
    assert figures["effect"] == pytest.approx(plan_power(run, samples=500, epochs=4).effect)
    unpaired = CliRunner().invoke(cli, ["power", str(run.path), "--unpaired"])
    assert "24 samples in each run with 2 epochs find a true difference" in " ".join(unpaired.output.split())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"effect": 0.1, "samples": 3}, "give an effect or a number of samples"),
        ({"epochs": 4}, "has no repeats, so what 4 epochs would gain is not known"),
        ({"luck": 1}, "its scores show no spread"),
        ({"limit": 1}, "a variance needs two scored samples; there are 1"),
    ],
)
def test_what_cannot_be_planned_is_told(make: Make, options: dict[str, Any], told: str) -> None:
    run = make(**{name: options.pop(name) for name in ("luck", "limit") if name in options})
    with pytest.raises(ConfigurationError, match=told):
        plan_power(run, **options)


def test_runs_beside_each_other_are_paired(make: Make) -> None:
    with pytest.raises(ConfigurationError, match="are paired"):
        plan_power(make(), make(), paired=False)


def test_variances_may_be_assumed() -> None:
    order = ["power", "--between", "0.1", "--within", "0.2", "--epochs", "4"]
    given = CliRunner().invoke(cli, [*order, "--effect", "0.03", "--correlation", "0.2", "--json"])
    parts = VarianceParts(0.1, 0.2, 0, 0)
    expected = samples_needed(0.03, paired_variance(parts, parts, 0.2), epochs=4)
    assert json.loads(given.output)["samples"] == expected
    shown = CliRunner().invoke(cli, [*order, "--samples", "100", "--unpaired"])
    assert "variances as assumed; other samples in each run" in " ".join(shown.output.split())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--within", "0.1"], "--within goes with --between"),
        (["--between", "0.1", "--judge", "exact", "--samples", "9"], "stands in place of a run"),
        (["--between", "0.1"], "give an effect or a number of samples"),
    ],
)
def test_assumptions_that_do_not_fit_are_told(options: list[str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        cli.main(["power", *options], standalone_mode=False)
