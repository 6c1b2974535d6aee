"""The coding world: a work folder in a sandbox, tools, and hidden checks; see README.md in this folder."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentbench_sdk.environments.coding.folder import TaskFolder as TaskFolder
    from agentbench_sdk.environments.coding.scenario import CodingScenario as CodingScenario
    from agentbench_sdk.environments.coding.world import Coding as Coding

_HOMES = {"Coding": "world", "CodingScenario": "scenario", "TaskFolder": "folder"}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - the names are those of the table above; a test compares both


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
