"""Where environments, judges, metrics, tasks, groups of tasks, models and sandboxes are found by name: what is
installed, and what a script adds.

A distribution announces what it brings under entry points, our own catalogue just like a stranger's:

    [project.entry-points."agentbench.tasks"]
    tally = "tally_plugin.tasks:tally"

Names are read from the metadata alone; a plugin is imported when it is used, and one that is broken or
named twice is a sentence at its name, never a failure of the others.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from agentbench_sdk.benchmark.decorator import TaskFactory
from agentbench_sdk.benchmark.group import TaskGroup
from agentbench_sdk.benchmark.group_file import GroupFile
from agentbench_sdk.benchmark.hints import brief
from agentbench_sdk.benchmark.parameters import Parameter, Parameters
from agentbench_sdk.benchmark.task import Task
from agentbench_sdk.benchmark.yaml_task import YamlTask
from agentbench_sdk.errors import ConfigurationError, TaskError, UnknownNameError
from agentbench_sdk.judging import CorpusMetric, Judge, JudgeFactory
from agentbench_sdk.models import Model
from agentbench_sdk.sandbox import SandboxProvider
from agentbench_sdk.simulation import Environment

Kind = Literal["environment", "judge", "metric", "task", "group", "model", "sandbox"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_PLURALS = {"sandbox": "sandboxes"}
IN_PROCESS = "(in process)"


@runtime_checkable
class TaskSource(Protocol):
    """Something that makes a task: a `@task` function or a task file."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...

    def build(
        self, params: Mapping[str, Any], *, texts: bool = False, registry: Registry | None = None
    ) -> Task: ...


class Entry:
    """One registered name.

    Attributes:
        kind, name: what it is and what it is called.
        distribution: the installed distribution that brings it, or "(in process)".
    """

    def __init__(self, kind: Kind, name: str, distribution: str, load: Callable[[], object]) -> None:
        self.kind, self.name, self.distribution = kind, name, distribution
        self._load = load

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name!r} of {self.distribution}>"

    @property
    def description(self) -> str:
        """What the thing says of itself, on one line; "" when it says nothing or cannot be loaded."""
        loaded = self._loaded
        return "" if isinstance(loaded, ConfigurationError) else _description(loaded)

    @property
    def problem(self) -> str:
        """Why it cannot be used, "" when it can; loads it."""
        return str(self._loaded) if isinstance(self._loaded, ConfigurationError) else ""

    def load(self) -> Any:
        """The thing itself.

        Raises:
            ConfigurationError: it cannot be loaded, or is of another kind than it says.
        """
        if isinstance(self._loaded, ConfigurationError):
            raise self._loaded
        return self._loaded

    @functools.cached_property
    def _loaded(self) -> object:
        try:
            found = self._load()
        except ConfigurationError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything on import
            broken = ConfigurationError(
                f"{self.kind} {self.name!r} of distribution {self.distribution!r} cannot be loaded: "
                f"{type(error).__name__}: {error}; reinstall or remove that distribution"
            )
            broken.__cause__ = error
            return broken
        if wanted := _mismatch(self.kind, found):
            return ConfigurationError(
                f"{self.kind} {self.name!r} of distribution {self.distribution!r} is {brief(found)}; "
                f"it must be {wanted}"
            )
        return found


