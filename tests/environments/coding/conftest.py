"""A small task, and sandboxes to verify it in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentbench_sdk.environments.coding.folder import TaskFolder, read_task
from agentbench_sdk.errors import SandboxUnavailableError
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap

SETTINGS = """
version = "1.0"
[metadata]
title = "Add numbers"
category = "feature"
difficulty = "easy"
[verifier]
timeout_sec = 60.0
"""
CHECKS = """
from agentbench_checks import CandidateError

def test_sum(candidate):
    assert candidate.evaluate("from adding import add\\nadd(40, 2)") == 42, "40 + 2 is 42"

def test_command(candidate):
    result = candidate.run(["python3", "adding.py", "20", "3"])
    assert result.exit_code == 0, result
    assert result.stdout == "23\\n", result
"""
SOLUTION = """
import sys

def add(a, b):
    return a + b

if __name__ == "__main__":
    print(add(int(sys.argv[1]), int(sys.argv[2])))
"""


def write_task(folder: Path, files: dict[str, str]) -> TaskFolder:
    """A task folder with these files over a whole small task; a text of None leaves a file out."""
    whole = {
        "task.toml": SETTINGS,
        "instruction.md": "Write add(a, b) in adding.py.",
        "environment/readme.txt": "Nothing here yet.",
        "tests/checks.py": CHECKS,
        "solution/adding.py": SOLUTION,
        **files,
    }
    for name, text in whole.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_task(folder)


@pytest.fixture
def adding(tmp_path: Path) -> TaskFolder:
    return write_task(tmp_path / "adding", {})


@pytest.fixture
async def bubblewrap() -> AsyncIterator[Bubblewrap]:
    provider = Bubblewrap()
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    yield provider
    await provider.close()
