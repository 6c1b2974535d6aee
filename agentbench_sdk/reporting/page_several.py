"""The sections of the HTML report that set several runs beside each other, and those of each run, folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.charts import interval_chart, span_of
from agentbench_sdk.reporting.cost_chart import cost_chart
from agentbench_sdk.reporting.markup import Markup, joined, table, tag
from agentbench_sdk.reporting.page_pairs import PairName, PairOutcomes
from agentbench_sdk.reporting.page_rows import address
from agentbench_sdk.reporting.page_run import estimate_cells, remark, run_about, run_sections, section
from agentbench_sdk.reporting.pictures import captioned
from agentbench_sdk.reporting.plain import natural_key, shown
from agentbench_sdk.reporting.remarks import MOST_CATEGORIES, cost_of, median_answer
from agentbench_sdk.reporting.versus import p_value, pair_notes, verdict_told

if TYPE_CHECKING:
    from agentbench_sdk.reporting.beside import Member, SideBySide, TaskRuns
    from agentbench_sdk.reporting.comparison import Comparison, Pair
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.statistics import Estimate

_EXAMPLES = 5  # samples that are linked by name; all are behind the link of their number


def several_header(found: SideBySide) -> Markup:
    """What the page is about."""
    names = [f"{shown(each.task, 60)}, version {shown(each.version, 20)}" for each in found.tasks]
    title = names[0] if len(names) == 1 else f"{len(names)} tasks"
    return tag(
        "header", tag("h1", title), tag("p", f"{len(found.members)} runs side by side", class_="model")
    )


def several_sections(found: SideBySide) -> Iterator[Markup]:
    """Of each task the overview, score for cost, categories and comparisons; then each run, folded."""
    pairs = PairOutcomes(found)
    for number, task in enumerate(found.tasks):
        title = (
            "Overview"
            if len(found.tasks) == 1
            else f"{shown(task.task, 60)}, version {shown(task.version, 20)}"
        )
        yield section(title, _overview(task))
        yield section("Score for cost", _offers(task))
        yield section("Differences, sample by sample", _comparisons(number, task, pairs))
        yield section("Scores by category (95 % intervals)", _categories(task))
    yield section("Each run", [_run(member) for member in found.members])


def letter(text: str) -> Markup:
    """The letter of a run, as it stands everywhere in the page."""
    return tag("span", text, class_="letter")


def _named(member: Member) -> Markup:
    return joined([letter(member.letter), " ", tag("span", shown(member.model, 120), class_="model")])


# --- overview -------------------------------------------------------------------------------------


def _overview(found: TaskRuns) -> Iterator[Markup]:
    unit = found.scale.unit if found.scale is not None else ""
    estimates = [judged.estimate for member in found.members if (judged := found.judged(member)) is not None]
    span = span_of(found.scale.low, found.scale.high, *estimates) if found.scale is not None else None
    columns = ("model", ">mean", "interval", "drawn", ">n", ">no score", ">cost", ">$ an attempt", ">tokens")
    rows: list[list[object]] = []
    for member in found.members:
        judged, summary = found.judged(member), member.summary
        score: list[object] = ["none", "none", "", "0", f"{summary.attempts:,}"]
        if judged is not None:
            chart = interval_chart(judged.estimate, span, unit) or ""
            counts = f"{judged.estimate.n:,}", f"{judged.without_score:,}"
            score = [*estimate_cells(judged.estimate, unit), chart, *counts]
        usd = member.usd_per_attempt
        costs = [cost_of(summary), "unknown" if usd is None else wording.dollars(usd), _tokens(summary)]
        rows.append([_named(member), *score, *costs, median_answer(summary), _median_attempt(summary)])
    yield table("Runs side by side", (*columns, ">median answer", ">median attempt"), rows)
    if found.judge is not None:
        better = "; lower is better" if found.judge.better == "lower" else ""
        yield remark(f"scores are those of {shown(found.judge.id, 60)}, with 95 % intervals{better}")


def _tokens(summary: Summary) -> str:
    return wording.count(sum(each.usage.total_tokens for each in summary.usage))


def _median_attempt(summary: Summary) -> str:
    return wording.duration(summary.wall.p50 if summary.wall is not None else None)


def _offers(found: TaskRuns) -> Iterator[Markup]:
    offers = found.offers()
    if found.scale is None or len({each.usd for each in offers}) < 2:
        return
    frontier = (
        "a line joins the efficient frontier: models that no other beats in mean score without costing more"
    )
    words = [f"{frontier}; bars are 95 % intervals"]
    beaten = [f"{each.member.letter} by {each.beaten_by}" for each in offers if each.beaten_by is not None]
    if beaten:
        words.append(f"hollow dots are beaten at no higher cost: {', '.join(beaten)}")
    if len(offers) < len(found.members):
        words.append("runs are left out whose price or score is not known")
    yield captioned(cost_chart(offers, found.scale), *words)


def _categories(found: TaskRuns) -> Iterator[Markup]:
    known: dict[str, dict[str, Estimate]] = {}
    for member in found.members:
        judged = found.judged(member)
        for each in judged.categories if judged is not None else ():
            known.setdefault(each.name, {})[member.letter] = each.estimate
    if not known or found.scale is None:
        return
    unit = found.scale.unit
    span = span_of(
        found.scale.low, found.scale.high, *(each for row in known.values() for each in row.values())
    )
    names = sorted(known, key=natural_key)
    rows = [
        [
            shown(name or "(none)", 60),
            *(_category(known[name].get(each.letter), span, unit) for each in found.members),
        ]
        for name in names[:MOST_CATEGORIES]
    ]
    yield table("Mean scores by category", ("category", *(each.letter for each in found.members)), rows)
    if len(names) > MOST_CATEGORIES:
        yield remark(f"and {len(names) - MOST_CATEGORIES:,} more, in the JSON export")
    yield remark("intervals of categories are not adjusted for their number")


def _category(found: Estimate | None, span: tuple[float, float] | None, unit: str) -> Markup:
    if found is None:
        return Markup()
    mean, interval = estimate_cells(found, unit)
    return joined(
        [
            tag("div", mean, " ", tag("span", interval, class_="soft"), class_="figure"),
            interval_chart(found, span, unit),
        ]
    )


# --- comparison -----------------------------------------------------------------------------------


def _comparisons(task: int, found: TaskRuns, pairs: PairOutcomes) -> Iterator[Markup]:
    for comparison in found.comparisons:
        yield _differences(comparison, pairs)
        for pair in comparison.pairs:
            yield _pair(task, comparison, pair, pairs.name(pair))
    for reason in found.not_compared:
        yield remark(f"not compared: {shown(reason, 1000)}")


def _differences(found: Comparison, pairs: PairOutcomes) -> Markup:
    unit, several = found.scale.unit, len(found.pairs) > 1
    estimates = [pair.difference.estimate for pair in found.pairs]
    span = span_of(None, None, *estimates)
    if span is not None:
        span = min(span[0], 0.0), max(span[1], 0.0)
    columns = ["runs", ">difference", "interval", "drawn", ">p", *([">p (Holm)"] if several else [])]
    rows: list[list[object]] = []
    for pair in found.pairs:
        name = pairs.name(pair)
        runs = joined([letter(name.second), " less ", letter(name.first)])
        chart = interval_chart(pair.difference.estimate, span, unit, zero=True) or ""
        ps = [p_value(pair.difference.p), *([p_value(pair.p_holm)] if several else [])]
        counts = [_count(name, kind, samples) for kind, samples in _kinds(pair)]
        figures = estimate_cells(pair.difference.estimate, unit)
        rows.append([runs, *figures, chart, *ps, f"{pair.shared:,}", *counts])
    told = f"Differences, {100 * found.level:g} % intervals"
    made = table(told, (*columns, ">samples", ">won", ">lost", ">tied"), rows)
    about = f"{100 * found.level:g} % intervals over the samples that both runs have a score of"
    holm = f"; p (Holm) takes into account that there are {len(found.pairs)} comparisons" if several else ""
    return joined([made, remark(f"{about}; won, lost and tied lead to these samples{holm}")])


def _kinds(pair: Pair) -> Iterable[tuple[str, tuple[str, ...]]]:
    return ("w", pair.wins), ("l", pair.losses), ("t", pair.ties)


def _count(name: PairName, kind: str, samples: tuple[str, ...]) -> Markup | str:
    return tag("a", f"{len(samples):,}", href=f"#pair={name.place}{kind}") if samples else "0"


def _pair(task: int, found: Comparison, pair: Pair, name: PairName) -> Markup:
    notes = [
        *pair_notes(found, pair, name.second, name.first),
        *(shown(each, 300) for each in pair.remarks),
    ]
    first, second = pair.first, pair.second
    models = f"{shown(second.model, 60)} beside {shown(first.model, 60)}"
    return tag(
        "div",
        tag(
            "h3", letter(name.second), " beside ", letter(name.first), " ", tag("span", models, class_="soft")
        ),
        tag("p", verdict_told(pair, found.level, name.second, name.first), class_=f"verdict {pair.verdict}"),
        *map(remark, notes),
        *(
            _examples(task, word, names)
            for word, names in (("won", pair.wins), ("lost", pair.losses))
            if names
        ),
        class_="pair",
    )


def _examples(task: int, word: str, samples: tuple[str, ...]) -> Markup:
    links: list[object] = []
    for sample in samples[:_EXAMPLES]:
        links += [
            ", " if links else "",
            tag("a", shown(sample, 40), href=f"#sample={quote(address(task, sample))}"),
        ]
    more = f" and {len(samples) - _EXAMPLES:,} more" if len(samples) > _EXAMPLES else ""
    return tag("p", f"{word}: ", *links, more, class_="remark")


# --- each run -------------------------------------------------------------------------------------


def _run(member: Member) -> Markup:
    sections = run_sections(member.summary, 3)
    return tag("details", tag("summary", _named(member)), run_about(member), *sections, class_="run")
