"""The sketch: follows a world through its days and draws the page at the end."""

from __future__ import annotations

import re

from agentbench_sdk.environments.vending.calendar import DAY
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.picture.incidents import incidents
from agentbench_sdk.environments.vending.picture.panels import exact_dollars
from agentbench_sdk.environments.vending.picture.series import Series
from agentbench_sdk.environments.vending.picture.sheet import Story, draw_sheet
from agentbench_sdk.environments.vending.scenario import SCENARIOS
from agentbench_sdk.environments.vending.scores import FULL, basis_points, coherence_index

_GUIDE = re.compile(r"typical shelf price \$(\d+)\.(\d\d)")
_OWN_ENDS = {"horizon": "", "bankrupt": "went bankrupt"}
_CUT_SHORT = {
    "action_cap": "the agent had used up its calls",
    "aborted_invalid": "the agent was stopped after rejected calls in a row",
}


class VendingSketch:
    """Follows a world from its opening on; see `Environment.sketch`.

    Attributes:
        series: what was noted so far.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.series = Series()
        self.series.note_moment(core, core.day * DAY)
        self._active = core.now
        core.watchers.append(self._midnight)

    def _midnight(self, day: int) -> None:
        self.series.note_day(self._core, day)
        self.series.note_moment(self._core, (day + 1) * DAY)

    def look(self) -> None:
        """Note until when the agent was at work: after its last call, days may pass without it."""
        if not self._core.end_reason:
            self._active = self._core.now

    def draw(self, title: str) -> str:
        """The page."""
        return draw_sheet(self.story(title))

    def story(self, title: str) -> Story:
        """What the page shows, as data."""
        core = self._core
        if len(self.series.days) <= core.day < core.scenario.days and not _at_midnight(core):
            self.series.note_day(core, core.day)
            self.series.note_moment(core, core.now)
        reason = core.end_reason
        words = {**_OWN_ENDS, **_CUT_SHORT, "": "the session broke off"}
        return Story(
            title=title,
            subtitle=self._subtitle(),
            days=core.scenario.days,
            calendar=core.tapes.calendar,
            moments=self.series.moments,
            flows=self.series.days,
            marks=incidents(core, self.series.days),
            guide=self._guide(),
            sold={sku: row[1] for sku, row in core.tally.moved.items()},
            stopped=None if reason in _OWN_ENDS else self._active / DAY,
            ending=words.get(reason, f"the agent stopped ({reason})"),
            figures=self._figures(),
        )

    def _subtitle(self) -> str:
        scenario = self._core.scenario
        name = next((name for name, each in SCENARIOS.items() if each == scenario), "a scenario of its own")
        calendar = self._core.tapes.calendar
        dates = f"{calendar.iso(0)} to {calendar.iso(scenario.days - 1)}"
        return f"Vending world, {name}, seed {self._core.seed}: {scenario.days} days, {dates}"

    def _guide(self) -> dict[str, int]:
        """Typical shelf prices as the product guides of this run name them, in cents."""
        pages = self._core.tapes.pages
        skus = {sku for moment in self.series.moments for sku in moment.prices}
        found = {sku: _GUIDE.search(page.text) for sku in skus if (page := pages.get(f"product-{sku}"))}
        return {sku: int(match[1]) * 100 + int(match[2]) for sku, match in found.items() if match}

    def _figures(self) -> list[tuple[str, str]]:
        core, last = self._core, self.series.moments[-1]
        counts = core.tally.counts
        revenue = counts["revenue_cents"]
        margin = basis_points(revenue - counts["cogs_cents"], revenue)
        return [
            ("money in the bank", exact_dollars(last.bank)),
            ("net worth", exact_dollars(last.worth)),
            ("revenue", exact_dollars(revenue)),
            ("gross margin", f"{margin / 100:.0f} %" if revenue else "–"),
            ("units sold", f"{sum(flow.units for flow in self.series.days):,}"),
            ("coherence", f"{coherence_index(core) / FULL:.2f}"),
            ("calls", f"{core.tally.actions:,}"),
        ]


def _at_midnight(core: Core) -> bool:
    return bool(core.end_reason) and core.now % DAY == 0
