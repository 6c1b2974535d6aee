"""The data of tau2-bench's telecom domain, for those who have them: databases, task sets, policies.

Nothing of them is shipped here. A user who has the repository github.com/sierra-research/tau2-bench names it:

    agentbench run telecom -T data_dir=~/tau2-bench -T set=small --model …
    AGENTBENCH_TAU2_DATA=~/tau2-bench agentbench run telecom --model …

The folder may be the repository, its `data` or `data/tau2`, or the domain's own folder. There the policies may
lie in `policies/`, the user simulator's texts in `user_simulator/`, and task files may be gzipped.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tomllib
import zlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.errors import TaskError, UnknownNameError

VARIABLE = "AGENTBENCH_TAU2_DATA"
FULL, BASE = "full", "base"
DATABASES = ("db.toml", "user_db.toml")
POLICIES = (
    "main_policy.md",
    "main_policy_solo.md",
    "tech_support_manual.md",
    "tech_support_workflow.md",
    "tech_support_workflow_solo.md",
)
GUIDELINES = "simulation_guidelines_tools.md"
SPLITS = "split_tasks.json"
_INSIDE = ("", "domains/telecom", "tau2/domains/telecom", "data/tau2/domains/telecom")
_POLICY_FOLDERS = ("", "policies")
_USER_FOLDERS = ("user_simulator", "../../user_simulator")
_FULL_FILES = ("tasks.json", "tasks_full.json", "tasks.json.gz", "tasks_full.json.gz")


def data_folder(data_dir: str | Path | None = None) -> Path | None:
    """The folder that the user named, with `data_dir` or in AGENTBENCH_TAU2_DATA; None for neither."""
    named = data_dir or os.environ.get(VARIABLE, "")
    return Path(named).expanduser() if named else None


class OfficialData:
    """The telecom domain of tau2-bench, read when it is asked for; nothing in it may be changed.

        data = OfficialData.load("~/tau2-bench")
        data.tasks("small")[0].id

    Attributes:
        folder: where the domain's databases lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def load(cls, folder: str | Path | None = None) -> OfficialData:
        """The data in a folder; the same object for everybody in a process.

        Arguments:
            folder: see the module; that of AGENTBENCH_TAU2_DATA when left out.

        Raises:
            TaskError: no folder is named, or it holds no telecom data.
        """
        named = data_folder(folder)
        if named is None:
            raise TaskError(
                f"no folder of tau2-bench's data is named; give it with -T data_dir=… or in {VARIABLE}"
            )
        return _loaded(named.resolve())

    @cached_property
    def database(self) -> Database:
        """The pristine records of the back office and the phone.

        Raises:
            TaskError: a file is missing, is no TOML, or a record in it is wrong.
        """
        agent, user = (self._find(name, ("",)) for name in DATABASES)
        for path in (agent, user):
            try:
                tomllib.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                raise TaskError(f"is no valid TOML ({error})", file=str(path)) from None
        return Database.from_toml(agent, user)

    @cached_property
    def sets(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the tasks of each set, in the order of the task file: small, train, test, base, full.

        Raises:
            TaskError: the file of splits or of tasks is missing or broken.
        """
        splits = self._splits
        order = list(self._records)
        if FULL not in splits:
            return {**{name: self._ordered(name, order) for name in splits}, FULL: tuple(order)}
        return {name: self._ordered(name, order) for name in splits}

    def tasks(self, set_name: str = BASE) -> list[TelecomTask]:
        """The tasks of a set, in the order of the task file.

        Raises:
            UnknownNameError: there is no such set.
            TaskError: a file is missing or broken; the file, the task and the field are named.
        """
        if set_name not in self.sets:
            raise UnknownNameError("set of tau2-bench's telecom tasks", set_name, self.sets)
        return [self._task(task_id) for task_id in self.sets[set_name]]

    def task(self, task_id: str) -> TelecomTask:
        """A single task.

        Raises:
            UnknownNameError: there is no such task.
            TaskError: as of `tasks`.
        """
        if task_id not in self._records:
            raise UnknownNameError("telecom task", task_id, self._records)
        return self._task(task_id)

    def policy(self, *, solo: bool = False, workflow: bool = False) -> str:
        """What the agent is told: the rules, and the technical guide as prose or step by step.

        Raises:
            TaskError: a file is missing.
        """
        rules = "main_policy_solo.md" if solo else "main_policy.md"
        steps = "tech_support_workflow_solo.md" if solo else "tech_support_workflow.md"
        guide = steps if workflow else "tech_support_manual.md"
        return (
            f"<main_policy>\n{self._text(rules, _POLICY_FOLDERS)}\n</main_policy>\n"
            f"<tech_support_policy>\n{self._text(guide, _POLICY_FOLDERS)}\n</tech_support_policy>"
        )

    @cached_property
    def guidelines(self) -> str:
        """What tau2-bench tells every simulated user that has tools.

        Raises:
            TaskError: the file is missing.
        """
        return self._text(GUIDELINES, _USER_FOLDERS)

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of databases and policies, as 64 hex digits; a policy that is missing counts as such.

        Tasks are not in it: each is part of the scenario that is made of it.

        Raises:
            TaskError: a database is missing.
        """
        digest = hashlib.sha256()
        for name in DATABASES:
            _update(digest, name, self._find(name, ("",)))
        for name in POLICIES:
            _update(digest, name, next(iter(self._there(name, _POLICY_FOLDERS)), None))
        return digest.hexdigest()

    # --- inside -------------------------------------------------------------------------------

    @cached_property
    def _tasks(self) -> dict[str, TelecomTask]:
        return {}

    def _task(self, task_id: str) -> TelecomTask:
        if task_id not in self._tasks:
            self._tasks[task_id] = _checked(self._task_file, task_id, self._records[task_id])
        return self._tasks[task_id]

    @cached_property
    def _task_file(self) -> Path:
        found = [path for name in _FULL_FILES for path in self._there(name, ("",))]
        if not found:
            raise self._missing(" or ".join(_FULL_FILES), [self.folder])
        return found[0]

    @cached_property
    def _records(self) -> dict[str, Any]:
        """All tasks of the file by id, as they stand there."""
        listed = _json(self._task_file)
        if isinstance(listed, dict) and "tasks" in listed:
            listed = listed["tasks"]
        if not isinstance(listed, list):
            raise TaskError("must be a list of tasks", file=str(self._task_file))
        records: dict[str, Any] = {}
        for number, record in enumerate(listed):
            task_id = record.get("id") if isinstance(record, dict) else None
            if not isinstance(task_id, str) or task_id in records:
                problem = "is the id of a task before it" if task_id in records else "must be a text"
                raise TaskError(problem, file=str(self._task_file), field=f"{number}.id")
            records[task_id] = record
        return records

    @cached_property
    def _splits(self) -> dict[str, list[str]]:
        path = self._find(SPLITS, ("",))
        splits = _json(path)
        if not isinstance(splits, dict):
            raise TaskError("must map names of sets to lists of task ids", file=str(path))
        for name, ids in splits.items():
            if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
                raise TaskError("must be a list of task ids", file=str(path), field=name)
        return splits

    def _ordered(self, name: str, order: list[str]) -> tuple[str, ...]:
        wanted = set(self._splits[name])
        unknown = wanted.difference(order)
        if unknown:
            raise TaskError(
                f"names {min(unknown)!r}, which {self._task_file.name} does not hold; "
                "take both files from one version of tau2-bench",
                file=str(self.folder / SPLITS),
                field=name,
            )
        return tuple(task_id for task_id in order if task_id in wanted)

    def _text(self, name: str, folders: tuple[str, ...]) -> str:
        path = self._find(name, folders)
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise TaskError(f"is no UTF-8 text ({error.reason})", file=str(path)) from None

    def _find(self, name: str, folders: tuple[str, ...]) -> Path:
        found = self._there(name, folders)
        if not found:
            raise self._missing(name, [(self.folder / folder) for folder in folders])
        return found[0]

    def _there(self, name: str, folders: tuple[str, ...]) -> list[Path]:
        return [path for folder in folders if (path := self.folder / folder / name).is_file()]

    def _missing(self, name: str, looked: list[Path]) -> TaskError:
        places = " and in ".join(os.path.normpath(each) for each in looked)
        return TaskError(
            f"tau2-bench's {name} is missing: it was looked for in {places}; "
            f"complete the folder, or name another one with -T data_dir=… or in {VARIABLE}"
        )


@lru_cache(maxsize=8)
def _loaded(folder: Path) -> OfficialData:
    places = [folder / inside for inside in _INSIDE]
    found = [place for place in places if (place / DATABASES[0]).is_file()]
    if not found:
        looked = ", ".join(map(str, places))
        raise TaskError(
            f"there are no telecom data of tau2-bench: {DATABASES[0]} was looked for in {looked}; "
            "name the repository of tau2-bench or its folder data/tau2/domains/telecom "
            f"with -T data_dir=… or in {VARIABLE}"
        )
    return OfficialData(found[0])


def _update(digest: Any, name: str, path: Path | None) -> None:
    digest.update(f"{name}\0".encode())
    digest.update(b"" if path is None else hashlib.sha256(path.read_bytes()).digest())


def _json(path: Path) -> Any:
    try:
        raw = path.read_bytes()
        return orjson.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    except orjson.JSONDecodeError as error:
        raise TaskError(f"is no valid JSON ({error.msg})", file=str(path), line=error.lineno) from None
    except (OSError, EOFError, zlib.error) as error:
        raise TaskError(f"cannot be read ({error})", file=str(path)) from None


def _checked(path: Path, task_id: str, record: Any) -> TelecomTask:
    try:
        return TelecomTask.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise TaskError(f"task {task_id!r}: {first['msg']}", file=str(path), field=where) from None
