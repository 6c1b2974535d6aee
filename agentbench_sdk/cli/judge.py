"""`agentbench judge`: judge the sessions of a run again; the model under test is not asked."""

from __future__ import annotations

from typing import Any

import click

from agentbench_sdk.cli.common import (
    carry_out,
    find_run,
    finish,
    judge_spec,
    run_argument,
    run_loop,
    sandbox_option,
    traffic,
    traffic_options,
)


@click.command("judge")
@run_argument
@click.option(
    "--judge",
    "judges",
    multiple=True,
    metavar="JUDGE",
    help="A judge's name, or its name with options as YAML, for example '{name: numeric, relative: 0.01}'; may "
    "be repeated.  [default: the judges of the run's task]",
)
@click.option("--judge-model", help="The model that LLM judges ask; it has no default.")
@sandbox_option("the one that the run used")
@click.option("--cache", help="The response cache's file.  [default: the one that the run used]")
@click.option(
    "--cache-policy",
    type=click.Choice(["reuse", "refresh", "replay", "off"]),
    default="reuse",
    show_default=True,
    help="replay: nothing is sent, a missing answer is an error.",
)
@click.option("--output", "-o", type=click.Path(dir_okay=False), help="The new run file.")
@traffic_options
def command(run: str | None, runs: str, **given: Any) -> None:
    """Judge RUN (a run file or run id; the newest run when left out) again, by other judges or another model.

    \b
    agentbench judge --judge exact --judge '{name: rating, criteria: It is polite.}' --judge-model openai/M

    The result is a run file of its own beside the old one: with the same sessions, and the new scores.
    """
    from agentbench_sdk.bench import Bench
    from agentbench_sdk.reporting.progress import NoProgress, progress_for
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.runs.options import Options

    loaded = load_run(find_run(run, runs))
    bench = Bench(
        cache=given["cache"] or loaded.manifest.cache,
        cache_policy=given["cache_policy"],
        sandbox=given["sandbox"],
        runs=loaded.path.parent,
        **traffic(given),
    )
    options = Options(
        judge_model=given["judge_model"],
        max_cost=given["max_cost"],
        output=given["output"],
        progress=NoProgress() if given["quiet"] else progress_for(),
    )
    plan = bench.plan_judging(loaded, [judge_spec(each) for each in given["judges"]] or None, options)
    judged = run_loop(carry_out(bench, plan, options))
    click.get_current_context().exit(finish(judged, quiet=given["quiet"], as_json=given["as_json"]))
