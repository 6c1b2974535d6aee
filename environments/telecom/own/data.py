"""Our own telecom world as it lies in `data/`: database, tasks and policies, read when they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.errors import UnknownNameError

if TYPE_CHECKING:
    from agentbench_sdk.environments.telecom.database import Database

_FILES = (
    "database.json",
    "manual.md",
    "policy.md",
    "policy_solo.md",
    "workflow.md",
    "workflow_solo.md",
)


class _TaskFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    sets: dict[str, list[str]]
    tasks: list[TelecomTask]


class OwnData:
    """The carrier, its customers, the desk's rules and the tasks that ship.

        data = own_data()
        data.tasks("small")[0].id
        data.policy(workflow=True)

    Reading is lazy, and everything is read once. Nothing in it may be changed by whoever uses it.
    """

    @cached_property
    def database(self) -> Database:
        """The pristine records of the back office and the phone."""
        from agentbench_sdk.environments.telecom.database import Database
        from agentbench_sdk.environments.telecom.own.callers import records

        return Database.from_json(records())

    @cached_property
    def sets(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the tasks of each set: "small" (single faults), "base" (the default) and "full" (all)."""
        return {name: tuple(ids) for name, ids in self._file.sets.items()}

    def tasks(self, set_name: str = "base") -> list[TelecomTask]:
        """The tasks of a set, in its order; UnknownNameError for a set that there is not."""
        if set_name not in self.sets:
            raise UnknownNameError("set of our telecom tasks", set_name, self.sets)
        return [self._tasks[task_id] for task_id in self.sets[set_name]]

    def task(self, task_id: str) -> TelecomTask:
        """A single task that ships; UnknownNameError for one that there is not."""
        if task_id not in self._tasks:
            raise UnknownNameError("telecom task of ours", task_id, self._tasks)
        return self._tasks[task_id]

    def policy(self, *, solo: bool = False, workflow: bool = False) -> str:
        """What the agent is told: the desk's rules, and the technical guide as prose or step by step."""
        rules = "policy_solo.md" if solo else "policy.md"
        guide = ("workflow_solo.md" if solo else "workflow.md") if workflow else "manual.md"
        return (
            f"<main_policy>\n{_text(rules)}\n</main_policy>\n"
            f"<tech_support_policy>\n{_text(guide)}\n</tech_support_policy>"
        )

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of database and policies, as 64 hex digits.

        Tasks are not in it: each is part of the scenario that is made of it.
        """
        digest = hashlib.sha256()
        for name in _FILES:
            digest.update(f"{name}\0".encode())
            digest.update(hashlib.sha256(_bytes(name)).digest())
        return digest.hexdigest()

    @cached_property
    def _file(self) -> _TaskFile:
        return _TaskFile.model_validate_json(_bytes("tasks.json"))

    @cached_property
    def _tasks(self) -> dict[str, TelecomTask]:
        return {task.id: task for task in self._file.tasks}


@lru_cache(maxsize=1)
def own_data() -> OwnData:
    """Our own world; the same object for everybody in a process."""
    return OwnData()


def _bytes(name: str) -> bytes:
    return files(__package__).joinpath("data", name).read_bytes()


def _text(name: str) -> str:
    return _bytes(name).decode()
