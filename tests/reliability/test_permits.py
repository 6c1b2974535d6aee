"""A permit is held for an attempt on the wire, and for nothing else that a sample does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import (
    Bench,
    Environment,
    JudgeCase,
    Opening,
    Outcome,
    Sample,
    Task,
    ToolResult,
    judge,
    tool,
)
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.cache import ResponseCache
from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.simulation import Scenario
from agentbench_sdk.testing import FakeEndpoint, Reply

held: Counter[tuple[str, int]] = Counter()  # (where, permits out): how often
bench_now: list[Bench] = []


def look(where: str) -> None:
    statistics = bench_now[0].limiters.statistics().values()
    held[where, sum(each.in_flight for each in statistics)] += 1


class Bell(Environment):
    """Ends when the bell was rung twice."""

    name = "bell"
    version = "bell/1"
    scenario_type = Scenario

    def __init__(self, scenario: Any, seed: int) -> None:
        super().__init__(scenario, seed)
        self.rung = 0

    def opening(self) -> Opening:
        return Opening("Ring the bell.", "It is silent.")

    @property
    def ended(self) -> bool:
        return self.rung >= 2

    @tool()
    def ring(self) -> ToolResult:
        """Ring the bell."""
        look("tool call")
        self.rung += 1
        return ToolResult("ding")

    def outcome(self) -> Outcome:
        return Outcome(1.0)

    def state(self) -> dict[str, Any]:
        return {"rung": self.rung}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.rung = state["rung"]


@judge
async def asks_somebody(case: JudgeCase) -> bool:
    look("judge")
    response = await case.ask(ModelRequest((Message.user("Was it loud?"),)))
    look("judge")
    return response.text == "yes"


def answers(body: dict[str, Any], number: int) -> Reply:
    look("on the wire")
    if number == 0:
        return Reply.error(500)
    if number == 1:
        return Reply.error(429, retry_after=0.05)
    return Reply.tool("ring") if "tools" in body else Reply.text("yes")


@pytest.mark.filterwarnings("ignore:judge model .* is the model under test")
async def test_nothing_but_an_attempt_on_the_wire_holds_a_permit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted at every cache look-up and write, tool call and judge of a session that also had to wait twice."""
    held.clear()
    registry = Registry()
    registry.add("environment", "bell", Bell)
    for name in ("get", "put"):
        monkeypatch.setattr(ResponseCache, name, watched(getattr(ResponseCache, name), f"cache {name}"))
    task = Task("bells", [Sample("a")], judges=[asks_somebody()], environment="bell")
    async with (
        FakeEndpoint(answers) as endpoint,
        Bench(cache=tmp_path / "c.db", runs=tmp_path, registry=registry) as bench,
    ):
        model = OpenAICompatible("tiny", base_url=endpoint.base_url, api_key="x")
        bench_now[:] = [bench]
        run = await bench.evaluate(task, model, judge_model=model)
        await model.close()
    assert run.summary()["asks_somebody"].estimate.mean == 1.0
    assert dict(held) == {
        ("on the wire", 1): 5,
        ("cache get", 0): 6,  # before and after each of three calls
        ("cache put", 0): 6,
        ("tool call", 0): 2,
        ("judge", 0): 2,
    }


def watched(method: Callable[..., Any], where: str) -> Callable[..., Any]:
    async def watching(*args: Any, **options: Any) -> Any:
        look(where)
        result = await method(*args, **options)
        look(where)
        return result

    return watching
