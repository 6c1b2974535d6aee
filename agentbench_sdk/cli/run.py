"""`agentbench run`: one task, one model, one report; or several tasks and models at once, side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import (
    carry_out,
    finish,
    key_values,
    run_loop,
    sandbox_option,
    traffic,
    traffic_options,
    watched,
)

if TYPE_CHECKING:
    from agentbench_sdk.bench import Bench
    from agentbench_sdk.benchmark import Assembly
    from agentbench_sdk.runs.options import Options
    from agentbench_sdk.runs.plan import Plan


@click.command("run")
@click.argument("tasks", metavar="TASK...", nargs=-1, required=True)
@click.option(
    "--model",
    "-m",
    "models",
    required=True,
    multiple=True,
    help="provider/model, for example openai/gpt-4.1-mini, with options as ?key=value; may be repeated: all "
    "models run at once, each into a run file of its own.",
)
@click.option(
    "--base-url", help="Address of an OpenAI-compatible endpoint, for example http://localhost:8000/v1."
)
@click.option("--api-key-env", help="Environment variable that holds the key.  [default: OPENAI_API_KEY]")
@click.option(
    "-T", "task_params", multiple=True, metavar="KEY=VALUE", help="Parameter of the task; may be repeated."
)
@click.option("--limit", type=click.IntRange(1), help="Run only the first N samples.")
@click.option("--sample-id", "sample_ids", multiple=True, help="Run only this sample; may be repeated.")
@click.option("--epochs", type=click.IntRange(1), help="Attempts at each sample.  [default: the task's]")
@click.option("--seed", type=int, help="Sampling seed sent with each request, plus the epoch.")
@click.option("--temperature", type=click.FloatRange(0), help="Sampling temperature.")
@click.option("--max-tokens", type=click.IntRange(1), help="Most tokens of an answer.")
@click.option("--turns", type=click.IntRange(1), help="Most answers of the model in a session.")
@click.option(
    "--tool-protocol",
    type=click.Choice(["auto", "native", "text"]),
    default="auto",
    show_default=True,
    help="How tools are put to the model.",
)
@click.option(
    "--user-model",
    help="The model that plays the user, where the task has one.  [default: the scripted user of its world]",
)
@click.option(
    "--user-temperature", type=click.FloatRange(0), help="Sampling temperature of the user's model."
)
@click.option("--judge-model", help="The model that LLM judges ask; it has no default.")
@sandbox_option("bubblewrap")
@click.option("--cache", default=".agentbench/cache.db", show_default=True, help="The response cache's file.")
@click.option(
    "--cache-policy",
    type=click.Choice(["reuse", "refresh", "replay", "off"]),
    default="reuse",
    show_default=True,
    help="replay: nothing is sent, a missing answer is an error.",
)
@click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False),
    help="The run file.  [default: a new name in the runs folder]",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@traffic_options
def command(tasks: tuple[str, ...], **given: Any) -> None:
    """Run TASK against a model, or several tasks and models at once, judge what they did and show the report.

    TASK is a registered name (see `agentbench list tasks`), a YAML file, or file.py:function; or a group of tasks:
    a name (see `agentbench list groups`) or a YAML file.

    \b
    agentbench run vending --model scripted/vending/naive-restock
    agentbench run vending -T scenario=smoke-30 --model openai/gpt-4.1-mini
    agentbench run my_task.yaml --model my-model --base-url http://localhost:8000/v1
    agentbench run my_task.yaml --model openai/A --model openai/B
    agentbench run essentials calendar_questions --model openai/A
    """
    from agentbench_sdk.bench import Bench
    from agentbench_sdk.runs.several import distinct

    bench = Bench(
        cache=given["cache"],
        cache_policy=given["cache_policy"],
        runs=given["runs"],
        sandbox=given["sandbox"],
        **traffic(given),
    )
    options = _options(given)
    models = [model_spec(each, given["base_url"], given["api_key_env"]) for each in given["models"]]
    # Loading samples may take long: outside the event loop Ctrl-C ends it at once.
    assembly = None
    if len(tasks) > 1 or bench.registry.group(tasks[0]) is not None:
        assembly, plans = bench.plan_grid(list(tasks), models, options)
    else:
        plans = [bench.plan(tasks[0], model, options) for model in distinct(models, options)]
    if given["dry_run"]:
        _dry_run(plans, as_json=given["as_json"])
        return
    click.get_current_context().exit(_carried_out(bench, assembly, plans, options, given))


def _carried_out(
    bench: Bench, assembly: Assembly | None, plans: list[Plan], options: Options, given: dict[str, Any]
) -> int:
    from agentbench_sdk.cli.several import finish_all, finish_grid

    shown = {"quiet": given["quiet"], "as_json": given["as_json"]}
    if assembly is not None:
        ended = run_loop(watched(bench, plans, bench.execute_all(plans, options)))
        return finish_grid(assembly, ended, **shown)
    if len(plans) > 1:
        return finish_all(run_loop(watched(bench, plans, bench.execute_all(plans, options))), **shown)
    return finish(run_loop(carry_out(bench, plans[0], options)), **shown)


def model_spec(model: str, base_url: str | None, api_key_env: str | None) -> str:
    """The model's name with the endpoint that was given beside it."""
    from urllib.parse import quote

    added = {"base_url": base_url, "api_key_env": api_key_env}
    query = "&".join(f"{key}={quote(value, safe=':/')}" for key, value in added.items() if value)
    if base_url and "/" not in model.partition("?")[0]:
        model = f"openai/{model}"
    return f"{model}{'&' if '?' in model else '?'}{query}" if query else model


