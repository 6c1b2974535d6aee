"""`agentbench list`: what is installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from agentbench_sdk.benchmark import Kind

_KINDS: dict[str, Kind] = {
    "tasks": "task",
    "environments": "environment",
    "judges": "judge",
    "models": "model",
}


@click.command("list")
@click.argument("kind", type=click.Choice([*_KINDS, "all"]), default="all")
@click.option("--search", help="Only entries whose name or description holds this text.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(kind: str, search: str | None, *, as_json: bool) -> None:
    """Show registered tasks, environments, judges and model providers."""
    from agentbench_sdk.benchmark import Registry

    registry = Registry.discover()
    shown = {
        each: [
            {
                "name": entry.name,
                "from": entry.distribution,
                "description": entry.problem or entry.description,
            }
            for entry in registry.names(_KINDS[each])
            if not search or search.lower() in f"{entry.name} {entry.description}".lower()
        ]
        for each in (_KINDS if kind == "all" else (kind,))
    }
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    for each, entries in shown.items():
        click.echo(f"{each}:")
        width = max((len(entry["name"]) for entry in entries), default=0)
        for entry in entries:
            origin = "" if entry["from"] == "agentbench-sdk" else f"  [{entry['from']}]"
            click.echo(f"  {entry['name']:<{width}}  {entry['description']}{origin}")
        if not entries:
            click.echo("  none")
