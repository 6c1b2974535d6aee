"""Tiny judges and a tiny world, so that these tests stand on the contracts alone."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from agentbench_sdk.benchmark import Registry, Task
from agentbench_sdk.judging import JudgeCase, judge
from agentbench_sdk.simulation import Environment, Opening, Outcome, Scenario, ToolResult, tool


@judge
def same(case: JudgeCase) -> bool:
    """Pass if the answer is the target."""
    return case.answer == str(case.target)


@judge
def close(case: JudgeCase, *, tolerance: float = 0.0, units: list[str] | None = None) -> bool:
    """Pass if the number is near the target."""
    return abs(float(case.answer) - float(str(case.target))) <= tolerance


class TapScenario(Scenario):
    litres: int = Field(10, ge=1)


class Tap(Environment):
    """A tap that can be turned."""

    name: ClassVar[str] = "tap"
    version: ClassVar[str] = "tests.tap/1"
    scenario_type: ClassVar[type[Scenario]] = TapScenario

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.turned = 0

    @classmethod
    def scenarios(cls) -> Mapping[str, Scenario]:
        return {"default": TapScenario(), "big-tank": TapScenario(litres=500)}

    def opening(self) -> Opening:
        return Opening("You have a tap.")

    @property
    def ended(self) -> bool:
        return self.turned > 2

    def outcome(self) -> Outcome:
        return Outcome(float(self.turned))

    def state(self) -> dict[str, Any]:
        return {"turned": self.turned}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.turned = state["turned"]

    @tool()
    def turn(self) -> ToolResult:
        """Turn it."""
        self.turned += 1
        return ToolResult("turned")


@pytest.fixture
def registry() -> Registry:
    """A registry with judges "same" and "close" and the environment "tap"."""
    registry = Registry()
    registry.add("judge", "same", same)
    registry.add("judge", "close", close)
    registry.add("environment", "tap", Tap)
    return registry


Load = Callable[[str], Task]


@pytest.fixture
def load(tmp_path: Path, registry: Registry) -> Load:
    """Write a text as task.yaml and load it."""

    def load(text: str) -> Task:
        file = tmp_path / "task.yaml"
        file.write_text(text, encoding="utf-8")
        return registry.task(file)

    return load


PLUGIN = Path(__file__).parent / "plugin_package"


@pytest.fixture(scope="session")
def plugin_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH into which pip has installed the stranger's package, without a network."""
    work = tmp_path_factory.mktemp("plugin")
    shutil.copytree(PLUGIN, work / "source", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-deps", "--no-build-isolation", "--target", str(work / "site"), str(work / "source")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    return work / "site"
