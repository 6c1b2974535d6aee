"""A delegated part of the tree of control groups is found and used; what is not ours alone is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentbench_sdk.sandbox import Limit, Limits
from agentbench_sdk.sandbox.bubblewrap.cgroups import CommandGroup, delegated


def tree(folder: Path, *, controllers: str, handed_down: str = "", processes: str = "") -> tuple[Path, Path]:
    """A picture of the kernel's files: the root, and the file that names our group."""
    group = folder / "user.slice" / "run.scope"
    group.mkdir(parents=True)
    (group / "cgroup.controllers").write_text(controllers)
    (group / "cgroup.subtree_control").write_text(handed_down)
    (group / "cgroup.procs").write_text(processes)
    membership = folder / "membership"
    membership.write_text("12:pids:/elsewhere\n0::/user.slice/run.scope\n")
    return folder, membership


def test_a_group_that_hands_down_both_controllers_is_used(tmp_path: Path) -> None:
    root, membership = tree(tmp_path, controllers="cpu memory pids", handed_down="memory pids")
    assert delegated(root, membership) == tmp_path / "user.slice" / "run.scope"


@pytest.mark.parametrize("controllers", ["", "memory", "cpu pids"])
def test_without_both_controllers_there_is_none(tmp_path: Path, controllers: str) -> None:
    assert delegated(*tree(tmp_path, controllers=controllers)) is None


def test_version_1_alone_has_none(tmp_path: Path) -> None:
    (tmp_path / "membership").write_text("4:memory:/x\n3:pids:/x\n")
    assert delegated(tmp_path, tmp_path / "membership") is None
    assert delegated(tmp_path, tmp_path / "missing") is None


def test_who_is_alone_in_a_group_moves_into_one_of_its_own(tmp_path: Path) -> None:
    """And asks for the controllers to be handed down, which the kernel allows then."""
    root, membership = tree(tmp_path, controllers="memory pids", processes=f"{os.getpid()}\n")
    delegated(root, membership)
    group = tmp_path / "user.slice" / "run.scope"
    assert (group / "agentbench" / "cgroup.procs").read_text() == str(os.getpid())
    assert (group / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_who_shares_a_group_moves_nobody(tmp_path: Path) -> None:
    root, membership = tree(tmp_path, controllers="memory pids", processes=f"{os.getpid()}\n1\n")
    assert delegated(root, membership) is None
    assert not (tmp_path / "user.slice" / "run.scope" / "agentbench").exists()


def test_a_command_has_its_limits_and_its_account(tmp_path: Path) -> None:
    group = CommandGroup(tmp_path, Limits(memory_bytes=5 << 20, processes=10))
    assert (group.path / "memory.max").read_text() == str(5 << 20)
    assert int((group.path / "pids.max").read_text()) >= 10
    (group.path / "memory.peak").write_text("4096\n")
    (group.path / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (group.path / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    usage, ended_by = group.account()
    assert (usage.memory_bytes, usage.cpu_seconds, ended_by) == (4096, 2.5, Limit.MEMORY)
