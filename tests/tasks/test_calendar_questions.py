"""The answers of calendar_questions, computed again from the facts beside each question."""

import calendar
import json
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.tasks.text import calendar_questions

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (files("agentbench_sdk.tasks.text") / "calendar_questions.jsonl").read_text().splitlines()
]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _answer(category: str, facts: dict[str, Any]) -> int:
    match category:
        case "days-between":
            return (
                date.fromisoformat(facts["end"]).toordinal() - date.fromisoformat(facts["start"]).toordinal()
            )
        case "day-of-month":
            return (date.fromisoformat(facts["start"]) + timedelta(facts["days"])).day
        case "length-of-february":
            return calendar.monthrange(facts["year"], 2)[1]
        case "weekdays-in-month":
            column = list(calendar.day_name).index(facts["weekday"])
            weeks = calendar.monthcalendar(facts["year"], facts["month"])
            return sum(week[column] > 0 for week in weeks)
        case "day-of-year":
            return int(date.fromisoformat(facts["date"]).strftime("%j"))
        case "minutes-between":
            return _minutes(facts["end"]) - _minutes(facts["start"])
    raise AssertionError(f"unknown category {category}")


def _long(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_an_answer_follows_from_its_question(row: dict[str, Any]) -> None:
    facts = row["facts"]
    assert row["target"] == _answer(row["category"], facts)
    for name in ("start", "end", "date"):
        if name in facts:
            written = facts[name] if ":" in facts[name] else _long(facts[name])
            assert written in row["question"]
    for name in ("days", "year", "weekday"):
        if name in facts:
            assert str(facts[name]) in row["question"]
    if "month" in facts:
        assert calendar.month_name[facts["month"]] in row["question"]


async def test_the_task_loads_and_its_own_answers_pass() -> None:
    registry = Registry.discover()
    if "numeric" not in {entry.name for entry in registry.names("judge")}:
        from agentbench_sdk.judges.numeric import numeric

        registry.add("judge", "numeric", numeric)
    task = calendar_questions.build({}, registry=registry)
    samples = task.load()
    assert len(samples) == len(ROWS) >= 30
    assert len({sample.input for sample in samples}) == len(samples)
    (judge,) = task.judges
    for sample in samples:
        assert sample.metadata["category"] in sample.id
        assert not {"facts", "start", "end"} & set(sample.metadata)
        right = await judge.judge(
            JudgeCase(sample.id, f"Let me see.\nAnswer: {sample.target}", sample.target)
        )
        wrong = await judge.judge(JudgeCase(sample.id, f"Answer: {sample.target}1", sample.target))
        assert (right.value, wrong.value) == (1.0, 0.0)
