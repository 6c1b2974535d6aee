"""The report says what matters, fits its width, and cannot be led astray by what it quotes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from agentbench_sdk.judging import Score
from agentbench_sdk.reporting import print_report, render, summarize
from agentbench_sdk.runs.records import JudgeInfo, SampleRecord
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.simulation import Outcome

Make = Callable[..., Any]
HOSTILE = (
    "[red]x[/red] \x1b[31mred\x1b]0;title\x07 \u202egnp.exe\u2066 \r\nrm -rf\t\x00\x9b31m \ud800 "
    + "long " * 400
)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_report_tells_the_key_facts(manifest: Make, mixed: list[SampleRecord], call: Make) -> None:
    summary = summarize(manifest(samples=5), mixed, [call(), call(cached=True)])
    report = squeezed(render(summary, run_path="runs/x.db"))
    for fact in (
        "quiz, version 3",
        "openai/tiny at http://127.0.0.1:8000/v1",
        "seed 11",
        "5 samples × 1 epochs",
        "exact 0.667 [0.208, 0.939] 95 % Wilson 3 2",
        "without a score: 1 failed, 1 unscored; if all of these were worst or best the mean is 0.400 to 0.800",
        "unscored, for example: the verdict was no JSON",
        "q5 failed: server no score the endpoint answered 500",
        "4 completed: answered",
        "1 failed: server q5: the endpoint answered 500",
        "agent 2 (1 cached) 4,000 800 200 $1.00 $0.7500",
        "unknown",
        "attempts 5 6.0 s 9.2 s 10.0 s",
        "to the first token 1 200 ms",
        "runs/x.db",
        "agentbench report runs/x.db --html report.html",
        "agentbench replay runs/x.db",
    ):
        assert fact in report, fact


def test_a_seed_is_named_only_when_one_was_sent(manifest: Make) -> None:
    assert "seed 0" in render(summarize(manifest(seed=0), []))
    assert "seed" not in render(summarize(manifest(seed=None), []))


def test_cents_are_shown_as_dollars_and_the_file_keeps_cents(manifest: Make, record: Make) -> None:
    judge = JudgeInfo(id="bank", low=0, high=None, unit="cents")
    records = [record(f"s{i}", scores={"bank": Score(value)}) for i, value in enumerate((44000.0, 46000.0))]
    summary = summarize(manifest(judges=[judge]), records)
    assert "$450.00" in render(summary)
    assert summary.to_dict()["scores"][0]["estimate"]["mean"] == 45000.0


def test_a_mean_without_an_interval_says_why(manifest: Make, record: Make) -> None:
    report = squeezed(render(summarize(manifest(), [record("a", 0, 1.0, outcome=Outcome(5.0))])))
    assert "exact 1.000 none - 1 0 no interval: one value shows no spread" in report
    assert "reward 5.000 none 5 5 1 no interval: one value shows no spread" in report


def test_a_run_without_a_single_score_is_reported(manifest: Make, record: Make) -> None:
    records = [record(f"s{i}", ending=Ending("failed", "rate_limited", "429")) for i in range(25)]
    report = squeezed(render(summarize(manifest(), records)))
    assert "exact none none - 0 25" in report
    assert "0.000 to 1.000" in report
    assert "25 failed: rate_limited s0: 429" in report
    assert "no attempt was recorded" in render(summarize(manifest(judges=[]), []))


def test_repeats_are_reported(manifest: Make, record: Make) -> None:
    records = [record(f"s{i}", epoch, Score.of(i < 3)) for i in range(6) for epoch in range(2)]
    report = squeezed(render(summarize(manifest(epochs=2), records)))
    assert "12 values in 6 clusters" in report
    assert "100 % lies between samples" in report
    assert "Passing in k attempts" in report
    assert "exact 1 0.500 [" in report
    assert "exact 2 0.500 [" in report
    assert "(pass@2)" not in report  # the table has said so
    report = squeezed(render(summarize(manifest(epochs=2), records[:-1])))
    assert "(pass@2): 0.600 [" in report  # of the samples that have both verdicts
    assert "exact 2" not in report


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_hostile_texts_stay_texts(manifest: Make, record: Make, width: int, color: bool) -> None:
    """Only our own colour codes leave; nothing is taken for markup, reordered, or hidden."""
    score = Score(0.5, explanation=HOSTILE)
    lost = Ending("failed", HOSTILE, HOSTILE)
    summary = summarize(
        manifest(
            task=HOSTILE[:100],
            model=HOSTILE[10:60],
            judges=[JudgeInfo(id=HOSTILE.replace("\ud800", ""), unit="[bold]")],
        ),
        [
            record(
                HOSTILE,
                scores={HOSTILE.replace("\ud800", ""): score},
                outcome=Outcome(1.0, metrics={HOSTILE: 3}),
            ),
            record("x", ending=lost),
        ],
    )
    report = render(summary, width=width, color=color, run_path="/tmp/\x1b[2J")
    visible = re.sub(r"\x1b\[[0-9;]*m", "", report)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", visible)
    assert "[red]x[/red]" in visible
    assert "\\x1b" in visible.replace("\n", "").replace(" ", "")
    assert max(cell_len(line) for line in visible.splitlines()) <= width
    assert ("\x1b" in report) is color
    assert "\x1b[2J" not in report
    assert len(report) < 40_000


def test_a_pipe_gets_no_colour_and_eighty_columns(manifest: Make, mixed: list[SampleRecord]) -> None:
    pipe = io.StringIO()
    print_report(summarize(manifest(), mixed), pipe)
    assert pipe.getvalue() == render(summarize(manifest(), mixed))
    assert "\x1b" not in pipe.getvalue()


def test_a_terminal_gets_colour_unless_no_color_is_set(
    manifest: Make, mixed: list[SampleRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = summarize(manifest(), mixed)
    print_report(summary, terminal := Terminal())
    assert "\x1b[" in terminal.getvalue()
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            print_report(summary, terminal := Terminal())
            assert "\x1b" not in terminal.getvalue()


def test_a_stream_that_cannot_write_a_sign_gets_another(manifest: Make, mixed: list[SampleRecord]) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_report(summarize(manifest(), mixed), stream)
    stream.flush()
    assert b"5 samples ? 1 epochs" in raw.getvalue()


def test_a_summary_prints_as_its_report(manifest: Make, mixed: list[SampleRecord]) -> None:
    summary = summarize(manifest(), mixed)
    assert str(summary) == render(summary)
