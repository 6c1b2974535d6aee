"""A task folder, in Harbor's layout: `task.toml`, `instruction.md`, `environment/`, `tests/`, `solution/`.

Our own tasks lie in this layout too; `tests/checks.py` in place of a `tests/test.sh` says that the checks run
apart from the code that they check (see `verification`). `wrong/<name>/` holds solutions that must fail.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentbench_sdk.canonical import digest
from agentbench_sdk.environments.coding.dockerfile import Dockerfile, read_dockerfile
from agentbench_sdk.errors import TaskError, UnknownNameError

Kind = Literal["checks", "script"]
CHECKS, SCRIPT = "tests/checks.py", "tests/test.sh"


class _Part(BaseModel):
    """A section of task.toml. Harbor's format grows; what we do not use is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Metadata(_Part):
    """What is said about a task; nothing of it shapes a score."""

    title: str = ""
    category: str = ""
    difficulty: str = ""
    tags: tuple[str, ...] = ()


class Agent(_Part):
    """What the agent may use: seconds."""

    timeout_sec: float = Field(default=600.0, gt=0)


class Verifier(_Part):
    """What the tests may use: seconds; and their environment."""

    timeout_sec: float = Field(default=600.0, gt=0)
    env: Mapping[str, str] = Field(default_factory=dict)


class Container(_Part):
    """What the task asks of its container."""

    docker_image: str | None = None
    memory_mb: int | None = Field(default=None, gt=0)
    storage_mb: int | None = Field(default=None, gt=0)
    allow_internet: bool = False


class Settings(_Part):
    """The whole of task.toml."""

    version: str = "1.0"
    metadata: Metadata = Metadata()
    agent: Agent = Agent()
    verifier: Verifier = Verifier()
    environment: Container = Container()


@dataclass(frozen=True)
class TaskFolder:
    """One coding task.

    Attributes:
        name: of its folder.
        settings: task.toml.
        instruction: what the agent is asked.
        files: every other file, by path relative to the task's folder.
        executable: those that have the x bit.
        path: where it lies; None for our own, which lie in the package.
    """

    name: str
    settings: Settings
    instruction: str
    files: Mapping[str, bytes]
    executable: frozenset[str] = frozenset()
    path: Path | None = field(default=None, compare=False)

    @property
    def kind(self) -> Kind:
        """How it is verified: by checks that run apart, or by a script beside the solution."""
        return "checks" if CHECKS in self.files else "script"

    @cached_property
    def dockerfile(self) -> Dockerfile | None:
        """What the container is made from, None when the files are all there is."""
        text = self.files.get("environment/Dockerfile")
        return None if text is None else read_dockerfile(text.decode())

    @property
    def needs_image(self) -> bool:
        """Whether it can run in a container only."""
        asked = self.settings.environment.docker_image is not None
        return asked or (self.dockerfile is not None and self.dockerfile.needs_image)

    def below(self, folder: str) -> dict[str, bytes]:
        """Files below a folder of the task, by path relative to that folder."""
        start = f"{folder}/"
        return {path.removeprefix(start): data for path, data in self.files.items() if path.startswith(start)}

    def executable_below(self, folder: str) -> frozenset[str]:
        """Those of `below` that have the x bit."""
        start = f"{folder}/"
        return frozenset(path.removeprefix(start) for path in self.executable if path.startswith(start))

    def work_files(self) -> dict[str, bytes]:
        """What the work folder holds at the start."""
        there = self.below("environment")
        return there if self.dockerfile is None else self.dockerfile.copied(there)

    def work_executable(self) -> frozenset[str]:
        """Those of `work_files` that have the x bit."""
        there = dict.fromkeys(self.executable_below("environment"), b"")
        return frozenset(there if self.dockerfile is None else self.dockerfile.copied(there))

    def wrong(self) -> dict[str, dict[str, bytes]]:
        """The wrong solutions by name: files that are laid over the work folder."""
        found: dict[str, dict[str, bytes]] = {}
        for path, data in self.below("wrong").items():
            name, _, rest = path.partition("/")
            found.setdefault(name, {})[rest] = data
        return found

    @cached_property
    def sha256(self) -> str:
        """Over everything that shapes a score: settings, instruction, start and tests."""
        counted = {
            path: digest(data.hex())
            for path, data in self.files.items()
            if path.startswith(("environment/", "tests/"))
        }
        settings = self.settings.model_dump(mode="json", exclude={"metadata"})
        return digest({"settings": settings, "instruction": self.instruction, "files": counted})


def own_names() -> list[str]:
    """Names of the tasks of this package, sorted."""
    root = Path(str(files("agentbench_sdk.environments.coding"))) / "data" / "tasks"
    return sorted(path.parent.name for path in root.glob("*/task.toml"))


def own_task(name: str) -> TaskFolder:
    """A task of this package.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in own_names():
        raise UnknownNameError("coding task", name, own_names())
    root = Path(str(files("agentbench_sdk.environments.coding"))) / "data" / "tasks"
    # An installation may consist of links to the checkout's files.
    return replace(read_task(root / name, follow_links=True), path=None)


def read_tasks(folder: Path) -> list[TaskFolder]:
    """All tasks in a folder of task folders, or the one that the folder itself is; sorted by name.

    Raises:
        TaskError: there is none, or one is broken; names file and field.
    """
    if (folder / "task.toml").is_file():
        return [read_task(folder)]
    found = sorted(path.parent for path in folder.glob("*/task.toml"))
    if not found:
        raise TaskError("there is no task folder in it: each has a file task.toml", file=str(folder))
    return [read_task(path) for path in found]


def read_task(folder: Path, *, follow_links: bool = False) -> TaskFolder:
    """Read one task folder. Links are left out, lest a task of a stranger shows its agent files of ours.

    Arguments:
        folder: with task.toml in it.
        follow_links: take files that are links, of folders that are ours.

    Raises:
        TaskError: a file is missing or broken; names file and field.
    """
    instruction = _text(folder / "instruction.md")
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if _is_file(path, links=follow_links)
    }
    for name in ("task.toml", "instruction.md"):
        found.pop(name, None)
    if CHECKS not in found and SCRIPT not in found:
        raise TaskError(f"there are no tests: {CHECKS} or {SCRIPT} is expected", file=str(folder))
    return TaskFolder(
        name=folder.name,
        settings=_settings(folder / "task.toml"),
        instruction=instruction,
        files={name: path.read_bytes() for name, path in found.items()},
        executable=frozenset(name for name, path in found.items() if path.stat().st_mode & 0o100),
        path=folder,
    )


def _is_file(path: Path, *, links: bool) -> bool:
    return path.is_file() and (links or not path.is_symlink()) and "__pycache__" not in path.parts


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaskError(f"it cannot be read: {error}", file=str(path)) from error


def _settings(path: Path) -> Settings:
    try:
        found: dict[str, Any] = tomllib.loads(_text(path))
        return Settings.model_validate(found)
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"it is no TOML: {error}", file=str(path)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise TaskError(first["msg"], file=str(path), field=where) from error
