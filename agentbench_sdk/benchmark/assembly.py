"""What a list of tasks and groups comes to: the tasks to run, each once, and how groups add them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentbench_sdk.benchmark.group import Aggregate, Member, TaskGroup
from agentbench_sdk.benchmark.task import Task
from agentbench_sdk.canonical import digest
from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.registry import Registry

Named = str | Path | Task | TaskGroup


@dataclass(frozen=True)
class Leaf:
    """A task of an assembly, with its parameters.

    Attributes:
        label: what reports call it; no other leaf has the same.
        task: name, file or task, as `Bench.plan` takes it.
        params: of a task that is given by name.
    """

    label: str
    task: str | Path | Task
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Branch:
    """A group of an assembly.

    Attributes:
        name, aggregate, description: see `TaskGroup`.
        members: leaves by their place in the assembly, or further branches; each with its weight.
        judges: by leaf, the id of the judge whose scores count; "" for the primary one.
        source: registered name or file by which it was named; "" for one that was made in Python, or that was met
            in another group.
    """

    name: str
    aggregate: Aggregate
    description: str
    members: tuple[tuple[int | Branch, float], ...]
    judges: Mapping[int, str]
    source: str = field(default="", compare=False)

    def shares(self, sizes: Mapping[int, int]) -> dict[int, float]:
        """What each leaf counts in the group's score; all together 1.

        Arguments:
            sizes: number of samples of each leaf; only a "micro" group looks at them.
        """
        found: dict[int, float] = {}
        weights = [self._weight(member, weight, sizes) for member, weight in self.members]
        for (member, _), weight in zip(self.members, weights, strict=True):
            inner = {member: 1.0} if isinstance(member, int) else member.shares(sizes)
            for leaf, share in inner.items():
                found[leaf] = found.get(leaf, 0.0) + share * weight / sum(weights)
        return found

    def _weight(self, member: int | Branch, weight: float, sizes: Mapping[int, int]) -> float:
        if self.aggregate != "micro":
            return weight
        leaves = [member] if isinstance(member, int) else list(member.judges)
        return float(sum(sizes[leaf] for leaf in leaves))

    def with_inner(self) -> Iterator[Branch]:
        """The group, then the groups in it."""
        yield self
        for member, _ in self.members:
            if isinstance(member, Branch):
                yield from member.with_inner()

    @property
    def needs_sizes(self) -> bool:
        """Whether the number of samples counts somewhere in it."""
        return any(each.aggregate == "micro" for each in self.with_inner())


@dataclass(frozen=True)
class Assembly:
    """Tasks to run, and the groups that were named.

    Attributes:
        leaves: each task with its parameters once, in the order first met.
        groups: those that were named, and after each the groups in it.
    """

    leaves: tuple[Leaf, ...]
    groups: tuple[Branch, ...]


def assemble(names: Sequence[Named], registry: Registry) -> Assembly:
    """Find what is named: tasks, and groups with all that is in them.

    Arguments:
        names: registered names, files, tasks and groups, in the order of the report.
        registry: where names are looked up.

    Raises:
        UnknownNameError: there is no such task or group.
        TaskError: a file is wrong.
        ConfigurationError: nothing is named, something twice, a group holds itself, or members of a group
            cannot be told apart.
    """
    if isinstance(names, str | Path) or not names:
        raise ConfigurationError("tasks must be a list of at least one task or group")
    builder = _Builder(registry)
    branches = [each for name in names if (each := builder.named(name)) is not None]
    groups: dict[str, Branch] = {}
    for each in (inner for branch in branches for inner in branch.with_inner()):
        if groups.setdefault(each.name, each) != each:
            raise ConfigurationError(f"two different groups are called {each.name!r}; rename one")
    return Assembly(builder.labelled(), tuple(groups.values()))


class _Builder:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._places: dict[str, int] = {}
        self._named: set[int | str] = set()
        self.leaves: list[Leaf] = []

    def named(self, what: Named) -> Branch | None:
        """Take in what was named at the top; a group has a branch."""
        group = self._group(what)
        if group is not None:
            self._once(f"group {group.name}", group.name)
            source = str(what) if isinstance(what, str | Path) else ""
            return replace(self._branch(group, (_key_of(what),)), source=source)
        place = self._leaf(Member(what))
        self._once(f"task {self.leaves[place].label}", place)
        return None

    def _once(self, what: str, key: int | str) -> None:
        if key in self._named:
            raise ConfigurationError(f"the {what} is named twice; for repeats use epochs")
        self._named.add(key)

    def _group(self, what: Named) -> TaskGroup | None:
        if isinstance(what, TaskGroup):
            return what
        return None if isinstance(what, Task) else self._registry.group(what)

    def _branch(self, group: TaskGroup, path: tuple[str, ...]) -> Branch:
        members: list[tuple[int | Branch, float]] = []
        judges: dict[int, str] = {}
        names: set[str] = set()
        for member in group.parts():
            inner = self._group(member.what)
            if inner is None:
                place = self._leaf(member)
                name, own = member.name or self._name(member), {place: member.judge}
                members.append((place, member.weight))
            else:
                branch = self._inner(group, member, inner, path)
                name, own = branch.name, dict(branch.judges)
                members.append((branch, member.weight))
            if name in names:
                raise ConfigurationError(
                    f"group {group.name!r}: two members are called {name!r}; give one of them a 'name'"
                )
            names.add(name)
            self._merge(group, judges, own)
        return Branch(group.name, group.aggregate, group.description, tuple(members), judges)

    def _inner(self, group: TaskGroup, member: Member, inner: TaskGroup, path: tuple[str, ...]) -> Branch:
        key = _key_of(member.what)
        if key in path or inner is group:
            way = " → ".join((*path[path.index(key) if key in path else 0 :], key))
            raise ConfigurationError(f"group {inner.name!r} holds itself: {way}; take it out of one of them")
        if member.params or member.judge or member.name:
            raise ConfigurationError(
                f"group {group.name!r}: names, parameters and judges go with tasks; {inner.name!r} is a group"
            )
        return self._branch(inner, (*path, key))

    def _merge(self, group: TaskGroup, judges: dict[int, str], own: Mapping[int, str]) -> None:
        for place, judge in own.items():
            if judges.setdefault(place, judge) != judge:
                told = " and by ".join(
                    repr(each) if each else "the primary judge" for each in (judges[place], judge)
                )
                raise ConfigurationError(
                    f"group {group.name!r}: {self.leaves[place].label} counts by {told}; the two scores are of "
                    "the same answers, so name one judge"
                )

    def _name(self, member: Member) -> str:
        what = member.what
        if isinstance(what, Task | TaskGroup):
            return what.name
        return self._registry.task_source(what).name

    def _leaf(self, member: Member) -> int:
        """The place of a task with its parameters; a new one at the end."""
        assert not isinstance(member.what, TaskGroup)
        key = leaf_key(member.what, member.params)
        if key not in self._places:
            self._places[key] = len(self.leaves)
            self.leaves.append(Leaf(member.name or self._name(member), member.what, dict(member.params)))
        return self._places[key]

    def labelled(self) -> tuple[Leaf, ...]:
        """The leaves; of those with one name each also says its parameters.

        Raises:
            ConfigurationError: two are still called the same.
        """
        counts = Counter(each.label for each in self.leaves)
        found = [
            replace(each, label=_with_params(each)) if counts[each.label] > 1 else each
            for each in self.leaves
        ]
        for label, count in Counter(each.label for each in found).items():
            if count > 1:
                raise ConfigurationError(f"two tasks are called {label!r}; name them differently")
        return tuple(found)


def _with_params(leaf: Leaf) -> str:
    given = ", ".join(f"{name}={value}" for name, value in leaf.params.items())
    return f"{leaf.label} ({given})" if given else leaf.label


def _key_of(what: Named) -> str:
    """What a cycle is told by: a file by where it lies, anything else by its name."""
    if isinstance(what, Task | TaskGroup):
        return what.name
    name = str(what)
    return str(Path(name).resolve()) if name.endswith((".yaml", ".yml")) else name


def leaf_key(task: str | Path | Task, params: Mapping[str, Any]) -> str:
    """The same for the same task with the same parameters; a file counts by where it lies."""
    if isinstance(task, Task):
        return f"task {task.name} {id(task)}"
    name = str(task)
    file, colon, function = name.rpartition(":") if ".py:" in name else (name, "", "")
    is_file = file.endswith((".yaml", ".yml", ".py"))
    source = f"{Path(file).resolve()}{colon}{function}" if is_file else name
    return f"{source} {digest(dict(params))}"
