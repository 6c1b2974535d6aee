"""Each block of the world's page runs with tau2-bench's data as well as with our own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agentbench_sdk.environments.telecom.official import VARIABLE
from tests.compat.telecom_corpus import FOLDER, needs_corpus

PAGE = Path(__file__).parents[2] / "environments" / "telecom" / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

pytestmark = needs_corpus


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_runs_with_official_data(number: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS[number]],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, VARIABLE: str(FOLDER)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
