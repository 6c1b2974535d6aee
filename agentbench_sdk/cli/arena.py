"""`agentbench arena`: finished runs meet in battles; the models under test are not asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import (
    INTERRUPTED,
    carry_out,
    find_run,
    judge_spec,
    run_loop,
    traffic,
    traffic_options,
)
from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.arena import Arena, Standings
    from agentbench_sdk.runs import Run

_AGAIN = "the same command; what was judged comes from the cache ({path} holds it too)"
_PAIRWISE = "pairwise"


@click.command("arena")
@click.argument("names", metavar="RUN...", nargs=-1)
@click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")
@click.option(
    "--from",
    "file",
    type=click.Path(dir_okay=False),
    help="Show the ranking of an earlier arena again, from the file of its battles; nothing is judged.",
)
@click.option("--judge-model", help="The model that decides battles; it has no default.")
@click.option(
    "--by",
    metavar="JUDGE",
    help="Decide by the recorded scores of this judge instead: the better one wins, equal ones tie; no model is asked.",
)
@click.option(
    "--judge",
    metavar="JUDGE",
    help="What decides, with options as YAML, for example '{name: pairwise, both_orders: false}'.  [default: pairwise]",
)
@click.option(
    "--criteria",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Text file: what makes an answer the better one, in plain words.",
)
@click.option(
    "--baseline",
    metavar="RUN|MODEL",
    help="All others meet this one alone, and it is held at 1,000.  [default: all meet all, the mean is 1,000]",
)
@click.option("--limit", type=click.IntRange(1), help="Only the first so many shared samples, by id.")
@click.option(
    "--all-epochs", is_flag=True, help="A battle for each epoch, in place of the first epoch's alone."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the resampling of prompts.")
@click.option(
    "--length-control/--no-length-control",
    default=True,
    show_default=True,
    help="Also rank as if both answers of a battle had been of one length.",
)
@click.option(
    "--ties",
    type=click.Choice(["davidson", "half"]),
    default="davidson",
    show_default=True,
    help="How ties are taken: a probability of their own, or half a win each way.",
)
@click.option(
    "--compat",
    type=click.Choice(["evalscope"]),
    help="Show this tool's figures of the same verdicts instead; needs a baseline. Its intervals are too narrow.",
)
@click.option("--cache", help="The response cache's file.  [default: the one that the first run used]")
@click.option(
    "--cache-policy",
    type=click.Choice(["reuse", "refresh", "replay", "off"]),
    default="reuse",
    show_default=True,
    help="replay: nothing is sent, a missing answer is an error.",
)
@click.option("--output", "-o", type=click.Path(dir_okay=False), help="The file of the battles.")
@traffic_options
def command(names: tuple[str, ...], runs: str, file: str | None, **given: Any) -> None:
    """Let finished runs of one task (run files or run ids) meet, sample by sample, and rank their models.

    \b
    agentbench arena runs/a.db runs/b.db runs/c.db --judge-model openai/M
    agentbench arena runs/a.db runs/b.db --by exact
    agentbench arena --from runs/20260101T120000-arena-….db

    A judge sees two answers, in both orders. What it decided is written to a file of its own; repeating the command
    after an interruption asks for what is missing alone. A battle that the judge could not decide is neither a tie
    nor a loss, and the exit code is then 1.
    """
    from agentbench_sdk.arena import load_arena
    from agentbench_sdk.runs import load_run

    if file is None:
        arena, baseline = _judged([load_run(find_run(name, runs)) for name in names], runs, given), None
    else:
        _check_alone(names, given)
        arena, baseline = load_arena(find_run(file, runs)), _called(given["baseline"], runs)
    click.get_current_context().exit(_show(arena, baseline, given))


def _check_alone(names: tuple[str, ...], given: dict[str, Any]) -> None:
    """Refuse what belongs to an arena that is yet to be judged."""
    judging = ("judge_model", "by", "judge", "criteria", "limit", "all_epochs", "output", "max_cost")
    extra = ["runs"] * bool(names) + [f"--{name.replace('_', '-')}" for name in judging if given[name]]
    if extra:
        raise ConfigurationError(
            f"--from shows battles that were judged already: leave out {', '.join(extra)}, or leave out --from"
        )


def _judged(loaded: list[Run], runs: str, given: dict[str, Any]) -> Arena:
    from agentbench_sdk.arena import Arena
    from agentbench_sdk.arena.plan import ArenaOptions
    from agentbench_sdk.bench import Bench
    from agentbench_sdk.reporting.progress import NoProgress, progress_for

    options = ArenaOptions(
        judge=_judge(given),
        by=given["by"],
        judge_model=given["judge_model"],
        baseline=_baseline(given["baseline"], loaded, runs),
        limit=given["limit"],
        all_epochs=given["all_epochs"],
        max_cost=given["max_cost"],
        output=given["output"],
        progress=NoProgress() if given["quiet"] else progress_for(),
    )
    if not loaded:
        raise ConfigurationError("name the runs that are to meet, or a file of battles with --from")
    bench = Bench(
        cache=given["cache"] or loaded[0].manifest.cache,
        cache_policy=given["cache_policy"],
        runs=loaded[0].path.parent,
        **traffic(given),
    )
    plan = bench.plan_arena(loaded, options)
    if given["compat"] and plan.manifest.arena and plan.manifest.arena.baseline is None:
        raise ConfigurationError("--compat evalscope needs --baseline: the model that it holds at 1,000")
    return Arena(run_loop(carry_out(bench, plan, options.run_options(), _AGAIN)))


def _judge(given: dict[str, Any]) -> str | dict[str, Any] | None:
    """The judge of the battles, with the criteria of a file where one is named."""
    spec = judge_spec(given["judge"]) if given["judge"] is not None else None
    path: Path | None = given["criteria"]
    if path is None:
        return spec
    try:
        criteria = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"--criteria {path}: cannot be read as text ({error})") from error
    if not criteria:
        raise ConfigurationError(
            f"--criteria {path}: is empty; say in plain words what makes an answer better"
        )
    options = spec if isinstance(spec, dict) else {"name": spec or _PAIRWISE}
    if "criteria" in options:
        raise ConfigurationError("the criteria stand in --judge and in --criteria; give them once")
    return {**options, "criteria": criteria}


def _baseline(name: str | None, loaded: list[Run], runs: str) -> Run | str | None:
    """The baseline as a run where the name is that of one, else as a model's name."""
    from agentbench_sdk.errors import RunFileError
    from agentbench_sdk.runs import load_run

    if name is None or any(name in (run.manifest.model, run.manifest.run_id) for run in loaded):
        return name
    try:
        return load_run(find_run(name, runs))
    except RunFileError:
        return name  # a model's name; what is called so is looked up among the contestants


