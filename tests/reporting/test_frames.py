"""Typed tables of attempts: the same columns and types whatever a run holds, and nothing lost."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import MissingExtraError, RunFileError
from agentbench_sdk.judges import includes
from agentbench_sdk.judging import Score
from agentbench_sdk.reporting import to_pandas, write_parquet
from agentbench_sdk.reporting.export import columns_of, row_of
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.testing import ScriptedModel

Make = Callable[..., Any]

try:
    import pandas as pd
    import pyarrow.parquet as parquet
except ImportError:
    pd = None

needs_tables = pytest.mark.skipif(pd is None, reason="the extra `tables` is not installed")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    task = Task("said", [Sample(f"s{n}", "q", target="so") for n in range(3)], judges=[includes()])
    return evaluate_sync(task, ScriptedModel(["so", "so", "no"]), cache=None, runs=tmp_path)


def read(records: list[SampleRecord], judges: list[str]) -> Any:
    stream = io.BytesIO()
    write_parquet(records, stream, judges)
    stream.seek(0)
    return parquet.read_table(stream)


@needs_tables
def test_a_parquet_file_has_the_columns_and_values_of_the_csv(mixed: list[SampleRecord]) -> None:
    table = read(mixed, ["exact"])
    assert table.column_names == columns_of(["exact"])
    rows = table.to_pylist()
    assert [row["sample_id"] for row in rows] == ["q1", "q2", "q3", "q4", "q5"]
    assert [row["exact.value"] for row in rows] == [1.0, 1.0, 0.0, None, None]
    assert (rows[0]["agent.input_tokens"], rows[0]["agent.cost_usd"]) == (1000, 0.25)
    assert rows[0]["judge.cost_usd"] is None


@needs_tables
def test_types_do_not_depend_on_values(mixed: list[SampleRecord], record: Make) -> None:
    odd = [
        record("n", 0, 1, target=7, answer="\ud800"),
        record("l", 0, Score(None, explanation="?"), target=["a", {"b": float("nan")}]),
        record("t", 0, Score(float("inf")), target="text"),
        record("b", 0, Score(1.0, passed=True), target=True),
    ]
    expected = read(mixed, ["exact"]).schema
    assert read([], ["exact"]).schema == expected
    table = read(odd, ["exact"])
    assert table.schema == expected
    assert table["target"].to_pylist() == ["7", '["a", {"b": null}]', "text", "true"]
    assert table["exact.value"].to_pylist() == [1.0, None, None, 1.0]
    assert table["answer"].to_pylist()[0] == "\\ud800"


@needs_tables
def test_no_column_of_numbers_is_taken_for_text(mixed: list[SampleRecord]) -> None:
    """A column that the CSV gains has to be given a type here."""
    schema = read(mixed, ["exact"]).schema
    texts = [str(each.type) == "string" and each.name != "target" for each in schema]
    cells = [
        cell for record in mixed for cell, text in zip(row_of(record, ["exact"]), texts, strict=True) if text
    ]
    assert {type(cell) for cell in cells} == {str, type(None)}


@needs_tables
def test_many_records_are_written_in_batches_and_in_order(record: Make) -> None:
    taken: list[str] = []

    def records() -> Any:
        for n in range(2500):
            taken.append(f"s{n}")
            yield record(f"s{n}", 0, float(n % 2))

    stream = io.BytesIO()
    write_parquet(records(), stream, ["exact"])
    found = parquet.ParquetFile(stream)
    assert found.read()["sample_id"].to_pylist() == taken
    assert [found.metadata.row_group(n).num_rows for n in range(3)] == [1000, 1000, 500]


@needs_tables
def test_a_score_without_a_column_is_refused(mixed: list[SampleRecord]) -> None:
    with pytest.raises(RunFileError, match="which the columns do not name"):
        to_pandas(mixed, [])


@needs_tables
def test_a_run_is_a_data_frame(run: Run) -> None:
    frame = run.to_pandas()
    assert frame["includes.value"].mean() == pytest.approx(2 / 3)
    assert (frame["epoch"].dtype, frame["includes.passed"].dtype) == (pd.Int64Dtype(), pd.BooleanDtype())
    assert frame["judge.cost_usd"].isna().all()


@needs_tables
def test_the_command_writes_parquet_by_the_ending(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    done = CliRunner().invoke(cli, ["export", str(run.path), "--output", str(target)])
    assert (done.exit_code, done.output) == (0, "")
    assert sorted(parquet.read_table(target)["sample_id"].to_pylist()) == ["s0", "s1", "s2"]


def test_parquet_needs_a_file(run: Run) -> None:
    done = CliRunner().invoke(cli, ["export", str(run.path), "--format", "parquet"])
    assert done.exit_code == 2
    assert "--output FILE" in done.output


def test_without_the_extra_it_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"agentbench-sdk\[tables\]"):
        run.to_pandas()
