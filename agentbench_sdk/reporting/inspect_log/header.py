"""What a log says of the run as a whole: what was evaluated and how, results with their intervals, usage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentbench_sdk.reporting.inspect_log.content import error_told, usages
from agentbench_sdk.reporting.inspect_log.sample import agent_name
from agentbench_sdk.reporting.plain import plain

if TYPE_CHECKING:
    from agentbench_sdk.messages import Usage
    from agentbench_sdk.reporting.summary import JudgeSummary, Summary
    from agentbench_sdk.runs.records import JudgeInfo, Manifest
    from agentbench_sdk.statistics import Estimate

VERSION = 2  # of Inspect's log format
STATUS = {"finished": "success", "interrupted": "cancelled", "running": "started"}
# By our names; those that Inspect has under another name, or not at all, are in the manifest.
_PARAMS = {
    **{each: each for each in ("temperature", "top_p", "max_tokens", "seed", "frequency_penalty")},
    **{each: each for each in ("presence_penalty", "logprobs", "top_logprobs", "extra_body")},
    "stop": "stop_seqs",
}
_NOTES = (
    "Times count from the beginning of the run: a run file holds how long things took, not when an attempt began.",
    "Which tools were on offer, and what a simulated user was told beforehand, is not on record.",
    "The input of a model event is the conversation before the answer, also where a context window left some out.",
)


def eval_spec(manifest: Manifest, sample_ids: Sequence[str]) -> dict[str, Any]:
    """What was evaluated, and how."""
    roles = {"user": manifest.user_model, "judge": manifest.judge_model}
    named = {role: {"model": model, "config": {}, "args": {}} for role, model in roles.items() if model}
    revision = {"type": "git", "origin": "", "commit": manifest.git_revision}
    return {
        "eval_id": manifest.run_id,
        "run_id": manifest.run_id,
        "created": manifest.created,
        "task": manifest.task,
        "task_id": manifest.task_fingerprint,
        "task_version": manifest.task_version,
        "task_display_name": manifest.task,
        "task_args": manifest.task_params,
        "task_args_passed": manifest.task_params,
        **_source(manifest.task_source),
        "dataset": {
            "name": manifest.task,
            "samples": len(sample_ids),
            "sample_ids": list(sample_ids),
            "shuffled": False,
        },
        "model": manifest.model,
        "model_generate_config": generate_config(manifest),
        **({"model_base_url": manifest.endpoint} if manifest.endpoint else {}),
        **({"model_roles": named} if named else {}),
        "config": _config(manifest),
        **({"revision": revision} if manifest.git_revision else {}),
        "packages": manifest.versions,
        "metadata": {
            "agentbench": {**plain(manifest.model_dump(exclude={"sample_ids"})), "notes": list(_NOTES)}
        },
        "scorers": [_scorer(each) for each in manifest.judges],
    }


def _source(source: str) -> dict[str, str]:
    """Where the task is from: a file, or a registered name; nothing for one made in Python."""
    if not source:
        return {}
    return {"task_file" if Path(source).suffix else "task_registry_name": source}


def eval_plan(manifest: Manifest) -> dict[str, Any]:
    """What drove the sessions."""
    step = {"solver": agent_name(manifest), "params": {"protocol": manifest.protocol}}
    return {"name": "plan", "steps": [step], "config": generate_config(manifest)}


def generate_config(manifest: Manifest) -> dict[str, Any]:
    """Sampling parameters by Inspect's names."""
    return {_PARAMS[name]: value for name, value in manifest.params.items() if name in _PARAMS}


def _config(manifest: Manifest) -> dict[str, Any]:
    limits, working = manifest.limits, manifest.limits.get("working_seconds")
    record = {
        "limit": manifest.limit,
        "sample_id": manifest.sample_ids,
        "epochs": manifest.epochs,
        "epochs_reducer": ["mean"],
        "fail_on_error": False,
        "token_limit": limits.get("tokens"),
        "turn_limit": limits.get("turns"),
        "cost_limit": limits.get("cost_usd"),
        "working_limit": None if working is None else math.ceil(working),
        "log_samples": True,
    }
    return {name: value for name, value in record.items() if value is not None}


def _scorer(judge: JudgeInfo) -> dict[str, Any]:
    scale = {"low": judge.low, "high": judge.high, "unit": judge.unit, "better": judge.better}
    metrics = [{"name": "mean"}, {"name": "stderr"}]
    return {"name": judge.id, "options": {}, "metrics": metrics, "metadata": {"scale": scale}}


def eval_results(summary: Summary) -> dict[str, Any]:
    """Each judge's mean with its standard error; the interval, and all else, is in the metadata."""
    headline = {"scorer": summary.primary.id, "score": summary.primary.id, "metric": "mean"}
    done = sum(each.count for each in summary.endings if each.status in ("completed", "limit"))
    return {
        "total_samples": max(summary.manifest.samples, summary.attempts),
        "completed_samples": done,
        "scores": [_score(each, summary.manifest.epochs) for each in summary.judges],
        **({"headline": headline} if summary.primary.estimate.mean is not None else {}),
        "metadata": {
            "endings": [each.to_dict() for each in summary.endings],
            "faults": [each.to_dict() for each in summary.faults],
            "metrics": plain([each.to_dict() for each in summary.metrics]),
        },
    }


def _score(judge: JudgeSummary, epochs: int) -> dict[str, Any]:
    metrics = _metrics("mean", judge.estimate)
    if judge.estimate.std_error is not None:
        metrics["stderr"] = {"name": "stderr", "value": judge.estimate.std_error}
    for figure in judge.figures:
        metrics.update(_metrics(figure.name, figure.estimate))
    for name, estimate in (("pass_at", judge.pass_at_k), ("pass_hat", judge.pass_hat_k)):
        if estimate is not None:
            metrics.update(_metrics(f"{name}_{judge.k}", estimate))
    return {
        "name": judge.id,
        "scorer": judge.id,
        **({"reducer": "mean"} if epochs > 1 else {}),
        "scored_samples": judge.scored,
        "unscored_samples": judge.unscored,
        "metrics": metrics,
        "metadata": plain(judge.to_dict()),
    }


def _metrics(name: str, estimate: Estimate) -> dict[str, Any]:
    """A figure with its interval; none where there is no value."""
    if estimate.mean is None or not math.isfinite(estimate.mean):
        return {}
    return {name: {"name": name, "value": estimate.mean, "metadata": plain(estimate.to_dict())}}


def eval_stats(
    manifest: Manifest, ended: str, models: Mapping[str, Usage], roles: Mapping[str, Usage]
) -> dict[str, Any]:
    """When it was (`ended` is "" where that is not on record), and what models used, by name and by role."""
    return {
        "started_at": manifest.created,
        "completed_at": ended,
        "model_usage": usages(models),
        "role_usage": usages(roles),
    }


def eval_status(status: str, summary: Summary) -> dict[str, Any]:
    """How the run ended; "error" when not one session ended in order, as a log without a result."""
    if status != "finished" or not summary.attempts or summary.failed < summary.attempts:
        return {"status": STATUS[status]}
    most = summary.endings[0]
    message = f"all {summary.attempts} attempts failed, most often by {most.reason}: {most.example_detail}"
    return {"status": "error", "error": error_told(message)}
