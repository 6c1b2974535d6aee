"""Attempts as typed tables: Parquet files, and pandas' data frames. Columns are those of the CSV export.

    write_parquet(run.records(), "run.parquet", ["includes"])
    run.to_pandas()

A column has the same type in every run, whatever its values: texts, 64-bit integers, 64-bit floats, or yes and no,
each with nulls. Targets that are no text are JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from agentbench_sdk.errors import MissingExtraError
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.export import columns_of, row_of
from agentbench_sdk.reporting.plain import encodable, plain

if TYPE_CHECKING:
    import pandas as pd

    from agentbench_sdk.runs.records import SampleRecord

_BATCH = 1000
_FLOATS = ("value", "reward", "cost_usd", "cached_cost_usd", "wall_s", "working_s")


def write_parquet(
    records: Iterable[SampleRecord], file: str | os.PathLike[str] | IO[bytes], judges: Sequence[str]
) -> None:
    """Write one row an attempt, holding a thousand at a time.

    Arguments:
        records: read once.
        file: a path or a stream of bytes.
        judges: ids in the order of the columns, as the manifest has them.

    Raises:
        MissingExtraError: pyarrow is not installed.
        RunFileError: a record has a score of a judge that is not among `judges`.
    """
    arrow = _arrow()
    from pyarrow import parquet

    schema = _schema(arrow, judges)
    target = os.fspath(file) if isinstance(file, os.PathLike) else file
    with parquet.ParquetWriter(target, schema) as writer:
        for batch in _batches(arrow, schema, records, judges):
            writer.write_batch(batch)


def to_pandas(records: Iterable[SampleRecord], judges: Sequence[str]) -> pd.DataFrame:
    """All attempts as a data frame with pandas' nullable types; see `write_parquet`."""
    arrow = _arrow()
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingExtraError("a data frame", "tables") from error
    types = {
        arrow.string(): pd.StringDtype(),
        arrow.int64(): pd.Int64Dtype(),
        arrow.float64(): pd.Float64Dtype(),
        arrow.bool_(): pd.BooleanDtype(),
    }
    schema = _schema(arrow, judges)
    table = arrow.Table.from_batches(_batches(arrow, schema, records, judges), schema)
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get)
    return frame


def _arrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("a typed table", "tables") from error
    return pa


def _schema(arrow: Any, judges: Sequence[str]) -> Any:
    types = {
        "text": arrow.string(),
        "whole": arrow.int64(),
        "number": arrow.float64(),
        "verdict": arrow.bool_(),
    }
    return arrow.schema([(name, types[_kind(name)]) for name in columns_of(judges)])


def _kind(column: str) -> str:
    part = column.rpartition(".")[2]
    if part in _FLOATS:
        return "number"
    if part == "epoch" or part.endswith("_tokens"):
        return "whole"
    return "verdict" if part == "passed" else "text"


def _batches(
    arrow: Any, schema: Any, records: Iterable[SampleRecord], judges: Sequence[str]
) -> Iterator[Any]:
    rows = (row_of(record, judges) for record in records)
    kinds = [_kind(name) for name in schema.names]
    while held := list(islice(rows, _BATCH)):
        columns = [
            [_typed(kind, value) for value in column]
            for kind, column in zip(kinds, zip(*held, strict=True), strict=True)
        ]
        arrays = [arrow.array(column, each.type) for column, each in zip(columns, schema, strict=True)]
        yield arrow.record_batch(arrays, schema=schema)


def _typed(kind: str, value: Any) -> Any:
    if value is None or kind in ("whole", "verdict"):
        return value
    if kind == "number":
        return number(value)
    return encodable(value) if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
