"""A stranger's package brings a task, an environment, a judge and a model; the command runs them as its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def agentbench(*arguments: str, site: Path, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "agentbench_sdk", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("task", ["tally", "tally-twice"])
def test_a_strangers_task_runs_is_judged_reported_and_proven(
    task: str, plugin_site: Path, tmp_path: Path
) -> None:
    out = agentbench("run", task, "--model", "steady/any", "--json", site=plugin_site, cwd=tmp_path)
    report = json.loads(out)
    assert report["status"] == "finished"
    assert all(judge["scored"] == report["attempts"] > 0 for judge in report["scores"])
    replayed = json.loads(agentbench("replay", "--json", site=plugin_site, cwd=tmp_path))
    assert replayed["mismatches"] == []
    assert replayed["proven"] == report["attempts"]


def test_what_a_stranger_brings_is_listed_under_its_name(plugin_site: Path, tmp_path: Path) -> None:
    listed = json.loads(agentbench("list", "--json", site=plugin_site, cwd=tmp_path))
    for kind in ("tasks", "environments", "judges", "models"):
        assert [entry for entry in listed[kind] if entry["from"] not in ("agentbench-sdk", "(in process)")], (
            kind
        )
