"""Sentences and cells that the report on a terminal and the one in HTML share, so that both say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from agentbench_sdk.reporting.categories import CategorySummary
    from agentbench_sdk.reporting.drift import DriftSummary
    from agentbench_sdk.reporting.limits import LimitHistory
    from agentbench_sdk.reporting.summary import JudgeSummary, MetricSummary, Summary
    from agentbench_sdk.reporting.usage import RoleUsage

MOST_METRICS = 12
MOST_CATEGORIES = 60


def attempts_made(summary: Summary) -> str:
    """How many attempts were made of how many that were planned."""
    text = f"{summary.attempts:,} = {summary.samples:,} samples × {summary.manifest.epochs} epochs"
    if summary.attempts != summary.samples * summary.manifest.epochs:
        text = f"{summary.attempts:,} of {summary.samples:,} samples ({summary.manifest.epochs} epochs asked for)"
    return text + (
        f"; {summary.not_run:,} of {summary.manifest.samples:,} not run" if summary.not_run else ""
    )


def drift_told(drift: DriftSummary) -> str:
    """That results now differ, and which of the two counted."""
    return (
        f"drift: {drift.results:,} results in {drift.attempts:,} attempts (first in sample "
        f"{shown(drift.example_sample, 40)}, epoch {drift.example_epoch}) came out otherwise than recorded; "
        "the sessions went on with the recorded ones"
    )


def judge_notes(judge: JudgeSummary) -> Iterable[str]:
    """What has to be known to read a judge's mean, one sentence each."""
    found, unit = judge.estimate, judge.scale.unit
    remarks = [found.note] if found.note else []
    if judge.scale.better == "lower":
        remarks.append("lower is better")
    if 1 < found.n_clusters < found.n:
        remarks.insert(0, f"{found.n:,} values in {found.n_clusters:,} clusters")
    if remarks:
        yield "; ".join(remarks)
    if judge.without_score:
        counts = (("failed", judge.failed), ("unscored", judge.unscored), ("cancelled", judge.cancelled))
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in counts if number)
        ends = wording.limits(judge.bounds, unit)
        yield f"without a score: {kinds}; if all of these were worst or best the mean is {ends}"
    for figure in judge.figures:
        if figure.estimate.note:
            yield f"{shown(figure.name, 40)}: {shown(figure.estimate.note)}"
    if judge.unscored_example:
        yield f"unscored, for example: {shown(judge.unscored_example)}"
    if judge.passed is not None and not _says_the_same(judge):
        yield f"passed: {wording.estimate(judge.passed)}"
    # the table of all k says the same where every sample has every verdict
    told = any(each.k == judge.k for each in judge.pass_curve)
    if judge.pass_at_k is not None and judge.pass_hat_k is not None and not told:
        yield f"at least one of {judge.k} epochs passes (pass@{judge.k}): {wording.estimate(judge.pass_at_k)}"
        yield f"all {judge.k} epochs pass (pass^{judge.k}): {wording.estimate(judge.pass_hat_k)}"
    share = judge.repeats.intraclass_correlation if judge.repeats else None
    if share is not None:
        yield f"of the variance, {100 * share:.0f} % lies between samples, the rest between epochs"


def category_cells(found: CategorySummary, unit: str) -> list[str]:
    """Name, mean, interval, number of scores and of attempts without one."""
    mean = "none" if found.estimate.mean is None else wording.amount(found.estimate.mean, unit)
    interval = wording.interval(found.estimate.interval, unit)
    return [
        shown(found.name or "(none)", 60),
        mean,
        interval,
        f"{found.estimate.n:,}",
        f"{found.without_score:,}",
    ]


def category_notes(judge: JudgeSummary) -> Iterable[str]:
    """What has to be known to read a judge's categories."""
    if len(judge.categories) > MOST_CATEGORIES:
        yield f"and {len(judge.categories) - MOST_CATEGORIES:,} more, in the JSON export"
    yield "intervals of categories are not adjusted for their number"


def _says_the_same(judge: JudgeSummary) -> bool:
    """Whether the passed rate repeats the score: a judge that says yes or no."""
    passed = judge.passed
    ends = (judge.scale.low, judge.scale.high) == (0.0, 1.0)
    return ends and passed is not None and (passed.mean, passed.n) == (judge.estimate.mean, judge.estimate.n)


def headline(summary: Summary) -> Sequence[MetricSummary]:
    """The metrics that the environment calls the important ones, or else the first."""
    wanted = summary.manifest.headline
    if not wanted:
        return summary.metrics[:MOST_METRICS]
    by_name = {each.name: each for each in summary.metrics}
    return [by_name[name] for name in wanted if name in by_name]


def missing_intervals(metrics: Iterable[MetricSummary]) -> Iterable[str]:
    """Why metrics have no interval, each reason once with the metrics that it holds for."""
    why: dict[str, list[str]] = {}
    for each in metrics:
        if each.estimate.interval is None:
            why.setdefault(each.estimate.note, []).append(shown(each.name, 60))
    for note, names in why.items():
        which = f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''}: " if len(why) > 1 else ""
        yield which + note


def usage_cells(used: RoleUsage) -> list[str]:
    """Calls, tokens in, out and of reasoning, cost, and what was paid in this run."""
    calls = "-" if used.calls is None else wording.count(used.calls)
    if used.cached_calls:
        calls += f" ({wording.count(used.cached_calls)} cached)"
    rest = " + unknown" if used.unpriced and used.usage.cost_usd is not None else ""
    tokens = (used.usage.input_tokens, used.usage.output_tokens, used.usage.reasoning_tokens)
    spent = wording.dollars(used.spent_usd) if used.spent_usd is not None else "unknown"
    cost = wording.dollars(used.usage.cost_usd) if used.usage.cost_usd is not None else "unknown"
    return [calls, *(wording.count(each) for each in tokens), cost + rest, spent + rest]


def cost_of(summary: Summary) -> str:
    """What all answers of a run are worth, those from the cache included; says what is not known."""
    known = [each.usage.cost_usd for each in summary.usage if each.usage.cost_usd is not None]
    if not known:
        return "unknown" if summary.usage else "-"
    unpriced = any(each.unpriced for each in summary.usage)
    return wording.dollars(sum(known)) + (" + unknown" if unpriced else "")


def median_answer(summary: Summary) -> str:
    """Median time of the agent's calls that went over the wire, waiting for a permit included."""
    times = [each.total for each in summary.calls if each.role == "agent" and each.total is not None]
    return wording.duration(times[0].p50) if len(times) == 1 else "-"


def limit_told(history: LimitHistory) -> str:
    """Where a limit of requests began, how far it went, where it ended, and what went wrong."""
    levels = [limit for _, limit in history.points] or [0]
    troubles = (("refused", history.refused), ("failed", history.errors))
    told = "".join(f", {number:,} {what}" for what, number in troubles if number)
    return (
        f"{shown(history.endpoint, 60)}: limit {levels[0]} at first, {max(levels)} at most, "
        f"{levels[-1]} at last; {history.attempts:,} attempts{told}"
    )
