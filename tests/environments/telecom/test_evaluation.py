"""The reward is the product of what its basis names; what is not in the basis is told and does not count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.evaluation import PARTS, Reward, evaluate, matches
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.task import ReferenceAction, TelecomTask
from agentbench_sdk.environments.telecom.termination import SCORED, TERMINATIONS, termination_of
from agentbench_sdk.environments.telecom.trajectory import Called, Said, Trajectory
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.sessions import Limits

DATA = own_data()
TASKS = DATA.tasks("full")


def changed(task: TelecomTask, **criteria: Any) -> TelecomTask:
    record = task.model_dump(mode="json")
    record["evaluation_criteria"].update(criteria)
    return TelecomTask.model_validate(record)


def started(task: TelecomTask) -> TelecomCore:
    core = TelecomCore(DATA.database)
    core.initialise(task)
    return core


def solve(task: TelecomTask) -> tuple[TelecomCore, Trajectory]:
    """The reference, carried out by whoever it names."""
    core, done = started(task), []
    assert task.evaluation_criteria is not None
    for action in task.evaluation_criteria.actions or []:
        actor: Any = "agent" if action.requestor == "assistant" else "user"
        answer = core.call(actor, action.name, action.arguments)
        done.append(Called(actor, action.name, dict(action.arguments), answer.content, answer.error, "ok"))
    return core, list(done)


def score(task: TelecomTask, end: str = "user_stop", **more: Any) -> Reward:
    core, trajectory = solve(task)
    return evaluate(task, core, trajectory, end, database=DATA.database, **more)


def first_with(action: str) -> TelecomTask:
    return next(
        task
        for task in TASKS
        if task.evaluation_criteria
        and any(each.name == action for each in task.evaluation_criteria.actions or [])
    )


def test_the_reference_earns_everything_and_doing_nothing_earns_nothing() -> None:
    for task in DATA.tasks("small"):
        assert score(task).reward == 1.0
        assert score(task).success
        assert evaluate(task, started(task), [], "user_stop", database=DATA.database).reward == 0.0


def test_only_stops_earn_anything() -> None:
    for end in TERMINATIONS:
        reward = score(TASKS[0], end)
        assert reward.reward == float(end in SCORED)
        assert (reward.breakdown is None) == (end not in SCORED)
    assert score(TASKS[0], "max_steps").to_dict() == {
        "reward": 0.0,
        "reward_basis": None,
        "reward_breakdown": None,
        "db_match": None,
        "env_assertions_met": None,
        "action_checks": None,
        "communicate_checks": None,
    }


def test_an_unknown_end_is_an_error_not_a_zero() -> None:
    with pytest.raises(ConfigurationError, match="termination 'bored' is unknown; it is one of user_stop"):
        score(TASKS[0], "bored")


def test_every_reason_of_an_ending_reads_as_a_termination() -> None:
    limits = {name: termination_of(name) for name in Limits.model_fields}
    assert set(limits.values()) == {"max_steps", "too_many_errors", "timeout"}
    assert termination_of("user_fault") == "user_error"
    assert termination_of("answered") == "agent_stop"
    assert termination_of("rate_limited") == "infrastructure_error"
    assert termination_of("context_length") == "context_window_exceeded"


def test_a_task_without_criteria_is_solved_by_ending() -> None:
    task = TASKS[0].model_copy(update={"evaluation_criteria": None})
    assert evaluate(task, started(task), [], "user_stop", database=DATA.database) == Reward(1.0)


def test_without_actions_and_assertions_the_world_is_not_looked_at() -> None:
    task = changed(TASKS[0], actions=None, env_assertions=None, reward_basis=["DB", "ENV_ASSERTION"])
    reward = evaluate(task, started(task), [], "user_stop", database=DATA.database)
    assert (reward.reward, reward.db_match, reward.env_assertions_met) == (1.0, True, None)


def test_the_product_is_over_the_basis_alone() -> None:
    task = changed(TASKS[0], communicate_info=["never said"], reward_basis=["ENV_ASSERTION"])
    assert score(task).breakdown == {"ENV_ASSERTION": 1.0}
    assert score(task).reward == 1.0
    everything = score(task, basis=PARTS)
    assert everything.reward == 0.0
    assert everything.breakdown is not None
    assert list(everything.breakdown) == list(PARTS)
    assert everything.breakdown["COMMUNICATE"] == 0.0


def test_a_component_that_needs_a_judge_model_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        ConfigurationError, match=r"NL_ASSERTION is decided by a judge model.* a judge of the task"
    ):
        score(TASKS[0], basis=["DB", "NL_ASSERTION"])


def test_an_unknown_component_is_an_error() -> None:
    with pytest.raises(
        ConfigurationError, match="reward_basis: 'VIBES' is unknown; it may hold DB, ENV_ASSERTION"
    ):
        score(TASKS[0], basis=["VIBES"])


def test_the_reference_world_is_not_synced() -> None:
    """A switch of the carrier reaches the phone with the next sync, which the reference never has."""
    synced, alone = first_with("enable_roaming"), first_with("toggle_airplane_mode")
    assert score(synced).db_match is False
    assert score(changed(synced, actions=[])).db_match is not None
    only = changed(alone, actions=[{"action_id": "a", "requestor": "user", "name": "toggle_airplane_mode"}])
    assert score(only).db_match is True


def test_a_reference_action_that_fails_is_passed_over() -> None:
    unknown = {
        "action_id": "a",
        "name": "enable_roaming",
        "arguments": {"customer_id": "C0", "line_id": "L0"},
    }
    task = changed(TASKS[0], actions=[unknown, {"action_id": "b", "name": "no_such_tool"}])
    reward = evaluate(task, started(task), [], "user_stop", database=DATA.database)
    assert reward.db_match is True
    assert reward.action_checks is not None
    assert [check.tool_type for check in reward.action_checks] == ["write", None]


def test_either_database_decides_the_match() -> None:
    task = changed(first_with("toggle_airplane_mode"), actions=[])
    for actor, tool in (("user", "toggle_wifi_calling"), ("agent", "suspend_line")):
        core = started(task)
        assert evaluate(task, core, [], "user_stop", database=DATA.database).db_match is True
        facts = next(line for line in core.agent_state()["lines"] if line["status"] == "Active")
        customer = next(
            each for each in core.agent_state()["customers"] if facts["line_id"] in each["line_ids"]
        )
        arguments = {"customer_id": customer["customer_id"], "line_id": facts["line_id"], "reason": "x"}
        assert not core.call(actor, tool, arguments if actor == "agent" else {}).error  # type: ignore[arg-type]
        assert evaluate(task, core, [], "user_stop", database=DATA.database).db_match is False


# --- ACTION -------------------------------------------------------------------------------------


def call(**arguments: Any) -> Called:
    return Called("agent", "refuel_data", arguments, "", False, "ok")


def action(compare: list[str] | None = None, **arguments: Any) -> ReferenceAction:
    return ReferenceAction(action_id="a", name="refuel_data", arguments=arguments, compare_args=compare)


@pytest.mark.parametrize(
    ("reference", "made", "same"),
    [
        (action(a=1, b=2), call(a=1, b=2), True),
        (action(a=2), call(a=2.0), True),
        (action(a=1), call(a=3), False),
        (action(a=1, b=2), call(a=1), True),
        (action(a=1, b=2), call(), True),
        (action(a=1), call(a=1, note="x"), False),
        (action(["a"], a=1, b=2), call(a=1, b=9), True),
        (action(["b"], a=1, b=2), call(a=1), False),
        (action(["b"], a=1), call(a=1, b=2), False),
        (action(["c"], a=1), call(a=5), True),
        (action([], a=1), call(a=9, z=0), True),
    ],
)
def test_a_call_is_compared_by_its_own_keys_or_by_those_named(
    reference: ReferenceAction, made: Called, same: bool
) -> None:
    assert matches(reference, made) is same


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=4))
def test_a_call_matches_itself_and_any_part_of_it(arguments: dict[str, Any]) -> None:
    part = dict(list(arguments.items())[::2])
    assert matches(
        action().model_copy(update={"arguments": arguments}),
        Called("user", "refuel_data", part, "", True, "domain"),
    )
    assert not matches(action(), Called("agent", "suspend_line", {}, "", False, "ok"))


def test_one_call_is_enough_for_two_equal_actions_whoever_made_it() -> None:
    twice = [{"action_id": name, "name": "reboot_device", "requestor": "user"} for name in "ab"]
    task = changed(TASKS[0], actions=twice)
    made: Trajectory = [Called("agent", "reboot_device", {}, "Error: …", True, "unknown_tool")]
    reward = evaluate(task, started(task), made, "user_stop", database=DATA.database, basis=["ACTION"])
    assert reward.reward == 1.0
    none = evaluate(task, started(task), [], "user_stop", database=DATA.database, basis=["ACTION"])
    assert none.reward == 0.0


def test_a_call_whose_arguments_could_not_be_read_asks_for_nothing() -> None:
    task = changed(TASKS[0], actions=[{"action_id": "a", "name": "reboot_device", "requestor": "user"}])
    for outcome, earned in (("bad_arguments", 0.0), ("ok", 1.0)):
        made: Trajectory = [Called("user", "reboot_device", {}, "", outcome != "ok", outcome)]
        reward = evaluate(task, started(task), made, "user_stop", database=DATA.database, basis=["ACTION"])
        assert reward.reward == earned


# --- COMMUNICATE --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "said", "met"),
    [
        (["4000"], ["It costs 4,000 dollars"], True),
        (["4,000"], ["It costs 4,000 dollars"], False),
        (["Hello World"], ["hello WORLD!"], True),
        (["hello world"], ["hello", "world"], False),
        (["a", "b"], ["a", "b"], True),
        (["a", "z"], ["a"], False),
        (["é"], ["CAFÉ"], True),
        ([""], [], False),
        ([""], ["x"], True),
    ],
)
def test_a_wanted_text_is_looked_for_in_single_texts_of_the_agent(
    wanted: list[str], said: list[str], met: bool
) -> None:
    task = changed(TASKS[0], communicate_info=wanted)
    trajectory: Trajectory = [Said("user", " ".join(wanted)), *(Said("agent", text) for text in said)]
    reward = evaluate(
        task, started(task), trajectory, "user_stop", database=DATA.database, basis=["COMMUNICATE"]
    )
    assert reward.reward == float(met)
    assert reward.communicate_checks is not None
    assert [check.info for check in reward.communicate_checks] == wanted


def test_with_nothing_to_say_nothing_is_missed() -> None:
    nothings: tuple[list[str] | None, ...] = (None, [])
    for nothing in nothings:
        task = changed(TASKS[0], communicate_info=nothing)
        reward = evaluate(task, started(task), [], "user_stop", database=DATA.database, basis=["COMMUNICATE"])
        assert (reward.reward, reward.communicate_checks) == (1.0, None)
