"""Whether two runs may be compared, and what a reader of the comparison has to know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentbench_sdk.canonical import digest
from agentbench_sdk.errors import ConfigurationError

if TYPE_CHECKING:
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.records import JudgeInfo, Manifest

_SETTINGS = ("user_model", "judge_model", "agent", "protocol", "epochs", "seed")


def shared_judge(runs: list[Run], judge: str | None) -> JudgeInfo:
    """The judge by which runs are compared: the named one, else the first run's primary one.

    Raises:
        ConfigurationError: a run has no such judge, or its scale is another one.
    """
    wanted = judge if judge is not None else runs[0].manifest.judges[0].id
    found = [next((each for each in run.manifest.judges if each.id == wanted), None) for run in runs]
    for run, each in zip(runs, found, strict=True):
        if each is None:
            has = ", ".join(other.id for other in run.manifest.judges)
            raise ConfigurationError(
                f"{run.path} has no judge {wanted!r} to compare by; it has {has}: name one that all runs have, "
                "or judge it again with `agentbench judge`"
            )
        if each.scale != (found[0] or each).scale:
            raise ConfigurationError(
                f"{run.path}: the judge {wanted!r} has another scale than in {runs[0].path}"
            )
    assert found[0] is not None  # the loop has raised where there is none
    return found[0]


def check_comparable(first: Run, second: Run) -> list[str]:
    """Refuse what would compare different things; otherwise what differs and is no hindrance.

    The same task, version and fingerprint are comparable. The fingerprint also covers the judges and which
    samples were selected: where one of these differs, the samples that both runs hold must be the same.

    Raises:
        ConfigurationError: the runs are not comparable; one sentence says why.
    """
    old, new = first.manifest, second.manifest
    if old.run_id == new.run_id:
        raise ConfigurationError(f"{second.path} is the run {old.run_id} itself: name two runs to compare")
    for name in ("task", "task_version", "environment"):
        if getattr(old, name) != getattr(new, name):
            raise ConfigurationError(
                f"{second.path} is not comparable with {first.path}: its {name.replace('_', ' ')} is "
                f"{getattr(new, name)!r}, the other's is {getattr(old, name)!r}"
            )
    remarks = [] if old.task_fingerprint == new.task_fingerprint else [_explained(first, second)]
    return remarks + [
        f"{name.replace('_', ' ')} differs: {getattr(old, name)!r} and {getattr(new, name)!r}"
        for name in _SETTINGS
        if getattr(old, name) != getattr(new, name)
    ]


def _explained(first: Run, second: Run) -> str:
    """Why the fingerprints may differ although the shared samples are comparable."""
    reasons = []
    if _judges(first.manifest) != _judges(second.manifest):
        reasons.append("judges")
    if _selection(first.manifest) != _selection(second.manifest):
        reasons.append("selected samples")
    what = f"{second.path} is not comparable with {first.path}"
    if not reasons:
        raise ConfigurationError(
            f"{what}: the task's fingerprint differs although its judges and the selected samples are the "
            "same, so prompts, samples, parameters or limits of the task were changed"
        )
    if first.manifest.limits != second.manifest.limits:
        raise ConfigurationError(f"{what}: the limits of a session differ")
    changed = _changed(first, second)
    if changed is not None:
        raise ConfigurationError(f"{what}: sample {changed!r} is not the same in both")
    return (
        f"the {' and the '.join(reasons)} differ; the samples that both runs hold are the same, system prompts "
        "were not compared"
    )


def _judges(manifest: Manifest) -> list[tuple[object, ...]]:
    return [(each.id, each.low, each.high, each.unit) for each in manifest.judges]


def _selection(manifest: Manifest) -> tuple[object, ...]:
    return manifest.limit, manifest.sample_ids


def _changed(first: Run, second: Run) -> str | None:
    """The first sample that both runs hold in different forms."""
    held = {sample_id: digest(stored) for sample_id, _, stored in first.reader.samples()}
    for sample_id, _, stored in second.reader.samples():
        if sample_id in held and held[sample_id] != digest(stored):
            return sample_id
    return None
