"""The sections of the HTML report that tell of one run: what was run, scores, endings, usage and times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.charts import interval_chart, limit_chart, span_of
from agentbench_sdk.reporting.markup import Markup, joined, table, tag
from agentbench_sdk.reporting.pictures import captioned
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.remarks import (
    MOST_CATEGORIES,
    attempts_made,
    category_cells,
    category_notes,
    cost_of,
    drift_told,
    headline,
    judge_notes,
    limit_told,
    median_answer,
    missing_intervals,
    usage_cells,
)

if TYPE_CHECKING:
    from agentbench_sdk.judging import Scale
    from agentbench_sdk.reporting.beside import Member
    from agentbench_sdk.reporting.summary import JudgeSummary, Summary
    from agentbench_sdk.reporting.times import Spread
    from agentbench_sdk.statistics import Estimate


def run_header(member: Member) -> Markup:
    """What was run, and the figures that one looks for first."""
    summary = member.summary
    known = summary.manifest
    title = f"{shown(known.task, 60)}, version {shown(known.task_version, 20)}"
    return tag("header", tag("h1", title), tag("p", shown(known.model, 200), class_="model"), _tiles(summary))


def run_about(member: Member) -> Markup:
    """Everything that identifies a run, and what a reader of its scores is warned of."""
    run, known = member.run, member.summary.manifest
    facts = [
        ("model", known.model + (f" at {known.endpoint}" if known.endpoint else "")),
        ("user model", known.user_model),
        ("judge model", known.judge_model),
        ("sandbox", known.sandbox),
        ("run", known.run_id),
        ("begun", known.created),
        ("status", run.status),
        ("seed", None if known.seed is None else str(known.seed)),
        ("attempts", attempts_made(member.summary)),
        ("run file", str(run.path)),
    ]
    rows = [part for name, told in facts if told for part in (tag("dt", name), tag("dd", shown(told, 1000)))]
    warnings = [tag("p", f"warning: {shown(told, 400)}", class_="warning") for told in known.warnings]
    if member.summary.drift is not None:
        warnings.append(tag("p", drift_told(member.summary.drift), class_="warning"))
    return tag("section", *warnings, tag("dl", *rows, class_="facts"))


def run_sections(summary: Summary, level: int = 2) -> Iterator[Markup]:
    """The parts of the report of one run, each with its heading.

    Arguments:
        summary: of the run.
        level: of the headings: 2, or 3 where the run is one of several.
    """
    parts = (
        ("Scores", _scores(summary)),
        ("Scores by category (95 % intervals)", _categories(summary)),
        ("Passing in k attempts (95 % intervals)", _pass_curves(summary)),
        ("Endings", _endings(summary)),
        ("Whose doing the failures were", _faults(summary)),
        ("Environment (95 % intervals)", _metrics(summary)),
        ("Tokens and cost", _usage(summary)),
        ("Time", _times(summary)),
        ("Requests at once", _limits(summary)),
    )
    for title, content in parts:
        yield section(title, content, level)


def section(title: str, parts: Iterable[Markup | None], level: int = 2) -> Markup:
    """A part of the report with its heading; nothing where there is nothing to tell."""
    content = joined(parts)
    return tag("section", tag(f"h{level}", title), content) if content else Markup()


def remark(text: str) -> Markup:
    """A remark below a table."""
    return tag("p", text, class_="remark")


def _tiles(summary: Summary) -> Markup:
    tiles: list[tuple[str, str, str]] = [
        ("cost", cost_of(summary), ""),
        ("median answer", median_answer(summary), ""),
    ]
    tiles.insert(
        0, ("attempts", f"{summary.attempts:,}", f"{summary.failed:,} failed" if summary.failed else "")
    )
    if summary.judges:
        judge = summary.primary
        mean, interval = estimate_cells(judge.estimate, judge.scale.unit)
        tiles.insert(0, (shown(judge.id, 40), mean, joined(["95 % interval ", interval])))
    return tag("div", *(_tile(*each) for each in tiles), class_="tiles")


def _tile(name: str, value: str, more: str) -> Markup:
    return tag(
        "div",
        tag("div", name, class_="name"),
        tag("div", value, class_="value"),
        tag("div", more, class_="name") if more else None,
        class_="tile",
    )


def _scores(summary: Summary) -> Iterator[Markup]:
    if not summary.judges:
        yield remark("no judge was asked")
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
    return [
        shown(name, 120),
        *estimate_cells(found, scale.unit),
        chart or "",
        method,
        f"{found.n:,}",
        missing,
    ]


def estimate_cells(found: Estimate, unit: str = "") -> tuple[str, Markup]:
    """Mean and interval of an estimate."""
    mean = "none" if found.mean is None else wording.amount(found.mean, unit)
    return mean, tag("span", wording.interval(found.interval, unit), class_="figure")


def _notes(judge: JudgeSummary, *, named: bool) -> Iterator[Markup]:
    for line in judge_notes(judge):
        yield remark(f"{shown(judge.id, 40)}: {line}" if named else line)


def _categories(summary: Summary) -> Iterator[Markup]:
    for judge in summary.judges:
        if not judge.categories:
            continue
        rows: list[list[object]] = []
        span = span_of(judge.scale.low, judge.scale.high, *(each.estimate for each in judge.categories))
        for each in judge.categories[:MOST_CATEGORIES]:
            name, *_, count, missing = category_cells(each, judge.scale.unit)
            chart = interval_chart(each.estimate, span, judge.scale.unit)
            figures = estimate_cells(each.estimate, judge.scale.unit)
            rows.append([name, *figures, chart or "", count, missing])
        columns = ("category", ">mean", "interval", "drawn", ">n", ">no score")
        if len(summary.judges) > 1:
            yield tag("h3", shown(judge.id, 40))
        yield table(f"Mean scores of {shown(judge.id, 40)} by category", columns, rows)
        yield from map(remark, category_notes(judge))


def _pass_curves(summary: Summary) -> Iterator[Markup]:
    rows: list[list[object]] = []
    for judge in summary.judges:
        for each in judge.pass_curve:
            row: list[object] = [shown(judge.id, 40), str(each.k)]
            for found in (each.at_least_one, each.each):
                row += [*estimate_cells(found), interval_chart(found, (0.0, 1.0)) or ""]
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
        yield remark("no attempt was recorded")
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
        rows.append((shown(each.name, 60), *estimate_cells(found, unit), chart or "", *ends, f"{found.n:,}"))
    if rows:
        columns = ("metric", ">mean", "interval", "from min to max", ">min", ">max", ">n")
        yield table("What the environment reports", columns, rows)
    yield from map(remark, missing_intervals(important))
    if len(summary.metrics) > len(important):
        yield remark(f"and {len(summary.metrics) - len(important)} more, in the JSON export")


def _usage(summary: Summary) -> Iterator[Markup]:
    if not summary.usage:
        yield remark("no model was called")
        return
    columns = ("role", ">calls", ">input", ">output", ">reasoning", ">cost", ">paid in this run")
    rows = [(each.role, *usage_cells(each)) for each in summary.usage]
    yield table("Tokens and cost by role", columns, rows)
    if any(each.unpriced for each in summary.usage):
        yield remark("a cost is unknown where no price is known for the model; tokens are all counted")


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
        yield remark(f"{retried:,} calls needed more than one attempt")


def _limits(summary: Summary) -> Iterator[Markup]:
    for each in summary.limits:
        chart = limit_chart(each)
        yield remark(limit_told(each)) if chart is None else captioned(chart, limit_told(each))
