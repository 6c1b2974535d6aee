"""Workers of xdist run what their tests need, and pay once for what several need."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.suites import TASKS, Suite

pytest_plugins = ["pytester"]
# Each suite is a process that imports the engine; some tests run three of them.
pytestmark = pytest.mark.timeout(240)


def test_workers_of_xdist_run_what_their_tests_need(suite: Suite) -> None:
    test = """
@pytest.mark.parametrize("good", range(4))
@pytest.mark.agentbench(task="tasks.py:four", model=YES)
def test_marked(run, good):
    assert run["right"].mean == 0.5
"""
    tasks = suite.path / "tasks.py"
    tasks.write_text(
        f"{TASKS}\nfrom agentbench_sdk import task\n@task\ndef four():\n    return answers(2, 4)\n",
        encoding="utf-8",
    )
    suite.run(test, "-n", "2").assert_outcomes(passed=4)
    assert 1 <= len(suite.runs) <= 2


COUNTED = """
from pathlib import Path

def counted(request):
    with Path("asked.txt").open("a") as file:
        file.write(request.messages[-1].text + "\\n")
    return "yes"

MODEL = ScriptedModel(counted, id="counted", endpoint="http://far.example/v1")
TASK = answers(2, 12)

@pytest.mark.agentbench(task=TASK, model=MODEL, each_sample=True)
def test_each(sample):
    assert len(sample) == 1

@pytest.mark.parametrize("number", range(6))
@pytest.mark.agentbench(task=TASK, model=MODEL)
def test_whole(run, number):
    assert run["right"].samples == 12
"""


@pytest.mark.parametrize("mode", ["live", "record"])
def test_workers_pay_once_for_equal_marks(suite: Suite, mode: str) -> None:
    """Sampled answers, which the response cache of a live session keeps apart by run."""
    suite.run(COUNTED, "-n", "3", f"--agentbench={mode}").assert_outcomes(passed=18)
    asked = (suite.path / "asked.txt").read_text().splitlines()
    assert sorted(asked) == sorted(f"{number}?" for number in range(12))
    assert len(suite.runs) == 1


def test_a_worker_that_dies_leaves_its_evaluation_to_another(suite: Suite) -> None:
    done = suite.run(
        """
import os
from pathlib import Path

def dies_once(request):
    if not Path("died").exists():
        Path("died").touch()
        os._exit(1)
    return "yes"

MODEL = ScriptedModel(dies_once)

@pytest.mark.parametrize("number", range(4))
@pytest.mark.agentbench(task=answers(2, 2), model=MODEL)
def test_marked(run, number):
    assert run["right"].mean == 1
""",
        "-n",
        "2",
    )
    outcomes = done.parseoutcomes()
    assert (outcomes["passed"], outcomes["failed"]) == (3, 1)
    done.stdout.fnmatch_lines(["*worker * crashed while running *"])
