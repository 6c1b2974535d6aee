"""Ground truth: carries out the reference actions of the task, in their order. The yardstick of what can be had."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from agentbench_sdk.environments.telecom.policies.desk import Desk
from agentbench_sdk.environments.telecom.task import ReferenceAction, TelecomTask
from agentbench_sdk.simulation import Act, Opening

TRANSFER = "transfer_to_human_agents"
FAREWELL = "I am glad that it works again. Is there anything else I can help you with?"
_CHECKS = {
    "service_issue": "check_status_bar",
    "mobile_data_issue": "run_speed_test",
    "mms_issue": "can_send_mms",
}


def ground_truth(opening: Opening, truth: Mapping[str, Any]) -> Generator[Act, str, None]:
    """Play one session; `truth` is the world's."""
    task = TelecomTask.model_validate(truth["task"])
    desk = Desk.at(opening)
    criteria = task.evaluation_criteria
    for action in (criteria.actions or ()) if criteria else ():
        if action.name == TRANSFER:
            yield from desk.hand_over(str(action.arguments.get("summary", "The case cannot be solved here.")))
        yield from _carry_out(desk, action)
    if check := _check(task):
        yield from desk.phone(check)
    yield from desk.close(FAREWELL)


def _carry_out(desk: Desk, action: ReferenceAction) -> Generator[Act, str, None]:
    if action.requestor == "user":
        yield from desk.phone(action.name, action.arguments)
    else:
        yield Act(action.name, action.arguments)


def _check(task: TelecomTask) -> str:
    """The tool by which the customer sees that the trouble is gone."""
    family = task.id.partition("]")[0].removeprefix("[")
    return _CHECKS.get(family, "")
