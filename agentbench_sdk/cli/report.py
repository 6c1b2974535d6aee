"""`agentbench report`: the report of a run or of several, on the terminal, as JSON or as an HTML page, and pictures
of its attempts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import find_run

if TYPE_CHECKING:
    from agentbench_sdk.reporting.calibration import Calibration
    from agentbench_sdk.runs import Run


@click.command("report")
@click.argument("named", metavar="[RUN]...", nargs=-1)
@click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.option(
    "--pictures",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also draw each attempt as an SVG file into DIR, where the environment draws any.",
)
@click.option(
    "--labels",
    "labels_file",
    type=click.Path(dir_okay=False),
    help="CSV file of labels of people: also show the primary judge beside them, and the mean without its errors.",
)
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report, with transcripts, into one HTML file instead; it opens without a server.",
)
@click.option(
    "--transcripts",
    type=click.IntRange(0),
    help="With --html: show what happened in the first N attempts (of each run).  "
    "[default: as many as fit into 20 MB]",
)
def command(named: tuple[str, ...], runs: str, *, as_json: bool, page: Path | None, **given: Any) -> None:
    """Show the report of RUN (a run file or run id; the newest run when left out), or of several side by side.

    Several runs are compared, sample by sample, with the first that they are comparable with; the report says why
    where they are not.

    A picture is drawn by executing the recorded calls again, as `agentbench replay` does; an attempt whose
    record does not re-execute has none, and the exit code is 1.

    \b
    agentbench report runs/a.db runs/b.db --html report.html
    """
    from agentbench_sdk.runs import load_run

    loaded = [load_run(find_run(name, runs)) for name in named or (None,)]
    if page is not None or given["transcripts"] is not None:
        _write_page(loaded, page, given, as_json=as_json)
    elif len(loaded) > 1:
        _report_all(loaded, given, as_json=as_json)
    else:
        _report(loaded[0], given["pictures"], given["labels_file"], as_json=as_json)


def _write_page(runs: Sequence[Run], page: Path | None, given: Mapping[str, Any], *, as_json: bool) -> None:
    from agentbench_sdk.reporting.page import write_html

    if page is None:
        raise click.UsageError("--transcripts goes with --html FILE")
    if as_json or given["pictures"] or given["labels_file"]:
        raise click.UsageError("--html writes a page of its own: leave out --json, --pictures and --labels")
    click.echo(str(write_html(runs, page, transcripts=given["transcripts"])))


def _report_all(runs: Sequence[Run], given: Mapping[str, Any], *, as_json: bool) -> None:
    from agentbench_sdk.cli.several import show_side_by_side
    from agentbench_sdk.reporting.beside import side_by_side

    if given["pictures"] or given["labels_file"]:
        raise click.UsageError("--pictures and --labels go with one run")
    found = side_by_side(runs)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        show_side_by_side(found)


def _report(loaded: Run, pictures: Path | None, labels_file: str | None, *, as_json: bool) -> None:
    from agentbench_sdk.reporting.terminal import print_report

    drawn = _drawn(loaded, pictures) if pictures is not None else []
    calibration = _calibration(loaded, labels_file) if labels_file is not None else None
    summary = loaded.summary()
    if as_json:
        record = {"run": str(loaded.path), "status": loaded.status, **summary.to_dict()}
        record |= {"pictures": drawn} if pictures is not None else {}
        record |= {"calibration": calibration.to_dict()} if calibration is not None else {}
        click.echo(json.dumps(record, indent=2))
    else:
        print_report(summary, run_path=loaded.path)
        if calibration is not None:
            _show(calibration)
        _tell(drawn)
    click.get_current_context().exit(int(any(each["problem"] for each in drawn)))


def _calibration(run: Run, labels_file: str) -> Calibration:
    from agentbench_sdk.reporting.calibration import calibrate, judge_of
    from agentbench_sdk.runs.labels import read_labels

    return calibrate([run], read_labels(labels_file, judge_of(run.manifest, None).scale))


def _show(calibration: Calibration) -> None:
    from agentbench_sdk.reporting.terminal import print_text
    from agentbench_sdk.reporting.trust import render_calibration

    print_text(lambda width, color: render_calibration(calibration, width=width, color=color))


def _drawn(run: Run, folder: Path) -> list[dict[str, Any]]:
    from agentbench_sdk.benchmark import Registry
    from agentbench_sdk.runs.picture import write_pictures

    return [
        {
            "sample_id": each.sample_id,
            "epoch": each.epoch,
            "file": None if path is None else str(path),
            "problem": "" if each.mismatch is None else str(each.mismatch),
        }
        for each, path in write_pictures(run, folder, Registry.discover().environment)
    ]


def _tell(drawn: list[dict[str, Any]]) -> None:
    if drawn:
        click.echo("\nPictures")
    for each in drawn:
        told = each["file"] or f"not drawn, the record does not re-execute: {each['problem']}"
        click.echo(f"    {told}")
