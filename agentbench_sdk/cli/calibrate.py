"""`agentbench calibrate`: a judge beside labels of people."""

from __future__ import annotations

import json

import click

from agentbench_sdk.cli.common import find_run


@click.command("calibrate")
@click.argument("found", metavar="[RUN]...", nargs=-1)
@click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")
@click.option(
    "--labels",
    "labels_file",
    required=True,
    type=click.Path(dir_okay=False),
    help="CSV file with the columns sample_id and label, and perhaps epoch, rater and model.",
)
@click.option("--judge", help="Id of the judge, as the report names it.  [default: the primary judge]")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def command(found: tuple[str, ...], runs: str, labels_file: str, judge: str | None, *, as_json: bool) -> None:
    """Compare a judge of RUN with labels of people: agreement, biases, and the mean without its errors.

    RUN is a run file or run id; the newest run when left out. Further runs by the same judge, of other models,
    tell whether it favours its own family. Labels should be of attempts that were drawn at random.

    \b
    agentbench calibrate --labels labels.csv
    agentbench report --labels labels.csv
    """
    from agentbench_sdk.reporting.calibration import calibrate, judge_of
    from agentbench_sdk.reporting.terminal import print_text
    from agentbench_sdk.reporting.trust import render_calibration
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.runs.labels import read_labels

    loaded = [load_run(find_run(name, runs)) for name in found] or [load_run(find_run(None, runs))]
    scale = judge_of(loaded[0].manifest, judge).scale
    calibration = calibrate(loaded, read_labels(labels_file, scale), judge)
    if as_json:
        click.echo(json.dumps(calibration.to_dict(), indent=2))
        return
    print_text(lambda width, color: render_calibration(calibration, width=width, color=color))
