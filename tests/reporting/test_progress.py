"""Progress counts, is sparing in a pipe, and never shows a mean."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from agentbench_sdk.messages import Usage
from agentbench_sdk.reporting import LineProgress, NoProgress, Progress, RichProgress, progress_for
from agentbench_sdk.sessions.ending import Ending

Make = Callable[..., Any]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


def test_each_tenth_is_one_line(out: io.StringIO, clock: Clock, record: Make) -> None:
    progress = LineProgress(out, clock=clock)
    progress.start(200)
    for i in range(200):
        progress.sample_done(record(f"s{i}", 0, 1.0))
    progress.close()
    lines = out.getvalue().splitlines()
    assert [line.split(" ")[0] for line in lines] == [str(n) for n in range(20, 201, 20)]
    assert lines[0].startswith("20 of 200 attempts (10 %)")


def test_between_tenths_a_line_comes_at_most_every_so_many_seconds(
    out: io.StringIO, clock: Clock, record: Make, call: Make
) -> None:
    progress = LineProgress(out, every_s=10, clock=clock)
    progress.start(1000)
    for _ in range(60):
        clock.now += 1
        progress.call_done(call())
    progress.sample_done(record("s", 0, 1.0))
    lines = out.getvalue().splitlines()
    assert len(lines) == 6
    assert lines[-1] == "0 of 1,000 attempts (0 %): 60 calls"


def test_a_line_tells_calls_tokens_cost_limit_failures_and_time_left(
    out: io.StringIO, clock: Clock, record: Make, call: Make
) -> None:
    progress = LineProgress(out, clock=clock)
    progress.start(10)
    progress.limit_changed("http://h/v1", 16)
    progress.call_done(call())
    progress.call_done(call(cached=True))
    clock.now += 30
    progress.sample_done(
        record(
            "a",
            ending=Ending("failed", "server"),
            usage={"agent": Usage(9000, 3000, cost_usd=0.5), "judge": Usage(5, 5)},
            cached_usage={"agent": Usage(10, 10, cost_usd=0.2)},
        )
    )
    assert out.getvalue().splitlines()[-1] == (
        "1 of 10 attempts (10 %): 1 failed, 2 calls (1 cached), 12.0k tokens, $0.3000 + unknown, "
        "limit 16, 4 min 30 s left"
    )


def test_what_was_not_told_is_told_at_the_end_and_nothing_twice(
    out: io.StringIO, clock: Clock, record: Make
) -> None:
    progress = LineProgress(out, clock=clock)
    progress.close()
    progress.start(100)
    progress.sample_done(record("a", 0, 1.0))
    assert out.getvalue() == ""
    progress.close()
    progress.close()
    assert out.getvalue().splitlines() == ["1 of 100 attempts (1 %): 0 ms left"]


def test_a_run_of_nothing_and_more_than_planned_do_no_harm(
    out: io.StringIO, clock: Clock, record: Make
) -> None:
    progress = LineProgress(out, every_s=0, clock=clock)
    progress.start(0)
    progress.sample_done(record("a", 0, 1.0))
    assert out.getvalue() == "1 of 0 attempts\n"


def test_no_progress_line_shows_a_score(out: io.StringIO, clock: Clock, record: Make) -> None:
    progress = LineProgress(out, every_s=0, clock=clock)
    progress.start(3)
    for i in range(3):
        progress.sample_done(record(f"s{i}", 0, 0.123))
    assert "0.123" not in out.getvalue()
    assert "mean" not in out.getvalue()


def test_the_bar_shows_counts_and_ends_cleanly(
    clock: Clock, record: Make, call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    terminal = Terminal()
    progress = RichProgress(terminal, clock=clock)
    progress.sample_done(record("before the start", 0, 1.0))
    progress.start(2)
    progress.limit_changed("[red]\x1b[2Jhost", 4)
    progress.limit_changed("other", 8)
    progress.call_done(call())
    progress.sample_done(record("a", 0, 1.0))
    clock.now += 1
    progress.sample_done(record("b", 0, 1.0))
    progress.close()
    progress.close()
    shown = terminal.getvalue()
    assert "2/2" in shown
    assert "[red]\\x1b[2Jhost 4" in shown
    assert "\x1b[2J" not in shown


def test_the_stream_decides_which_progress_fits(out: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert isinstance(progress_for(out), LineProgress)
    assert isinstance(progress_for(Terminal()), RichProgress)
    assert isinstance(progress_for(Terminal(), quiet=True), NoProgress)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress_for(Terminal()), LineProgress)


def test_standard_error_is_the_default(
    clock: Clock, record: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    progress: Progress = LineProgress(clock=clock)
    progress.start(1)
    progress.sample_done(record("a", 0, 1.0))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "1 of 1 attempts (100 %)" in captured.err


def test_quiet_is_silent(record: Make, call: Make, capsys: pytest.CaptureFixture[str]) -> None:
    progress: Progress = NoProgress()
    progress.start(1)
    progress.call_done(call())
    progress.limit_changed("e", 1)
    progress.sample_done(record("a", 0, 1.0))
    progress.close()
    assert capsys.readouterr() == ("", "")