def _called(name: str | None, runs: str) -> str | None:
    """The baseline of battles at hand: a name, or the id of the run that a file holds."""
    found = _baseline(name, [], runs)
    return found if found is None or isinstance(found, str) else found.manifest.run_id


def _show(arena: Arena, baseline: str | None, given: dict[str, Any]) -> int:
    from agentbench_sdk.reporting.arena import render_evalscope, render_standings
    from agentbench_sdk.reporting.terminal import print_text

    found = arena.summary(
        baseline=baseline, length_control=given["length_control"], ties=given["ties"], seed=given["seed"]
    )
    peer = arena.evalscope(baseline) if given["compat"] and found.decided else None
    if given["as_json"]:
        record = {"arena": str(arena.path), **found.to_dict()}
        click.echo(json.dumps(record | ({"evalscope": peer.to_dict()} if peer else {}), indent=2))
    elif given["quiet"]:
        click.echo(str(arena.path))
    elif peer is not None:
        print_text(lambda width, color: render_evalscope(peer, width=width, color=color))
    else:
        print_text(lambda width, color: render_standings(found, width=width, color=color))
    return _exit_code(arena, found)


def _exit_code(arena: Arena, found: Standings) -> int:
    if arena.status == "interrupted":
        click.echo(f"interrupted; go on with: {_AGAIN.format(path=arena.path)}", err=True)
        return INTERRUPTED
    return 1 if found.undecided or found.not_run else 0
