"""`Counter`: the smallest world with tools, for tests of agents, judges and sessions."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from agentbench_sdk.simulation import (
    Act,
    Environment,
    Opening,
    Outcome,
    Policy,
    Scenario,
    SeededStreams,
    ToolResult,
    tool,
)


class CounterScenario(Scenario):
    """Attributes:
    goal: the sum at which the world ends.
    talks: whether plain text is answered; otherwise it is taken as the final answer.
    """

    goal: int = 10
    talks: bool = True


class Counter(Environment):
    """Add numbers until the goal is reached. `roll` adds a seeded surprise of 1 to 6."""

    name: ClassVar[str] = "counter"
    version: ClassVar[str] = "agentbench.counter/1"
    scenario_type: ClassVar[type[Scenario]] = CounterScenario
    scenario: CounterScenario

    def __init__(self, scenario: CounterScenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self._streams = SeededStreams(self.version, seed, {"roll"})
        self._sum = 0
        self._rolls = 0
        self._abandoned = ""

    @tool()
    def add(self, number: Annotated[int, Field(ge=1, le=5)]) -> ToolResult:
        """Add a number to the sum."""
        self._sum += number
        return ToolResult(f"sum {self._sum}")

    @tool()
    def roll(self) -> ToolResult:
        """Add a die's throw to the sum."""
        self._sum += self._streams.between(1, 6, "roll", self._rolls)
        self._rolls += 1
        return ToolResult(f"sum {self._sum}")

    def opening(self) -> Opening:
        return Opening("You add numbers.", f"Reach {self.scenario.goal}.")

    @property
    def ended(self) -> bool:
        return self._sum >= self.scenario.goal

    def hear(self, actor: str, text: str) -> str | None:
        return "Call a tool." if self.scenario.talks else None

    def abandon(self, reason: str) -> None:
        self._abandoned = reason

    def outcome(self) -> Outcome:
        reached = min(1.0, self._sum / self.scenario.goal)
        reason = "reached" if self.ended else self._abandoned
        return Outcome(reward=reached, end_reason=reason, metrics={"sum": self._sum})

    def state(self) -> dict[str, Any]:
        return {"sum": self._sum, "rolls": self._rolls, "abandoned": self._abandoned}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self._sum, self._rolls, self._abandoned = state["sum"], state["rolls"], state["abandoned"]

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        return {"by-threes": by_threes, "gambler": gambler}


def by_threes(opening: Opening) -> Generator[Act, str, None]:
    """Add three until the world ends."""
    while True:
        yield Act("add", {"number": 3})


def gambler(opening: Opening) -> Generator[Act, str, None]:
    """Roll until the world ends."""
    while True:
        yield Act("roll")
