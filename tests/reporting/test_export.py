"""Exports lose nothing, keep their columns, and do not run in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import RunFileError
from agentbench_sdk.judging import Score
from agentbench_sdk.messages import Usage
from agentbench_sdk.reporting import csv_lines, jsonl_lines, summarize, to_csv, to_json, to_jsonl
from agentbench_sdk.reporting.export import columns_of
from agentbench_sdk.reporting.plain import cell
from agentbench_sdk.runs.records import SampleRecord

Make = Callable[..., Any]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_row_an_attempt_and_four_columns_a_judge(mixed: list[SampleRecord]) -> None:
    found = rows(to_csv(mixed))
    assert [row["sample_id"] for row in found] == ["q1", "q2", "q3", "q4", "q5"]
    assert [row["exact.value"] for row in found] == ["1.0", "1.0", "0.0", "", ""]
    assert found[3]["exact.explanation"] == "the verdict was no JSON"
    assert (found[4]["status"], found[4]["reason"]) == ("failed", "server")
    assert (found[0]["agent.input_tokens"], found[0]["agent.cost_usd"], found[0]["judge.cost_usd"]) == (
        "1000",
        "0.25",
        "",
    )
    assert (found[1]["cached_cost_usd"], found[2]["reward"], found[2]["reward_unit"]) == (
        "0.25",
        "440.0",
        "cents",
    )


def test_columns_are_stable(mixed: list[SampleRecord]) -> None:
    header = next(csv_lines(mixed, ["b", "exact"])).rstrip("\r\n").split(",")
    assert header == columns_of(["b", "exact"])
    assert header[:10] == [
        *("sample_id", "epoch", "cluster", "status", "reason", "detail"),
        *("b.value", "b.passed", "b.label", "b.explanation"),
    ]
    assert header[-3:] == ["cached_cost_usd", "wall_s", "working_s"]


def test_records_stream_when_judges_are_named(mixed: list[SampleRecord]) -> None:
    taken: list[str] = []

    def source() -> Any:
        for record in mixed:
            taken.append(record.sample_id)
            yield record

    lines = csv_lines(source(), ["exact"])
    next(lines)
    next(lines)
    assert taken == ["q1"]


def test_a_score_without_a_column_is_an_error_not_a_loss(mixed: list[SampleRecord]) -> None:
    with pytest.raises(RunFileError, match="'q1' has a score of judge 'exact'"):
        to_csv(mixed, ["other"])


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\ufeff=1",
        "＝1",
        "\x00",
        '=HYPERLINK("x")',
    ],
)
def test_no_text_begins_a_formula(record: Make, text: str) -> None:
    found = rows(
        to_csv([record(text, 0, Score(1.0, label=text, explanation=text), answer=text, target=text)])
    )[0]
    for column in ("sample_id", "exact.label", "exact.explanation", "answer", "target"):
        assert found[column].startswith("'") or text == "\x00"
        assert "\x00" not in found[column]


def test_judge_names_are_cells_too(record: Make) -> None:
    header = next(csv_lines([record("a", scores={"=cmd()": Score(-2.5)})]))
    assert ",'=cmd().value," in header
    assert rows(to_csv([record("a", scores={"=cmd()": Score(-2.5)})]))[0]["'=cmd().value"] == "-2.5"


@given(st.text(max_size=30))
def test_any_text_comes_back_from_csv(text: str) -> None:
    line = to_csv([_record(text)])
    (found,) = rows(line.encode("utf-8").decode("utf-8"))
    expected = cell(text)
    assert found["answer"] == expected
    assert expected.removeprefix("'") == text.replace("\0", "\\x00").removeprefix("'")


def _record(answer: str) -> SampleRecord:
    from agentbench_sdk.sessions.ending import Ending

    return SampleRecord("s", 0, Ending("completed", "answered"), answer=answer)


def test_json_holds_the_summary_and_every_attempt(manifest: Make, mixed: list[SampleRecord]) -> None:
    stored = json.loads(to_json(summarize(manifest(), mixed), mixed))
    assert stored["summary"]["scores"][0]["scored"] == 3
    assert [each["sample_id"] for each in stored["attempts"]] == ["q1", "q2", "q3", "q4", "q5"]
    assert stored["attempts"][2]["outcome"]["metrics"] == {"units": 7}
    assert json.loads(to_json(summarize(manifest(), [])))["attempts"] == []


def test_json_lines_are_one_object_a_line_whatever_they_hold(record: Make) -> None:
    odd = record(
        "a\nb\u2028",
        0,
        Score(float("nan"), explanation="\ud800", evidence={"votes": [float("inf"), {1}], "n": 10**30}),
        target={"b": [1, None]},
        metadata={"when": object},
        usage={"agent": Usage(1, 2)},
    )
    lines = to_jsonl([odd, odd]).encode("utf-8").split(b"\n")
    assert len(lines) == 3
    assert lines[2] == b""
    stored = json.loads(lines[0])
    assert stored["sample_id"] == "a\nb\u2028"
    assert stored["scores"]["exact"]["value"] is None
    assert stored["scores"]["exact"]["evidence"] == {"votes": [None, [1]], "n": 10**30}
    assert stored["target"] == {"b": [1, None]}
    assert next(iter(jsonl_lines([odd]))).endswith("}\n")


def test_a_target_that_is_a_list_is_json_in_csv(record: Make) -> None:
    (found,) = rows(to_csv([record("a", 0, Score(0.5, passed=False), target=["x", 1])]))
    assert found["target"] == '["x", 1]'
    assert found["exact.passed"] == "false"
