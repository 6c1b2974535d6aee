"""What an arena will do, settled and checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentbench_sdk.arena.by_score import ScoreJudge
from agentbench_sdk.arena.contestants import check_pairs, contestants_of, named, pairs_of
from agentbench_sdk.arena.pairing import BattleSessions
from agentbench_sdk.benchmark import Registry, Task
from agentbench_sdk.canonical import digest
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Judge, models_asked
from agentbench_sdk.models import Model
from agentbench_sdk.reporting.comparable import shared_judge
from agentbench_sdk.reporting.progress import NoProgress, Progress
from agentbench_sdk.runs.options import Options
from agentbench_sdk.runs.plan import judge_infos, new_run_name, versions_of
from agentbench_sdk.runs.recorded import RecordedPlan, recorded_plan
from agentbench_sdk.runs.records import ArenaInfo
from agentbench_sdk.runs.rejudging import JudgeSpec, judge_specs, made_judge
from agentbench_sdk.runs.run import Run

PAIRWISE = "pairwise"


@dataclass(frozen=True)
class ArenaOptions:
    """Choices of one arena.

    Attributes:
        judge: what decides a battle: a judge that compares the answer with the target and gives 1, 0.5 or 0.
            `pairwise` when left out.
        by: decide by the recorded scores of the judge of this id instead; nobody is asked.
        judge_model: the model that the judge asks.
        baseline: a run, or the name, model or run id of one; all others meet it alone. None: all meet all.
        limit: only the first so many shared samples, by id.
        all_epochs: a battle for each epoch, in place of the first epoch's alone.
        max_cost: US dollars that judging may spend.
        output: the file of the battles; a name is made up in the runs folder when left out.
        progress: told of what is done.

    Raises:
        ConfigurationError: `judge` and `by` are both given, or a number is out of its range.
    """

    judge: JudgeSpec | None = None
    by: str | None = None
    judge_model: str | Model | None = None
    baseline: Run | str | None = None
    limit: int | None = None
    all_epochs: bool = False
    max_cost: float | None = None
    output: str | Path | None = None
    progress: Progress = field(default_factory=NoProgress)

    def __post_init__(self) -> None:
        if self.by is not None and (self.judge is not None or self.judge_model is not None):
            raise ConfigurationError(
                "by compares recorded scores and asks nobody: leave out the judge and its model, or leave out by"
            )
        self.run_options()

    def run_options(self) -> Options:
        """What of these is of any run."""
        return Options(
            judge_model=self.judge_model,
            limit=self.limit,
            max_cost=self.max_cost,
            output=self.output,
            progress=self.progress,
        )


def arena_plan(
    runs: Sequence[Run], options: ArenaOptions, registry: Registry, facts: Mapping[str, Any]
) -> RecordedPlan:
    """The plan of an arena.

    Arguments:
        runs: the contestants; a baseline that is a run and not among them takes part as well.
        options: see `ArenaOptions`.
        registry: where judges are looked up.
        facts: further fields of the manifest.

    Raises:
        UsageError: the runs may not meet or share no answered sample, or the judge does not exist or fit.
    """
    runs = _with_baseline(runs, options.baseline)
    contestants = contestants_of(runs)
    wanted = options.baseline
    baseline = None
    if wanted is not None:
        baseline = named(contestants, wanted if isinstance(wanted, str) else wanted.manifest.run_id)
    names = [each.name for each in contestants]
    pairs = pairs_of(len(runs), None if baseline is None else names.index(baseline))
    remarks = check_pairs(runs, pairs)
    judge, by = _judge(runs, options, registry)
    sessions = BattleSessions(
        runs, contestants, pairs, by, limit=options.limit, all_epochs=options.all_epochs
    )
    first = runs[0].manifest
    samples = [sample for sample, _ in sessions.battles]
    name, created = new_run_name(f"arena-{first.task}", f"{len(runs)}-runs")
    specs = None if by else judge_specs([options.judge if options.judge is not None else PAIRWISE])
    manifest = first.model_copy(
        update={
            "run_id": name,
            "created": created,
            "task": f"arena of {first.task}",
            "task_source": "",
            "task_params": {},
            "environment": "",
            "headline": [],
            "pictures": False,
            "agent": "",
            "model": ", ".join(names),
            "endpoint": "",
            "user_model": None,
            "judges": judge_infos([judge]),
            "judge_specs": specs,
            "judged_from": "",
            # Sampled verdicts of the same runs are found again when the arena is repeated.
            "draws": f"arena-{digest(sorted(each.run_id for each in contestants))[:16]}",
            "samples": len(samples),
            "limit": options.limit,
            "sample_ids": None,
            "epochs": 1 + max(epoch for _, epoch in sessions.battles),
            "versions": versions_of(None),
            "arena": ArenaInfo(
                contestants=contestants,
                baseline=baseline,
                by=by,
                unanswered=sessions.unanswered,
                remarks=remarks,
            ),
            **facts,
        }
    )
    task = Task(manifest.task, samples, [judge], version=first.task_version)
    return recorded_plan(task, samples, manifest, sessions)


def _with_baseline(runs: Sequence[Run], baseline: Run | str | None) -> list[Run]:
    known = {run.manifest.run_id for run in runs}
    if isinstance(baseline, Run) and baseline.manifest.run_id not in known:
        return [*runs, baseline]
    return list(runs)


def _judge(runs: Sequence[Run], options: ArenaOptions, registry: Registry) -> tuple[Judge, str]:
    """What decides, and the id of the judge whose recorded scores are compared."""
    if options.by is not None:
        info = shared_judge(list(runs), options.by)
        return ScoreJudge(info.id, info.better), info.id
    judge = made_judge(options.judge if options.judge is not None else PAIRWISE, registry)
    if (judge.scale.low, judge.scale.high) != (0.0, 1.0):
        raise ConfigurationError(
            f"judge {judge.id} cannot decide battles: they need one whose values go from 0 (the target is better) "
            "to 1 (the answer is better), such as pairwise"
        )
    if options.judge_model is None and None in models_asked(judge):
        raise ConfigurationError(
            f"judge {judge.id} asks a model: name one with --judge-model (judge_model=…), or compare recorded scores "
            "with --by (by=…)"
        )
    return judge, ""
