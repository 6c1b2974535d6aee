"""Groups of tasks: which tasks belong together, and how their scores become one.

    TaskGroup("basics", ["calendar_questions", Member("vending", judge="coherence", weight=2)], "weighted")

A group is defined here and in group files (`group_file.py`); `assembly.py` finds what it names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from agentbench_sdk.benchmark.task import Task
from agentbench_sdk.errors import ConfigurationError

Aggregate = Literal["macro", "weighted", "micro"]
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)


@dataclass(frozen=True)
class Member:
    """One task of a group, or another group in it.

    Attributes:
        what: a registered name of a task or group, a YAML file of either, `file.py:function`, a `Task`, or a
            `TaskGroup`.
        name: what reports call it; its own name when left out.
        weight: its share in a "weighted" group, relative to the others; above 0.
        params: parameters of a task that is given by name.
        judge: id of the judge whose scores count, as the report names it; the primary one when left out.

    Raises:
        ConfigurationError: the weight is not above 0.
    """

    what: str | Path | Task | TaskGroup
    name: str = ""
    weight: float = 1.0
    params: Mapping[str, Any] = field(default_factory=dict)
    judge: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.weight < math.inf:
            raise ConfigurationError(
                f"the weight of a group's member is a number above 0, not {self.weight!r}"
            )


@dataclass(frozen=True)
class TaskGroup:
    """Tasks whose scores are told together, and as one.

    Attributes:
        name: of the group.
        members: at least one; a task or a name stands for `Member` with nothing else said.
        aggregate: "macro": each member counts the same; "weighted": by its weight; "micro": by its number of
            samples.
        description: one sentence for `agentbench list`.

    Raises:
        ConfigurationError: there is no member, an unknown way to aggregate, or a weight that would not count.
    """

    name: str
    members: Sequence[Member | str | Path | Task | TaskGroup]
    aggregate: Aggregate = "macro"
    description: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.members, str) or not self.members:
            raise ConfigurationError(f"group {self.name!r} needs a list of at least one member")
        if self.aggregate not in AGGREGATES:
            raise ConfigurationError(
                f"group {self.name!r}: aggregate is {self.aggregate!r}; accepted: {', '.join(AGGREGATES)}"
            )
        if self.aggregate != "weighted" and any(each.weight != 1 for each in self.parts()):
            raise ConfigurationError(
                f"group {self.name!r}: weights count in a group with aggregate 'weighted' alone; this one is "
                f"{self.aggregate!r}"
            )

    def parts(self) -> list[Member]:
        """The members, each as a `Member`."""
        return [each if isinstance(each, Member) else Member(each) for each in self.members]
