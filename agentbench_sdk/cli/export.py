"""`agentbench export`: a run as JSON, JSON lines, CSV, Parquet, JUnit XML or a log of Inspect, for whatever reads those."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from agentbench_sdk.cli.common import find_run, run_argument

if TYPE_CHECKING:
    from agentbench_sdk.runs import Run


_FORMATS = ("json", "jsonl", "csv", "parquet", "junit", "inspect")
_BINARY = {"parquet": "a Parquet file", "inspect": "a log of Inspect"}
_ENDINGS = {"xml": "junit", "eval": "inspect"}  # where they are not the format's name


@click.command("export")
@run_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="[default: by the ending of --output, else json]",
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False), help="The file to write.  [default: standard output]"
)
@click.option("--transcripts", is_flag=True, help="With jsonl: each attempt's transcript as well.")
def command(run: str | None, runs: str, form: str | None, output: str | None, *, transcripts: bool) -> None:
    """Write RUN (a run file or run id; the newest run when left out): one row an attempt.

    junit (also by the ending .xml): one test case an attempt; failed is what the primary judge did not pass, in error
    what a fault ended, skipped what has no score.
    As inspect, or to a file that ends in .eval: a log that the viewer of Inspect AI opens, transcripts included.
    """
    if form is None:
        ending = Path(output).suffix.lstrip(".") if output else "json"
        form = _ENDINGS.get(ending, ending)
    if form not in _FORMATS:
        raise click.UsageError(
            f"--output {output}: its ending names no format; give --format {', '.join(_FORMATS)}"
        )
    if transcripts and form != "jsonl":
        raise click.UsageError("--transcripts goes with --format jsonl")
    if form in _BINARY and output is None:
        raise click.UsageError(f"{_BINARY[form]} is not for a terminal: name it with --output FILE")
    path = find_run(run, runs)
    if form == "parquet":
        _write_parquet(path, str(output))
        return
    if form == "inspect":
        _write_inspect(path, str(output))
        return
    if output is None:
        _write(path, form, sys.stdout, transcripts=transcripts)
        return
    with Path(output).open("w", encoding="utf-8", newline="") as stream:
        _write(path, form, stream, transcripts=transcripts)


def _write(path: Path, form: str, stream: IO[str], *, transcripts: bool) -> None:
    from agentbench_sdk.reporting import export, junit_chunks
    from agentbench_sdk.runs import load_run

    run = load_run(path)
    if form == "csv":
        chunks = export.csv_lines(run.records(), [judge.id for judge in run.manifest.judges])
    elif transcripts:
        chunks = _with_transcripts(run)
    elif form == "junit":
        chunks = junit_chunks(run)
    elif form == "jsonl":
        chunks = export.jsonl_lines(run.records())
    else:
        chunks = export.json_chunks(run.summary(), run.records())
    for chunk in chunks:
        stream.write(chunk)


def _write_parquet(path: Path, output: str) -> None:
    from agentbench_sdk.reporting import write_parquet
    from agentbench_sdk.runs import load_run

    run = load_run(path)
    write_parquet(run.records(), output, [judge.id for judge in run.manifest.judges])


def _write_inspect(path: Path, output: str) -> None:
    from agentbench_sdk.reporting import write_inspect_log
    from agentbench_sdk.runs import load_run

    run = load_run(path)
    if not sys.stderr.isatty():
        write_inspect_log(run, output)
        return
    with click.progressbar(length=run.manifest.samples, label="attempts", file=sys.stderr) as bar:
        write_inspect_log(run, output, told=lambda _done, _of: bar.update(1))


def _with_transcripts(run: Run) -> Iterator[str]:
    from agentbench_sdk.reporting.export import attempt_to_dict

    for record in run.records():
        transcript = json.loads(run.reader.transcript_bytes(record.sample_id, record.epoch))
        yield json.dumps({**attempt_to_dict(record), "transcript": transcript}, ensure_ascii=False) + "\n"
