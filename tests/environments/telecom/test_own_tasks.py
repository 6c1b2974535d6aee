"""The tasks that ship: each can be solved, only by doing what is needed, by whoever is told what it tells."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.evaluation import evaluate
from agentbench_sdk.environments.telecom.own import (
    UnprovenError,
    difficulty,
    facts,
    generator,
    own_data,
    prove,
)
from agentbench_sdk.environments.telecom.own.callers import Caller, callers
from agentbench_sdk.environments.telecom.own.faults import FAULTS
from agentbench_sdk.environments.telecom.own.personas import personas
from agentbench_sdk.environments.telecom.own.proof import needless
from agentbench_sdk.environments.telecom.task import Criteria, Instructions, ReferenceAction, TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Trajectory
from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.simulation import Actor

FULL = own_data().tasks("full")
BY_LINE = {caller.line_id: caller for caller in callers()}


def criteria(task: TelecomTask) -> Criteria:
    assert task.evaluation_criteria is not None
    return task.evaluation_criteria


def script(task: TelecomTask) -> Instructions:
    assert isinstance(task.user_scenario.instructions, Instructions)
    return task.user_scenario.instructions


def test_the_tasks_that_ship_are_those_that_the_generator_makes() -> None:
    shipped = files("agentbench_sdk.environments.telecom.own").joinpath("data/tasks.json")
    assert shipped.read_text(encoding="utf-8") == generator.text(generator.shipped())


def test_every_task_can_be_solved_and_only_by_doing_something() -> None:
    for task in FULL:
        prove(task)


def reward(task: TelecomTask, actions: list[ReferenceAction]) -> float:
    core = TelecomCore(own_data().database)
    core.initialise(task)
    trajectory: Trajectory = []
    for action in actions:
        actor: Actor = "agent" if action.requestor == "assistant" else "user"
        answer = core.call(actor, action.name, action.arguments)
        trajectory.append(
            Called(actor, action.name, action.arguments, answer.content, answer.error, answer.outcome)
        )
    return evaluate(task, core, trajectory, "user_stop", database=own_data().database).reward


def test_the_reference_earns_the_whole_reward_and_idleness_none() -> None:
    for task in FULL:
        assert reward(task, criteria(task).actions or []) == 1.0, task.id
        assert reward(task, []) == 0.0, task.id


def test_every_action_of_every_reference_is_needed() -> None:
    assert {task.id: needless(task) for task in FULL if needless(task)} == {}


def test_a_task_without_its_last_repair_is_not_proven() -> None:
    """The proof is one: it fails for a reference that does not finish."""
    task = next(task for task in FULL if len(criteria(task).actions or []) > 1)
    shorter = criteria(task).model_copy(update={"actions": (criteria(task).actions or [])[:-1]})
    with pytest.raises(UnprovenError, match="must hold in the end"):
        prove(task.model_copy(update={"evaluation_criteria": shorter}))


def test_a_task_in_which_nothing_is_wrong_is_not_proven() -> None:
    task = next(task for task in FULL if facts(task).fixable)
    assert task.initial_state is not None
    healthy = task.initial_state.model_copy(update={"initialization_actions": []})
    with pytest.raises(UnprovenError, match="must not hold at the start"):
        prove(task.model_copy(update={"initial_state": healthy}))


def test_an_action_too_many_is_found_needless() -> None:
    task = next(task for task in FULL if facts(task).fixable)
    actions = criteria(task).actions or []
    extra = actions[0].model_copy(update={"action_id": "extra", "name": "check_vpn_status", "arguments": {}})
    longer = criteria(task).model_copy(update={"actions": [*actions, extra]})
    assert needless(task.model_copy(update={"evaluation_criteria": longer})) == ["extra"]


def test_what_cannot_be_repaired_is_handed_over_and_what_can_is_not() -> None:
    for task in FULL:
        names = [action.name for action in criteria(task).actions or []]
        if facts(task).fixable:
            assert "transfer_to_human_agents" not in names
            assert criteria(task).reward_basis == ["ENV_ASSERTION"]
        else:
            assert names == ["transfer_to_human_agents"]
            assert criteria(task).reward_basis == ["ENV_ASSERTION", "ACTION"]


def test_repairs_before_a_transfer_do_not_spoil_the_task() -> None:
    """An agent that has first repaired what can be repaired has done nothing wrong."""
    spoilt = []
    for task in FULL:
        if facts(task).fixable:
            continue
        core = TelecomCore(own_data().database)
        core.initialise(task)
        for name in ("toggle_airplane_mode", "reseat_sim_card", "reset_apn_settings", "reboot_device"):
            if name != "toggle_airplane_mode" or "airplane_mode" in facts(task).faults:
                core.call("user", name, {})
        if not all(core.met(statement) for statement in criteria(task).env_assertions or []):
            spoilt.append(task.id)
    assert spoilt == []


def test_ids_are_unique_and_tasks_distinct() -> None:
    assert len({task.id for task in FULL}) == len(FULL)
    assert len({generator.key(task) for task in FULL}) == len(FULL)
    assert len({(task.user_scenario.model_dump_json(), str(task.initial_state)) for task in FULL}) == len(
        FULL
    )


def test_sets_have_their_sizes_and_small_has_single_faults() -> None:
    data = own_data()
    assert {name: len(ids) for name, ids in data.sets.items()} == {"small": 20, "base": 120, "full": 252}
    assert data.tasks() == data.tasks("base")
    small = [facts(task) for task in data.tasks("small")]
    assert {len(each.faults) for each in small} == {1}
    assert len({(each.family, each.faults) for each in small}) == 20
    assert {each.fixable for each in small} == {True, False}


def test_an_unknown_set_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="base"):
        own_data().tasks("bas")


def test_a_task_is_found_by_its_id() -> None:
    assert own_data().task(FULL[3].id) == FULL[3]
    with pytest.raises(UnknownNameError, match="no telecom task of ours is named"):
        own_data().task("nothing")


@pytest.mark.parametrize("name", ["base", "full"])
def test_families_personas_and_levels_are_balanced(name: str) -> None:
    found = [facts(task) for task in own_data().tasks(name)]
    share = len(found)
    families = Counter(each.family for each in found)
    assert max(families.values()) == min(families.values()) == share // 3
    people = Counter(each.persona for each in found)
    assert set(people) == set(personas())
    assert max(people.values()) - min(people.values()) <= 3
    levels = Counter(each.level for each in found)
    assert set(levels) == {1, 2, 3, 4, 5}
    assert min(levels.values()) >= share // 8
    crossed = Counter((each.family, each.level) for each in found)
    assert len(crossed) == 15
    assert min(crossed.values()) >= share // 30
    if name == "full":
        assert len(Counter((each.family, each.persona) for each in found)) == 3 * len(personas())


def test_every_fault_occurs_alone_where_it_can_and_among_others() -> None:
    found = [facts(task) for task in FULL]
    assert {fault for each in found for fault in each.faults} == set(FAULTS)
    assert {fault for each in found if len(each.faults) > 1 for fault in each.faults} == set(FAULTS)
    assert {len(each.faults) for each in found} == {1, 2, 3, 4, 5}


def test_difficulty_grows_with_faults_hidden_causes_and_persona() -> None:
    def mean(levels: list[int]) -> float:
        return sum(levels) / len(levels)

    found = [facts(task) for task in FULL]
    by_size = [mean([each.level for each in found if len(each.faults) == size]) for size in (1, 2, 3, 4)]
    assert by_size == sorted(by_size)
    hard = {name for name, persona in personas().items() if persona.hard}
    assert mean([each.level for each in found if each.persona in hard]) > mean(
        [each.level for each in found if each.persona not in hard]
    )
    assert mean([each.level for each in found if each.hidden]) > mean(
        [each.level for each in found if not each.hidden]
    )


def test_many_customers_lines_and_amounts_take_part() -> None:
    found = [facts(task) for task in FULL]
    assert len({each.customer for each in found}) >= 30
    assert len({each.line for each in found}) >= 50
    assert {each.buys_gb for each in found} == {0.0, 0.5, 1.0, 1.5, 2.0}
    assert {each.identity for each in found} == {"number", "contact", "customer_id", "model"}


def test_the_difficulty_of_a_foreign_task_is_unknown() -> None:
    foreign = FULL[0].model_copy(update={"description": None})
    with pytest.raises(ConfigurationError, match="no known difficulty"):
        difficulty(foreign)


def looked_up(core: TelecomCore, told: str) -> str:
    """The customer's record, found with nothing but what the customer or the ticket tells."""
    name = re.search(r"(?:You are|Your name is|Name:) ([A-Z][\w']+ [A-Z][\w']+)", told)
    birth = re.search(r"\d{4}-\d\d-\d\d", told)
    assert name, told
    assert birth, told
    answer = core.call("agent", "get_customer_by_name", {"full_name": name[1], "dob": birth[0]})
    assert not answer.error
    return answer.content


