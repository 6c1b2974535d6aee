"""Images are built once for their content; what cannot be had is told with the engine's last words."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentbench_sdk.errors import ConfigurationError, EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox import SandboxSpec
from agentbench_sdk.sandbox.container.images import content_hash
from agentbench_sdk.sandbox.container.provider import ContainerProvider
from tests.sandbox.conformance.conftest import ENGINES, make_provider
from tests.sandbox.conftest import TIGHT


@pytest.fixture(params=ENGINES)
async def provider(
    request: pytest.FixtureRequest, busybox: Callable[[str], str]
) -> AsyncIterator[ContainerProvider]:
    made = await make_provider(request.param, busybox)
    assert isinstance(made, ContainerProvider)
    yield made
    await made.close()


def context(folder: Path, dockerfile: str, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


async def test_a_dockerfile_is_built_once_for_its_content(
    provider: ContainerProvider, tmp_path: Path
) -> None:
    dockerfile = (
        f"FROM {provider.image}\nCOPY greeting /app/greeting\nENV WHO=you\nUSER 1234:77\nWORKDIR /elsewhere\n"
    )
    folder = context(tmp_path / "context", dockerfile, greeting=f"hello {os.getpid()}")
    spec = SandboxSpec(build_context=folder, work_folder="/app/work", limits=TIGHT, folders=("/logs",))
    tag = f"agentbench-sandbox:{content_hash(folder)}"
    try:
        one, two = await asyncio.gather(provider.create(spec), provider.create(spec))
        async with one, two:
            told = await one.exec(
                'cat /app/greeting; echo " $WHO"; id -u; pwd; touch own /logs/x && stat -c %u own .'
            )
            assert told.stdout.text == f"hello {os.getpid()} you\n1234\n/app/work\n1234\n1234\n", (
                told.stderr.text
            )
            assert not (await one.exec("touch /app/greeting")).ok, (
                "what the image has belongs to whom it says"
            )
        assert (await provider.engine.call("image", "inspect", tag)).ok
    finally:
        await provider.engine.call("rmi", "--force", tag)


async def test_a_build_that_fails_shows_its_end(provider: ContainerProvider, tmp_path: Path) -> None:
    folder = context(tmp_path / "context", f"FROM {provider.image}\nRUN echo the reason; exit 7\n")
    with pytest.raises(SandboxUnavailableError, match=r"cannot be built[^Z]*7"):
        await provider.create(SandboxSpec(build_context=folder))


async def test_an_image_that_is_nowhere_is_named(provider: ContainerProvider) -> None:
    name = "localhost/agentbench-no-such-image:1"
    with pytest.raises(SandboxUnavailableError, match=f"the image {name} is not here and cannot be fetched"):
        await provider.create(SandboxSpec(image=name))


async def test_an_image_and_a_folder_are_one_too_many(provider: ContainerProvider, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailableError, match="either an image or a folder"):
        await provider.create(SandboxSpec(image="x", build_context=tmp_path))


async def test_a_folder_without_a_dockerfile_is_none(provider: ContainerProvider, tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailableError, match="has no Dockerfile"):
        await provider.create(SandboxSpec(build_context=tmp_path))


async def test_commands_cannot_have_more_than_their_container(provider: ContainerProvider) -> None:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        for more in (
            replace(TIGHT, memory_bytes=TIGHT.memory_bytes + 1),
            replace(TIGHT, processes=TIGHT.processes + 1),
            replace(TIGHT, network=True),
        ):
            with pytest.raises(ConfigurationError, match="container"):
                await sandbox.exec("true", limits=more)


async def test_a_container_that_somebody_removed_is_a_fault(provider: ContainerProvider) -> None:
    sandbox = await provider.create(SandboxSpec(limits=TIGHT))
    running = asyncio.ensure_future(sandbox.exec("sleep 100"))
    await asyncio.sleep(1)
    await provider.remove(sandbox.container)  # type: ignore[attr-defined]
    with pytest.raises(EnvironmentFaultError):
        await running
    with pytest.raises(EnvironmentFaultError, match="cannot be started"):
        await sandbox.exec("true")
    await sandbox.close()


async def test_commands_have_no_privileges(provider: ContainerProvider) -> None:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        status = (await sandbox.exec("cat /proc/self/status")).stdout.text
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert {fields[f"Cap{name}"].strip("0") for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {""}
        assert fields["NoNewPrivs"] == "1"
        assert fields["Seccomp"] == "2"
        assert not (await sandbox.exec("mount -t tmpfs none /tmp")).ok
        assert not (await sandbox.exec("echo x > /proc/sys/kernel/core_pattern")).ok


async def test_what_a_killed_run_left_is_removed_by_the_next(
    provider: ContainerProvider, busybox: Callable[[str], str]
) -> None:
    """Its containers are known by a lease that it no longer holds; those of the living stay."""
    code = f"""
import asyncio, os, signal
from agentbench_sdk.sandbox import SandboxSpec
from agentbench_sdk.sandbox.container import {type(provider).__name__} as Provider
async def main():
    sandbox = await Provider(image={provider.image!r}).create(SandboxSpec())
    print(sandbox.container, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    async with await provider.create(SandboxSpec(limits=TIGHT)) as mine:
        killed = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        orphan = killed.stdout.strip()
        assert orphan, killed.stderr
        there = ("inspect", "--type", "container", orphan)
        assert (await provider.engine.call(*there)).ok
        another = type(provider)()  # type: ignore[call-arg]
        await another.check()
        await another.close()
        assert not (await provider.engine.call(*there)).ok
        assert (await mine.exec("echo alive")).stdout.text == "alive\n"


async def test_a_command_that_cannot_be_killed_costs_the_container_no_files(
    provider: ContainerProvider,
) -> None:
    """As many processes as there may be leave no room for one that kills them: the container is started anew."""
    async with await provider.create(SandboxSpec(limits=replace(TIGHT, processes=40))) as sandbox:
        await sandbox.write("kept", "x")
        full = "while :; do sleep 60 & done; wait"
        result = await sandbox.exec(full, timeout=2)
        assert not result.ok
        assert await sandbox.read("kept") == b"x"


def test_the_hash_of_a_folder_is_that_of_its_content(tmp_path: Path) -> None:
    folders = [context(tmp_path / name, "FROM x\n", a="1") for name in ("one", "two")]
    assert content_hash(folders[0]) == content_hash(folders[1])
    seen = {content_hash(folders[0])}
    folder = folders[0]
    changes: list[Callable[[], object]] = [
        lambda: (folder / "a").write_text("2"),
        lambda: (folder / "a").rename(folder / "b"),
        lambda: (folder / "b").chmod(0o755),
        (folder / "empty").mkdir,
        lambda: (folder / "link").symlink_to("b"),
    ]
    for change in changes:
        change()
        seen.add(content_hash(folder))
    assert len(seen) == 6
