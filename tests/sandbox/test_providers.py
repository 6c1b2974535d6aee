"""Providers are found by name, a stranger's too, and tell whether they work here."""

import json
import subprocess
import sys
import warnings

import pytest

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import ConfigurationError, SandboxUnavailableError, UnknownNameError
from agentbench_sdk.sandbox import (
    Limit,
    SandboxProvider,
    SandboxSpec,
    SandboxWarning,
    local,
    sandbox_provider,
)


@pytest.mark.parametrize("name", ["bubblewrap", "docker", "local", "podman"])
def test_ours_are_there(name: str) -> None:
    provider = sandbox_provider(name)
    assert isinstance(provider, SandboxProvider)
    assert provider.name == name
    assert sandbox_provider(name) is not provider


def test_another_name_is_told_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match="no sandbox is named 'podmann'; did you mean 'podman'"):
        sandbox_provider("podmann")


def test_a_stranger_may_bring_one() -> None:
    registry = Registry()
    registry.add("sandbox", "mine", local.Local)
    assert isinstance(registry.sandbox("mine"), local.Local)
    registry.add("sandbox", "none", dict)
    with pytest.raises(ConfigurationError, match="sandbox 'none' made dict, which is no SandboxProvider"):
        registry.sandbox("none")


def test_the_list_says_what_works_here() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agentbench_sdk", "list", "sandboxes", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/nowhere"},
    )
    found = {entry["name"]: entry for entry in json.loads(done.stdout)["sandboxes"]}
    assert {name for name, entry in found.items() if entry["works"]} == {"local"}
    assert found["local"]["isolated"] is False
    assert "network" not in found["local"]["limits"]
    for name in ("bubblewrap", "docker", "podman"):
        assert f"needs the program {'bwrap' if name == 'bubblewrap' else name}" in found[name]["why_not"]


async def test_local_warns_once_that_it_isolates_nothing() -> None:
    provider = local.Local()
    assert not provider.capabilities.isolated
    assert Limit.NETWORK not in provider.capabilities.limits
    await provider.check()
    local._warn.cache_clear()
    with pytest.warns(SandboxWarning, match="isolates nothing"):
        await provider.create(SandboxSpec())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await provider.create(SandboxSpec())
    await provider.close()


@pytest.mark.parametrize(
    "spec", [SandboxSpec(image="x"), SandboxSpec(folders=("/logs",))], ids=["image", "folders"]
)
async def test_local_refuses_what_it_cannot_give(spec: SandboxSpec) -> None:
    provider = local.Local()
    with pytest.raises(SandboxUnavailableError, match="use the sandbox docker or podman"):
        await provider.create(spec)
    await provider.close()
