"""Files for others: the summary and each attempt as JSON, JSON lines or CSV, in a stable order of columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import RunFileError
from agentbench_sdk.messages import Usage
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.faults import fault_of
from agentbench_sdk.reporting.plain import cell, plain
from agentbench_sdk.reporting.usage import ROLES

if TYPE_CHECKING:
    from agentbench_sdk.judging import Score
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs.records import SampleRecord

_TOKENS = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_input_tokens", "cost_usd")
_SCORE = ("value", "passed", "label", "explanation")


def attempt_to_dict(record: SampleRecord) -> dict[str, Any]:
    """One attempt as plain JSON, everything in it but the transcript."""
    fault = fault_of(record)
    record_: dict[str, Any] = {
        "sample_id": record.sample_id,
        "epoch": record.epoch,
        "cluster": record.cluster,
        "ending": record.ending.to_dict(),
        "scores": {judge: score.to_dict() for judge, score in record.scores.items()},
        "outcome": record.outcome.to_dict() if record.outcome else None,
        "answer": record.answer,
        "target": record.target,
        "usage": {role: usage.to_dict() for role, usage in record.usage.items()},
        "cached_usage": {role: usage.to_dict() for role, usage in record.cached_usage.items()},
        "wall_s": record.wall_s,
        "working_s": record.working_s,
        "metadata": dict(record.metadata),
        "fault": fault.to_dict() if fault else None,
    }
    cleaned: dict[str, Any] = plain(record_)
    return cleaned


def json_chunks(summary: Summary, records: Iterable[SampleRecord] = ()) -> Iterator[str]:
    """The pieces of `to_json`, for runs that do not fit into memory as one text."""
    yield '{"summary": ' + _dump(summary.to_dict()) + ', "attempts": ['
    for position, record in enumerate(records):
        yield (",\n" if position else "\n") + _dump(attempt_to_dict(record))
    yield "\n]}\n"


def to_json(summary: Summary, records: Iterable[SampleRecord] = ()) -> str:
    """One JSON object: "summary" (see `Summary.to_dict`) and "attempts", a list with one entry a record."""
    return "".join(json_chunks(summary, records))


def jsonl_lines(records: Iterable[SampleRecord]) -> Iterator[str]:
    """One line of JSON a record, each ended by a line feed."""
    for record in records:
        yield _dump(attempt_to_dict(record)) + "\n"


def to_jsonl(records: Iterable[SampleRecord]) -> str:
    """All records as JSON lines."""
    return "".join(jsonl_lines(records))


def csv_lines(records: Iterable[SampleRecord], judges: Sequence[str] | None = None) -> Iterator[str]:
    """A header and one line a record, as RFC 4180 has it, ended by CR LF.

    Text that a spreadsheet would run as a formula gets a "'" in front. Columns: `columns_of`.

    Arguments:
        records: read once when judges are given, kept otherwise.
        judges: ids in the order of the columns, as the manifest has them; those met in the records,
            in that order, when left out.

    Raises:
        RunFileError: a record has a score of a judge that is not among `judges`.
    """
    if judges is None:
        records = list(records)
        judges = list(dict.fromkeys(judge for record in records for judge in record.scores))
    yield _line(columns_of(judges))
    for record in records:
        yield _line(row_of(record, judges))


def to_csv(records: Iterable[SampleRecord], judges: Sequence[str] | None = None) -> str:
    """All records as one CSV text; see `csv_lines`."""
    return "".join(csv_lines(records, judges))


def columns_of(judges: Sequence[str]) -> list[str]:
    """Names of the columns of a CSV export, in order."""
    return [
        *("sample_id", "epoch", "cluster", "status", "reason", "detail"),
        *(f"{judge}.{part}" for judge in judges for part in _SCORE),
        *("answer", "target", "reward", "reward_unit", "end_reason"),
        *("fault", "fault_rule", "fault_evidence"),
        *(f"{role}.{part}" for role in ROLES for part in _TOKENS),
        *("cached_cost_usd", "wall_s", "working_s"),
    ]


def row_of(record: SampleRecord, judges: Sequence[str]) -> list[Any]:
    """The values of `columns_of(judges)` for one attempt; None where there is none.

    Raises:
        RunFileError: the record has a score of a judge that is not among `judges`.
    """
    ending, outcome = record.ending, record.outcome
    unknown = [judge for judge in record.scores if judge not in judges]
    if unknown:
        raise RunFileError(
            f"sample {record.sample_id!r} has a score of judge {unknown[0]!r}, which the columns do not name; "
            "give all judges of the run"
        )
    row: list[Any] = [record.sample_id, record.epoch, record.cluster]
    row += [ending.status, ending.reason, ending.detail]
    for judge in judges:
        row += _score_cells(record.scores.get(judge))
    row += [record.answer, _text(record.target)]
    row += [outcome.reward, outcome.unit, outcome.end_reason] if outcome else [None, None, None]
    fault = fault_of(record)
    row += [fault.side, fault.rule, fault.evidence] if fault else [None, None, None]
    for role in ROLES:
        usage = record.usage.get(role)
        row += [None] * len(_TOKENS) if usage is None else [getattr(usage, part) for part in _TOKENS]
    cached = sum(record.cached_usage.values(), Usage())
    return [*row, cached.cost_usd, record.wall_s, record.working_s]


def _score_cells(score: Score | None) -> list[Any]:
    if score is None:
        return [None] * len(_SCORE)
    return [number(score.value), score.passed, score.label, score.explanation]


def _text(value: Any) -> Any:
    """Lists and objects as JSON text, everything else as it is."""
    return value if value is None or isinstance(value, str | int | float) else _dump(plain(value))


def _line(values: Sequence[Any]) -> str:
    buffer = StringIO(newline="")
    csv.writer(buffer).writerow([cell(value) for value in values])
    return buffer.getvalue()


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
