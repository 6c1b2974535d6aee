"""Reports: a run's summary, on a terminal and in files, and progress while it runs.

Names are imported on first use: a command that shows no report loads neither NumPy nor rich.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentbench_sdk.reporting.beside import SideBySide as SideBySide
    from agentbench_sdk.reporting.beside import side_by_side as side_by_side
    from agentbench_sdk.reporting.export import csv_lines as csv_lines
    from agentbench_sdk.reporting.export import jsonl_lines as jsonl_lines
    from agentbench_sdk.reporting.export import to_csv as to_csv
    from agentbench_sdk.reporting.export import to_json as to_json
    from agentbench_sdk.reporting.export import to_jsonl as to_jsonl
    from agentbench_sdk.reporting.frames import to_pandas as to_pandas
    from agentbench_sdk.reporting.frames import write_parquet as write_parquet
    from agentbench_sdk.reporting.inspect_log import write_inspect_log as write_inspect_log
    from agentbench_sdk.reporting.junit import junit_chunks as junit_chunks
    from agentbench_sdk.reporting.page import write_html as write_html
    from agentbench_sdk.reporting.progress import LineProgress as LineProgress
    from agentbench_sdk.reporting.progress import NoProgress as NoProgress
    from agentbench_sdk.reporting.progress import Progress as Progress
    from agentbench_sdk.reporting.progress import RichProgress as RichProgress
    from agentbench_sdk.reporting.progress import progress_for as progress_for
    from agentbench_sdk.reporting.summary import Summary as Summary
    from agentbench_sdk.reporting.summary import summarize as summarize
    from agentbench_sdk.reporting.terminal import print_report as print_report
    from agentbench_sdk.reporting.terminal import render as render

_HOMES = {
    "LineProgress": "progress",
    "NoProgress": "progress",
    "Progress": "progress",
    "RichProgress": "progress",
    "SideBySide": "beside",
    "Summary": "summary",
    "csv_lines": "export",
    "jsonl_lines": "export",
    "junit_chunks": "junit",
    "print_report": "terminal",
    "progress_for": "progress",
    "render": "terminal",
    "side_by_side": "beside",
    "summarize": "summary",
    "to_csv": "export",
    "to_json": "export",
    "to_jsonl": "export",
    "to_pandas": "frames",
    "write_html": "page",
    "write_inspect_log": "inspect_log",
    "write_parquet": "frames",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - the names are those of the table above; a test compares both


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
