"""`Shell`: the smallest world that runs programs, for tests of sandboxes, recorded results and judges of programs."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from agentbench_sdk.sandbox import Sandbox, SandboxNeeds, SandboxPool, SandboxSpec
from agentbench_sdk.simulation import Act, Environment, Opening, Outcome, Policy, Scenario, ToolResult, tool


class ShellScenario(Scenario):
    """Attributes:
    files: content by path, in the work folder at the beginning.
    command: what the scripted agent runs, `times` times.
    check: the hidden test, a command that nobody is shown; it passes with exit code 0.
    image: container image; None for the provider's own programs.
    """

    files: dict[str, str] = Field(default_factory=dict)
    command: str = "echo done | tee -a log"
    times: int = 3
    check: str = "test -e log"
    image: str | None = None


class Shell(Environment):
    """Run commands. At the end a hidden test tells whether they did what they should."""

    name: ClassVar[str] = "shell"
    version: ClassVar[str] = "agentbench.shell/1"
    scenario_type: ClassVar[type[Scenario]] = ShellScenario
    needs_sandbox: ClassVar[bool | SandboxNeeds] = True
    deterministic: ClassVar[bool] = False
    scenario: ShellScenario
    _sandbox: Sandbox

    def __init__(self, scenario: ShellScenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self._runs = 0
        self._passed: bool | None = None

    @classmethod
    def sandbox_needs(cls, scenario: Scenario) -> SandboxNeeds | None:
        assert isinstance(scenario, ShellScenario)
        return SandboxNeeds(images=scenario.image is not None)

    async def begin(self, sandboxes: SandboxPool) -> None:
        files = {path: text.encode() for path, text in self.scenario.files.items()}
        self._sandbox = await sandboxes.create(SandboxSpec(files=files, image=self.scenario.image))

    def opening(self) -> Opening:
        scenario = self.scenario
        return Opening("You run commands.", f"Run {scenario.command!r} {scenario.times} times.")

    @tool()
    async def run(self, command: str) -> ToolResult:
        """Run a command of /bin/sh in the work folder."""
        self._runs += 1
        result = await self._sandbox.exec(command)
        told = f"{result.stdout.text}{result.stderr.text}exit code {result.exit_code}"
        return ToolResult(told + (f", limit on {result.ended_by} reached" if result.ended_by else ""))

    async def finish(self) -> None:
        self._passed = (await self._sandbox.exec(self.scenario.check)).ok

    @property
    def ended(self) -> bool:
        return False

    def outcome(self) -> Outcome:
        reward = None if self._passed is None else float(self._passed)
        return Outcome(reward, metrics={"runs": self._runs})

    def state(self) -> dict[str, Any]:
        return {"runs": self._runs, "passed": self._passed}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self._runs, self._passed = state["runs"], state["passed"]

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        return {"obedient": obedient}


def obedient(opening: Opening) -> Generator[Act, str, None]:
    """Runs what the opening says, as often as it says, and tells what came last."""
    command, times = opening.observation.removeprefix("Run '").removesuffix(" times.").rsplit("' ", 1)
    told = ""
    for _ in range(int(times)):
        told = yield Act("run", {"command": command})
    yield Act(text=told)
