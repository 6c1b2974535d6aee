"""A lease is held for as long as its process lives, and taken over afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

from agentbench_sdk.sandbox.lease import Lease, abandoned, is_held

KILLED = """
import os, signal, sys
from pathlib import Path
from agentbench_sdk.sandbox.lease import Lease
print(Lease.take(Path(sys.argv[1])).name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_is_held_until_it_is_closed(tmp_path: Path) -> None:
    lease = Lease.take(tmp_path / "base")
    assert is_held(tmp_path / "base", lease.name)
    assert list(abandoned(tmp_path / "base")) == []
    lease.close()
    assert not is_held(tmp_path / "base", lease.name)
    assert list((tmp_path / "base").iterdir()) == []


def test_that_of_a_killed_process_is_taken_over_once(tmp_path: Path) -> None:
    name = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    ).stdout.strip()
    assert not is_held(tmp_path, name)
    (left,) = abandoned(tmp_path)
    assert left.name == name
    assert left.folder == tmp_path / name
    assert list(abandoned(tmp_path)) == []
    assert is_held(tmp_path, name), "by whoever cleans up"
    left.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_behind_a_link_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        Lease.take(tmp_path / "link")
