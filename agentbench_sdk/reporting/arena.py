"""The standings of an arena on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.versus import p_value

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from agentbench_sdk.arena.standings import Meeting, Standings
    from agentbench_sdk.statistics import Interval, Ranking, Strength
    from agentbench_sdk.statistics.evalscope_arena import EvalscopeArena

_MOST_REASONS = 3
_NAME = 40
_NEVER_LOST = "; who tied and never lost has a finite strength with --ties half"
_DOUBLED = 1 / 3  # the difference over the sum, for an answer twice as long as the other


def render_standings(found: Standings, *, width: int = 80, color: bool = False) -> str:
    """Standings as text; see `blocks.captured_text`."""
    return captured_text(_parts(found), width=width, color=color)


def render_evalscope(found: EvalscopeArena, *, width: int = 80, color: bool = False) -> str:
    """EvalScope's figures as text, with what is to be known of them."""
    return captured_text(_peer_parts(found), width=width, color=color)


def _parts(found: Standings) -> Iterable[RenderableType]:
    yield from _header(found)
    yield from _ranking(found)
    yield from _told_apart(found)
    yield from _matrix(found)
    yield from _leanings(found)
    yield from _left_out(found)


def _header(found: Standings) -> Iterable[RenderableType]:
    from rich.text import Text

    asked = f", asked of {shown(found.judge_model, 60)}" if found.judge_model else ""
    yield Text(f"Arena of {shown(found.task, 60)} by {shown(found.judge, 60)}{asked}", style="bold")
    for told in found.warnings:
        yield remark(f"warning: {shown(told, 400)}", "yellow")


def _ranking(found: Standings) -> Iterable[RenderableType]:
    yield from heading(f"Ranking ({100 * found.level:g} % intervals from resampled prompts)")
    if found.ranking is None:
        yield remark(f"there is none: {shown(found.ranking_note, 400)}", "yellow")
        return
    yield indented(_ranking_table(found, found.ranking))
    yield from map(remark, _ranking_notes(found, found.ranking))
    if found.controlled is not None:
        yield from heading("Ranking as if both answers had been of one length")
        yield indented(_ranking_table(found, found.controlled))
        yield from map(remark, _length_effect(found.controlled))


def _ranking_table(found: Standings, ranking: Ranking) -> Table:
    against = [">points expected against the baseline"] if found.baseline else []
    table = new_table(">rank", "model", ">Elo", "interval", *against, ">won, tied, lost")
    records = {each.name: each for each in found.records}
    for each in ranking.strengths:
        record = records[each.name]
        add(
            table,
            _ranks(each),
            shown(each.name, _NAME),
            f"{each.elo:,.0f}",
            _elo_interval(each.interval),
            *([_expected(each)] if found.baseline else []),
            f"{record.wins:,}, {record.ties:,}, {record.losses:,}",
        )
    return table


def _ranks(strength: Strength) -> str:
    if strength.best_rank == strength.worst_rank:
        return str(strength.best_rank)
    return f"{strength.best_rank} to {strength.worst_rank}"


def _elo_interval(interval: Interval | None) -> str:
    return "none" if interval is None else f"[{interval.low:,.0f}, {interval.high:,.0f}]"


def _expected(strength: Strength) -> str:
    if strength.score is None:
        return "-"
    ends = f" {wording.interval(strength.score_interval)}" if strength.score_interval else ""
    return f"{wording.amount(strength.score)}{ends}"


def _ranking_notes(found: Standings, ranking: Ranking) -> Iterable[str]:
    held = f"{shown(ranking.anchor, _NAME)} is held at 1,000" if ranking.anchor else "the mean is 1,000"
    yield (
        f"{held}; 400 points more are odds of 10 to 1; {ranking.battles:,} battles over {ranking.prompts:,} "
        f"prompts; ties: {'half a win each way' if ranking.ties == 'half' else 'Davidson'}"
    )
    notes: dict[str, list[str]] = {}
    for each in ranking.strengths:
        if each.note and each.name != ranking.anchor:
            notes.setdefault(each.note, []).append(shown(each.name, _NAME))
    for note, names in notes.items():
        yield f"{', '.join(names)}: {note}"
    if len(ranking.groups) > 1:
        order = " > ".join(", ".join(shown(name, _NAME) for name in group) for group in ranking.groups)
        yield (
            f"some never lost to others: {order}; across these gaps Elo is a figure and no estimate, made as if each "
            "pair had a quarter of a win each way more" + (_NEVER_LOST if ranking.ties == "davidson" else "")
        )
    if found.controlled is None:
        yield f"no control for length: {shown(found.control_note, 300)}"


