"""`agentbench power`: samples for an effect, or the effect that samples can show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import find_run, run_argument

if TYPE_CHECKING:
    from agentbench_sdk.reporting.power import PowerPlan


@click.command("power")
@run_argument
@click.option(
    "--effect", type=click.FloatRange(0, min_open=True), help="True difference to find, in the judge's unit."
)
@click.option("--samples", type=click.IntRange(1), help="Samples of each run.  [default: as many as RUN has]")
@click.option(
    "--epochs", type=click.IntRange(1), help="Epochs of each sample.  [default: as many as RUN had]"
)
@click.option("--beside", metavar="OTHER", help="Another run of the task: the variance is measured on both.")
@click.option(
    "--correlation",
    type=click.FloatRange(-1, 1),
    default=0.5,
    show_default=True,
    help="Assumed, of both runs' scores over the samples; not used with --beside or --unpaired.",
)
@click.option("--unpaired", is_flag=True, help="The two runs have different samples.")
@click.option(
    "--between", type=click.FloatRange(0, min_open=True), help="No run: assumed variance between samples."
)
@click.option(
    "--within",
    type=click.FloatRange(0),
    help="With --between: assumed variance between epochs.  [default: 0]",
)
@click.option("--judge", help="Id of the judge, as the report names it.  [default: the primary judge]")
@click.option(
    "--power",
    type=click.FloatRange(0.5, 1, max_open=True),
    default=0.8,
    show_default=True,
    help="Probability to find the difference.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Coverage of the interval that has to leave 0 out.",
)
@click.option("--json", "as_json", is_flag=True, help="The plan as JSON.")
def command(run: str | None, runs: str, **given: Any) -> None:
    """Plan a comparison like RUN (the newest run when left out): samples for an effect, or the reverse.

    \b
    agentbench power --effect 0.03            samples that find 3 points
    agentbench power --samples 500 --epochs 4 difference that 500 samples find
    agentbench power --between 0.1 --within 0.1 --effect 0.03   without a run
    """
    from agentbench_sdk.reporting.power import render_power
    from agentbench_sdk.reporting.terminal import print_text

    plan = _plan(run, runs, given)
    if given["as_json"]:
        click.echo(json.dumps(plan.to_dict(), indent=2))
        return
    print_text(lambda width, color: render_power(plan, width=width, color=color))


def _plan(run: str | None, runs: str, given: Mapping[str, Any]) -> PowerPlan:
    """The plan from a run, or from assumed variances.

    Raises:
        ConfigurationError: both are given.
    """
    from agentbench_sdk.errors import ConfigurationError
    from agentbench_sdk.reporting.power import assume_power, plan_power
    from agentbench_sdk.runs import load_run

    shared = {name: given[name] for name in ("effect", "samples", "correlation", "power", "level")}
    shared["paired"] = not given["unpaired"]
    between, within, beside = given["between"], given["within"], given["beside"]
    if between is not None:
        if run is not None or beside is not None or given["judge"] is not None:
            raise ConfigurationError(
                "--between stands in place of a run: leave RUN, --beside and --judge out"
            )
        return assume_power(between, within or 0.0, epochs=given["epochs"] or 1, **shared)
    if within is not None:
        raise ConfigurationError("--within goes with --between; of a run it is measured")
    other = load_run(find_run(beside, runs)) if beside is not None else None
    return plan_power(
        load_run(find_run(run, runs)), other, epochs=given["epochs"], judge=given["judge"], **shared
    )
