"""A key that is easy to recognise goes in by every door, and comes out at none: no file, no screen, no error."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from agentbench_sdk import load_run
from agentbench_sdk.testing import FakeEndpoint, Reply
from tests.reliability.counting import CACHE
from tests.reliability.workshop import Done, Workshop

SECRET = "Zq7-Recognisable/Key+9431"
PIECE = "Recognisable"
TASK = """\
name: echo
samples:
  - {id: a, question: say 1, target: "1"}
  - {id: b, question: say 2, target: "2"}
judges: [exact]
"""
NO_KEYS = {name: "" for name in os.environ if name.endswith("_API_KEY")}


def echo(body: dict[str, Any], number: int) -> Reply:
    return Reply.text(body["messages"][-1]["content"][-1])


def leaks(text: bytes) -> bool:
    return PIECE.lower().encode() in text.lower()


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """All files and what is in them, compressed pieces of a database too."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
        if path.suffix == ".db" and path.is_file() and path.parent.name == "runs":
            run = load_run(path)
            for key in run.transcripts:
                yield path, run.transcripts[key].to_bytes()


def check(folder: Path, *done: Done) -> None:
    for each in done:
        assert not leaks(each.output.encode()), each.output
        assert not leaks(each.errors.encode()), each.errors
    for path, content in written(folder):
        assert not leaks(str(path).encode()), path
        assert not leaks(content), path


def doors(address: str) -> dict[str, tuple[tuple[str, ...], dict[str, str], str]]:
    """By name: the options that give the key, the environment, and a header that must hold it."""
    tiny, key = "openai/tiny", quote(SECRET, safe="")
    host = address.removeprefix("http://")
    return {
        "the usual variable": (
            ("--model", tiny, "--base-url", address),
            {"OPENAI_API_KEY": SECRET},
            "authorization",
        ),
        "a variable of one's own": (
            ("--model", tiny, "--base-url", address, "--api-key-env", "MY_KEY"),
            {"MY_KEY": SECRET},
            "authorization",
        ),
        "the model's name": (
            ("--model", f"{tiny}?base_url={address}&api_key={key}"),
            {},
            "authorization",
        ),
        "a header": (
            ("--model", f"{tiny}?base_url={address}&headers=" + quote(json.dumps({"x-api-key": SECRET}))),
            {},
            "x-api-key",
        ),
        "the address": (("--model", tiny, "--base-url", f"http://me:{key}@{host}"), {}, "authorization"),
        "the address in the model's name": (
            ("--model", f"{tiny}?base_url={quote(f'http://me:{key}@{host}', safe='')}"),
            {},
            "authorization",
        ),
        "a query": (("--model", f"{tiny}?base_url=" + quote(f"{address}?api-key={key}", safe="")), {}, ""),
    }


DOORS = tuple(doors(""))


@pytest.mark.parametrize("door", DOORS)
async def test_a_key_that_opens_the_door_is_not_seen_again(
    door: str, workshop: Workshop, tmp_path: Path
) -> None:
    """Progress, report, JSON, dry run, exports, statistics and explanations: everything that is shown."""
    (tmp_path / "echo.yaml").write_text(TASK)
    async with FakeEndpoint(echo) as endpoint:
        options, environment, header = doors(endpoint.base_url)[door]
        environment = {**NO_KEYS, **environment}
        order = ("run", "echo.yaml", *options)
        done = [
            await workshop.run(tmp_path, *order, *more, environment=environment)
            for more in ((), ("--json",), ("--dry-run",), ("--dry-run", "--json"))
        ]
        if header:
            assert endpoint.requests[0].headers[header]
        else:
            assert PIECE in endpoint.requests[0].path
        judged = ("run", "echo.yaml", "--model", "scripted/constant", "--judge-model", _model(options))
        done.append(await workshop.run(tmp_path, *judged, environment=environment))
    for arguments in (
        ("report",),
        ("report", "--json"),
        ("export", "--format", "json"),
        ("export", "--format", "csv"),
        ("export", "--format", "jsonl", "--transcripts"),
        ("replay",),
        ("cache", "stats", CACHE),
        ("cache", "verify", CACHE),
        ("cache", "export", "--messages", CACHE),
        ("list",),
    ):
        done += [await workshop.run(tmp_path, *arguments, environment=environment)]
    await asyncio.to_thread(check, tmp_path, *done)


def _model(options: tuple[str, ...]) -> str:
    """The model of these options as one name."""
    given = dict(zip(options[::2], options[1::2], strict=True))
    more = {"base_url": given.get("--base-url"), "api_key_env": given.get("--api-key-env")}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in more.items() if value)
    return given["--model"] + ("?" + query if query else "")


