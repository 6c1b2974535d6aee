"""Reference agents: what the tasks are worth without a model."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from agentbench_sdk.simulation import Act, Opening, Oracle, Policy


def do_nothing(opening: Opening) -> Generator[Act, str, None]:
    """Submits the folder as it is."""
    yield Act("submit")


def look_around(opening: Opening) -> Generator[Act, str, None]:
    """Uses every tool that changes nothing, then submits."""
    yield Act("list_files")
    yield Act("bash", {"command": "ls -la"})
    yield Act("python", {"code": "import os; sorted(os.listdir('.'))"})
    yield Act("search", {"pattern": "def "})
    yield Act("submit")


def reference(opening: Opening, truth: Mapping[str, Any]) -> Generator[Act, str, None]:
    """Writes the reference solution, or runs the script that makes it, and submits."""
    solution = truth["solution"]
    if "solve.sh" in solution:
        yield Act("bash", {"command": solution["solve.sh"]})
    for path, text in () if "solve.sh" in solution else solution.items():
        yield Act("write_file", {"path": path, "content": text})
    yield Act("submit")


POLICIES: Mapping[str, Policy] = {"do-nothing": do_nothing, "look-around": look_around}
ORACLES: Mapping[str, Oracle] = {"reference": reference}
