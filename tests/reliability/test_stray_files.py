"""A run that was stopped before it began leaves nothing to go on with, and is not in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentbench_sdk import Sample, Task, evaluate, load_run
from agentbench_sdk.errors import RunFileError
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.runs.reader import newest_run
from agentbench_sdk.runs.store import APPLICATION_ID, SCHEMA_VERSION
from agentbench_sdk.testing import ScriptedModel


def without_manifest(path: Path) -> Path:
    """A file as a kill between its creation and its first row leaves it."""
    import sqlite3

    connection = sqlite3.connect(path)
    connection.executescript(
        f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION};"
        "CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    )
    connection.close()
    return path


async def test_a_file_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    task = Task("t", [Sample("a", "1", target="1")], judges=[exact()])
    run = await evaluate(task, ScriptedModel(lambda request: "1"), cache=None, runs=tmp_path)
    strays = [without_manifest(tmp_path / "x.db"), tmp_path / "y.db", tmp_path / "z.db"]
    strays[1].write_bytes(b"")
    strays[2].write_bytes(b"something else")
    for number, stray in enumerate(strays):
        later = run.path.stat().st_mtime + number + 1
        os.utime(stray, (later, later))
        with pytest.raises(RunFileError, match=stray.name):
            load_run(stray)
    assert newest_run(tmp_path) == run.path


async def test_a_judge_model_that_does_not_exist_is_found_before_a_run_file_is_made(tmp_path: Path) -> None:
    task = Task("t", [Sample("a", "1", target="1")], judges=[exact()])
    with pytest.raises(Exception, match="nobody"):
        await evaluate(
            task,
            ScriptedModel(lambda request: "1"),
            judge_model="scripted/nobody/x",
            cache=None,
            runs=tmp_path / "runs",
        )
    assert not (tmp_path / "runs").exists()
