"""From a problem to a task: words, initial state, reference solution and what counts as solved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentbench_sdk.environments.telecom.own.faults import hidden, reference
from agentbench_sdk.environments.telecom.own.problems import Problem
from agentbench_sdk.environments.telecom.own.texts import Wording
from agentbench_sdk.environments.telecom.task import (
    Criteria,
    Description,
    EnvAssertion,
    InitialState,
    ReferenceAction,
    Side,
    Step,
    TelecomTask,
    UserScenario,
)


def build(problem: Problem, seed: int | str) -> TelecomTask:
    """The task of a problem; `seed` becomes part of its id."""
    wording = Wording(problem)
    return TelecomTask(
        id=f"{problem.key}[SEED:{seed}]",
        description=_description(problem),
        user_scenario=UserScenario(persona=problem.persona.text, instructions=wording.instructions()),
        ticket=wording.ticket(),
        initial_state=InitialState(initialization_actions=list(_initial(problem))),
        evaluation_criteria=_criteria(problem),
    )


def _description(problem: Problem) -> Description:
    causes = "; ".join(fault.words for fault in problem.faults)
    notes = {
        "level": problem.level,
        "family": problem.family.name,
        "faults": ",".join(fault.name for fault in problem.faults),
        "hidden": ",".join(fault.name for fault in hidden(problem.faults)),
        "persona": problem.persona.name,
        "identity": problem.identity,
        "customer": problem.site.caller.customer_id,
        "line": problem.site.caller.line_id,
        "buys_gb": f"{problem.site.buy_gb:g}",
        "place": "abroad" if problem.abroad else "home",
        "fixable": "yes" if problem.fixable else "no",
    }
    return Description(
        purpose=f"{problem.family.words}: {causes}",
        notes="; ".join(f"{name}={value}" for name, value in notes.items()),
    )


def _initial(problem: Problem) -> Iterator[Step]:
    caller = problem.site.caller
    yield Step(
        env_type="user",
        func_name="set_user_info",
        arguments={"name": caller.name, "phone_number": caller.number},
    )
    if problem.abroad and not any(fault.kind == "roaming" for fault in problem.faults):
        yield Step(env_type="user", func_name="set_user_location", arguments={"abroad": True})
        yield Step(env_type="user", func_name="turn_roaming_on")
        line = {"customer_id": caller.customer_id, "line_id": caller.line_id}
        yield Step(env_type="assistant", func_name="enable_roaming", arguments=line)
    for fault in problem.faults:
        yield from fault.breaks(problem.site)


def _criteria(problem: Problem) -> Criteria:
    if problem.fixable:
        return Criteria(
            actions=list(_actions(problem)),
            env_assertions=list(_success(problem)),
            reward_basis=["ENV_ASSERTION"],
        )
    causes = ", ".join(fault.words for fault in problem.faults if not fault.fixable)
    transfer = ReferenceAction(
        action_id="transfer_to_human_agents_0",
        name="transfer_to_human_agents",
        arguments={"summary": f"Cannot be solved at this desk: {causes}."},
        compare_args=[],
    )
    return Criteria(
        actions=[transfer],
        env_assertions=list(_failure(problem)),
        reward_basis=["ENV_ASSERTION", "ACTION"],
    )


def _actions(problem: Problem) -> Iterator[ReferenceAction]:
    for place, step in enumerate(reference(problem.faults, problem.site)):
        yield ReferenceAction(
            action_id=f"{step.name}_{place}", requestor=step.side, name=step.name, arguments=step.arguments
        )


def _success(problem: Problem) -> Iterator[EnvAssertion]:
    """Statements that all fail at the start and all hold once the reference has been carried out."""
    family, caller = problem.family.name, problem.site.caller
    layers = {fault.layer for fault in problem.faults}
    if "service" in layers:
        yield _that("user", "assert_service_status", expected_status="connected")
    if family != "service_issue" and layers & {"service", "data"}:
        yield _that("user", "assert_mobile_data_status", expected_status=True)
    if family == "mobile_data_issue":
        yield _that("user", "assert_internet_speed", expected_speed=200, expected_desc="excellent")
    if family == "mms_issue":
        yield _that("user", "assert_can_send_mms", expected_status=True)
    for fault in problem.faults:
        if fault.kind == "line":
            yield _line_status(problem, "Active")
        if fault.name in {"bill_unpaid", "arrears_on_file"}:
            for bill_id in caller.overdue or (problem.site.bill_id,):
                yield _that("assistant", "assert_no_overdue_bill", overdue_bill_id=bill_id)
        if fault.kind == "quota":
            yield _extra_data(problem, caller.extra_gb + problem.site.buy_gb)


def _failure(problem: Problem) -> Iterator[EnvAssertion]:
    """What stays as it is when the desk does only what it may."""
    broken = next(fault for fault in problem.faults if not fault.fixable)
    if broken.layer == "service":
        yield _that("user", "assert_service_status", expected_status="no_service")
    if problem.family.name != "service_issue":
        yield _that("user", "assert_mobile_data_status", expected_status=False)
    if problem.family.name == "mms_issue":
        yield _that("user", "assert_can_send_mms", expected_status=False)
    if broken.kind == "line":
        yield _line_status(problem, "Suspended")
    if broken.kind == "quota":
        yield _extra_data(problem, problem.site.caller.extra_gb)


def _line_status(problem: Problem, status: str) -> EnvAssertion:
    caller = problem.site.caller
    line = {"customer_id": caller.customer_id, "line_id": caller.line_id}
    return _that("assistant", "assert_line_status", **line, expected_status=status)


def _extra_data(problem: Problem, amount: float) -> EnvAssertion:
    caller = problem.site.caller
    line = {"customer_id": caller.customer_id, "line_id": caller.line_id}
    return _that("assistant", "assert_data_refueling_amount", **line, expected_amount=amount)


def _that(side: Side, statement: str, **arguments: Any) -> EnvAssertion:
    return EnvAssertion(env_type=side, func_name=statement, arguments=arguments)
