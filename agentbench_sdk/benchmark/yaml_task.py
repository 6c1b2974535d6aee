"""Task files: a benchmark as YAML. What a file may say is in `schema.py` and in `docs/tasks.md`."""

from __future__ import annotations

import contextlib
import functools
import importlib.resources
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentbench_sdk.benchmark.hints import nearest
from agentbench_sdk.benchmark.rows import FORMATS, Row, file_rows, inline_rows
from agentbench_sdk.benchmark.seeds import parse_seeds
from agentbench_sdk.benchmark.task import Sample, Task
from agentbench_sdk.benchmark.template import Template
from agentbench_sdk.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.document import Document, Where
    from agentbench_sdk.benchmark.registry import Registry
    from agentbench_sdk.benchmark.schema import TaskSpec
    from agentbench_sdk.judging import Judge


@dataclass(frozen=True)
class YamlTask:
    """A task file that is read when it is needed.

    Attributes:
        path: the file; what it names is relative to its folder.
    """

    path: Path

    @property
    def name(self) -> str:
        """The name that the file gives."""
        return self._read[1].name

    @property
    def description(self) -> str:
        """The description that the file gives, on one line."""
        return " ".join(self._read[1].description.split())

    @functools.cached_property
    def _read(self) -> tuple[Document, TaskSpec]:
        from agentbench_sdk.benchmark.document import read_document
        from agentbench_sdk.benchmark.schema import check_document

        document = read_document(self.path)
        return document, check_document(document)

    def build(
        self, params: Mapping[str, Any], *, texts: bool = False, registry: Registry | None = None
    ) -> Task:
        """Make the task. Judges and the environment are found in the registry; data are read later.

        Raises:
            TaskError: the file is wrong; file, line, field and what is accepted are named.
            ConfigurationError: parameters are given (a file has none), or there is no registry.
        """
        if params:
            raise ConfigurationError(
                f"{self.path}: a task file takes no parameters; got {', '.join(map(repr, params))}"
            )
        if registry is None:
            raise ConfigurationError(f"{self.path}: a task file is loaded through a Registry")
        return _Builder(self.path, *self._read, registry).task()


def yaml_task_file(package: str, name: str) -> YamlTask:
    """A task file that lies inside a package; what an entry point names.

    Raises:
        ConfigurationError: the package is not unpacked into a folder.
    """
    file = importlib.resources.files(package) / name
    if not isinstance(file, Path):
        raise ConfigurationError(f"{package}: task files need a package that is unpacked into a folder")
    return YamlTask(file)


class _Builder:
    """Turns a checked file into a task."""

    def __init__(self, path: Path, document: Document, spec: TaskSpec, registry: Registry) -> None:
        self._folder, self._document, self._spec, self._registry = path.parent, document, spec, registry

    def task(self) -> Task:
        spec = self._spec
        judges = [self._judge(index, entry) for index, entry in enumerate(spec.judges)]
        self._check_environment()
        return Task(
            name=spec.name,
            version=str(spec.version),
            description=" ".join(spec.description.split()),
            system=spec.system,
            samples=self._seeds() if spec.seeds is not None else self._samples(),
            judges=judges,
            environment=spec.environment,
            params=spec.generate_params(),
            limits=spec.limits,
            epochs=spec.epochs,
        )

    def _judge(self, index: int, entry: str | Mapping[str, Any]) -> Judge:
        with self._blaming("judges", index):
            return self._registry.judge_from(entry)

    def _check_environment(self) -> None:
        if self._spec.environment is None:
            return
        with self._blaming("environment"):
            world = self._registry.environment(self._spec.environment)
        if self._spec.scenario is not None:
            with self._blaming("scenario"):
                world.resolve_scenario(self._spec.scenario)

    def _seeds(self) -> Callable[[], list[Sample]]:
        with self._blaming("seeds"):
            seeds = parse_seeds(self._spec.seeds if self._spec.seeds is not None else 0)
        scenario = self._spec.scenario or "default"
        named = scenario if isinstance(scenario, str) else str(scenario.get("base", "custom"))
        return lambda: [
            Sample(f"{named}-seed-{seed}", scenario=scenario, seed=seed, cluster=f"seed-{seed}")
            for seed in seeds
        ]

    # --- samples from data --------------------------------------------------------------------

    def _samples(self) -> Callable[[], Iterator[Sample]]:
        from agentbench_sdk.benchmark.samples import SampleBuilder

        builder = SampleBuilder(self._spec, self._prompt(), self._user_turns())
        rows = self._rows()

        def samples() -> Iterator[Sample]:
            with contextlib.closing(rows()) as stream:  # a broken row must not leave the file open
                yield from builder.build(stream)

        return samples

    def _rows(self) -> Callable[[], Generator[Row]]:
        spec, document, folder = self._spec, self._document, self._folder
        if spec.samples is not None:
            return lambda: inline_rows(document, folder)
        if spec.dataset is not None:
            from agentbench_sdk.benchmark.hub import dataset_rows

            dataset = spec.dataset
            return lambda: dataset_rows(dataset, folder)
        path = self._data_file(spec.samples_file or "")
        return lambda: file_rows(path, str(path))

    def _data_file(self, name: str) -> Path:
        path = self._folder / name
        if path.suffix not in FORMATS:
            raise self._document.fault(
                f"{name!r} ends in none of the accepted formats: {', '.join(FORMATS)}", ("samples_file",)
            )
        if not path.is_file():
            beside = [each.name for each in sorted(path.parent.glob("*")) if each.suffix in FORMATS]
            raise self._document.fault(
                f"there is no file {path}; {nearest(path.name, beside)}", ("samples_file",)
            )
        return path

    def _prompt(self) -> Template | None:
        spec = self._spec
        if spec.prompt is not None:
            return self._template(spec.prompt, ("prompt",))
        if spec.environment is not None:
            return None
        has_choices = spec.samples is not None and any("choices" in sample for sample in spec.samples)
        has_choices = has_choices or "choices" in spec.fields.model_fields_set
        return Template.parse("{question}\n\n{choices}" if has_choices else "{question}")

    def _user_turns(self) -> list[Template]:
        turns = self._spec.user_turns
        return [self._template(turn, ("user_turns", index)) for index, turn in enumerate(turns)]

    def _template(self, text: str, where: Where) -> Template:
        with self._blaming(*where):
            return Template.parse(text)

    def _blaming(self, *where: str | int) -> _Blame:
        return _Blame(self._document, where)


class _Blame:
    """A context in which a usage error becomes a task error that names the place in the file."""

    def __init__(self, document: Document, where: Where) -> None:
        self._document, self._where = document, where

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UsageError):
            raise self._document.fault(str(error), self._where) from error
