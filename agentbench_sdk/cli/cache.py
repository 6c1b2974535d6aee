"""`agentbench cache`: look at, explain, merge, export, prune and verify response caches."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentbench_sdk.errors import CacheError, ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.cache.key import Origin, RequestIdentity

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("cache")
def command() -> None:
    """Look after response caches: the answers that were paid for."""


@command.command()
@click.argument("file", type=FILE)
def stats(file: Path) -> None:
    """What FILE holds, by run and model."""
    from agentbench_sdk.cache.maintenance import statistics

    with _opened(file, "read") as connection:
        groups = statistics(connection)
        parts = connection.execute("SELECT count(*), coalesce(sum(length(body)), 0) FROM parts").fetchone()
    log = file.with_name(file.name + "-wal")
    size = file.stat().st_size + (log.stat().st_size if log.exists() else 0)
    click.echo(f"{file}: {sum(group.entries for group in groups):,} answers, {size:,} bytes on disk")
    click.echo(f"shared parts of requests: {parts[0]:,}, {parts[1]:,} bytes")
    for group in groups:
        cost = "cost unknown" if group.cost_usd is None else f"${group.cost_usd:,.4f}"
        click.echo(
            f"  run {group.run}  {group.model or '(model not recorded)'}: {group.entries:,} answers, "
            f"{group.input_tokens:,} + {group.output_tokens:,} tokens, {cost}, {group.bytes:,} bytes, "
            f"{group.first} to {group.last} UTC"
        )


@command.command()
@click.argument("file", type=FILE)
@click.argument("key", required=False)
@click.option(
    "--request", type=click.File("rb"), help="A JSON file ('-': standard input) that holds a request."
)
def explain(file: Path, key: str | None, request: Any) -> None:
    """Compare a request with its nearest recorded relative in FILE, and name what differs.

    Give the KEY of an answer (its beginning will do) to see why it had to be asked for, or a request:
    {"model": …, "endpoint": …, "messages": […], "tools": […], "params": {…}, "run": …, "sample": …,
    "epoch": 1, "role": "agent", "turn": 0}.
    """
    from agentbench_sdk.cache.explain import explain_miss

    if (key is None) == (request is None):
        raise click.UsageError("give either a KEY or --request")
    with _opened(file, "read") as connection:
        identity, origin = _recorded(connection, file, key) if key else _asked(request.read())
        if connection.execute("SELECT 1 FROM entries WHERE key = ?", (identity.key,)).fetchone():
            click.echo(f"the answer to request {identity.key} is recorded")
        else:
            click.echo(f"no answer to request {identity.key} is recorded")
        click.echo(explain_miss(connection, identity, origin))


@command.command()
@click.argument("target", type=FILE)
@click.argument("sources", type=FILE, nargs=-1, required=True)
@click.option(
    "--salvage", is_flag=True, help="The sources are damaged: copy each row that can still be read."
)
def merge(target: Path, sources: tuple[Path, ...], salvage: bool) -> None:
    """Copy into TARGET (made when missing) the answers of SOURCES that it lacks."""
    from agentbench_sdk.cache.merge import merge as merge_file

    for source in sources:
        if source.resolve() == target.resolve():
            raise ConfigurationError(f"{source} cannot be merged into itself; name another target")
    with _opened(target, "written", create=True, read_only=False) as connection:
        for source in sources:
            report = merge_file(connection, source, salvage=salvage)
            click.echo(
                f"{source}: {report.added:,} added, {report.present:,} already there, {report.conflicting:,} answered "
                f"differently (kept as they were), {report.damaged:,} damaged and left out"
                + (f", {report.unreadable:,} unreadable" if salvage else "")
            )


@command.command()
@click.argument("file", type=FILE)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write here, not to the terminal."
)
@click.option("--messages", is_flag=True, help="With the messages of each request.")
def export(file: Path, output: Path | None, messages: bool) -> None:
    """Write the answers in FILE as JSON lines."""
    import orjson

    from agentbench_sdk.cache.maintenance import export as export_entries

    with _opened(file, "read") as connection:
        stream = output.open("wb") if output else sys.stdout.buffer
        try:
            for record in export_entries(connection, messages=messages):
                stream.write(orjson.dumps(record) + b"\n")
            stream.flush()
        finally:
            if output:
                stream.close()


@command.command()
@click.argument("file", type=FILE)
@click.option(
    "--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Recorded more than DAYS ago."
)
@click.option("--run", help="Recorded by this run.")
@click.option("--model", help="Answers of this model.")
@click.option("--yes", is_flag=True, help="Really drop them; without it, they are only counted.")
@click.option("--compact", is_flag=True, help="Give the space back to the disk afterwards.")
def prune(
    file: Path, older_than: float | None, run: str | None, model: str | None, yes: bool, compact: bool
) -> None:
    """Drop the answers in FILE that meet all conditions given. Counts only, unless --yes is given."""
    from agentbench_sdk.cache.maintenance import compact as compact_file
    from agentbench_sdk.cache.maintenance import prune as prune_entries

    if older_than is None and run is None and model is None:
        raise click.UsageError("give at least one of --older-than, --run and --model")
    before = None if older_than is None else time.time() - older_than * 86_400
    with _opened(file, "written", read_only=False) as connection:
        report = prune_entries(connection, before=before, run=run, model=model, dry_run=not yes)
        if yes and compact:
            compact_file(connection)
    did = "dropped" if yes else "would drop (give --yes to do so)"
    click.echo(f"{file}: {did} {report.entries:,} answers, {report.bytes:,} bytes")


@command.command()
@click.argument("file", type=FILE)
@click.option("--remove-damaged", is_flag=True, help="Drop damaged answers; they are asked for again.")
def verify(file: Path, remove_damaged: bool) -> None:
    """Check the structure of FILE, and every answer by its hash. Fails when something is wrong."""
    from agentbench_sdk.cache.maintenance import verify as verify_file

    with _opened(file, "read", read_only=not remove_damaged) as connection:
        report = verify_file(connection, remove_damaged=remove_damaged)
    for problem in report.problems:
        click.echo(problem)
    if report.removed:
        click.echo(f"{report.removed:,} damaged answers were removed")
    if len(report.problems) > report.removed:
        raise CacheError(
            f"{file} is damaged ({len(report.problems) - report.removed:,} problems): put a copy of it back, drop damaged "
            "answers with --remove-damaged, or save the rest with `agentbench cache merge --salvage NEW_FILE "
            f"{file}`"
        )
    click.echo(f"{file}: {report.entries - report.removed:,} answers, all sound")


@contextmanager
def _opened(
    file: Path, doing: str, *, create: bool = False, read_only: bool = True
) -> Iterator[sqlite3.Connection]:
    from agentbench_sdk.cache.database import failure, open_database

    connection = open_database(file, create=create, read_only=read_only)
    try:
        yield connection
    except sqlite3.Error as error:
        raise failure(error, file, doing) from error
    finally:
        connection.close()


def _recorded(connection: sqlite3.Connection, file: Path, prefix: str) -> tuple[RequestIdentity, Origin]:
    from agentbench_sdk.cache.history import load_request

    keys = connection.execute(
        "SELECT key FROM entries WHERE substr(key, 1, ?) = ? LIMIT 2", (len(prefix), prefix.lower())
    ).fetchall()
    if len(keys) != 1:
        raise ConfigurationError(
            f"{'several keys begin' if keys else 'no key begins'} with {prefix!r} in {file}; "
            "`agentbench cache export` lists them"
        )
    request = load_request(connection, keys[0][0])
    identity = request.identity() if request else None
    if request is None or identity is None:
        raise ConfigurationError(
            f"the request of {keys[0][0]} is not recorded in {file}, so it cannot be compared"
        )
    return identity, request.origin


def _asked(text: bytes) -> tuple[RequestIdentity, Origin]:
    import orjson

    from agentbench_sdk.cache.key import Origin, draw_for, identify
    from agentbench_sdk.messages import Message, ToolSpec
    from agentbench_sdk.models import GenerateParams, ModelRequest

    try:
        record = orjson.loads(text)
        messages = tuple(Message.from_dict(each) for each in record["messages"])
        tools = tuple(ToolSpec(**each) for each in record.get("tools", ()))
        params = GenerateParams().merged(GenerateParams(**record.get("params", {})))
        fields = ("sample", "epoch", "role", "turn", "ordinal", "namespace")
        origin = Origin(record.get("run", ""), **{name: record[name] for name in fields if name in record})
        request = ModelRequest(messages, tools, params)
        draw = record["draw"] if "draw" in record else draw_for(params, origin)
        identity = identify(
            model_id=record["model"], endpoint=record.get("endpoint", ""), request=request, draw=draw
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"--request: not a request ({type(error).__name__}: {error}); it needs 'model' and 'messages', "
            "and may have endpoint, tools, params, run, sample, epoch, role, turn, ordinal, namespace, draw"
        ) from error
    return identity, origin
