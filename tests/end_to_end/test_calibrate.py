"""`agentbench calibrate` and `report --labels`: a judge beside people, from the run file to the terminal."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agentbench_sdk import Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges import includes
from agentbench_sdk.testing import ScriptedModel


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A judge that passes all twelve answers, of which people accept nine."""
    samples = [Sample(f"s{n}", "say so", target="so") for n in range(12)]
    task = Task("said", samples, judges=[includes()])
    return evaluate_sync(task, ScriptedModel(["so"] * 12), cache=None, runs=tmp_path)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text("sample_id,label\n" + "".join(f"s{n},{'yes' if n % 4 else 'no'}\n" for n in range(8)))
    return path


def test_the_figures_are_shown_and_given_as_json(run: Run, labels: Path) -> None:
    shown = CliRunner().invoke(cli, ["calibrate", str(run.path), "--labels", str(labels)])
    assert shown.exit_code == 0, shown.output
    assert "8 of 12 scored attempts have a label" in shown.output
    given = CliRunner().invoke(cli, ["calibrate", str(run.path), "--labels", str(labels), "--json"])
    figures = json.loads(given.output)
    assert figures["corrected"]["mean"] == pytest.approx(0.75)
    assert figures["corrected"]["naive"] == 1.0


def test_the_report_takes_labels_too(run: Run, labels: Path) -> None:
    shown = CliRunner().invoke(cli, ["report", str(run.path), "--labels", str(labels)])
    assert "includes beside people" in shown.output
    given = CliRunner().invoke(cli, ["report", str(run.path), "--labels", str(labels), "--json"])
    assert json.loads(given.output)["calibration"]["labelled"] == 8


@pytest.mark.parametrize(
    ("option", "told"),
    [(["--judge", "other"], "the run has no judge 'other'; it has includes"), ([], "cannot be read")],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    run: Run, tmp_path: Path, option: list[str], told: str
) -> None:
    order = ["calibrate", str(run.path), "--labels", str(tmp_path / "none.csv"), *option]
    with pytest.raises(ConfigurationError, match=told):
        cli.main(order, standalone_mode=False)
