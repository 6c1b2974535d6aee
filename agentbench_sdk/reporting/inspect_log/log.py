"""Writing a log: the beginning, each attempt, then what is known when all are through."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Usage
from agentbench_sdk.reporting.inspect_log.archive import Archive
from agentbench_sdk.reporting.inspect_log.content import sample_id_of
from agentbench_sdk.reporting.inspect_log.header import (
    VERSION,
    eval_plan,
    eval_results,
    eval_spec,
    eval_stats,
    eval_status,
)
from agentbench_sdk.reporting.inspect_log.sample import eval_sample, usage_by_model, usage_by_role
from agentbench_sdk.reporting.inspect_log.summary import sample_summary
from agentbench_sdk.reporting.replacing import replacing
from agentbench_sdk.reporting.summary import Summary, summarize

if TYPE_CHECKING:
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.records import SampleRecord

Told = Callable[[int, int], object]


def write_inspect_log(run: Run, path: str | os.PathLike[str], *, told: Told | None = None) -> Path:
    """Write a run as a log of Inspect AI; a file of that name is replaced when the new one is whole.

    Arguments:
        run: finished or not.
        path: the file; its name ends in ".eval", by which Inspect knows the form.
        told: called after each attempt with how many are written, and of how many.

    Returns:
        The file's path.

    Raises:
        ConfigurationError: the name ends otherwise, or the file cannot be written.
        RunFileError: the run file is damaged, or an id does not go into a zip archive.
    """
    target = Path(path)
    if target.suffix != ".eval":
        raise ConfigurationError(f"{target}: Inspect opens logs whose name ends in .eval; name it so")
    with replacing(target) as begun, Archive.create(begun) as archive:
        _write(run, archive, told)
    return target


def _write(run: Run, archive: Archive, told: Told | None) -> None:
    manifest, status = run.manifest, run.reader.note("status") or {}
    ids: dict[str, None] = {}
    summary = _summary(run, ids)
    begin = {"version": VERSION, "eval": eval_spec(manifest, list(ids)), "plan": eval_plan(manifest)}
    archive.put("_journal/start.json", begin)
    models, roles = _put_samples(run, archive, summary.attempts, told)
    archive.put_summaries()
    ended = eval_status(run.status, summary)
    header = {
        "version": VERSION,
        "status": ended.pop("status"),
        "eval": begin["eval"],
        "plan": begin["plan"],
        "results": eval_results(summary),
        "stats": eval_stats(manifest, status.get("ended", ""), models, roles),
        **ended,
    }
    archive.put("header.json", header)


def _summary(run: Run, ids: dict[str, None]) -> Summary:
    """The run's summary; the ids of samples are noted on the way."""

    def noted(records: Iterable[SampleRecord]) -> Iterator[SampleRecord]:
        for record in records:
            ids[sample_id_of(record.sample_id)] = None
            yield record

    return summarize(run.manifest, noted(run.records()))


def _put_samples(
    run: Run, archive: Archive, attempts: int, told: Told | None
) -> tuple[dict[str, Usage], dict[str, Usage]]:
    """All attempts; returns what models used, by model and by role."""
    models: dict[str, Usage] = {}
    roles: dict[str, Usage] = {}
    for done, ((_, _, stored), record, calls) in enumerate(run.reader.attempts(), 1):
        transcript = run.reader.transcript(record.sample_id, record.epoch)
        sample = eval_sample(run.manifest, stored, record, calls, transcript)
        archive.put_sample(sample, sample_summary(sample))
        _add(models, usage_by_model(calls))
        _add(roles, usage_by_role(calls))
        if told is not None:
            told(done, attempts)
    return models, roles


def _add(sums: dict[str, Any], used: dict[str, Usage]) -> None:
    for name, usage in used.items():
        sums[name] = sums.get(name, Usage()) + usage
