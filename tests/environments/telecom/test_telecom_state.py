"""Worlds share nothing: not in forks, not across snapshots, however they are interleaved; and they never raise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.environments.telecom import Telecom
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.simulation import Actor
from tests.environments.telecom.conftest import AGENT_DB, NUMBER

DATABASE = Database.from_json({"agent_db": AGENT_DB, "user_db": {"device": {}, "surroundings": {}}})
Call = tuple[str, str, dict[str, Any]]

VALUES: dict[str, list[Any]] = {
    "customer_id": ["C1", "C2", "C9", None],
    "line_id": ["L1", "L2", "L3", 7],
    "bill_id": ["B1", "B2", "B4", ""],
    "gb_amount": [1, 2.0, -1, "x"],
    "mode": ["4g_only", "2g_only", "4g_5g_preferred", "x", None],
    "app_name": ["messaging", "browser", "x"],
    "permission": ["sms", "STORAGE", "x"],
    "apn_settings": [{}, {"mmsc_url": None}, {"y": 1}],
    "id": ["C1", "L1", "zz"],
}


def calls() -> st.SearchStrategy[Call]:
    """Calls of both sides that mean something more often than not."""

    def arguments(name: str) -> st.SearchStrategy[dict[str, Any]]:
        parameters = TOOLS[name].parameters
        return st.fixed_dictionaries(
            {
                each.name: st.sampled_from(VALUES.get(each.name, ["x", 1]))
                for each in parameters
                if each.required
            }
        )

    names = st.sampled_from(sorted(TOOLS))
    return names.flatmap(lambda name: arguments(name).map(lambda given: (TOOLS[name].actor, name, given)))


SETUPS = [
    ("user", "break_vpn", {}),
    ("user", "break_apn_settings", {}),
    ("user", "unseat_sim_card", {}),
    ("user", "set_user_location", {"abroad": True}),
    ("assistant", "set_data_usage", {"customer_id": "C1", "line_id": "L1", "data_used_gb": 9}),
]


def begun(setup: list[Any], seed: int = 0) -> TelecomCore:
    core = TelecomCore(DATABASE, seed=seed)
    core.run("user", "set_user_info", {"name": "Ada", "phone_number": NUMBER})
    for side, function, arguments in setup:
        core.run(side, function, arguments)
    return core


def told(core: TelecomCore, call: Any) -> tuple[str, bool, str, str]:
    answer = core.call(*call)
    return answer.content, answer.error, core.agent_hash(), core.user_hash()


setups = st.lists(st.sampled_from(SETUPS), max_size=3)
plays = st.lists(calls(), max_size=12)


@settings(max_examples=60)
@given(setups, setups, plays, plays, st.lists(st.booleans(), max_size=24))
def test_two_worlds_interleaved_behave_as_if_alone(
    first: list[Any], second: list[Any], one: list[Call], other: list[Call], order: list[bool]
) -> None:
    cores = begun(first), begun(second)
    left = [list(reversed(one)), list(reversed(other))]
    heard: list[list[Any]] = [[], []]
    for turn in [*order, *[False] * len(one), *[True] * len(other)]:
        if left[turn]:
            heard[turn].append(told(cores[turn], left[turn].pop()))
    for number, (setup, play) in enumerate(((first, one), (second, other))):
        alone = begun(setup)
        assert [told(alone, call) for call in play] == heard[number]


@settings(max_examples=60)
@given(setups, plays, plays)
def test_a_fork_goes_its_own_way(setup: list[Any], before: list[Call], after: list[Call]) -> None:
    core = begun(setup)
    for call in before:
        core.call(*call)  # type: ignore[arg-type]
    hashes = core.agent_hash(), core.user_hash()
    fork = core.fork()
    heard = [told(fork, call) for call in after]
    assert (core.agent_hash(), core.user_hash()) == hashes
    loaded = TelecomCore(DATABASE)
    loaded.load_state(json.loads(json.dumps(core.state())))
    assert [told(loaded, call) for call in after] == heard
    assert [told(core, call) for call in after] == heard


@settings(max_examples=60)
@given(setups, plays)
def test_a_second_sync_changes_nothing(setup: list[Any], play: list[Call]) -> None:
    core = begun(setup)
    for call in play:
        core.call(*call)  # type: ignore[arg-type]
        core.sync()
        before = core.agent_hash(), core.user_hash()
        core.sync()
        assert (core.agent_hash(), core.user_hash()) == before


@settings(max_examples=60)
@given(plays)
def test_reading_changes_nothing(play: list[Call]) -> None:
    core = begun([])
    for call in play:
        before = core.agent_hash(), core.user_hash()
        core.call(*call)  # type: ignore[arg-type]
        if not TOOLS[call[1]].mutates:
            assert (core.agent_hash(), core.user_hash()) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["agent", "user"]),
    st.sampled_from([*TOOLS, "x", ""]),
    st.dictionaries(
        st.sampled_from(sorted({each.name for facts in TOOLS.values() for each in facts.parameters})),
        JSON,
        max_size=4,
    )
    | JSON,
)
def test_whatever_is_sent_is_answered(actor: Actor, name: str, arguments: Any) -> None:
    world = Telecom.create(seed=1)
    result = world.call(actor, name, arguments)
    assert result.content
    assert result.ok == (result.error == "")
    assert len(world.trajectory) == 1
    assert Telecom.restore(world.snapshot()).state_hash() == world.state_hash()


def test_the_seed_decides_the_ids_of_bills_and_nothing_else() -> None:
    made = []
    for seed in (1, 1, 2):
        core = TelecomCore(DATABASE, seed=seed)
        core.call("agent", "refuel_data", {"customer_id": "C2", "line_id": "L3", "gb_amount": 1})
        made.append(core.generated_bill_ids[0])
    assert made[0] == made[1] != made[2]
    assert len(made[0]) == 9
    assert made[0].startswith("B")


def test_numbers_keep_their_kind_across_a_snapshot() -> None:
    task = own_data().tasks("small")[0]
    world = Telecom.create({"task": task.model_dump(mode="json")})
    customer = world.core.agent_state()["customers"][0]
    for amount in (1, 2.0):
        arguments = {
            "customer_id": customer["customer_id"],
            "line_id": customer["line_ids"][0],
            "gb_amount": amount,
        }
        assert world.call("agent", "refuel_data", arguments).ok
    again = Telecom.restore(world.snapshot())
    assert again.core.agent_hash() == world.core.agent_hash()
    assert again.outcome() == world.outcome()


@pytest.mark.parametrize(
    ("data", "told_of"),
    [
        ({"agent_data": {"plans": [{"plan_id": "P"}]}}, "plans.0"),
        ({"user_data": {"device": {"colour": "red"}}}, "device: field 'colour'"),
        ({"other": {}}, "has no field 'other'"),
    ],
)
def test_data_that_do_not_fit_are_refused_by_name(make_task: Any, data: Any, told_of: str) -> None:
    core = TelecomCore(DATABASE)
    with pytest.raises(ConfigurationError, match=told_of):
        core.initialise(make_task(initial_state={"initialization_data": data}))


def test_data_are_merged_into_the_databases(make_task: Any) -> None:
    core = TelecomCore(DATABASE)
    user = {"device": {"data_saver_mode": True}, "surroundings": {"phone_number": NUMBER}}
    core.initialise(make_task(initial_state={"initialization_data": {"user_data": user}}))
    assert core.user_state()["device"]["data_saver_mode"] is True
    assert core.user_state()["surroundings"]["line_active"] is True


def test_the_calls_of_a_history_are_made_again(make_task: Any) -> None:
    call = {"id": "1", "name": "toggle_data", "arguments": {}, "requestor": "user"}
    said = {"role": "user", "content": None, "tool_calls": [call]}
    text = "Mobile Data is now OFF.\nStatus Bar: 📶⁴ Excellent | 5G | 📵 Data Disabled | 🔋 80%"
    history = [said, {"role": "tool", "id": "1", "content": text}]
    core = TelecomCore(DATABASE)
    core.initialise(make_task(initial_state={"message_history": history}))
    assert core.user_state()["device"]["data_enabled"] is False
    for wrong in (
        [said, {"role": "tool", "id": "1", "content": "?"}],
        [said],
        [said, {"role": "tool", "id": "2"}],
    ):
        with pytest.raises(Exception, match=r"recorded is|has no result|answers no call"):
            TelecomCore(DATABASE).initialise(make_task(initial_state={"message_history": wrong}))
    with pytest.raises(ConfigurationError, match="message_history"):
        Telecom.create(
            {"task": make_task(initial_state={"message_history": history}).model_dump(mode="json")}
        )