def telling() -> list[Reply]:
    """What endpoints say that give the key away."""
    basic = quote(SECRET, safe="")
    errors = [
        Reply.error(status, f"the key {SECRET} ({basic}) is wrong", code=SECRET, type=SECRET)
        for status in (400, 401, 403, 404, 418, 429, 500, 503)
    ]
    padding = "x" * (400 - len("the key ") - len(SECRET) // 2)
    return [
        *errors,
        Reply.error(401, f"{padding}the key {SECRET} is wrong"),
        Reply.raw(f"<html>{SECRET}</html>", status=502, content_type="text/html"),
        Reply.raw(SECRET),
        Reply.raw(f'{{"choices": "{SECRET}"}}'),
        Reply.json({"error": {"message": f"Incorrect API key provided: {SECRET}"}}),
        Reply.json({"choices": [{"message": {"role": SECRET, "content": {"a": SECRET}}}]}),
        Reply.json({"choices": [{"finish_reason": SECRET, "message": {"tool_calls": SECRET}}]}),
        Reply(status=307, headers={"Location": f"http://127.0.0.1:9/{SECRET}"}),
        Reply.raw(f"data: {SECRET}\n\n", content_type="text/event-stream"),
        Reply.raw(f'data: {{"error": {{"message": "{SECRET}"}}}}\n\n', content_type="text/event-stream"),
    ]


@pytest.mark.parametrize("door", DOORS)
async def test_an_endpoint_that_echoes_the_key_gives_nothing_away(
    door: str, workshop: Workshop, tmp_path: Path
) -> None:
    replies = telling()
    samples = "\n".join(f"  - {{id: s{n}, question: '{n}', target: x}}" for n in range(len(replies)))
    (tmp_path / "echo.yaml").write_text(f"name: echo\nsamples:\n{samples}\njudges: [exact]\n")
    async with FakeEndpoint(lambda body, number: replies[int(body["messages"][-1]["content"])]) as endpoint:
        options, environment, _ = doors(endpoint.base_url)[door]
        environment = {**NO_KEYS, **environment}
        order = ("run", "echo.yaml", *options, "--max-attempts", "1")
        done = [await workshop.run(tmp_path, *order, code=1, environment=environment)]
    # Nobody listens there any more: errors of the connection name the address.
    done.append(await workshop.run(tmp_path, *order, "--json", code=1, environment=environment))
    done.append(await workshop.run(tmp_path, "export", "--format", "jsonl", "--transcripts"))
    run = load_run(max((tmp_path / "runs").glob("*.db"), key=lambda path: path.stat().st_mtime))
    assert {record.ending.status for record in run.records()} == {"failed"}
    await asyncio.to_thread(check, tmp_path, *done)


KEY = quote(SECRET, safe="")
MISTAKES = {
    "a misspelt option": f"openai/tiny?base_url=http://127.0.0.1:9/v1&api_kye={KEY}",
    "an option beside it": f"openai/tiny?base_url=http://127.0.0.1:9/v1&api_key={KEY}&bogus=1",
    "a wrong value beside it": f"openai/tiny?base_url=http://127.0.0.1:9/v1&api_key={KEY}&timeout_s=soon",
    "given twice": f"openai/tiny?base_url=http://127.0.0.1:9/v1&api_key={KEY}&api_key={KEY}",
    "a blank in it": f"openai/tiny?base_url=http://127.0.0.1:9/v1&api_key=a%20{KEY}",
    "no provider": f"tiny?api_key={KEY}",
    "no name": f"openai/?api_key={KEY}",
    "an unknown provider": f"nobody/tiny?api_key={KEY}",
    "no scheme": f"openai/tiny?base_url=me:{KEY}@127.0.0.1/v1",
    "another scheme": f"openai/tiny?base_url=ftp://me:{PIECE}@127.0.0.1/v1",
    "a slash in the password": f"openai/tiny?base_url=http://me:{PIECE}/x@127.0.0.1/v1",
    "the key as the name of its variable": f"openai/tiny?base_url=http://127.0.0.1:9/v1&api_key_env={KEY}",
    "headers that are none": f"openai/tiny?base_url=http://127.0.0.1:9/v1&headers={KEY}",
    "a header with a line break": "openai/tiny?base_url=http://127.0.0.1:9/v1&headers="
    + quote(json.dumps({"x-api-key": f"{SECRET}\nX: 1"})),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_beside_the_key_is_told_without_it(
    mistake: str, workshop: Workshop, tmp_path: Path
) -> None:
    (tmp_path / "echo.yaml").write_text(TASK)
    order = ("run", "echo.yaml", "--model", MISTAKES[mistake])
    done = await workshop.run(tmp_path, *order, code=2, environment=NO_KEYS)
    assert done.errors
    await asyncio.to_thread(check, tmp_path, done)


async def test_the_check_itself_finds_a_key(tmp_path: Path) -> None:
    check(tmp_path)
    (tmp_path / "log").write_bytes(b"\x00" + SECRET.encode())
    with pytest.raises(AssertionError):
        check(tmp_path)
    with pytest.raises(AssertionError):
        check(tmp_path / "empty", Done(0, "", f"error: {SECRET}"))
