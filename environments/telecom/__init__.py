"""Telecom support: an agent with a carrier's back office, a customer with a phone, and what goes wrong with it.

The rules are those of tau2-bench's telecom domain (package 1.0.1); see README.md in this folder.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentbench_sdk.environments.telecom.scenario import TelecomScenario as TelecomScenario
    from agentbench_sdk.environments.telecom.task import TelecomTask as TelecomTask
    from agentbench_sdk.environments.telecom.world import Telecom as Telecom

_HOMES = {"Telecom": "world", "TelecomScenario": "scenario", "TelecomTask": "task"}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - the names are those of the table above; a test compares both


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
