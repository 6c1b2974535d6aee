"""`agentbench gate`: an exit code that says whether a run got worse."""

from __future__ import annotations

import json

import click

from agentbench_sdk.cli.common import find_run, run_argument


@click.command("gate")
@run_argument
@click.option("--baseline", required=True, metavar="OLD", help="The earlier run: a run file or run id.")
@click.option(
    "--max-drop",
    type=click.FloatRange(0),
    required=True,
    help="Allowed drop of the mean score, in the judge's unit: 0.02 are two points of a share.",
)
@click.option("--judge", help="Id of the judge, as the report names it.  [default: OLD's primary judge]")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Coverage of the interval of the drop.",
)
@click.option("--json", "as_json", is_flag=True, help="Verdict and comparison as JSON.")
def command(
    run: str | None,
    runs: str,
    baseline: str,
    max_drop: float,
    judge: str | None,
    level: float,
    *,
    as_json: bool,
) -> None:
    """Tell whether RUN (the newest run when left out) is worse than OLD by more than is allowed.

    \b
    exit code 0   evidence that the drop is no larger than allowed
    exit code 1   evidence that it is larger
    exit code 4   evidence of neither: more samples or epochs are needed

    \b
    agentbench gate runs/new.db --baseline runs/old.db --max-drop 0.02
    """
    from agentbench_sdk.reporting.gate import gate
    from agentbench_sdk.runs import load_run

    old, new = load_run(find_run(baseline, runs)), load_run(find_run(run, runs))
    result = gate(new, old, max_drop, judge=judge, level=level)
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=2))
    else:
        click.echo(str(result))
        click.echo(f"the samples behind it: agentbench compare {old.path} {new.path}")
    click.get_current_context().exit(result.exit_code)
