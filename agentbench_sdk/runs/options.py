"""How a task is run. What belongs to the endpoint is in the model's name, what belongs to the task in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models import GenerateParams, Model
from agentbench_sdk.reporting.progress import NoProgress, Progress
from agentbench_sdk.sessions.ending import Limits
from agentbench_sdk.sessions.episode import Agent
from agentbench_sdk.sessions.protocols import ProtocolName

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """Choices of one run.

    Attributes:
        user_model: who plays the users of the task's world; a scripted one of the world's when left out.
        user_params: sampling parameters of the user's model on top of the task's.
        judge_model: the model that LLM judges ask; never the model under test by default.
        limit: only the first so many samples.
        sample_ids: only these samples.
        epochs: attempts at each sample; the task's own number when left out.
        params: sampling parameters on top of the task's.
        limits: limits of each session, in place of the task's.
        seed: sampling seed sent with each request, plus the epoch.
        protocol: how tools are put to the model: "auto", "native" or "text".
        max_cost: US dollars that the run may spend, all roles together.
        agent: your own agent in place of the default tool loop.
        task_params: parameters of a task that is given by name; texts are read as the annotated types.
        output: the run file; a name is made up in the runs folder when left out.
        progress: told of what is done.

    Raises:
        ConfigurationError: a number is out of its range.
    """

    user_model: str | Model | None = None
    user_params: GenerateParams = field(default_factory=GenerateParams)
    judge_model: str | Model | None = None
    limit: int | None = None
    sample_ids: Sequence[str] | None = None
    epochs: int | None = None
    params: GenerateParams = field(default_factory=GenerateParams)
    limits: Limits | None = None
    seed: int | None = None
    protocol: ProtocolName = "auto"
    max_cost: float | None = None
    agent: Agent | None = None
    task_params: Mapping[str, Any] = field(default_factory=dict)
    output: str | Path | None = None
    progress: Progress = field(default_factory=NoProgress)

    def __post_init__(self) -> None:
        for name in ("limit", "epochs"):
            number = getattr(self, name)
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                raise ConfigurationError(f"{name} is {number!r}; it must be a whole number from 1")
        if self.max_cost is not None and not (self.max_cost > 0 and math.isfinite(self.max_cost)):
            raise ConfigurationError(f"max_cost is {self.max_cost!r}; it must be US dollars above 0")


def options_of(kind: type[T], options: T | None, more: Mapping[str, Any], what: str) -> T:
    """Options that were given as such or as keyword arguments.

    Arguments:
        kind: a data class of options.
        options: one of them, or None.
        more: its fields by name.
        what: they are of, for the error.

    Raises:
        ConfigurationError: both were given, or a keyword is unknown.
    """
    if options is not None and more:
        raise ConfigurationError("give either options or keyword arguments, not both")
    accepted = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    for name in more:
        if name not in accepted:
            raise ConfigurationError(
                f"{name!r} is no option of an {what}; accepted are {', '.join(accepted)}"
            )
    return options or kind(**more)
