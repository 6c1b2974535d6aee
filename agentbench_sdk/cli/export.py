"""`agentbench export`: a run as JSON, JSON lines, CSV, Parquet or JUnit XML, for whatever reads those."""

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


_FORMATS = ("json", "jsonl", "csv", "parquet", "junit")
_ENDINGS = {"xml": "junit"}


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
    """
    if form is None:
        ending = Path(output).suffix.lstrip(".") if output else "json"
        form = _ENDINGS.get(ending, ending)
    if form not in _FORMATS:
        raise click.UsageError(
            f"--output {output}: its ending names no format; give --format json, jsonl, csv, parquet or junit"
        )
    if transcripts and form != "jsonl":
        raise click.UsageError("--transcripts goes with --format jsonl")
    if form == "parquet" and output is None:
        raise click.UsageError("a Parquet file is not for a terminal: name it with --output FILE")
    path = find_run(run, runs)
    if form == "parquet":
        _write_parquet(path, str(output))
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


def _with_transcripts(run: Run) -> Iterator[str]:
    from agentbench_sdk.reporting.export import attempt_to_dict

    for record in run.records():
        transcript = json.loads(run.reader.transcript_bytes(record.sample_id, record.epoch))
        yield json.dumps({**attempt_to_dict(record), "transcript": transcript}, ensure_ascii=False) + "\n"
