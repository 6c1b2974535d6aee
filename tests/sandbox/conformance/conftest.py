"""Each provider that works here, on asyncio's loop and on uvloop. Commands inside are a shell and small programs.

Containers run an image made of the host's busybox: the least that a sandbox can be made of.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest

from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox import Sandbox, SandboxProvider, SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from agentbench_sdk.sandbox.container import Docker, Podman
from agentbench_sdk.sandbox.local import Local
from tests.sandbox.conftest import TIGHT

ENGINES = {"docker": Docker, "podman": Podman}
PROVIDERS = ("bubblewrap", "local", "docker", "podman")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if sys.platform != "win32":
        import uvloop

        factories["uvloop"] = uvloop.new_event_loop
    return factories


@pytest.fixture(scope="session")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Gives an engine the image; tells its name, or skips the test with the reason."""
    made: list[tuple[str, str]] = []
    program = shutil.which("busybox")

    def image(engine: str) -> str:
        name = f"localhost/agentbench-busybox:{os.getpid()}"
        if (engine, name) in made:
            return name
        if program is None:
            pytest.skip("busybox is not installed (Debian: apt install busybox-static)")
        archive = tmp_path_factory.mktemp("image") / "root.tar"
        _pack(Path(program), archive)
        done = subprocess.run(
            [engine, "import", str(archive), name], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        made.append((engine, name))
        return name

    yield image
    for engine, name in made:
        subprocess.run([engine, "rmi", "--force", name], capture_output=True, check=False)


def _pack(program: Path, archive: Path) -> None:
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    with tarfile.open(archive, "w") as tar:
        tar.add(program, "bin/busybox")
        for applet in {*applets} - {"busybox"}:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)


async def make_provider(name: str, busybox: Callable[[str], str]) -> SandboxProvider:
    """A provider that works, or the test is skipped with the reason."""
    if name not in ENGINES:
        provider: SandboxProvider = Bubblewrap() if name == "bubblewrap" else Local()
    else:
        provider = ENGINES[name]()
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        await provider.close()
        pytest.skip(str(error))
    if name in ENGINES:
        await provider.close()
        provider = ENGINES[name](image=busybox(name))
    return provider


@pytest.fixture(params=PROVIDERS)
async def provider(
    request: pytest.FixtureRequest, busybox: Callable[[str], str]
) -> AsyncIterator[SandboxProvider]:
    loop = type(asyncio.get_running_loop()).__module__
    if (
        request.param in ENGINES
        and loop.startswith("asyncio")
        and not request.node.path.stem.endswith("commands")
    ):
        pytest.skip("slow, and what depends on the loop is in the tests of commands")
    made = await make_provider(request.param, busybox)
    yield made
    await made.close()


@pytest.fixture
async def sandbox(provider: SandboxProvider) -> AsyncIterator[Sandbox]:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as made:
        yield made
