"""What judging a finished run again will do, settled and checked before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agentbench_sdk.benchmark import Registry, Task
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Judge
from agentbench_sdk.runs.plan import judge_infos, new_run_name, versions_of
from agentbench_sdk.runs.recorded import RecordedPlan, RecordedSessions, recorded_plan
from agentbench_sdk.runs.records import Manifest
from agentbench_sdk.runs.run import Run

JudgeSpec = Judge | str | Mapping[str, Any]


def judging_plan(
    run: Run, judges: Sequence[JudgeSpec] | None, registry: Registry, facts: Mapping[str, Any]
) -> RecordedPlan:
    """The plan of judging a run again.

    Arguments:
        run: whose sessions are judged.
        judges: judges, their names, or names with options as in a task file; None for those of the run's task.
        registry: where names are looked up.
        facts: further fields of the new manifest.

    Raises:
        UsageError: a judge or the run's task does not exist, or does not fit.
    """
    old = run.manifest
    made = _task_judges(run, registry) if judges is None else [made_judge(each, registry) for each in judges]
    sessions = RecordedSessions(run)
    samples = sessions.samples()
    world = registry.environment(old.environment) if old.environment else None
    task = Task(old.task, samples, made, version=old.task_version, environment=old.environment or None)
    name, created = new_run_name(f"{old.task}-judged", old.model)
    manifest = old.model_copy(
        update={
            "run_id": name,
            "created": created,
            "judges": judge_infos(made),
            "judge_specs": old.judge_specs if judges is None else judge_specs(judges),
            "judged_from": old.judged_from or old.run_id,
            "draws": name,
            "samples": sum(1 for _ in run.reader.samples()),
            "versions": versions_of(world),
            **facts,
        }
    )
    return recorded_plan(task, samples, manifest, sessions, world)


def judges_of(manifest: Manifest, registry: Registry) -> list[Judge]:
    """The judges of a run: those that were named when it was judged again, else its task's.

    Raises:
        ConfigurationError: they were made in Python, and are not at hand.
        UsageError: one does not exist any more.
    """
    if manifest.judge_specs == []:
        raise ConfigurationError("the judges were made in Python and are not at hand")
    if manifest.judge_specs is not None:
        return [registry.judge_from(spec) for spec in manifest.judge_specs]
    if not manifest.task_source:
        raise ConfigurationError("the task was made in Python and is not at hand")
    return list(registry.task(manifest.task_source, manifest.task_params, texts=True).judges)


def _task_judges(run: Run, registry: Registry) -> list[Judge]:
    try:
        return judges_of(run.manifest, registry)
    except ConfigurationError as error:
        raise ConfigurationError(f"{run.path}: {error}; name judges with --judge or judges=…") from error


def made_judge(spec: JudgeSpec, registry: Registry) -> Judge:
    """A judge as it is, or made from its name and options.

    Raises:
        UsageError: there is none of that name, or an option does not fit.
    """
    return registry.judge_from(spec) if isinstance(spec, str | Mapping) else spec


def judge_specs(judges: Sequence[JudgeSpec]) -> list[dict[str, Any]]:
    """The judges by name and options; none where one was made in Python."""
    specs = [{"name": each} if isinstance(each, str) else each for each in judges]
    if not all(isinstance(each, Mapping) for each in specs):
        return []
    found: list[dict[str, Any]] = json.loads(json.dumps(specs))
    return found
