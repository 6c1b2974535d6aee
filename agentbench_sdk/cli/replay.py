"""`agentbench replay`: execute a run's tool calls again and prove or refute the record."""

from __future__ import annotations

import json

import click

from agentbench_sdk.cli.common import find_run, run_argument


@click.command("replay")
@run_argument
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(run: str | None, runs: str, *, as_json: bool) -> None:
    """Execute the recorded tool calls of RUN again; no model is asked.

    Proven is an attempt whose every result, state hash and outcome comes out as recorded. Exits with 1
    when one does not.
    """
    from agentbench_sdk.benchmark import Registry
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.runs.replay import replay

    loaded = load_run(find_run(run, runs))
    report = replay(loaded, Registry.discover().environment)
    if as_json:
        click.echo(json.dumps({"run": str(loaded.path), **report.to_dict()}, indent=2))
    else:
        for mismatch in report.mismatches:
            click.echo(f"refuted: {mismatch}")
        click.echo(
            f"{'proven' if report.ok else 'refuted'}: {report.proven} attempts proven with {report.calls} calls "
            f"executed again, {len(report.mismatches)} refuted, {report.unfinished} unfinished, "
            f"{report.without_world} without an environment"
        )
    click.get_current_context().exit(0 if report.ok else 1)
