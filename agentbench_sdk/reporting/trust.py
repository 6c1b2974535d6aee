"""A calibration on a terminal: how far the judge agrees with people, and the score without its errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.blocks import add, captured_text, heading, indented, new_table, remark
from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agentbench_sdk.reporting.calibration import Calibration
    from agentbench_sdk.statistics import Agreement, BiasTest, Corrected, Interval


def render_calibration(found: Calibration, *, width: int = 80, color: bool = False) -> str:
    """A calibration as text; see `blocks.captured_text`."""
    return captured_text(_parts(found), width=width, color=color)


def _parts(found: Calibration) -> Iterable[RenderableType]:
    yield from heading(f"{shown(found.judge, 60)} beside people")
    yield remark(f"{found.labelled:,} of {found.scored:,} scored attempts have a label")
    if found.unknown:
        yield remark(f"{found.unknown:,} labels are of attempts that are not there or have no score")
    yield from _agreements(found)
    yield from _confusion(found)
    yield from _means(found)
    yield from _biases(found.biases)


def _agreements(found: Calibration) -> Iterable[RenderableType]:
    rows = [("judge and people", found.agreement), ("people among themselves", found.people)]
    rows.append(("members of the panel", found.members))
    table = new_table("agreement", "coefficient", ">value", "interval", ">same verdict", ">cases")
    notes = []
    for name, each in rows:
        if each is not None:
            add(table, name, *_agreement_cells(each))
            notes += [f"{name}: {each.note}"] if each.note else []
    yield from heading("Agreement (1 is perfect, 0 is chance)")
    yield indented(table)
    yield from map(remark, notes)
    if found.panel_size is not None:
        worth, members = found.panel_size
        yield remark(f"the panel of {members} is worth {worth:.1f} judges that err independently")


def _agreement_cells(each: Agreement) -> tuple[str, ...]:
    value = "none" if each.value is None else wording.amount(each.value)
    same = f"{100 * each.observed:.0f} %"
    return each.name, value, wording.interval(each.interval), same, f"{each.n_cases:,}"


def _confusion(found: Calibration) -> Iterable[RenderableType]:
    if not found.confusion:
        return
    levels = sorted({value for people, judge, _ in found.confusion for value in (people, judge)})
    counts = {(people, judge): times for people, judge, times in found.confusion}
    yield from heading("Verdicts (rows: people, columns: judge)")
    table = new_table("", *(f">{level:g}" for level in levels))
    for people in levels:
        add(table, f"{people:g}", *(f"{counts.get((people, judge), 0):,}" for judge in levels))
    yield indented(table)


def _means(found: Calibration) -> Iterable[RenderableType]:
    unit = found.scale.unit
    yield from heading("The mean without the judge's errors")
    table = new_table("method", ">mean", "interval", ">judge alone", ">labels", ">attempts")
    notes = []
    for each in (found.corrected, found.rate):
        if each is not None:
            add(table, *_mean_cells(each, unit))
            notes += [f"{each.method}: {each.note}"] if each.note else []
    yield indented(table)
    yield from map(remark, notes)
    yield remark("right if the labelled attempts were drawn at random")


def _mean_cells(each: Corrected, unit: str) -> tuple[str, ...]:
    mean = "none" if each.mean is None else wording.amount(each.mean, unit)
    alone = wording.amount(each.naive, unit)
    return each.method, mean, _with_level(each.interval, unit), alone, f"{each.n_labelled:,}", f"{each.n:,}"


def _with_level(interval: Interval | None, unit: str) -> str:
    if interval is None:
        return "none"
    return f"{wording.interval(interval, unit)} ({100 * interval.level:g} %)"


def _biases(biases: Iterable[BiasTest]) -> Iterable[RenderableType]:
    yield from heading("Biases")
    table = new_table("bias", ">effect", "interval", ">without it", ">p", ">cases", "measured as")
    notes = []
    for each in biases:
        effect = "none" if each.effect is None else wording.amount(each.effect)
        p = "-" if each.p is None else f"{each.p:.4f}"
        cells = wording.interval(each.interval), wording.amount(each.neutral), p, f"{each.n:,}", each.unit
        add(table, each.name, effect, *cells)
        notes += [f"{each.name}: {each.note}"] if each.note else []
    yield indented(table)
    yield from map(remark, notes)
