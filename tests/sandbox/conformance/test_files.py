"""Files of any sandbox are written, read, listed and copied as they are, whatever they are called."""

from __future__ import annotations

import asyncio

import pytest

from agentbench_sdk.errors import SandboxFileError
from agentbench_sdk.sandbox import Entry, Sandbox, SandboxProvider, SandboxSpec
from tests.sandbox.conftest import MEBIBYTE, TIGHT

pytestmark = pytest.mark.filterwarnings("ignore::agentbench_sdk.sandbox.warning.SandboxWarning")

NAMES = [
    "plain",
    "-n",
    "--help",
    "a b",
    " leading",
    "new\nline",
    "end\n",
    "tab\t",
    "'quotes\"",
    "$HOME",
    "`id`",
    "back\\slash",
    "*",
    "?",
    "[a]",
    "ünï→😀",
    "\u202egpj",
    "e\u0301",
    "a;b&c|d",
    "n" * 200,
    "not\udcffutf8",
]


async def test_files_come_back_as_they_were_written(sandbox: Sandbox) -> None:
    for content in (b"", b"x", bytes(range(256)) * 64, "ünï\r\n".encode(), b"\xff\xfe\0"):
        await sandbox.write("a/b/file", content)
        assert await sandbox.read("a/b/file") == content
    await sandbox.write("text", "ünï and half a pair \ud800")
    assert (await sandbox.read("text")).decode() == "ünï and half a pair ?"


async def test_a_name_is_only_a_name(sandbox: Sandbox) -> None:
    for name in NAMES:
        path = f"{name}.d/{name}"
        await sandbox.write(path, name.encode("utf-8", "surrogateescape"))
        assert await sandbox.read(path) == name.encode("utf-8", "surrogateescape")
    expected = [Entry(f"{name}.d", "folder") for name in NAMES]
    expected += [Entry(f"{name}.d/{name}", "file") for name in NAMES]
    assert await sandbox.list() == sorted(expected, key=lambda entry: entry.path)
    assert await sandbox.list("-n.d") == [Entry("-n", "file")]


async def test_files_of_the_spec_are_there_with_their_names_and_bits(provider: SandboxProvider) -> None:
    files = {name: name.encode("utf-8", "surrogateescape") for name in NAMES}
    files |= {"deep/" + "/".join(["d" * 60] * 4) + "/run": b"#!/bin/sh\necho ran"}
    program = next(reversed(files))
    spec = SandboxSpec(limits=TIGHT, files=files, executable=frozenset({program}))
    async with await provider.create(spec) as sandbox:
        found = [entry.path for entry in await sandbox.list() if entry.kind == "file"]
        assert found == sorted(files)
        for name in ("plain", "-n", "end\n", "ünï→😀", "not\udcffutf8", program):
            assert await sandbox.read(name) == files[name]
        assert (await sandbox.exec([f"./{program}"])).stdout.text == "ran\n"
        assert (await sandbox.exec(["./plain"])).exit_code == 126


async def test_what_cannot_be_read_or_written_says_why(sandbox: Sandbox) -> None:
    await sandbox.exec(
        "mkdir folder && mkfifo pipe && ln -s nowhere link && ln -s loop loop && echo long > file"
    )
    for path, why in {
        "missing": "No such file",
        "folder": "is a folder",
        "pipe": "no regular file",
        "link": "No such file",
        "loop": "loop|symbolic links",
        "file/below": "file/below",
        "nul\0l": "null byte",
    }.items():
        with pytest.raises(SandboxFileError, match=why):
            await sandbox.read(path)
    with pytest.raises(SandboxFileError, match="more than 4"):
        await sandbox.read("file", limit=4)
    assert await sandbox.read("file", limit=5) == b"long\n"
    for path in ("folder", "file/below", "nul\0l", "half\ud800"):
        with pytest.raises(SandboxFileError):
            await sandbox.write(path, "x")
    with pytest.raises(SandboxFileError):
        await sandbox.list("missing")


async def test_links_are_listed_and_not_followed(sandbox: Sandbox) -> None:
    await sandbox.exec("mkdir a && ln -s / a/root && ln -s . a/self && mkfifo a/pipe && echo x > a/file")
    assert await sandbox.list("a") == [
        Entry("file", "file"),
        Entry("pipe", "other"),
        Entry("root", "link"),
        Entry("self", "link"),
    ]


async def test_a_large_file_passes(sandbox: Sandbox) -> None:
    content = bytes(range(256)) * 16384  # 4 MiB
    await sandbox.write("large", content)
    assert await sandbox.read("large", limit=len(content)) == content
    with pytest.raises(SandboxFileError, match="4194304 bytes"):
        await sandbox.read("large")


async def test_a_snapshot_is_all_of_the_work_folder(provider: SandboxProvider) -> None:
    async with await provider.create(SandboxSpec(limits=TIGHT, files={"a/ü": b"1"})) as sandbox:
        await sandbox.exec(
            f"ln -s a/ü link; mkdir empty; head -c {2 * MEBIBYTE} /dev/urandom > large; chmod +x a/ü"
        )
        large = await sandbox.read("large", limit=2 * MEBIBYTE)
        archive = await sandbox.snapshot()
    async with await provider.create(SandboxSpec(limits=TIGHT, archive=archive, files={"new": b"2"})) as copy:
        assert [(entry.path, entry.kind) for entry in await copy.list()] == [
            ("a", "folder"),
            ("a/ü", "file"),
            ("empty", "folder"),
            ("large", "file"),
            ("link", "link"),
            ("new", "file"),
        ]
        assert await copy.read("large", limit=2 * MEBIBYTE) == large
        assert (await copy.exec("test -x a/ü && cat link")).stdout.text == "1"


async def test_a_fork_goes_its_own_way(sandbox: Sandbox) -> None:
    await sandbox.write("same", "before")
    async with await sandbox.fork() as fork:
        await asyncio.gather(sandbox.write("same", "mine"), fork.write("same", "its own"))
        await fork.write("another", "x")
        assert await fork.read("same") == b"its own"
    assert await sandbox.read("same") == b"mine"
    assert await sandbox.list() == [Entry("same", "file")]


async def test_what_is_no_archive_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxFileError):
        await sandbox.unpack(b"no archive" * 1000)
    assert (await sandbox.exec("true")).ok


async def test_sandboxes_do_not_share_files(provider: SandboxProvider) -> None:
    one, two = await asyncio.gather(*(provider.create(SandboxSpec(limits=TIGHT)) for _ in range(2)))
    async with one, two:
        await one.exec('echo x > one-a; echo x > "$HOME/one-b"; echo x > "$TMPDIR/one-c"')
        seen = await two.exec('ls -A . "$HOME" "$TMPDIR"')
        assert "one-" not in seen.stdout.text


async def test_folders_elsewhere_can_be_written(provider: SandboxProvider) -> None:
    if provider.name == "local":
        pytest.skip("nothing can be mounted on the host")
    spec = SandboxSpec(limits=TIGHT, work_folder="/app/deep", folders=("/logs", "/opt/more/of it"))
    async with await provider.create(spec) as sandbox:
        await sandbox.write("/logs/a", "1")
        await sandbox.write("/opt/more/of it/b", "2")
        assert (await sandbox.exec("pwd; cat /logs/a '/opt/more/of it/b'")).stdout.text == "/app/deep\n12"
