"""Each sample may be a test of its own: collected without running, chosen alone."""

from __future__ import annotations

import pytest

from agentbench_sdk import load_run
from tests.pytest_plugin.suites import Suite

pytest_plugins = ["pytester"]
# Each suite is a process that imports the engine; some tests run three of them.
pytestmark = pytest.mark.timeout(240)


def test_each_sample_may_be_a_test_of_its_own(suite: Suite) -> None:
    done = suite.run(
        """
@pytest.mark.agentbench(task=answers(2, 3), model=YES, epochs=2, each_sample=True)
def test_each(sample):
    assert [each.scores["right"].passed for each in sample] == [True, True]

@pytest.mark.agentbench(task=answers(2, 3), model=YES)
def test_not_asked_for(sample): ...
""",
        "-v",
    )
    done.assert_outcomes(passed=2, failed=1, errors=1)
    done.stdout.fnmatch_lines(["*test_each?s0? PASSED*", "*test_each?s1? PASSED*", "*test_each?s2? FAILED*"])
    done.stdout.fnmatch_lines(["*needs @pytest.mark.agentbench(…, each_sample=True)*"])
    assert len(suite.runs) == 2


def test_samples_of_a_task_that_is_not_there_are_a_collection_error_in_one_sentence(suite: Suite) -> None:
    done = suite.run(
        """
@pytest.mark.agentbench(task="calender_questions", model=YES, each_sample=True)
def test_each(sample): ...
"""
    )
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*no task is named 'calender_questions'; did you mean 'calendar_questions'?"])


EACH = """
pytestmark = pytest.mark.agentbench(each_sample=True)

{model}

@pytest.mark.agentbench(task=answers(2, 4), model=MODEL, epochs=2)
def test_each(sample):
    assert len(sample) == 2
"""


def test_samples_are_collected_without_asking_or_writing_anything(suite: Suite) -> None:
    done = suite.run(EACH.format(model="MODEL = closed()"), "--collect-only", "-q")
    assert done.ret == 0
    assert [line for line in done.outlines if "::" in line] == [
        f"test_suite.py::test_each[s{number}]" for number in range(4)
    ]
    assert not (suite.path / ".agentbench").exists()
    assert not (suite.path / "tests").exists()


@pytest.mark.parametrize(
    "how", [("-k", "s1 or s3"), ("test_suite.py::test_each[s1]", "test_suite.py::test_each[s3]")]
)
def test_samples_that_are_selected_alone_are_paid_for(suite: Suite, how: tuple[str, ...]) -> None:
    done = suite.run(EACH.format(model="MODEL = YES"), "-v", *how)
    done.assert_outcomes(passed=2, deselected=2 if "-k" in how else 0)
    done.stdout.fnmatch_lines(["*test_each?s1? PASSED*", "*test_each?s3? PASSED*"])
    (path,) = suite.runs
    assert sorted({record.sample_id for record in load_run(path).records()}) == ["s1", "s3"]


def test_a_test_of_the_whole_run_beside_them_needs_all_samples(suite: Suite) -> None:
    test = EACH.format(model="MODEL = YES\nTASK = answers(2, 4)").replace(
        "answers(2, 4), model", "TASK, model"
    )
    whole = """
@pytest.mark.agentbench(task=TASK, model=MODEL, epochs=2, each_sample=False)
def test_whole(run):
    assert run["right"].samples == 4
"""
    suite.run(test + whole, "-k", "s1 or whole").assert_outcomes(passed=2, deselected=3)
    assert len(suite.runs) == 1
