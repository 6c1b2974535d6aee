"""The environment contract, shown on the smallest world."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, EnvironmentFaultError, UnknownNameError
from agentbench_sdk.simulation import SeededStreams, ToolResult, tool
from agentbench_sdk.simulation.tools import tools_of
from agentbench_sdk.testing.counter import Counter

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


def test_the_schema_comes_from_the_annotations() -> None:
    add, roll = Counter.create().tools()
    assert add.description == "Add a number to the sum."
    assert add.parameters == {
        "type": "object",
        "properties": {"number": {"type": "integer", "minimum": 1, "maximum": 5}},
        "required": ["number"],
        "additionalProperties": False,
    }
    assert roll.parameters["properties"] == {}


def answer(world: Counter, *call: Any) -> ToolResult:
    """What a world answers that answers at once."""
    result = world.call(*call)
    assert isinstance(result, ToolResult)
    return result


@pytest.mark.parametrize("number", ["3", True, 3.0, 0, 6, None, [3], {"number": 3}])
def test_nothing_is_coerced(number: Any) -> None:
    world = Counter.create()
    result = answer(world, "agent", "add", {"number": number})
    assert (result.ok, result.error) == (False, "bad_arguments")
    assert world.state()["sum"] == 0


@given(name=json_values, arguments=json_values)
def test_nothing_that_is_sent_raises(name: Any, arguments: Any) -> None:
    world = Counter.create()
    assert isinstance(world.call("agent", name, arguments), ToolResult)


def test_unknown_and_foreign_tools_are_refused() -> None:
    world = Counter.create()
    assert answer(world, "agent", "multiply", {}).error == "unknown_tool"
    assert answer(world, "user", "add", {"number": 1}).error == "unknown_tool"


def test_surplus_arguments_are_refused_by_name() -> None:
    result = answer(Counter.create(), "agent", "add", {"number": 1, "secretly": 2})
    assert "secretly" in result.content


def test_a_fork_goes_its_own_way() -> None:
    world = Counter.create(seed=7)
    world.call("agent", "roll", {})
    other = world.fork()
    assert other.state_hash() == world.state_hash()
    before = world.state_hash()
    other.call("agent", "roll", {})
    assert world.state_hash() == before != other.state_hash()
    world.call("agent", "roll", {})
    assert world.state_hash() == other.state_hash()


def test_seed_and_scenario_are_part_of_the_hash() -> None:
    hashes = {Counter.create({"goal": goal}, seed).state_hash() for goal in (5, 6) for seed in (1, 2**130)}
    assert len(hashes) == 4


def test_damaged_and_foreign_snapshots_are_refused() -> None:
    snapshot = Counter.create().snapshot()
    with pytest.raises(EnvironmentFaultError, match="damaged"):
        Counter.restore(snapshot[:-5])
    with pytest.raises(EnvironmentFaultError, match="do not mix"):
        Counter.restore(snapshot.replace(b"counter/1", b"counter/2"))
    other = Counter.create()
    other.call("agent", "add", {"number": 1})
    mixed = snapshot.partition(b"\n")[0] + b"\n" + other.snapshot().partition(b"\n")[2]
    with pytest.raises(EnvironmentFaultError, match="hash"):
        Counter.restore(mixed)


def test_wrong_scenarios_say_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match="default"):
        Counter.create("nowhere")
    with pytest.raises(ConfigurationError, match=r"goall.*goal, talks"):
        Counter.create({"goall": 1})
    with pytest.raises(ConfigurationError, match="goal"):
        Counter.create({"goal": "10"})


def test_a_tool_without_annotation_is_refused_when_the_class_is_read() -> None:
    class Careless(Counter):
        @tool()
        def guess(self, number) -> ToolResult:  # type: ignore[no-untyped-def]
            """Guess."""
            return ToolResult(str(number))

    with pytest.raises(ConfigurationError, match="number"):
        tools_of(Careless)


def test_draws_depend_on_what_is_decided_alone() -> None:
    """The test vectors of the vending world's streams hold, and unregistered streams are refused."""
    streams = SeededStreams("agentbench.vending/1", 1, {"wx.draw", "demand", "latent.cost"})
    assert streams.uniform64("wx.draw", 0) == 16140553951183940208
    assert streams.uniform64("demand", 0, 0, "cola_can") == 16800726542115433913
    assert streams.between(45, 62, "latent.cost", "cola_can") == 61
    assert streams.between(0, 999, "wx.draw", 0) == 874
    with pytest.raises(KeyError, match="not registered"):
        streams.uniform64("wx.fc", 0)
