"""What commands show of several runs: each report where they have just ended, then all side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import exit_code, record_of, show

if TYPE_CHECKING:
    from agentbench_sdk.reporting.beside import SideBySide
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs.run import Run
    from agentbench_sdk.runs.several import ModelRun


def finish_all(ended: Sequence[ModelRun], *, quiet: bool, as_json: bool) -> int:
    """Show runs that have just ended and return the worst of their exit codes."""
    found = [(each.run, each.run.summary()) for each in ended if each.run is not None]
    if as_json:
        _tell_json(found, ended)
    else:
        _show(found, quiet=quiet)
    codes = [exit_code(*each) for each in found]
    for each in ended:
        if each.error is not None:
            click.echo(f"error: {each.model}: {each.error}", err=True)
            codes.append(each.error.exit_code)
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
