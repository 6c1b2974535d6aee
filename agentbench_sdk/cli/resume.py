"""`agentbench resume`: repeat a run that was cut off; only what is missing is asked."""

from __future__ import annotations

from typing import Any

import click

from agentbench_sdk.cli.common import (
    CtrlC,
    find_run,
    finish,
    run_argument,
    run_loop,
    traffic,
    traffic_options,
)


@click.command("resume")
@run_argument
@click.option("--cache", help="The response cache's file.  [default: the one that the run used]")
@traffic_options
def command(run: str | None, runs: str, **given: Any) -> None:
    """Go on with RUN (a run file or run id; the newest run when left out).

    The run is repeated from the response cache: answers that were paid for are not asked again. The
    result is a new run file beside the old one.
    """
    click.get_current_context().exit(run_loop(_resume(run, runs, given)))


async def _resume(name: str | None, runs: str, given: dict[str, Any]) -> int:
    from agentbench_sdk.bench import Bench, Options
    from agentbench_sdk.errors import ConfigurationError
    from agentbench_sdk.models import GenerateParams
    from agentbench_sdk.reporting.progress import NoProgress, progress_for
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.sessions import Limits

    earlier = load_run(find_run(name, runs))
    manifest = earlier.manifest
    if not manifest.task_source:
        raise ConfigurationError(
            f"{earlier.path} was started from Python with a task of its own: resume it there with "
            "evaluate(task, model, resume=load_run(path))"
        )
    options = Options(
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
    cache = given["cache"] or manifest.cache
    async with Bench(cache=cache, runs=earlier.path.parent, **traffic(given)) as bench:
        with CtrlC(bench):
            run = await bench.evaluate(manifest.task_source, manifest.model, options, resume=earlier)
    return finish(run, quiet=given["quiet"], as_json=given["as_json"])