class Registry:
    """What can be named: see the module. A `Bench` owns one; there is no global one.

    >>> registry = Registry()
    >>> registry.add("model", "steady", lambda name, **options: None)
    >>> [entry.name for entry in registry.names("model")]
    ['steady']
    """

    def __init__(self) -> None:
        self._entries: dict[Kind, dict[str, Entry]] = {kind: {} for kind in KINDS}

    @classmethod
    def discover(cls) -> Registry:
        """A registry of everything that is installed. Only metadata are read; nothing is imported."""
        registry = cls()
        installed = entry_points()
        for kind in KINDS:
            by_name: dict[str, list[EntryPoint]] = {}
            for point in installed.select(group=f"agentbench.{_PLURALS.get(kind, f'{kind}s')}"):
                by_name.setdefault(point.name, []).append(point)
            for name, points in by_name.items():
                registry._entries[kind][name] = _installed(kind, name, points)
        return registry

    def add(self, kind: Kind, name: str, thing: object) -> None:
        """Register something of this process, for a script or a test.

        Raises:
            ConfigurationError: the name is taken, or the thing is of another kind.
        """
        if taken := self._entries[kind].get(name):
            raise ConfigurationError(
                f"{kind} {name!r} is already registered by {taken.distribution}; choose another name"
            )
        entry = Entry(kind, name, IN_PROCESS, lambda: thing)
        entry.load()
        self._entries[kind][name] = entry

    def names(self, kind: Kind) -> list[Entry]:
        """All entries of a kind by name; a description or a problem is found out when it is read."""
        return [entry for _, entry in sorted(self._entries[kind].items())]

    # --- use ----------------------------------------------------------------------------------

    def environment(self, name: str) -> type[Environment]:
        """The environment class of a name.

        Raises:
            UnknownNameError: there is none of that name.
            ConfigurationError: its distribution is broken.
        """
        found: type[Environment] = self._entry("environment", name).load()
        return found

    def judge(self, name: str, **options: Any) -> Judge:
        """A judge with options. Where an option is a judge, or several, they may be named as in a task file.

        Raises:
            UnknownNameError: there is none of that name.
            ConfigurationError: an option is unknown, missing or of another type; the accepted ones are named.
        """
        factory = self._entry("judge", name).load()
        is_rule = isinstance(factory, JudgeFactory)
        parameters = Parameters.of(factory.rule if is_rule else factory, f"judge {name!r}", skip=int(is_rule))
        named = {key: self._with_judges(parameters.by_name.get(key), value) for key, value in options.items()}
        made = factory(**parameters.check(named))
        if not isinstance(made, Judge):
            raise ConfigurationError(f"judge {name!r} made {type(made).__name__}, which has no judge()")
        return made

    def _with_judges(self, parameter: Parameter | None, value: Any) -> Any:
        """An option's value, with judges in place of their names where the option takes judges."""
        if parameter is None:
            return value
        if parameter.annotation is Judge:
            return self._judge_named(value)
        if Judge in get_args(parameter.annotation) and isinstance(value, list | tuple):
            return [self._judge_named(each) for each in value]
        return value

    def _judge_named(self, value: Any) -> Any:
        return self.judge_from(value) if isinstance(value, str | Mapping) else value

    def judge_from(self, spec: str | Mapping[str, Any]) -> Judge:
        """A judge as task files name it: "exact", or {"name": "numeric", "tolerance": 0.01}.

        Raises:
            UnknownNameError, ConfigurationError: see `judge`.
        """
        if isinstance(spec, str):
            return self.judge(spec)
        options = dict(spec)
        name = options.pop("name", None)
        if not isinstance(name, str):
            raise ConfigurationError(
                'a judge is its name, or its name with options such as {"name": "numeric", "tolerance": 0.01}; '
                f"got {brief(dict(spec))}"
            )
        return self.judge(name, **options)

    def metric_from(self, spec: Mapping[str, Any]) -> CorpusMetric:
        """A figure of whole tasks as judges and run files name it: {"name": "ratio", "over": "errors", …}.

        Raises:
            UnknownNameError: there is none of that name.
            ConfigurationError: an option is unknown, missing or of another type.
        """
        options = dict(spec)
        name = str(options.pop("name", ""))
        factory = self._entry("metric", name).load()
        made = factory(**Parameters.of(factory, f"metric {name!r}").check(options))
        if not isinstance(made, CorpusMetric):
            raise ConfigurationError(f"metric {name!r} made {type(made).__name__}, which is no metric")
        return made

    def task(
        self, name_or_path: str | Path, params: Mapping[str, Any] | None = None, *, texts: bool = False
    ) -> Task:
        """Make a task.

        Arguments:
            name_or_path: a registered name, the path of a .yaml file, or "file.py:function" or
                "module:function" of a `@task` function; the function may be left out of a file with one.
            params: the task's parameters by name.
            texts: the parameters are texts from a command line, to be read as the annotated types.

        Raises:
            UnknownNameError: there is no such task.
            TaskError: a file is wrong.
            ConfigurationError: a parameter is wrong.
        """
        return self.task_source(name_or_path).build(params or {}, texts=texts, registry=self)

    def task_source(self, name_or_path: str | Path) -> TaskSource:
        """What makes the task of a name or path; see `task`."""
        name = str(name_or_path)
        if name in self._entries["group"] and name not in self._entries["task"]:
            raise ConfigurationError(
                f"{name!r} is a group of tasks, not a task: run it with `agentbench run {name}`, or name it in a "
                f"list of tasks, evaluate([{name!r}], models=[…])"
            )
        if name in self._entries["task"]:
            source: TaskSource = self._entries["task"][name].load()
            return source
        if name.endswith((".yaml", ".yml")):
            return YamlTask(Path(name))
        place, _, function = name.rpartition(":")
        if place.endswith(".py") or name.endswith(".py"):
            file, function = (place, function) if place.endswith(".py") else (name, "")
            return _task_of(_file_module(Path(file)), function, file)
        if place:
            return _task_of(_named_module(place), function, place)
        raise UnknownNameError("task", name, [*self._entries["task"], *self._entries["group"]])

    def group(self, name_or_path: str | Path) -> TaskGroup | None:
        """The group of a name or of a YAML file; None where that is a task, or nothing.

        Raises:
            TaskError: the file is wrong.
            ConfigurationError: a task has the same name, or the group's distribution is broken.
        """
        name = str(name_or_path)
        if name in self._entries["group"]:
            if name in self._entries["task"]:
                raise ConfigurationError(
                    f"{name!r} is a task of {self._entries['task'][name].distribution} and a group of "
                    f"{self._entries['group'][name].distribution}; give the group's file instead, or rename one"
                )
            found: TaskGroup | GroupFile = self._entries["group"][name].load()
            return found.group if isinstance(found, GroupFile) else found
        if name in self._entries["task"] or not name.endswith((".yaml", ".yml")):
            return None
        from agentbench_sdk.benchmark.document import read_document

        return GroupFile(Path(name)).group if "group" in read_document(Path(name)).data else None

    def sandbox(self, name: str) -> SandboxProvider:
        """A provider of sandboxes, newly made; whether it works here is found out by its `check`.

        Raises:
            UnknownNameError: there is none of that name.
            ConfigurationError: its distribution is broken.
        """
        made = self._entry("sandbox", name).load()()
        if not isinstance(made, SandboxProvider):
            raise ConfigurationError(
                f"sandbox {name!r} made {type(made).__name__}, which is no SandboxProvider"
            )
        return made

    def models(self) -> Mapping[str, Callable[..., Model]]:
        """The providers of models by name, loaded one by one as they are taken out."""
        return _Providers(self._entries["model"])

    def _entry(self, kind: Kind, name: str) -> Entry:
        if name not in self._entries[kind]:
            raise UnknownNameError(kind, name, self._entries[kind])
        return self._entries[kind][name]