def _told_apart(found: Standings) -> Iterable[RenderableType]:
    """Of each two neighbours in the ranking, whether they can be told apart."""
    if found.ranking is None:
        return
    order = found.ranking.strengths
    yield from heading("Neighbours")
    for above, below in pairwise(order):
        difference = found.ranking.difference(above.name, below.name)
        interval = _elo_interval(difference.interval)
        names = f"{shown(above.name, _NAME)} and {shown(below.name, _NAME)}"
        if difference.told_apart:
            yield remark(f"{names}: {difference.elo:,.0f} Elo apart {interval}", "green")
        else:
            yield remark(f"{names} cannot be told apart: {difference.elo:,.0f} Elo {interval}", "yellow")
    if len(order) > 2:
        yield remark("intervals of differences are not adjusted for how many pairs there are")


def _matrix(found: Standings) -> Iterable[RenderableType]:
    if not found.meetings:
        return
    yield from heading("Share of points, row against column (a tie is half a point)")
    names = _in_order(found)
    table = new_table("", "model", *(f">{number}" for number in range(1, len(names) + 1)))
    for number, name in enumerate(names, 1):
        cells = [_cell(found.meetings, name, other) for other in names]
        add(table, str(number), shown(name, _NAME), *cells)
    yield indented(table)


def _in_order(found: Standings) -> Sequence[str]:
    if found.ranking is None:
        return [each.name for each in found.records]
    ranked = [each.name for each in found.ranking.strengths]
    return [*ranked, *(each.name for each in found.records if each.name not in ranked)]


def _cell(meetings: Sequence[Meeting], name: str, other: str) -> str:
    for each in meetings:
        if {each.first, each.second} == {name, other} and each.estimate.mean is not None:
            turned = each.first != name
            mean, interval = each.estimate.mean, each.estimate.interval
            low, high = (interval.low, interval.high) if interval else (None, None)
            if turned:
                mean = 1 - mean
                low, high = (1 - high if high is not None else None), (1 - low if low is not None else None)
            ends = "" if low is None else f" [{wording.amount(low)}, {wording.amount(high)}]"
            return f"{wording.amount(mean)}{ends}"
    return "-"


def _leanings(found: Standings) -> Iterable[RenderableType]:
    """What the judge leans on besides strength."""
    lines = [*_position(found), *_length(found)]
    if lines:
        yield from heading("What the verdicts lean on")
        yield from map(remark, lines)


def _position(found: Standings) -> Iterable[str]:
    if found.first_place is not None:
        yield f"the answer shown first won {wording.estimate(found.first_place)} of verdicts that were no tie"
    if found.flips is None:
        return
    if found.flips.effect is None:
        yield found.flips.note
        return
    first = round(found.flips.effect * found.flips.n)
    yield (
        f"{found.flips.n:,} battles are ties because the verdict turned with the order: {first:,} times the first "
        f"place won in both, {found.flips.n - first:,} times the second (p {p_value(found.flips.p)} for no leaning)"
    )


def _length(found: Standings) -> Iterable[str]:
    lengths = [
        f"{shown(each.name, _NAME)} {each.length:,.0f}" for each in found.records if each.length is not None
    ]
    if lengths:
        yield f"mean characters of an answer: {', '.join(lengths)}"


def _length_effect(ranking: Ranking) -> Iterable[str]:
    if ranking.effect is not None:
        interval = ranking.effect.interval
        ends = (
            f"[{_DOUBLED * interval.low:,.0f}, {_DOUBLED * interval.high:,.0f}]"
            if interval
            else "no interval"
        )
        yield f"an answer twice as long as the other is worth {_DOUBLED * ranking.effect.elo:+,.0f} Elo {ends}"


def _left_out(found: Standings) -> Iterable[RenderableType]:
    yield from heading("Battles")
    counts = [
        (found.decided, "decided"),
        (found.undecided, "without a verdict (neither tie nor loss)"),
        (found.unanswered, "not possible, because a session had failed"),
        (found.not_run, "not judged yet"),
    ]
    yield remark(", ".join(f"{count:,} {what}" for count, what in counts if count or what == "decided"))
    for reason, count in found.reasons[:_MOST_REASONS]:
        yield remark(f"{count:,}: {shown(reason, 200)}")
    if len(found.reasons) > _MOST_REASONS:
        yield remark(f"and {len(found.reasons) - _MOST_REASONS:,} more reasons, in the JSON")
    for told in found.remarks:
        yield remark(shown(told, 300))
    yield remark(f"file: {shown(found.file, 1000)}")


def _peer_parts(found: EvalscopeArena) -> Iterable[RenderableType]:
    yield from heading(f"EvalScope 1.14.1's figures of {found.rows:,} rows")
    table = new_table("model", ">Elo", "95 % of 100 resamples", ">win rate")
    for name, elo in sorted(found.elo.items(), key=lambda item: -item[1]):
        ends = found.bootstrap.get(name)
        interval = "none" if ends is None else f"[{ends[0]:,.1f}, {ends[1]:,.1f}]"
        rate = found.win_rates.get(name)
        add(table, shown(name, _NAME), f"{elo:,.1f}", interval, "-" if rate is None else wording.amount(rate))
    yield indented(table)
    yield remark(
        "both orders of a prompt are resampled as if they were independent, so these intervals are too narrow; "
        "without --compat they are made from whole prompts",
        "yellow",
    )
