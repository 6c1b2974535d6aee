"""A program in a sandbox neither reads nor writes its host, and reaches none of its services."""

from __future__ import annotations

import asyncio
import secrets
import socket
from pathlib import Path

import pytest

from agentbench_sdk.sandbox import Sandbox, SandboxProvider, SandboxSpec
from agentbench_sdk.sandbox.spec import WORK_FOLDER
from tests.sandbox.conftest import TIGHT, names_in
from tests.sandbox.escapes.attempts import INTERPRETER, python


async def test_files_of_the_host_are_not_there(sandbox: Sandbox, outside: Path) -> None:
    homes = [str(Path.home()), "/root/.bashrc", "/etc/shadow", "/var", "/home/runner", "/sys/kernel", "/boot"]
    code = f"""
import os
for path in {[str(outside), str(outside / "secret"), str(Path(__file__)), *homes]!r}:
    for way in (path, "/proc/1/root" + path, "/proc/self/root" + path, "{WORK_FOLDER}/../" + path):
        try:
            found = os.listdir(way) if os.path.isdir(way) else open(way).read()
        except OSError:
            continue
        found and path != {str(Path.home())!r} and print("READ", way, str(found)[:80])
"""
    result = await python(sandbox, code)
    assert result.ok, result.stderr.text
    assert "READ" not in result.stdout.text


async def test_the_home_of_whoever_runs_it_is_empty_but_for_the_interpreter(sandbox: Sandbox) -> None:
    result = await sandbox.exec(f"find {Path.home()} -maxdepth 1 -type f; ls -A ~")
    assert result.stdout.text == ""


async def test_variables_and_keys_of_the_host_are_not_seen(
    provider: SandboxProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-host")
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        result = await sandbox.exec("env; cat /proc/[0-9]*/environ; cat /proc/[0-9]*/cmdline")
    assert "secret-of-the-host" not in result.stdout.text
    assert "OPENAI" not in result.stdout.text


async def test_nothing_outside_its_own_folders_can_be_written(sandbox: Sandbox, outside: Path) -> None:
    targets = [
        "/usr/x",
        "/usr/bin/python3",
        "/etc/x",
        "/etc/passwd",
        "/x",
        "/dev/x",
        "/proc/sys/kernel/core_pattern",
    ]
    code = f"""
import os
for path in {[*targets, str(outside / "new"), str(outside / "secret"), INTERPRETER]!r}:
    try:
        with open(path, "a") as file:
            file.write("x")
        print("WROTE", path)
    except OSError:
        pass
    try:
        os.makedirs(path + ".d"); print("MADE", path)
    except OSError:
        pass
"""
    result = await python(sandbox, code)
    assert result.ok, result.stderr.text
    assert result.stdout.text == ""
    assert (outside / "secret").read_text() == "the host's secret"
    assert names_in(outside) == ["secret"]


async def test_two_sandboxes_do_not_see_each_other(provider: SandboxProvider) -> None:
    async with (
        await provider.create(SandboxSpec(limits=TIGHT, files={"mine": b"one"})) as one,
        await provider.create(SandboxSpec(limits=TIGHT)) as two,
    ):
        running = asyncio.ensure_future(one.exec("echo left > /tmp/left; sleep 1"))
        result = await two.exec(
            "ls -A . /tmp; ps ax 2>/dev/null | grep -c 'sleep 1$'; ls /proc | grep -c '^[0-9]'"
        )
        await running
    assert "mine" not in result.stdout.text
    assert "left" not in result.stdout.text


async def test_services_of_the_host_cannot_be_reached(sandbox: Sandbox, outside: Path) -> None:
    """TCP and UDP on loopback, a socket in a folder, an abstract socket, and whatever else a host offers."""
    name = f"agentbench-{secrets.token_hex(6)}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        udp.bind(("127.0.0.1", 0))
        named.bind(str(outside / "socket"))
        (outside / "socket").chmod(0o777)
        named.listen()
        abstract.bind(f"\0{name}")
        abstract.listen()
        udp.setblocking(False)
        code = f"""
import socket
def attempt(what, family, kind, address):
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(2); s.connect(address); s.send(b"x")
        print("REACHED", what)
    except OSError:
        pass
attempt("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {tcp.getsockname()[1]}))
attempt("named", socket.AF_UNIX, socket.SOCK_STREAM, {str(outside / "socket")!r})
attempt("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\\0{name}")
attempt("outside", socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b"x", ("127.0.0.1", {udp.getsockname()[1]}))
for family in (40, 17, 38, 31, 29):  # vsock, packet, alg, bluetooth, can
    try:
        socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_STREAM); print("MADE", family)
    except OSError:
        pass
"""
        result = await python(sandbox, code)
        assert result.ok, result.stderr.text
        assert result.stdout.text == ""
        with pytest.raises(BlockingIOError):
            udp.recv(1)


async def test_a_program_has_a_loopback_of_its_own(sandbox: Sandbox) -> None:
    """Tests of agents start servers; they reach them, and nobody else does."""
    code = """
import socket
server = socket.create_server(("127.0.0.1", 8000))
client = socket.create_connection(("127.0.0.1", 8000))
print("connected")
"""
    assert (await python(sandbox, code)).stdout.text == "connected\n"
