"""`agentbench resume`: repeat a run that was cut off; only what is missing is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import (
    carry_out,
    find_run,
    finish,
    run_argument,
    run_loop,
    sandbox_option,
    traffic,
    traffic_options,
)

if TYPE_CHECKING:
    from agentbench_sdk.runs.options import Options
    from agentbench_sdk.runs.records import Manifest


@click.command("resume")
@run_argument
@sandbox_option("the one that the run used")
@click.option("--cache", help="The response cache's file.  [default: the one that the run used]")
@click.option(
    "--cache-policy",
    type=click.Choice(["reuse", "replay"]),
    default="reuse",
    show_default=True,
    help="replay: nothing is sent, a missing answer is an error.",
)
@traffic_options
def command(run: str | None, runs: str, **given: Any) -> None:
    """Go on with RUN (a run file or run id; the newest run when left out).

    The run is repeated from the response cache: answers that were paid for are not asked again. The
    result is a new run file beside the old one.
    """
    from agentbench_sdk.bench import Bench
    from agentbench_sdk.errors import ConfigurationError
    from agentbench_sdk.runs import load_run

    earlier = load_run(find_run(run, runs))
    manifest = earlier.manifest
    if manifest.arena is not None:
        raise ConfigurationError(
            f"{earlier.path} holds the battles of an arena: repeat the `agentbench arena` that began it, which asks "
            "for nothing twice"
        )
    if not manifest.task_source:
        raise ConfigurationError(
            f"{earlier.path} was started from Python with a task of its own: resume it there with "
            "evaluate(task, model, resume=load_run(path))"
        )
    bench = Bench(
        cache=given["cache"] or manifest.cache,
        cache_policy=given["cache_policy"],
        sandbox=given["sandbox"],
        runs=earlier.path.parent,
        **traffic(given),
    )
    options = _options(manifest, given)
    plan = bench.plan(manifest.task_source, manifest.model, options, resume=earlier)
    resumed = run_loop(carry_out(bench, plan, options))
    click.get_current_context().exit(finish(resumed, quiet=given["quiet"], as_json=given["as_json"]))


def _options(manifest: Manifest, given: dict[str, Any]) -> Options:
    """The options of the run that is resumed."""
    from agentbench_sdk.models import GenerateParams
    from agentbench_sdk.reporting.progress import NoProgress, progress_for
    from agentbench_sdk.runs.options import Options
    from agentbench_sdk.sessions import Limits

    return Options(
        user_model=manifest.user_model,
        user_params=GenerateParams(**manifest.user_params),
        judge_model=manifest.judge_model,
        limit=manifest.limit,
        sample_ids=manifest.sample_ids,
        epochs=manifest.epochs,
        params=GenerateParams(**manifest.params),
        limits=Limits(**manifest.limits),
        seed=manifest.seed,
        protocol=manifest.protocol,
        max_cost=given["max_cost"],
        task_params=manifest.task_params,
        progress=NoProgress() if given["quiet"] else progress_for(),
    )