def named_line(caller: Caller, told: str) -> bool:
    """Whether the line's number stands there, or the model of its phone and the end of its number."""
    return caller.number in told or (caller.model in told and caller.ending in told)


def test_the_customer_and_line_can_be_found_with_what_the_customer_knows() -> None:
    core = TelecomCore(own_data().database)
    for task in FULL:
        caller = BY_LINE[facts(task).line]
        for told in (script(task).known_info or "", task.ticket or ""):
            content = looked_up(core, told)
            assert content.count('"customer_id"') == 1
            assert f'"{caller.customer_id}"' in content
            assert f'"{caller.line_id}"' in content
            assert named_line(caller, told)


def test_a_number_that_is_told_leads_to_the_customer_unless_it_is_meant_to_mislead() -> None:
    core = TelecomCore(own_data().database)
    for task in FULL:
        caller = BY_LINE[facts(task).line]
        for number in re.findall(r"\d{3}-555-\d{4}", script(task).known_info or ""):
            answer = core.call("agent", "get_customer_by_phone", {"phone_number": number})
            assert (f'"customer_id": "{caller.customer_id}"' in answer.content) is not (
                caller.misleading and number == caller.number
            )


def test_scripts_tell_the_goal_and_both_consents_but_no_cause() -> None:
    for task in FULL:
        told = script(task)
        everything = " ".join((told.reason_for_call, told.known_info or "", told.task_instructions))
        assert re.search(r"status bar|speed test|MMS", told.task_instructions)
        gb = facts(task).buys_gb
        assert (f"{gb:g} GB" in told.task_instructions) is (gb > 0)
        assert "overdue" in told.task_instructions
        assert not re.search(
            r"\b([Aa]irplane|APN|SIM|VPN|[Dd]ata saver|permission|[234]g_only)\b", everything
        )
        assert ("abroad" in everything) is facts(task).abroad


def test_no_slot_of_a_phrase_is_left_open() -> None:
    for task in FULL:
        assert "{" not in f"{script(task)} {task.ticket}"
