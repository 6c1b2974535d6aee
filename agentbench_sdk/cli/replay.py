"""`agentbench replay`: execute a run's tool calls again, judge again, and prove or refute the record."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import click

from agentbench_sdk.cli.common import find_run, run_argument

if TYPE_CHECKING:
    from agentbench_sdk.runs.recheck import RecheckReport
    from agentbench_sdk.runs.replay import ReplayReport


@click.command("replay")
@run_argument
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(run: str | None, runs: str, *, as_json: bool) -> None:
    """Execute the recorded tool calls of RUN again, and let its rule judges judge again; no model is asked.

    Proven is an attempt whose every result, state hash and outcome comes out as recorded. Exits with 1
    when one does not, or when a score differs.
    """
    from agentbench_sdk.benchmark import Registry
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.runs.recheck import recheck
    from agentbench_sdk.runs.replay import replay

    loaded = load_run(find_run(run, runs))
    registry = Registry.discover()
    report = asyncio.run(replay(loaded, registry.environment))
    scores = asyncio.run(recheck(loaded, registry))
    if as_json:
        told = {"run": str(loaded.path), **report.to_dict(), "scores": scores.to_dict()}
        click.echo(json.dumps(told, indent=2))
    else:
        _tell(report, scores)
    click.get_current_context().exit(0 if report.ok and not scores.mismatches else 1)


def _tell(report: ReplayReport, scores: RecheckReport) -> None:
    for mismatch in (*report.mismatches, *scores.mismatches):
        click.echo(f"refuted: {mismatch}")
    click.echo(
        f"{'proven' if report.ok else 'refuted'}: {report.proven} attempts proven with {report.calls} calls "
        f"executed again, {len(report.mismatches)} refuted, {report.unfinished} unfinished, "
        f"{report.without_world} without an environment"
        + (f"; {report.missing} attempts that the run planned are not in the file" if report.missing else "")
    )
    if scores.skipped:
        click.echo(f"scores not judged again: {scores.skipped}")
        return
    left_out = f", {scores.asked} of judges that ask a model left out" if scores.asked else ""
    click.echo(f"scores judged again: {scores.scores} as recorded, {len(scores.mismatches)} differ{left_out}")
