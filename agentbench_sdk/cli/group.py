"""`agentbench group`: the score of a group of tasks from its runs, model beside model."""

from __future__ import annotations

import json

import click

from agentbench_sdk.cli.common import find_run


@click.command("group")
@click.argument("group", metavar="GROUP")
@click.argument("named", metavar="RUN...", nargs=-1, required=True)
@click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")
@click.option("--all-pairs", is_flag=True, help="Compare each two models, not each with the first alone.")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Coverage of the group's intervals.",
)
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
def command(
    group: str, named: tuple[str, ...], runs: str, level: float, *, all_pairs: bool, as_json: bool
) -> None:
    """Show the score of GROUP from runs of its tasks, and compare the models that they are of.

    GROUP is a registered name (see `agentbench list groups`) or a YAML file; each RUN is a run file or run id,
    one of each task and model. Models are in the order of the runs; a task without a run is named, and its group
    then has no score.

    \b
    agentbench group essentials runs/*.db
    """
    from agentbench_sdk.benchmark import Registry, assemble
    from agentbench_sdk.errors import UnknownNameError
    from agentbench_sdk.reporting.grid import render_grid
    from agentbench_sdk.reporting.terminal import print_text
    from agentbench_sdk.runs import load_run
    from agentbench_sdk.runs.grid import grid_of

    registry = Registry.discover()
    if registry.group(group) is None:
        raise UnknownNameError("group", group, (each.name for each in registry.names("group")))
    grid = grid_of(assemble([group], registry), [load_run(find_run(name, runs)) for name in named])
    if as_json:
        click.echo(json.dumps(grid.to_dict(all_pairs=all_pairs, level=level), indent=2))
        return
    print_text(
        lambda width, color: render_grid(grid, all_pairs=all_pairs, level=level, width=width, color=color)
    )
