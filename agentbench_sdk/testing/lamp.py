"""`Lamp`: the smallest world with a user, for tests of conversations: the owner of a dark lamp asks for help."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, ClassVar

from agentbench_sdk.messages import Message
from agentbench_sdk.simulation import (
    Act,
    Actor,
    Environment,
    Objection,
    Opening,
    Oracle,
    Outcome,
    Policy,
    Scenario,
    ToolResult,
    UserSide,
    tool,
)

GREETING = "Hello, what can I do for you?"
BYE = "###BYE###"


class LampScenario(Scenario):
    """Attributes:
    presses: how often the switch must be pressed.
    alone: whether the agent is alone, without an owner.
    """

    presses: int = 1
    alone: bool = False


class Lamp(Environment):
    """The owner presses the switch until the lamp is lit; the agent keeps a list of what was tried."""

    name: ClassVar[str] = "lamp"
    version: ClassVar[str] = "agentbench.lamp/1"
    scenario_type: ClassVar[type[Scenario]] = LampScenario
    scenario: LampScenario

    def __init__(self, scenario: LampScenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self._pressed = 0
        self._notes: list[str] = []
        self._heard: list[str] = []
        self._abandoned = ""

    @tool()
    def note(self, text: str) -> ToolResult:
        """Write down what was tried."""
        self._notes.append(text)
        return ToolResult(f"note {len(self._notes)}")

    @tool(actor="user")
    def press(self) -> ToolResult:
        """Press the switch once."""
        self._pressed += 1
        return ToolResult(self._looks())

    @tool(actor="user")
    def look(self) -> ToolResult:
        """Look at the lamp."""
        return ToolResult(self._looks())

    def opening(self) -> Opening:
        return Opening("You help the owners of lamps.")

    def user_side(self) -> UserSide | None:
        if self.scenario.alone:
            return None
        return UserSide("You own a lamp that is dark.", GREETING, (BYE,), {"name": "Ada"})

    def overhear(self, actor: Actor, text: str) -> None:
        self._heard.append(f"{actor}: {text}")

    def objection(self, actor: Actor, message: Message) -> Objection | None:
        if actor == "agent" and "secret" in message.text:
            return Objection("The agent told a secret.", "agent_error")
        if "lit" in message.text and not self._lit:
            return Objection("The lamp is dark.", "user_fault", repairs=2)
        return None

    @property
    def ended(self) -> bool:
        return False

    def abandon(self, reason: str) -> None:
        self._abandoned = reason

    def outcome(self) -> Outcome:
        metrics = {"pressed": self._pressed, "heard": len(self._heard)}
        return Outcome(float(self._lit), end_reason=self._abandoned, metrics=metrics)

    def state(self) -> dict[str, Any]:
        return {
            "pressed": self._pressed,
            "notes": self._notes,
            "heard": self._heard,
            "abandoned": self._abandoned,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        self._pressed, self._abandoned = state["pressed"], state["abandoned"]
        self._notes, self._heard = list(state["notes"]), list(state["heard"])

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        return {"helper": helper}

    @classmethod
    def users(cls) -> Mapping[str, Oracle]:
        return {"owner": owner}

    @property
    def _lit(self) -> bool:
        return self._pressed >= self.scenario.presses

    def _looks(self) -> str:
        return "the lamp is lit" if self._lit else "the lamp is dark"


def helper(opening: Opening) -> Generator[Act, str, None]:
    """Let the owner press the switch, and write down that it was tried, until the owner is content."""
    while True:
        yield Act("note", {"text": "press"})
        yield Act(text="Please press the switch.")


def owner(opening: Opening, facts: Mapping[str, Any]) -> Generator[Act, str, None]:
    """Do what is asked, say what came of it, and end when there is light."""
    said = yield Act(text=f"I am {facts['name']}, and my lamp is dark.")
    while True:
        seen = yield Act("press" if "press" in said else "look")
        if "lit" in seen:
            yield Act(text=f"Now {seen}, thank you. {BYE}")
        said = yield Act(text=f"I see that {seen}.")
