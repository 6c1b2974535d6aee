"""What an engine says of itself decides whether it is used; what it lacks is one sentence."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.errors import EnvironmentFaultError, SandboxUnavailableError
from agentbench_sdk.sandbox import Limit, SandboxSpec
from agentbench_sdk.sandbox.container import Docker, Podman
from agentbench_sdk.sandbox.container.engine import Facts

HERE = os.uname()
DOCKER = {
    "OSType": "linux", "MemoryLimit": True, "PidsLimit": True, "Name": HERE.nodename, "KernelVersion": HERE.release,
}  # fmt: skip
PODMAN = {
    "host": {
        "os": "linux", "cgroupControllers": ["cpu", "memory", "pids"], "hostname": HERE.nodename, "kernel": HERE.release,
    }
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a command that only plays an engine into the path."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def play(script: str, name: str = "docker") -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return play


def says(info: object) -> str:
    return f"case $1 in info) cat <<'END'\n{json.dumps(info)}\nEND\n;; ps) ;; *) echo no >&2; exit 1;; esac"


@pytest.mark.parametrize("info", [DOCKER, PODMAN], ids=["docker", "podman"])
def test_both_engines_are_understood(info: dict[str, Any]) -> None:
    assert Facts.read(info) == Facts("linux", True, True, HERE.nodename, HERE.release)


async def test_processor_time_is_limited_only_on_this_machine(engine: Any) -> None:
    engine(says(DOCKER))
    docker = Docker()
    await docker.check()
    assert Limit.CPU in docker.capabilities.limits
    await docker.close()
    engine(says({**DOCKER, "Name": "docker-desktop"}))
    docker = Docker()
    await docker.check()
    assert docker.capabilities.limits == set(Limit) - {Limit.CPU}
    await docker.close()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "echo 'Cannot connect to the daemon.' >&2; exit 1",
            r"\(Cannot connect to the daemon\.\): start its daemon",
        ),
        ("echo 'permission denied while trying' >&2; exit 1", "let this user use it .its group docker"),
        ("echo not json", "cannot be read"),
        (says({**DOCKER, "OSType": "windows"}), "switch it to Linux containers"),
        (says({**DOCKER, "MemoryLimit": False}), "neither memory nor processes .* control groups"),
        (says({**DOCKER, "PidsLimit": False}), "neither memory nor processes .* control groups"),
    ],
)
async def test_what_is_missing_is_said(engine: Any, script: str, sentence: str) -> None:
    engine(script)
    docker = Docker()
    for _ in range(2):
        with pytest.raises(SandboxUnavailableError, match=sentence):
            await docker.check()
    with pytest.raises(SandboxUnavailableError, match=sentence):
        await docker.create(SandboxSpec())
    await docker.close()


async def test_without_its_program_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxUnavailableError, match="apt install podman"):
        await Podman().check()


async def test_a_container_that_does_not_start_is_a_fault(engine: Any) -> None:
    engine(
        says(DOCKER).replace(
            "ps)", "image) echo sha256:1;; run) echo 'Error: no space left' >&2; exit 125;; ps)"
        )
    )
    docker = Docker()
    with pytest.raises(EnvironmentFaultError, match="cannot start a container: no space left"):
        await docker.create(SandboxSpec())
    await docker.close()


async def test_a_container_without_its_limits_is_not_used(engine: Any, tmp_path: Path) -> None:
    """An engine that took the option and did nothing: nobody would notice until a machine is full."""
    engine(
        says(DOCKER).replace(
            "ps)",
            f"image) echo sha256:1;; run) echo c1;; inspect) echo {os.getpid()};; rm) touch {tmp_path}/gone;; ps)",
        )
    )
    docker = Docker()
    with pytest.raises(SandboxUnavailableError, match="not kept within their memory"):
        await docker.create(SandboxSpec())
    assert (tmp_path / "gone").exists()
    await docker.close()
