"""Links, races, special files and strange names lead nowhere that a program could not go itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbench_sdk.errors import SandboxFileError
from agentbench_sdk.sandbox import Sandbox
from tests.sandbox.conftest import names_in


async def test_links_lead_nowhere_on_the_host(sandbox: Sandbox, outside: Path) -> None:
    secret = outside / "secret"
    await sandbox.exec(
        f"ln -s {secret} link; ln -s {outside} folder; ln -s / root; ln -s /etc/passwd users; ln -s loop loop"
    )
    for path in ("link", "folder/secret", f"root{secret}", f"../../../..{secret}", str(secret), "loop"):
        with pytest.raises(SandboxFileError):
            await sandbox.read(path)
    for path in ("link", "folder/new", str(outside / "new"), f"root{outside}/new", "/usr/new", "loop"):
        with pytest.raises(SandboxFileError):
            await sandbox.write(path, "written by a guest")
    assert b"agent" in await sandbox.read("users")
    assert secret.read_text() == "the host's secret"
    assert names_in(outside) == ["secret"]


async def test_a_copy_follows_no_link(sandbox: Sandbox, outside: Path) -> None:
    await sandbox.exec(
        f"ln -s {outside} folder; ln -s {outside / 'secret'} link; mkdir real; echo kept > real/file"
    )
    async with await sandbox.fork() as copy:
        result = await copy.exec("cat link folder/secret; cat real/file; readlink link")
    assert result.stdout.text == f"kept\n{outside / 'secret'}\n"


async def test_a_race_with_links_gains_nothing(sandbox: Sandbox, outside: Path) -> None:
    """While a program swaps a folder for a link, whatever the host reads, lists or copies stays inside."""
    code = f"""
import os
os.makedirs("a", exist_ok=True)
open("a/secret", "w").write("inside")
while True:
    try:
        os.rename("a", "b"); os.symlink({str(outside)!r}, "a"); os.unlink("a"); os.rename("b", "a")
    except OSError:
        pass
"""
    racing = await sandbox.start(["python3", "-c", code])
    seen = set()
    for _ in range(15):
        try:
            seen.add(await sandbox.read("a/secret"))
            await sandbox.write("a/written", "x")
            await sandbox.list("a")
        except SandboxFileError:
            continue
    try:
        archive = await sandbox.snapshot()
    except SandboxFileError:
        archive = b""  # a name went away while it was read
    racing.kill()
    await racing.wait()
    assert seen <= {b"inside", b""}
    assert b"the host's secret" not in archive
    assert names_in(outside) == ["secret"]


async def test_a_folder_that_was_closed_is_open_again(sandbox: Sandbox) -> None:
    """No program can make its own work uncheckable."""
    await sandbox.exec("echo kept > file; chmod 000 . ~ /tmp")
    assert (await sandbox.exec("cat file; touch ~/x /tmp/x && echo ok")).stdout.text == "kept\nok\n"


async def test_special_files_do_not_hang_or_mislead_the_host(sandbox: Sandbox) -> None:
    await sandbox.exec("mkfifo pipe; mkdir folder; ln -s /dev/zero zero; ln -s /proc/self/mem mem")
    for path in ("pipe", "folder", "zero", "mem", "missing", "", "a\0b"):
        with pytest.raises(SandboxFileError):
            await sandbox.read(path)
    kinds = {entry.path: entry.kind for entry in await sandbox.list()}
    assert kinds == {"pipe": "other", "folder": "folder", "zero": "link", "mem": "link"}


@pytest.mark.parametrize(
    "name", ["-rf", "--help", "a b", "a\nb", "'", '"', "$(id)", "`id`", "*", "ü", "é", ".hidden"]
)
async def test_strange_names_are_names(sandbox: Sandbox, name: str) -> None:
    await sandbox.write(name, "content")
    assert await sandbox.read(name) == b"content"
    assert [entry.path for entry in await sandbox.list()] == [name]
