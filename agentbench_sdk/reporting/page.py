"""The report as one HTML file: nothing is fetched, no script is needed to read it, and what models wrote is text.

    write_html(run, "report.html")

A policy in the page (Content-Security-Policy) lets the browser run this module's script and use its style alone,
so that even markup that slipped through could neither run nor load anything.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.charts import interval_chart, limit_chart, span_of
from agentbench_sdk.reporting.markup import Markup, joined, table, tag
from agentbench_sdk.reporting.page_attempts import attempts_section
from agentbench_sdk.reporting.page_style import SCRIPT, STYLE
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.remarks import (
    MOST_CATEGORIES,
    attempts_made,
    category_cells,
    category_notes,
    headline,
    judge_notes,
    limit_told,
    missing_intervals,
    usage_cells,
)
from agentbench_sdk.reporting.replacing import replacing

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.reporting.summary import JudgeSummary, Summary
    from agentbench_sdk.reporting.times import Spread
    from agentbench_sdk.runs import Run
    from agentbench_sdk.statistics import Estimate


def write_html(run: Run, path: str | os.PathLike[str], *, transcripts: int | None = None) -> Path:
    """Write the report of a run as one HTML file; a file of that name is replaced when the new one is whole.

    Arguments:
        run: finished or not.
        path: the file.
        transcripts: how many attempts, in the order of sample id and epoch, are shown with what happened;
            None for as many as fit into some 20 MB.

    Returns:
        The file's path.

    Raises:
        ConfigurationError: the file cannot be written, or `transcripts` is below 0.
        RunFileError: the run file is damaged.
    """
    target = Path(path)
    with replacing(target) as begun, begun.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(html_parts(run, transcripts=transcripts))
    return target


def html_parts(run: Run, *, transcripts: int | None = None) -> Iterator[str]:
    """The page piece by piece; see `write_html`."""
    if transcripts is not None and not (type(transcripts) is int and transcripts >= 0):
        raise ConfigurationError(f"transcripts is {transcripts!r}; it must be a whole number from 0")
    summary = run.summary()
    yield "<!DOCTYPE html>\n"
    yield '<html lang="en">'
    yield _head(f"{summary.manifest.task}, {summary.manifest.model}")
    yield "<body><main>"
    for section in _sections(run, summary):
        yield section
        yield "\n"
    for part in attempts_section(run, transcripts):
        yield part
        yield "\n"
    yield "</main>"
    yield tag("script", Markup(SCRIPT))
    yield "</body></html>\n"


def _head(title: str) -> Markup:
    policy = (
        f"default-src 'none'; script-src '{_digest(SCRIPT)}'; style-src '{_digest(STYLE)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", shown(title)),
        tag("style", Markup(STYLE)),
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _sections(run: Run, summary: Summary) -> Iterator[Markup]:
    yield _header(run, summary)
    yield _section("Scores", _scores(summary))
    yield _section("Scores by category (95 % intervals)", _categories(summary))
    yield _section("Passing in k attempts (95 % intervals)", _pass_curves(summary))
    yield _section("Endings", _endings(summary))
    yield _section("Whose doing the failures were", _faults(summary))
    yield _section("Environment (95 % intervals)", _metrics(summary))
    yield _section("Tokens and cost", _usage(summary))
    yield _section("Time", _times(summary))
    yield _section("Requests at once", _limits(summary))


def _section(title: str, parts: Iterable[Markup | None]) -> Markup:
    """A part of the report with its heading; nothing where there is nothing to tell."""
    content = joined(parts)
    return tag("section", tag("h2", title), content) if content else Markup()


def _remark(text: str) -> Markup:
    return tag("p", text, class_="remark")


def _header(run: Run, summary: Summary) -> Markup:
    known = summary.manifest
    facts = [
        ("model", known.model + (f" at {known.endpoint}" if known.endpoint else "")),
        ("user model", known.user_model),
        ("judge model", known.judge_model),
        ("run", known.run_id),
        ("begun", known.created),
        ("status", run.status),
        ("seed", None if known.seed is None else str(known.seed)),
        ("attempts", attempts_made(summary)),
        ("run file", str(run.path)),
    ]
    rows = [part for name, told in facts if told for part in (tag("dt", name), tag("dd", shown(told, 1000)))]
    warnings = [tag("p", f"warning: {shown(told, 400)}", class_="warning") for told in known.warnings]
    title = f"{shown(known.task, 60)}, version {shown(known.task_version, 20)}"
    return tag("header", tag("h1", title), tag("dl", *rows, class_="facts"), *warnings)


def _scores(summary: Summary) -> Iterator[Markup]:
    if not summary.judges:
        yield _remark("no judge was asked")
        return
    columns = ("judge", ">mean", "interval", "drawn", "method", ">n", ">no score")
    rows: list[list[object]] = []
    for judge in summary.judges:
        rows.append(_score_row(judge.id, judge.estimate, judge.scale, f"{judge.without_score:,}"))
        rows += [_score_row(f"{judge.id}: {f.name}", f.estimate, f.scale, "") for f in judge.figures]
    yield table("Mean scores with their intervals", columns, rows)
    for judge in summary.judges:
        yield from _notes(judge, named=len(summary.judges) > 1)


def _score_row(name: str, found: Estimate, scale: Scale, missing: str) -> list[object]:
    chart = interval_chart(found, span_of(scale.low, scale.high, found), scale.unit)
    method = f"{wording.level(found)} {found.method}" if found.interval else "-"
    return [shown(name, 120), *_estimate(found, scale.unit), chart or "", method, f"{found.n:,}", missing]


def _estimate(found: Estimate, unit: str = "") -> tuple[str, str]:
    mean = "none" if found.mean is None else wording.amount(found.mean, unit)
    return mean, wording.interval(found.interval, unit)


def _notes(judge: JudgeSummary, *, named: bool) -> Iterator[Markup]:
    for line in judge_notes(judge):
        yield _remark(f"{shown(judge.id, 40)}: {line}" if named else line)


def _categories(summary: Summary) -> Iterator[Markup]:
    for judge in summary.judges:
        if not judge.categories:
            continue
        rows: list[list[object]] = []
        span = span_of(judge.scale.low, judge.scale.high, *(each.estimate for each in judge.categories))
        for each in judge.categories[:MOST_CATEGORIES]:
            name, mean, interval, *counts = category_cells(each, judge.scale.unit)
            chart = interval_chart(each.estimate, span, judge.scale.unit)
            rows.append([name, mean, interval, chart or "", *counts])
        columns = ("category", ">mean", "interval", "drawn", ">n", ">no score")
        yield table(f"Mean scores of {shown(judge.id, 40)} by category", columns, rows)
        yield from map(_remark, category_notes(judge))


def _pass_curves(summary: Summary) -> Iterator[Markup]:
    rows: list[list[object]] = []
    for judge in summary.judges:
        for each in judge.pass_curve:
            row: list[object] = [shown(judge.id, 40), str(each.k)]
            for found in (each.at_least_one, each.each):
                row += [*_estimate(found), interval_chart(found, (0.0, 1.0)) or ""]
            rows.append([*row, f"{each.each.n:,}"])
    if rows:
        columns = (
            "judge",
            ">k",
            ">one passes: pass@k",
            "interval",
            "drawn",
            ">all pass: pass^k",
            "interval",
            "drawn",
        )
        yield table("Chance that one, or each, of k attempts passes", (*columns, ">n"), rows)


def _endings(summary: Summary) -> Iterator[Markup]:
    if not summary.endings:
        yield _remark("no attempt was recorded")
        return
    rows = [
        (
            f"{each.status}: {shown(each.reason, 60)}",
            f"{each.count:,}",
            _example(each.example_sample, each.example_detail) if each.status != "completed" else "",
        )
        for each in summary.endings
    ]
    yield table("How attempts ended", ("ending", ">attempts", "for example"), rows)


def _example(sample: str, detail: str) -> str:
    return f"{shown(sample, 60)}: {shown(detail, 300)}" if detail else ""


def _faults(summary: Summary) -> Iterator[Markup]:
    if not summary.faults or not summary.manifest.environment:
        return
    rows = [
        (
            each.side,
            shown(each.rule, 60),
            f"{each.count:,}",
            _example(each.example_sample, each.example_evidence),
        )
        for each in summary.faults
    ]
    yield table("Whose doing the failures were", ("side", "rule", ">attempts", "for example"), rows)


def _metrics(summary: Summary) -> Iterator[Markup]:
    rows = []
    important = headline(summary)
    for each in important:
        found, unit = each.estimate, each.unit
        ends = wording.exact(each.low, unit), wording.exact(each.high, unit)
        chart = interval_chart(found, (each.low, each.high) if each.low < each.high else None, unit)
        rows.append((shown(each.name, 60), *_estimate(found, unit), chart or "", *ends, f"{found.n:,}"))
    if rows:
        columns = ("metric", ">mean", "interval", "from min to max", ">min", ">max", ">n")
        yield table("What the environment reports", columns, rows)
    yield from map(_remark, missing_intervals(important))
    if len(summary.metrics) > len(important):
        yield _remark(f"and {len(summary.metrics) - len(important)} more, in the JSON export")


def _usage(summary: Summary) -> Iterator[Markup]:
    if not summary.usage:
        yield _remark("no model was called")
        return
    columns = ("role", ">calls", ">input", ">output", ">reasoning", ">cost", ">paid in this run")
    rows = [(each.role, *usage_cells(each)) for each in summary.usage]
    yield table("Tokens and cost by role", columns, rows)
    if any(each.unpriced for each in summary.usage):
        yield _remark("a cost is unknown where no price is known for the model; tokens are all counted")


def _times(summary: Summary) -> Iterator[Markup]:
    spreads: list[tuple[str, Spread | None]] = [
        ("attempts", summary.wall),
        ("on the wire and in tools", summary.working),
    ]
    for each in summary.calls:
        name = f"{each.role} calls" + (f" to {shown(each.endpoint, 80)}" if each.endpoint else "")
        spreads += [
            (name, each.total),
            (f"{name}: waiting for a permit", each.queue),
            (f"{name}: to the first token", each.first_token),
        ]
    rows = [
        (name, f"{found.n:,}", *map(wording.duration, (found.p50, found.p90, found.max)))
        for name, found in spreads
        if found is not None
    ]
    if rows:
        yield table("Durations", ("what", ">n", ">median", ">90 % below", ">longest"), rows)
    retried = sum(each.retried for each in summary.calls)
    if retried:
        yield _remark(f"{retried:,} calls needed more than one attempt")


def _limits(summary: Summary) -> Iterator[Markup | None]:
    for each in summary.limits:
        yield _remark(limit_told(each))
        yield limit_chart(each)
