"""What `agentbench run` shows of several models: each report, then all side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import exit_code, record_of, show

if TYPE_CHECKING:
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs.run import Run
    from agentbench_sdk.runs.several import ModelRun


def finish_all(ended: Sequence[ModelRun], *, quiet: bool, as_json: bool) -> int:
    """Show runs that have just ended and return the worst of their exit codes."""
    found = [(each.run, each.run.summary()) for each in ended if each.run is not None]
    if as_json:
        click.echo(json.dumps({"runs": [*(record_of(*each) for each in found), *_errors(ended)]}, indent=2))
    else:
        _show(found, quiet=quiet)
    codes = [exit_code(*each) for each in found]
    for each in ended:
        if each.error is not None:
            click.echo(f"error: {each.model}: {each.error}", err=True)
            codes.append(each.error.exit_code)
    return max(codes)


def _errors(ended: Sequence[ModelRun]) -> list[dict[str, Any]]:
    return [
        {"run": None, "status": "failed", "model": each.model, "error": str(each.error)}
        for each in ended
        if each.error is not None
    ]


def _show(found: Sequence[tuple[Run, Summary]], *, quiet: bool) -> None:
    for run, summary in found:
        show(run, summary, quiet=quiet)
    if quiet or len(found) < 2:
        return
    from agentbench_sdk.reporting.side_by_side import render_side_by_side
    from agentbench_sdk.reporting.terminal import print_text

    rows = [(summary, str(run.path)) for run, summary in found]
    print_text(lambda width, color: render_side_by_side(rows, width=width, color=color))
