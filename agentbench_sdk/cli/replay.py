"""`agentbench replay`: execute a run's tool calls again, judge again, and prove or refute the record."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import click

from agentbench_sdk.cli.common import find_run, run_argument, sandbox_option

if TYPE_CHECKING:
    from agentbench_sdk.runs.recheck import RecheckReport
    from agentbench_sdk.runs.replay import ReplayReport
    from agentbench_sdk.runs.run import Run
    from agentbench_sdk.sandbox import SandboxProvider

MOST_DRIFTS = 20  # shown; programs that print the time drift at every call


@click.command("replay")
@run_argument
@sandbox_option("the one that the run used")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def command(run: str | None, runs: str, *, sandbox: str | None, as_json: bool) -> None:
    """Execute the recorded tool calls of RUN again, and let its rule judges judge again; no model is asked.

    Proven is an attempt whose every result, state hash and outcome comes out as recorded. Where programs were
    run, they are run again in a sandbox; what they print may differ, which is told as drift and refutes nothing.
    Exits with 1 when an attempt is refuted, or when a score differs; with 3 when attempts could not be executed.
    """
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.sandbox import sandbox_provider
    from agentbench_sdk.sandbox.pool import DEFAULT_SANDBOX

    loaded = load_run(find_run(run, runs))
    provider = sandbox_provider(sandbox or loaded.manifest.sandbox or DEFAULT_SANDBOX)
    report, scores = asyncio.run(_checked(loaded, provider))
    if as_json:
        told = {"run": str(loaded.path), **report.to_dict(), "scores": scores.to_dict()}
        click.echo(json.dumps(told, indent=2))
    else:
        _tell(report, scores)
    refuted = not report.ok or scores.mismatches
    click.get_current_context().exit(1 if refuted else 3 if report.unproven else 0)


async def _checked(run: Run, provider: SandboxProvider) -> tuple[ReplayReport, RecheckReport]:
    from agentbench_sdk.benchmark import Registry
    from agentbench_sdk.runs.recheck import recheck
    from agentbench_sdk.runs.replay import replay
    from agentbench_sdk.sandbox import SandboxPool

    registry = Registry.discover()
    async with SandboxPool(provider) as sandboxes:
        report = await replay(run, registry.environment, sandboxes)
        return report, await recheck(run, registry, sandboxes)


def _tell(report: ReplayReport, scores: RecheckReport) -> None:
    for mismatch in (*report.mismatches, *scores.mismatches):
        click.echo(f"refuted: {mismatch}")
    for drift in (*report.drifts, *scores.drifts)[:MOST_DRIFTS]:
        click.echo(f"drift: {drift}")
    click.echo(
        f"{_verdict(report)}: {report.proven} attempts proven with {report.calls} calls "
        f"executed again, {len(report.mismatches)} refuted, {report.unfinished} unfinished, "
        f"{report.without_world} without an environment"
        + (f"; {report.missing} attempts that the run planned are not in the file" if report.missing else "")
    )
    if report.drifted:
        click.echo(
            f"neither proven nor refuted: {report.drifted} attempts in which programs printed something else "
            f"({len(report.drifts)} differences, all of them in --json)"
        )
    if report.unproven:
        click.echo(f"could not be executed: {report.unproven} attempts ({report.why_unproven})")
    _tell_scores(scores)


def _verdict(report: ReplayReport) -> str:
    if not report.ok:
        return "refuted"
    return "not proven" if report.drifted or report.unproven else "proven"


def _tell_scores(scores: RecheckReport) -> None:
    if scores.skipped:
        click.echo(f"scores not judged again: {scores.skipped}")
        return
    notes = (
        (len(scores.drifts), "differ because programs printed something else"),
        (scores.asked, "of judges that ask a model left out"),
        (scores.programs, "of judges that need a sandbox left out"),
    )
    told = "".join(f", {number} {what}" for number, what in notes if number)
    click.echo(f"scores judged again: {scores.scores} as recorded, {len(scores.mismatches)} differ{told}")
