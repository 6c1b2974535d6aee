"""What the rooms export, what they load, and that their examples run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import agentbench_sdk.reporting as reporting
import agentbench_sdk.statistics as statistics


def test_every_public_name_is_there() -> None:
    for room in (reporting, statistics):
        assert list(room.__all__) == sorted(room.__all__)
        assert all(getattr(room, name) is not None for name in room.__all__)
    with pytest.raises(AttributeError, match="nothing_such"):
        reporting.nothing_such  # noqa: B018


@pytest.mark.parametrize(
    "module",
    [
        name
        for room in (reporting, statistics)
        for _, name, _ in pkgutil.iter_modules(room.__path__, room.__name__ + ".")
    ],
)
def test_examples_in_docstrings_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_progress_and_exports_load_no_arrays() -> None:
    code = (
        "import sys, agentbench_sdk.reporting as r; r.NoProgress, r.to_csv, r.summarize, r.render; "
        "print([m for m in ('numpy', 'scipy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_examples_of_the_page_on_statistics_run() -> None:
    page = Path(__file__).parents[2] / "docs" / "statistics.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert (result.failed, result.attempted) == (0, 6)
