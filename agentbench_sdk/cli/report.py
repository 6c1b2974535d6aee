"""`agentbench report`: the report of a run, on the terminal or as JSON."""

from __future__ import annotations

import json

import click

from agentbench_sdk.cli.common import find_run, run_argument


@click.command("report")
@run_argument
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def command(run: str | None, runs: str, *, as_json: bool) -> None:
    """Show the report of RUN (a run file or run id; the newest run when left out)."""
    from agentbench_sdk.reporting.terminal import print_report
    from agentbench_sdk.runs import load_run

    loaded = load_run(find_run(run, runs))
    summary = loaded.summary()
    if as_json:
        record = {"run": str(loaded.path), "status": loaded.status, **summary.to_dict()}
        click.echo(json.dumps(record, indent=2))
    else:
        print_report(summary, run_path=loaded.path)
