"""A counter that must reach its goal exactly."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from agentbench_sdk import Environment, Opening, Outcome, ToolResult, tool
from agentbench_sdk.simulation import Scenario


class TallyScenario(Scenario):
    """Parameters: the number to reach."""

    goal: int = Field(3, ge=1, le=100)


class Tally(Environment):
    """Add up to the goal without passing it."""

    name: ClassVar[str] = "tally"
    version: ClassVar[str] = "tally-plugin.tally/1"
    scenario_type: ClassVar[type[Scenario]] = TallyScenario

    def __init__(self, scenario: Scenario, seed: int) -> None:
        super().__init__(scenario, seed)
        assert isinstance(scenario, TallyScenario)
        self.goal = scenario.goal
        self.count = 0

    def opening(self) -> Opening:
        return Opening("You work a counter.", f"The counter shows 0. Make it show {self.goal}.")

    @property
    def ended(self) -> bool:
        return self.count >= self.goal

    def outcome(self) -> Outcome:
        share = min(self.count, self.goal) / self.goal
        return Outcome(
            share,
            end_reason="reached" if self.ended else "",
            metrics={"count": self.count, "goal": self.goal},
        )

    def state(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.count = state["count"]

    @tool()
    def add(self, amount: Annotated[int, Field(ge=1, le=3)]) -> ToolResult:
        """Add 1 to 3 to the counter."""
        self.count += amount
        return ToolResult(f"The counter shows {self.count}.")
