"""`@task`: a function that returns a `Task` becomes a task with parameters.

@task
def arithmetic(digits: int = 2) -> Task:
    '''Sums of numbers with so many digits.'''
    return Task("arithmetic", samples=[…], judges=[exact()])

arithmetic(digits=3)                       # from Python: strictly typed
agentbench run arithmetic -T digits=3      # from the command line: read as the annotated type
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, overload

from pydantic import BaseModel

from agentbench_sdk.benchmark.parameters import Parameters
from agentbench_sdk.benchmark.task import Task, blaming_function
from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.registry import Registry


Sets = Callable[[], Mapping[str, Mapping[str, int] | str]]


class TaskFactory:
    """What `@task` makes of a function.

    Attributes:
        name: the function's, unless `@task(name=…)` says otherwise.
        description: the first paragraph of the function's docstring.
        more: the model whose fields are further parameters, None without one.
        sets: tells which sets of samples there are to choose from and how large each is, by whose data they
            are; None for a task without sets.
    """

    def __init__(
        self,
        function: Callable[..., Task],
        name: str,
        more: type[BaseModel] | None = None,
        sets: Sets | None = None,
    ) -> None:
        self.function, self.name, self.more, self.sets = function, name, more, sets
        functools.update_wrapper(self, function)
        paragraph = inspect.cleandoc(function.__doc__ or "").partition("\n\n")[0]
        self.description = " ".join(paragraph.split())

    @functools.cached_property
    def parameters(self) -> Parameters:
        """The parameters with types and defaults.

        Raises:
            ConfigurationError: a parameter has no annotation, or takes any number of values without
                `more` to say which.
        """
        owner = f"task {self.name!r}"
        parameters = Parameters.of(self.function, owner)
        for each in inspect.signature(self.function).parameters.values():
            described = self.more is not None and each.kind is inspect.Parameter.VAR_KEYWORD
            if (
                each.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
                and not described
            ):
                raise ConfigurationError(f"{owner}: parameter {str(each)!r} is open; name each parameter")
            if each.annotation is inspect.Parameter.empty:
                raise ConfigurationError(f"{owner}: parameter {each.name!r} has no annotation")
        return parameters if self.more is None else parameters.with_fields(self.more)

    def __call__(self, **params: Any) -> Task:
        """Make the task; values are checked strictly against the annotations.

        Raises:
            ConfigurationError: an unknown parameter, a missing one, or a value of another type; or the
                function returned something else than a task.
            TaskError: the function raised something.
        """
        return self.build(params)

    def build(
        self, params: Mapping[str, Any], *, texts: bool = False, registry: Registry | None = None
    ) -> Task:
        """Make the task from a mapping; with `texts`, values are texts from a command line.

        Raises:
            ConfigurationError: as a call does.
            TaskError: the function raised something; an error of this package passes as it is.
        """
        checked = self.parameters.check(params, texts=texts)
        with blaming_function(self.name, "its function"):
            made = self.function(**checked)
        if not isinstance(made, Task):
            raise ConfigurationError(f"task {self.name!r} returned {type(made).__name__}, not a Task")
        return made


@overload
def task(function: Callable[..., Task]) -> TaskFactory: ...
@overload
def task(
    *, name: str | None = None, more: type[BaseModel] | None = None, sets: Sets | None = None
) -> Callable[[Callable[..., Task]], TaskFactory]: ...
def task(
    function: Callable[..., Task] | None = None,
    *,
    name: str | None = None,
    more: type[BaseModel] | None = None,
    sets: Sets | None = None,
) -> Any:
    """Make a parametrised task of a function that returns a `Task`; see the module.

    Arguments:
        function: has an annotation at every parameter.
        name: what errors and lists call it; the function's name when left out.
        more: a model, for example an environment's scenario, whose fields are further parameters; the
            function is given those that the caller named, as `**keywords`.
        sets: for `agentbench list`: whose data there are, and of each the sets with their sizes, for example
            {"own": {"small": 20}}; in place of the sets a sentence that says why they cannot be read.

    >>> @task
    ... def empty(size: int = 1) -> Task:
    ...     '''Nothing at all.'''
    ...     return Task("empty", samples=[], judges=[])
    >>> str(empty.parameters), empty.description
    ('size: int = 1', 'Nothing at all.')
    """

    def decorate(function: Callable[..., Task]) -> TaskFactory:
        return TaskFactory(function, name or function.__name__, more, sets)

    return decorate if function is None else decorate(function)