def _options(given: dict[str, Any]) -> Options:
    from agentbench_sdk.models import GenerateParams
    from agentbench_sdk.reporting.progress import NoProgress, progress_for
    from agentbench_sdk.runs.options import Options
    from agentbench_sdk.sessions import Limits

    return Options(
        user_model=given["user_model"],
        user_params=GenerateParams(temperature=given["user_temperature"]),
        judge_model=given["judge_model"],
        limit=given["limit"],
        sample_ids=given["sample_ids"] or None,
        epochs=given["epochs"],
        params=GenerateParams(temperature=given["temperature"], max_tokens=given["max_tokens"]),
        limits=Limits(turns=given["turns"]) if given["turns"] else None,
        seed=given["seed"],
        protocol=given["tool_protocol"],
        max_cost=given["max_cost"],
        task_params=key_values(given["task_params"], "-T"),
        output=given["output"],
        progress=NoProgress() if given["quiet"] else progress_for(),
    )


def _dry_run(plans: list[Plan], *, as_json: bool) -> None:
    records = [plan.estimate().to_dict() for plan in plans]
    if as_json:
        click.echo(json.dumps(records[0] if len(plans) == 1 else records, indent=2))
        return
    for plan, record in zip(plans, records, strict=True):
        _tell_estimate(plan, record)


def _tell_estimate(plan: Plan, record: dict[str, Any]) -> None:
    calls, cost = record["calls_at_most"], record["cost_at_most_usd"]
    unbounded = "unknown: only the world or an own agent ends a session (--turns bounds it)"
    unpriced = "unknown: needs prices, --max-tokens, text alone and sessions of one turn"
    click.echo(f"would run {record['task']} against {record['model']}; nothing was sent")
    click.echo(
        f"  sessions        {record['sessions']} ({record['samples']} samples × {record['epochs']} epochs)"
    )
    click.echo(f"  calls at most   {unbounded if calls is None else calls}, retries left out")
    if record["judges_that_ask_a_model"]:
        click.echo(
            f"  judges          {record['judges_that_ask_a_model']} ask a model; their calls are not in these figures"
        )
    if record["user_asks_a_model"]:
        click.echo("  users           are played by a model; its calls are not in these figures")
    if record["sandbox"]:
        click.echo(f"  sandbox         {record['sandbox']}")
    without = " without what worlds say that open in a sandbox" if record["opened_in_sandbox"] else ""
    click.echo(f"  first requests  about {record['first_turn_input_tokens']} input tokens in all{without}")
    click.echo(f"  cost at most    {unpriced if cost is None else f'${cost:.4f}'}")
    for told in plan.manifest.warnings:
        click.echo(f"warning: {told}", err=True)
