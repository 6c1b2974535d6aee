"""Public fakes: a scripted model, a real HTTP endpoint with any behaviour, sandboxes in which nothing runs, and a
clock that does not wait; and the bench of a test session, as the fixture `bench` of the pytest plugin gives it.

They are part of the API, so that whoever writes a task, judge, agent or back end can test it offline.
Imported on first use, so that `python -m agentbench_sdk.testing.endpoint` runs a module not yet loaded.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

_HOMES = {
    "FakeClock": "clock",
    "FakeEndpoint": "endpoint",
    "Reply": "replies",
    "ScriptedModel": "scripted_model",
    "ScriptedSandboxes": "sandboxes",
    "SuiteBench": "suite",
}

__all__ = ["FakeClock", "FakeEndpoint", "Reply", "ScriptedModel", "ScriptedSandboxes", "SuiteBench"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'agentbench_sdk.testing' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"agentbench_sdk.testing.{home}"), name)
    globals()[name] = value
    return value


if TYPE_CHECKING:
    from agentbench_sdk.testing.clock import FakeClock as FakeClock
    from agentbench_sdk.testing.endpoint import FakeEndpoint as FakeEndpoint
    from agentbench_sdk.testing.replies import Reply as Reply
    from agentbench_sdk.testing.sandboxes import ScriptedSandboxes as ScriptedSandboxes
    from agentbench_sdk.testing.scripted_model import ScriptedModel as ScriptedModel
    from agentbench_sdk.testing.suite import SuiteBench as SuiteBench
