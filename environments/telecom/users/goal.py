"""Whether a customer has what the call was about, as the phone itself would tell."""

from __future__ import annotations

from typing import Any, Final

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.task import EnvAssertion, TelecomTask


def _phone(function: str, **arguments: Any) -> EnvAssertion:
    return EnvAssertion(env_type="user", func_name=function, arguments=arguments)


_SENDS: Final = _phone("assert_can_send_mms", expected_status=True)
_WORKS: Final = _phone("assert_mobile_data_status", expected_status=True)
_FAST: Final = _phone("assert_internet_speed", expected_speed=200, expected_desc="excellent")
_SERVED: Final = _phone("assert_service_status", expected_status="connected")
_GOALS: Final = {
    "[service_issue]": (_SERVED,),
    "[mobile_data_issue]": (_WORKS, _FAST),
    "[mms_issue]": (_SENDS,),
}


def goal_met(core: TelecomCore, task: TelecomTask) -> bool:
    """Whether the trouble of the task's family is gone; by the task's own assertions where it has no family.

    A task that cannot be solved asserts the failure; for the customer it is a failure all the same.
    """
    for family, goals in _GOALS.items():
        if task.id.startswith(family):
            return all(core.met(goal) for goal in goals)
    criteria = task.evaluation_criteria
    return all(core.met(goal) for goal in (criteria.env_assertions or ()) if criteria) if criteria else True


def can_send(core: TelecomCore) -> bool:
    """Whether picture messages can be sent."""
    return core.met(_SENDS)


def data_works(core: TelecomCore) -> bool:
    """Whether mobile data works, at whatever speed."""
    return core.met(_WORKS)
