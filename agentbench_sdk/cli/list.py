"""`agentbench list`: what is installed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.cli.common import run_loop

if TYPE_CHECKING:
    from agentbench_sdk.benchmark import Entry, GroupFile, Kind, Member, Registry, TaskGroup

_KINDS: dict[str, Kind] = {
    "tasks": "task",
    "groups": "group",
    "environments": "environment",
    "judges": "judge",
    "models": "model",
    "sandboxes": "sandbox",
}


@click.command("list")
@click.argument("kind", type=click.Choice([*_KINDS, "all"]), default="all")
@click.option("--search", help="Only entries whose name or description holds this text.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(kind: str, search: str | None, *, as_json: bool) -> None:
    """Show registered tasks, groups, environments, judges, model providers and sandboxes, and whether those work here."""
    from agentbench_sdk.benchmark import Registry

    registry = Registry.discover()
    kinds = _KINDS if kind == "all" else (kind,)
    shown = {
        each: [_facts(registry, each, entry) for entry in _matching(registry, each, search)] for each in kinds
    }
    if "sandboxes" in shown:
        run_loop(_find_out(registry, shown["sandboxes"]))
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    for each, entries in shown.items():
        click.echo(f"{each}:")
        width = max((len(entry["name"]) for entry in entries), default=0)
        for entry in entries:
            origin = "" if entry["from"] == "agentbench-sdk" else f"  [{entry['from']}]"
            click.echo(f"  {entry['name']:<{width}}  {entry['description']}{origin}")
            for what in ("scenarios", "agents", "users"):
                if entry.get(what):
                    click.echo(f"  {'':<{width}}  {what}: {', '.join(entry[what])}")
            if "members" in entry:
                click.echo(f"  {'':<{width}}  {entry['aggregate']} of: {', '.join(entry['members'])}")
            for line in (*_set_lines(entry.get("sets")), *_sandbox_lines(entry)):
                click.echo(f"  {'':<{width}}  {line}")
        if not entries:
            click.echo("  none")


def _set_lines(sets: Mapping[str, Mapping[str, int] | str] | None) -> Iterator[str]:
    for origin, sizes in (sets or {}).items():
        told = sizes if isinstance(sizes, str) else ", ".join(f"{name} {n:,}" for name, n in sizes.items())
        yield f"sets ({origin}): {told}"


def _sandbox_lines(entry: Mapping[str, Any]) -> Iterator[str]:
    if "works" in entry:
        yield "works here" if entry["works"] else f"does not work here: {entry['why_not']}"
        if entry["works"]:
            kept = "isolated" if entry["isolated"] else "not isolated"
            yield f"{kept}; limits {', '.join(entry['limits'])}"


def _matching(registry: Registry, kind: str, search: str | None) -> list[Entry]:
    sought = (search or "").lower()
    return [
        entry
        for entry in registry.names(_KINDS[kind])
        if sought in f"{entry.name} {entry.description}".lower()
    ]


def _facts(registry: Registry, kind: str, entry: Entry) -> dict[str, Any]:
    """What is told of an entry: of an environment what it can be played with, of a task its sets."""
    facts: dict[str, Any] = {
        "name": entry.name,
        "from": entry.distribution,
        "description": entry.problem or entry.description,
    }
    if kind == "environments" and not entry.problem:
        environment = registry.environment(entry.name)
        facts["scenarios"] = [name for name in environment.scenarios() if name != "default"]
        facts["agents"] = [f"scripted/{entry.name}/{policy}" for policy in environment.policies()]
        facts["users"] = [f"scripted/{entry.name}/{user}" for user in environment.users()]
    if kind == "groups" and not entry.problem:
        facts |= _group_facts(entry.load())
    if kind == "tasks" and not entry.problem and (sets := getattr(entry.load(), "sets", None)) is not None:
        facts["sets"] = sets()
    return facts


def _group_facts(found: TaskGroup | GroupFile) -> dict[str, Any]:
    """The members of a group and how they become one score; a file that is wrong has told it already."""
    from agentbench_sdk.benchmark import GroupFile
    from agentbench_sdk.errors import TaskError

    try:
        group = found.group if isinstance(found, GroupFile) else found
    except TaskError:
        return {}
    return {"aggregate": group.aggregate, "members": [_member(each) for each in group.parts()]}


def _member(member: Member) -> str:
    """A member as one would write it: its name, parameters and judge."""
    what = member.what if isinstance(member.what, str | Path) else member.what.name
    said = [f"{name}={value}" for name, value in member.params.items()]
    said += [f"judge {member.judge}"] if member.judge else []
    said += [f"weight {member.weight:g}"] if member.weight != 1 else []
    return f"{member.name or what} ({', '.join(said)})" if said else f"{member.name or what}"


async def _find_out(registry: Registry, entries: Sequence[dict[str, Any]]) -> None:
    """Add to what is told of sandboxes whether they work here, and what they keep programs from."""
    await asyncio.gather(*(_try(registry, entry) for entry in entries))


async def _try(registry: Registry, entry: dict[str, Any]) -> None:
    from agentbench_sdk.errors import AgentbenchError

    entry |= {"works": True, "why_not": ""}
    try:
        provider = registry.sandbox(entry["name"])
        try:
            await provider.check()
        finally:
            await provider.close()
    except AgentbenchError as error:
        entry |= {"works": False, "why_not": str(error)}
        return
    able = provider.capabilities
    entry |= {"isolated": able.isolated, "images": able.images, "limits": sorted(able.limits)}
