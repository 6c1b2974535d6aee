"""What commands show of several runs: of one task each report and all side by side, of several tasks a table."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import exit_code, record_of, show

if TYPE_CHECKING:
    from agentbench_sdk.benchmark import Assembly
    from agentbench_sdk.errors import AgentbenchError
    from agentbench_sdk.reporting.beside import SideBySide
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs.grid import RunGrid
    from agentbench_sdk.runs.run import Run
    from agentbench_sdk.runs.several import ModelRun


def finish_all(ended: Sequence[ModelRun], *, quiet: bool, as_json: bool) -> int:
    """Show runs that have just ended and return the worst of their exit codes."""
    found = [(each.run, each.run.summary()) for each in ended if each.run is not None]
    if as_json:
        _tell_json(found, ended)
    else:
        _show(found, quiet=quiet)
    return _worst(found, [(each.model, each.error) for each in ended])


def finish_grid(assembly: Assembly, ended: Sequence[ModelRun], *, quiet: bool, as_json: bool) -> int:
    """Show runs of several tasks that have just ended and return the worst of their exit codes."""
    from agentbench_sdk.runs.grid import grid_of_cells

    grid = grid_of_cells(assembly, ended)
    if as_json:
        click.echo(json.dumps(grid.to_dict(), indent=2))
    elif quiet:
        for run in grid.runs:
            click.echo(str(run.path))
    else:
        _show_grid(grid)
    found = [(each.run, each.run.summary()) for each in grid if each.run is not None]
    return _worst(found, [(f"{each.task} by {each.model}", each.error) for each in grid])


def _show_grid(grid: RunGrid) -> None:
    from agentbench_sdk.reporting.grid import render_grid
    from agentbench_sdk.reporting.terminal import print_text

    print_text(lambda width, color: render_grid(grid, width=width, color=color))
    click.echo("\nRuns (agentbench report RUN shows one):")
    for each in grid:
        if each.run is not None:
            click.echo(f"  {each.task} by {each.model}: {each.run.path}")
    files = shlex.join(str(run.path) for run in grid.runs)
    for group in grid.assembly.groups:
        if group.source:
            click.echo(f"\nThe group again: agentbench group {shlex.quote(group.source)} {files}")


def _worst(found: Sequence[tuple[Run, Summary]], ended: Sequence[tuple[str, AgentbenchError | None]]) -> int:
    """The worst of the exit codes; says what ended in an error, and how to go on with what was interrupted."""
    codes = [exit_code(*each) for each in found]
    for what, error in ended:
        if error is not None:
            click.echo(f"error: {what}: {error}", err=True)
            codes.append(error.exit_code)
    return max(codes)


def show_side_by_side(found: SideBySide) -> None:
    """Runs beside each other, on the terminal."""
    from agentbench_sdk.reporting.beside_text import render_side_by_side
    from agentbench_sdk.reporting.terminal import print_text

    print_text(lambda width, color: render_side_by_side(found, width=width, color=color))


def _tell_json(found: Sequence[tuple[Run, Summary]], ended: Sequence[ModelRun]) -> None:
    record: dict[str, Any] = {"runs": [record_of(*each) for each in found]}
    if len(found) > 1:
        record = _beside(found).to_dict()
    record["runs"] += _errors(ended)
    click.echo(json.dumps(record, indent=2))


def _errors(ended: Sequence[ModelRun]) -> list[dict[str, Any]]:
    return [
        {"run": None, "status": "failed", "model": each.model, "error": str(each.error)}
        for each in ended
        if each.error is not None
    ]


def _show(found: Sequence[tuple[Run, Summary]], *, quiet: bool) -> None:
    for run, summary in found:
        show(run, summary, quiet=quiet)
    if not quiet and len(found) > 1:
        show_side_by_side(_beside(found))


def _beside(found: Sequence[tuple[Run, Summary]]) -> SideBySide:
    from agentbench_sdk.reporting.beside import side_by_side

    return side_by_side([run for run, _ in found], [summary for _, summary in found])
