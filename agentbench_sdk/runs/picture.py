"""Pictures of attempts, drawn by their world while it executes the recorded calls again.

A picture shows what the world's own state says, not what the record claims: it is drawn only of an attempt
whose every result, state hash and outcome comes out as recorded. Which worlds draw is their own affair
(`Environment.sketch`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from agentbench_sdk.errors import ConfigurationError, ReplayMismatchError, RunFileError
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.runs.reenactment import Mismatch, execute_again
from agentbench_sdk.runs.replay import world_of
from agentbench_sdk.runs.run import Run
from agentbench_sdk.simulation import Environment

FindEnvironment = Callable[[str], type[Environment]]
_LONGEST_NAME = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of one attempt, or why there is none.

    Attributes:
        svg: the document; "" when the record does not re-execute.
        mismatch: where it does not.
    """

    sample_id: str
    epoch: int
    svg: str
    mismatch: Mismatch | None = None


def pictures(run: Run, find_environment: FindEnvironment) -> Iterator[Picture]:
    """Pictures of all attempts, in the order of sample id and epoch.

    Raises:
        ConfigurationError: the run has no environment, or one that draws nothing.
        RunFileError: a transcript is missing or damaged.
    """
    environment = _world_class(run, find_environment)
    for record, (_, _, sample) in zip(run.records(), run.reader.samples(), strict=True):
        yield _draw(run, environment, record, sample)


def picture(run: Run, sample_id: str, epoch: int, find_environment: FindEnvironment) -> str:
    """The picture of one attempt as an SVG document.

    Raises:
        ConfigurationError: the run has no environment, or one that draws nothing.
        ReplayMismatchError: the record does not re-execute.
        RunFileError: there is no such attempt, or its transcript is damaged.
    """
    environment = _world_class(run, find_environment)
    for record, (_, _, sample) in zip(run.records(), run.reader.samples(), strict=True):
        if (record.sample_id, record.epoch) == (sample_id, epoch):
            drawn = _draw(run, environment, record, sample)
            if drawn.mismatch is not None:
                raise ReplayMismatchError(
                    f"{run.path}: no picture is drawn of a refuted record: {drawn.mismatch}"
                )
            return drawn.svg
    raise RunFileError(f"{run.path}: there is no attempt at sample {sample_id!r}, epoch {epoch}")


def write_pictures(
    run: Run, folder: Path, find_environment: FindEnvironment
) -> Iterator[tuple[Picture, Path | None]]:
    """Write a file for each attempt that can be drawn; yields each with its file, None where there is none.

    Raises:
        ConfigurationError: see `pictures`; or the folder cannot be written.
        RunFileError: a transcript is missing or damaged.
    """
    taken: set[str] = set()
    for drawn in pictures(run, find_environment):
        path = None
        if drawn.mismatch is None:
            path = folder / _file_name(drawn, taken)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(drawn.svg, encoding="utf-8", newline="\n")
            except OSError as error:
                raise ConfigurationError(
                    f"{path}: cannot be written ({error.strerror}); name another folder"
                ) from error
        yield drawn, path


def _world_class(run: Run, find_environment: FindEnvironment) -> type[Environment]:
    task = run.manifest.task
    if not run.manifest.environment:
        raise ConfigurationError(f"{run.path}: task {task!r} has no environment, so there is nothing to draw")
    environment = find_environment(run.manifest.environment)
    if environment.sketch is Environment.sketch:
        raise ConfigurationError(f"{run.path}: environment {environment.name!r} draws no pictures")
    return environment


def _draw(
    run: Run, environment: type[Environment], record: SampleRecord, sample: Mapping[str, Any]
) -> Picture:
    world = world_of(environment, sample)
    sketch = world.sketch()
    if sketch is None:
        raise ConfigurationError(f"{run.path}: environment {environment.name!r} draws no pictures")
    mismatch = _at_once(execute_again(run, world, record, sketch.look)).mismatch
    svg = "" if mismatch is not None else sketch.draw(_title(run, record))
    world.close()
    return Picture(record.sample_id, record.epoch, svg, mismatch)


def _at_once(step: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing, as with all worlds that draw."""
    try:
        step.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    step.close()
    raise ConfigurationError("no picture can be drawn of a world whose calls take a while")


def _title(run: Run, record: SampleRecord) -> str:
    epoch = f", epoch {record.epoch}" if run.manifest.epochs > 1 else ""
    failed = "" if record.ending.scorable else f" ({record.ending.status}: {record.ending.reason})"
    return f"{record.sample_id}{epoch}: {run.manifest.model}{failed}"


def _file_name(drawn: Picture, taken: set[str]) -> str:
    """A name that any file system takes, unlike all others: what had to be changed is told apart by a hash."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", drawn.sample_id).lstrip(".")[:_LONGEST_NAME] or "sample"
    name = f"{safe}-epoch-{drawn.epoch}"
    if safe != drawn.sample_id or name.lower() in taken:
        name = f"{safe}-{hashlib.sha256(drawn.sample_id.encode()).hexdigest()[:8]}-epoch-{drawn.epoch}"
    taken.add(name.lower())
    return f"{name}.svg"
