"""Whose doing it was that an attempt failed is told from what is on record, and from nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from agentbench_sdk import errors
from agentbench_sdk.judging import Score
from agentbench_sdk.reporting import render, summarize, to_csv, to_json
from agentbench_sdk.reporting.faults import SIDES, fault_of
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.simulation import Outcome

Make = Callable[..., Any]
FAILED = Score(0.0, passed=False)


@pytest.mark.parametrize(
    ("reason", "side"),
    [
        (errors.RateLimitedError.kind, "endpoint"),
        (errors.EmptyResponseError.kind, "endpoint"),
        (errors.ContextLengthError.kind, "limit"),
        (errors.BudgetExceededError.kind, "limit"),
        (errors.EnvironmentFaultError.kind, "environment"),
        (errors.AgentFaultError.kind, "agent"),
        ("user_fault", "user"),
    ],
)
def test_a_fault_that_ended_a_session_names_its_side(record: Make, reason: str, side: str) -> None:
    found = fault_of(record(ending=Ending("failed", reason, "what happened")))
    assert found is not None
    assert (found.side, found.rule, found.evidence) == (side, reason, "what happened")


def test_the_world_says_whose_doing_a_failure_was(record: Make) -> None:
    metrics = {"fault": "user", "fault_rule": "ignored", "fault_evidence": "turn 4: …"}
    found = fault_of(record(score=FAILED, outcome=Outcome(0.0, metrics=metrics)))
    assert found is not None
    assert found.to_dict() == {"side": "user", "rule": "ignored", "evidence": "turn 4: …"}


def test_what_passed_was_interrupted_or_is_not_told_of_is_left_open(record: Make) -> None:
    told = Outcome(metrics={"fault": "user"})
    assert fault_of(record(score=Score(1.0, passed=True), outcome=told)) is None
    assert fault_of(record(ending=Ending("cancelled", "interrupted"))) is None
    assert fault_of(record(score=FAILED, outcome=Outcome(metrics={"fault": "the weather"}))) is None
    assert fault_of(record(score=FAILED)) is None


def test_a_judge_that_could_not_tell_is_at_fault(record: Make) -> None:
    found = fault_of(record(score=Score.unscored("no JSON"), outcome=Outcome(metrics={"fault": "agent"})))
    assert found is not None
    assert (found.side, found.evidence) == ("judge", "no JSON")


def test_the_report_counts_faults_with_and_without_an_outcome(manifest: Make, record: Make) -> None:
    lost = Ending("failed", "server", "the endpoint answered 500")
    told = Outcome(0.0, metrics={"fault": "agent", "fault_rule": "never_asked", "fault_evidence": "reboot"})
    records = [record("s10", ending=lost), record("s9", ending=lost), record("a", score=FAILED, outcome=told)]
    summary = summarize(manifest(environment="telecom"), records)
    assert [(each.side, each.count, each.example_sample) for each in summary.faults] == [
        ("endpoint", 2, "s9"),
        ("agent", 1, "a"),
    ]
    report = " ".join(render(summary, width=200).split())
    assert "2 endpoint server s9: the endpoint answered 500" in report
    assert "1 agent never_asked a: reboot" in report
    exported = json.loads(to_json(summary, records))
    assert [each["fault"]["side"] for each in exported["attempts"]] == ["endpoint", "endpoint", "agent"]
    assert {each["side"] for each in exported["summary"]["faults"]} <= set(SIDES)
    rows = list(csv.DictReader(StringIO(to_csv(records))))
    assert [row["fault"] for row in rows] == ["endpoint", "endpoint", "agent"]
    assert rows[2]["fault_evidence"] == "reboot"


def test_a_run_without_a_world_shows_no_section_of_faults(manifest: Make, record: Make) -> None:
    summary = summarize(manifest(), [record("a", ending=Ending("failed", "server", "500"))])
    assert "Whose doing" not in render(summary)
