"""Group files: a group of tasks as YAML. What a file may say is explained in `docs/tasks.md`."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from agentbench_sdk.benchmark.group import AGGREGATES, Member, TaskGroup
from agentbench_sdk.benchmark.hints import nearest
from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.document import Document

_CONFIG = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
_Name = Annotated[str, Field(min_length=1)]
_MEMBER = "a member is a name, or a mapping with 'task' or 'group' and what else there is to say"


class MemberSpec(BaseModel):
    """A member of which more is said than its name."""

    model_config = _CONFIG

    task: _Name | None = None
    group: _Name | None = None
    name: _Name | None = None
    weight: Annotated[float, Field(gt=0)] | None = None
    params: dict[str, Any] = {}
    judge: _Name | None = None


class GroupSpec(BaseModel):
    """The members of a group file."""

    model_config = _CONFIG

    group: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]
    description: str = ""
    aggregate: str = "macro"
    members: Annotated[list[str | dict[str, Any]], Field(min_length=1)]

    accepted: ClassVar[Mapping[str, type[BaseModel]]] = {"members": MemberSpec}


@dataclass(frozen=True)
class GroupFile:
    """A group file that is read when it is needed.

    Attributes:
        path: the file; files that it names are relative to its folder.
    """

    path: Path

    @functools.cached_property
    def group(self) -> TaskGroup:
        """The group that the file describes.

        Raises:
            TaskError: the file is wrong; file, line, field and what is accepted are named.
        """
        from agentbench_sdk.benchmark.document import read_document
        from agentbench_sdk.benchmark.schema import checked

        document = read_document(self.path)
        spec = checked(document, GroupSpec)
        if spec.aggregate not in AGGREGATES:
            raise document.fault(nearest(spec.aggregate, AGGREGATES), ("aggregate",))
        members = [self._member(document, spec, place) for place in range(len(spec.members))]
        description = " ".join(spec.description.split())
        return TaskGroup(spec.group, members, spec.aggregate, description)

    def _member(self, document: Document, spec: GroupSpec, place: int) -> Member:
        from agentbench_sdk.benchmark.schema import checked

        entry, where = spec.members[place], ("members", place)
        if isinstance(entry, str):
            return Member(self._placed(entry))
        said = checked(document, MemberSpec, where)
        if (said.task is None) == (said.group is None):
            raise document.fault(_MEMBER, where)
        if said.weight is not None and spec.aggregate != "weighted":
            told = f"weights count with 'aggregate: weighted' alone; here it is {spec.aggregate!r}"
            raise document.fault(told, (*where, "weight"))
        if said.group is not None and (said.params or said.judge or said.name):
            member = "params" if said.params else "judge" if said.judge else "name"
            told = f"goes with a task; {said.group!r} is a group, whose file says it of each of its tasks"
            raise document.fault(told, (*where, member))
        what = self._placed(said.task or said.group or "")
        return Member(what, said.name or "", said.weight or 1.0, said.params, said.judge or "")

    def _placed(self, name: str) -> str:
        """A file that is named lies beside the group's own; any other name stays."""
        is_file = name.endswith((".yaml", ".yml", ".py")) or ".py:" in name
        return str(self.path.parent / name) if is_file else name


def group_file(package: str, name: str) -> GroupFile:
    """A group file that lies inside a package; what an entry point names.

    Raises:
        ConfigurationError: the package is not unpacked into a folder.
    """
    file = importlib.resources.files(package) / name
    if not isinstance(file, Path):
        raise ConfigurationError(f"{package}: group files need a package that is unpacked into a folder")
    return GroupFile(file)