class _Providers(Mapping[str, Callable[..., Model]]):
    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries

    def __getitem__(self, name: str) -> Callable[..., Model]:
        provider: Callable[..., Model] = self._entries[name].load()
        return provider

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)


def _installed(kind: Kind, name: str, points: list[EntryPoint]) -> Entry:
    owners = [point.dist.name if point.dist else "an unnamed distribution" for point in points]
    if len(points) == 1:
        return Entry(kind, name, owners[0], points[0].load)

    def refuse() -> object:
        raise ConfigurationError(
            f"{kind} {name!r} is registered by {' and by '.join(owners)}; uninstall all but one of them"
        )

    return Entry(kind, name, ", ".join(owners), refuse)


def _mismatch(kind: Kind, found: object) -> str:
    """What an entry of a kind must be, when it is something else."""
    if kind == "environment" and not (isinstance(found, type) and issubclass(found, Environment)):
        return "a subclass of agentbench_sdk.Environment"
    if kind == "task" and not isinstance(found, TaskFactory | YamlTask):
        return "a function with @agentbench_sdk.task, or a yaml_task_file(…)"
    if kind == "group" and not isinstance(found, TaskGroup | GroupFile):
        return "a TaskGroup, or a group_file(…)"
    if kind in ("judge", "metric", "model", "sandbox") and not callable(found):
        return "something that can be called to make one"
    return ""


def _description(found: object) -> str:
    if isinstance(found, YamlTask | GroupFile):
        try:
            return found.group.description if isinstance(found, GroupFile) else found.description
        except TaskError as error:
            return f"cannot be read: {error}"
    if isinstance(found, TaskFactory | TaskGroup):
        return found.description
    paragraph = (getattr(found, "__doc__", None) or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())


# --- tasks in modules ---------------------------------------------------------------------------


def _file_module(path: Path) -> ModuleType:
    """Run a Python file as a module of its own, once a process and content."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TaskError(f"cannot be read ({error.strerror})", file=str(path)) from error
    key = hashlib.sha256(str(path.resolve()).encode() + b"\0" + content).hexdigest()[:16]
    name = f"agentbench_task_{path.stem}_{key}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations and data classes look their module up by name
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise TaskError(f"cannot be run: {type(error).__name__}: {error}", file=str(path)) from error
    return module


def _named_module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise TaskError(f"module {name!r} cannot be imported: {type(error).__name__}: {error}") from error


def _task_of(module: ModuleType, function: str, shown: str) -> TaskSource:
    tasks = {name: thing for name, thing in vars(module).items() if isinstance(thing, TaskFactory)}
    own = [name for name, thing in tasks.items() if thing.__module__ == module.__name__]
    if not function and len(own) == 1:
        return tasks[own[0]]
    if function in tasks:
        return tasks[function]
    if function and hasattr(module, function):
        raise TaskError(f"{function!r} is no task; decorate it with @agentbench_sdk.task", file=shown)
    if function:
        raise UnknownNameError(f"task in {shown}", function, tasks)
    raise TaskError(
        f"say which task, as {shown}:NAME; there is {', '.join(sorted(own)) or 'none'}", file=shown
    )
