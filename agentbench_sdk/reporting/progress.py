"""Progress of a run: a live line on a terminal, plain lines in a pipe, nothing when asked to be quiet.

Goes to standard error, so that a report in a pipe stays clean. Shows counts, never a running mean: a mean
of what happened to finish first is not the run's, and would need its interval beside it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TextIO

from agentbench_sdk.messages import Usage
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.wording import count, dollars, duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from agentbench_sdk.runs.records import CallRecord, SampleRecord

Clock = Callable[[], float]


class Progress(Protocol):
    """What a run tells whoever watches it. No method may raise or take long."""

    def start(self, total: int) -> None:
        """The run begins; `total` attempts are planned."""
        ...

    def sample_done(self, record: SampleRecord) -> None:
        """An attempt ended and is written."""
        ...

    def call_done(self, call: CallRecord) -> None:
        """A model answered; for the long way until an attempt ends."""
        ...

    def limit_changed(self, endpoint: str, limit: int) -> None:
        """The limit of requests at a time to an endpoint is now `limit`."""
        ...

    def close(self) -> None:
        """The run ended or was interrupted."""
        ...


class NoProgress:
    """Says nothing."""

    def start(self, total: int) -> None:
        """Say nothing."""

    def sample_done(self, record: SampleRecord) -> None:
        """Say nothing."""

    def call_done(self, call: CallRecord) -> None:
        """Say nothing."""

    def limit_changed(self, endpoint: str, limit: int) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Tally:
    """How far a run is.

    Attributes:
        total: attempts planned.
        started: clock time at the start, in seconds.
        calls, cached_calls: answered calls that were told of.
        usage: tokens and cost of all roles, of finished attempts.
        cached_usage: the part that came from the cache.
        unpriced: whether tokens were used whose price is unknown.
        limits: the present limit by endpoint.
    """

    total: int = 0
    started: float = 0.0
    endings: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    cached_calls: int = 0
    usage: Usage = field(default_factory=Usage)
    cached_usage: Usage = field(default_factory=Usage)
    unpriced: bool = False
    limits: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        return self.endings.total()

    def add(self, record: SampleRecord) -> None:
        self.endings[record.ending.status] += 1
        for usage in record.usage.values():
            self.usage += usage
            self.unpriced |= usage.cost_usd is None and usage.total_tokens > 0
        for usage in record.cached_usage.values():
            self.cached_usage += usage

    def add_call(self, call: CallRecord) -> None:
        self.calls += 1
        self.cached_calls += call.cached

    def remaining_s(self, now: float) -> float | None:
        """Seconds left if the rest goes as fast as what is done; None before anything is."""
        if not self.done or self.done > self.total:
            return None
        return (now - self.started) / self.done * (self.total - self.done)

    def facts(self, now: float) -> str:
        """Everything but the bar, in one line."""
        bad = [f"{self.endings[each]:,} {each}" for each in ("failed", "cancelled") if self.endings[each]]
        calls = f"{count(self.calls)} calls" if self.calls else ""
        if self.cached_calls:
            calls += f" ({count(self.cached_calls)} cached)"
        tokens = f"{count(self.usage.total_tokens)} tokens" if self.usage.total_tokens else ""
        left = self.remaining_s(now)
        eta = f"{duration(left)} left" if left is not None and self.done < self.total else ""
        return ", ".join(part for part in (*bad, calls, tokens, self._cost(), self._limit(), eta) if part)

    def _cost(self) -> str:
        if self.usage.cost_usd is None:
            return dollars(None) if self.unpriced else ""
        paid = max(0.0, self.usage.cost_usd - (self.cached_usage.cost_usd or 0.0))
        return dollars(paid) + (" + unknown" if self.unpriced else "")

    def _limit(self) -> str:
        if len(self.limits) == 1:
            return f"limit {next(iter(self.limits.values()))}"
        each = (f"{shown(endpoint, 30)} {limit}" for endpoint, limit in sorted(self.limits.items()))
        return f"limits: {'; '.join(each)}" if self.limits else ""


class LineProgress:
    """Plain lines: at each tenth of the run, and otherwise one every so many seconds at most.

    Arguments:
        file: standard error when left out.
        every_s: seconds between lines.
        clock: seconds that only grow; given by tests.
    """

    def __init__(
        self, file: TextIO | None = None, *, every_s: float = 15.0, clock: Clock = time.monotonic
    ) -> None:
        self._file, self._every_s, self._clock = file, every_s, clock
        self._tally = Tally()
        self._said_at, self._said = 0.0, -1

    def start(self, total: int) -> None:
        """Begin counting; nothing is written until there is something to tell."""
        self._tally = Tally(total=total, started=self._clock())
        self._said_at, self._said = self._tally.started, 0

    def sample_done(self, record: SampleRecord) -> None:
        """Count an attempt."""
        tally = self._tally
        before = self._tenths()
        tally.add(record)
        self._tell(at_once=self._tenths() > before)

    def call_done(self, call: CallRecord) -> None:
        """Count a call."""
        self._tally.add_call(call)
        self._tell()

    def limit_changed(self, endpoint: str, limit: int) -> None:
        """Remember the limit for the next line."""
        self._tally.limits[endpoint] = limit

    def close(self) -> None:
        """Write what was not told yet."""
        if self._tally.done > self._said >= 0:
            self._tell(at_once=True)

    def _tenths(self) -> int:
        return 10 * self._tally.done // self._tally.total if self._tally.total else 0

    def _tell(self, *, at_once: bool = False) -> None:
        now, tally = self._clock(), self._tally
        if not at_once and now - self._said_at < self._every_s:
            return
        self._said_at, self._said = now, tally.done
        share = f" ({100 * tally.done // tally.total} %)" if tally.total else ""
        facts = tally.facts(now)
        line = f"{tally.done:,} of {tally.total:,} attempts{share}{': ' if facts else ''}{facts}"
        print(line, file=self._file or sys.stderr, flush=True)


class RichProgress:
    """A bar that is redrawn in place; needs a terminal.

    Arguments:
        file: standard error when left out.
        clock: seconds that only grow; given by tests.
    """

    def __init__(self, file: TextIO | None = None, *, clock: Clock = time.monotonic) -> None:
        self._file, self._clock = file, clock
        self._tally = Tally()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def start(self, total: int) -> None:
        """Draw the bar."""
        self.close()
        self._tally = Tally(total=total, started=self._clock())
        self._bar = _bar(self._file or sys.stderr)
        self._task = self._bar.add_task("attempts", total=total, facts="")
        self._bar.start()

    def sample_done(self, record: SampleRecord) -> None:
        """Move the bar."""
        self._tally.add(record)
        self._draw()

    def call_done(self, call: CallRecord) -> None:
        """Count a call."""
        self._tally.add_call(call)
        self._draw()

    def limit_changed(self, endpoint: str, limit: int) -> None:
        """Show the limit."""
        self._tally.limits[endpoint] = limit
        self._draw()

    def close(self) -> None:
        """Leave the bar as it is and give the terminal back."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = None

    def _draw(self) -> None:
        if self._bar is not None and self._task is not None:
            facts = self._tally.facts(self._clock())
            self._bar.update(self._task, completed=self._tally.done, facts=facts)


def _bar(file: TextIO) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    return Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
        console=Console(file=file, markup=False, highlight=False, emoji=False),
        redirect_stdout=False,
        redirect_stderr=False,
    )


def progress_for(
    file: TextIO | None = None, *, quiet: bool = False, every_s: float = 15.0
) -> NoProgress | LineProgress | RichProgress:
    """What fits a stream: nothing when quiet, a bar on a terminal that can redraw, else plain lines.

    Arguments:
        file: standard error when left out.
        quiet: say nothing.
        every_s: seconds between plain lines.
    """
    from rich.console import Console

    if quiet:
        return NoProgress()
    console = Console(file=file or sys.stderr)
    if console.is_terminal and not console.is_dumb_terminal:
        return RichProgress(file)
    return LineProgress(file, every_s=every_s)
