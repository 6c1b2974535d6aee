"""Limits that floods reach soon, and a place of the host that they are not to reach."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentbench_sdk.sandbox import Limits

MEBIBYTE = 1 << 20
# Tight enough that floods end soon.
TIGHT = Limits(
    cpu_seconds=10.0,
    wall_seconds=30.0,
    memory_bytes=200 * MEBIBYTE,
    processes=40,
    file_bytes=16 * MEBIBYTE,
    disk_bytes=64 * MEBIBYTE,
    kept_bytes=64 * 1024,
    output_bytes=4 * MEBIBYTE,
)


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of the host that everybody may read and write; not below /tmp, which a sandbox has of its own."""
    with tempfile.TemporaryDirectory(prefix="outside-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "secret").write_text("the host's secret")
        (folder / "secret").chmod(0o666)
        yield folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
