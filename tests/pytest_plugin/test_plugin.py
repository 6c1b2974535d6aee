"""The pytest plugin, in suites of its own: marks, claims, modes, order, xdist, async."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from agentbench_sdk import load_run

pytest_plugins = ["pytester"]

# Each suite is a process that imports the engine; some tests run three of them.
pytestmark = pytest.mark.timeout(240)
ASYNCIO = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"

TASKS = '''
import asyncio
import pytest
from agentbench_sdk import NotEnoughEvidence, RateTooLow, Sample, Task, assert_rate, judge
from agentbench_sdk.testing import ScriptedModel

@judge
def right(case):
    return case.answer == case.target

def answers(good, of):
    """A task of which a model that says "yes" answers so many right."""
    return Task("answers", [Sample(f"s{n}", f"{n}?", target="yes" if n < good else "no") for n in range(of)],
                judges=[right()])

YES = "scripted/constant?text=yes"

def remote(text="yes"):
    """A model that is cached as one behind an endpoint is."""
    return ScriptedModel(lambda request: text, id="tiny", endpoint="http://far.example/v1")

def closed():
    """The same model, whose endpoint must not be asked."""
    def refuse(request):
        raise AssertionError("the network is closed")
    return ScriptedModel(refuse, id="tiny", endpoint="http://far.example/v1")
'''


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite of a developer, whatever these tests run in."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


class Suite:
    """A test suite in a folder, each run of which is a process of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ASYNCIO}")
        pytester.makepyfile(tasks=TASKS)

    def run(self, test: str, *options: str) -> pytest.RunResult:
        (self.path / "test_suite.py").write_text(f"from tasks import *\n{test}", encoding="utf-8")
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    @property
    def runs(self) -> list[Path]:
        return sorted((self.path / ".agentbench" / "runs").glob("*.db"))


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)


def test_claims_pass_fail_and_lack_evidence(suite: Suite) -> None:
    done = suite.run(
        """
@pytest.mark.agentbench(task=answers(39, 40), model=YES)
def test_kept(run):
    assert run["accuracy"] >= 0.8

@pytest.mark.agentbench(task=answers(10, 40), model=YES)
def test_broken(run):
    assert run["accuracy"] >= 0.8

@pytest.mark.agentbench(task=answers(34, 40), model=YES)
def test_open(run):
    assert 0.8 <= run["right"]

@pytest.mark.agentbench(task=answers(10, 40), model=YES)
def test_both_kinds(run):
    with pytest.raises(RateTooLow):
        assert_rate(run, "right", at_least=0.8)
    with pytest.raises(NotEnoughEvidence):
        assert_rate(run, "right", at_least=0.3)
"""
    )
    done.assert_outcomes(passed=2, failed=2)
    done.stdout.fnmatch_lines(
        [
            "*test_broken*",
            "E*assert refuted: accuracy >= 0.8",
            "E*accuracy is 0.25, 95 % interval 0.14* to 0.4* (Wilson), 40 attempts",
            "E*open it: agentbench report .agentbench/runs/*.db",
            "E*30 on the wrong side: s10, s11, s12, s13, s14 and 25 more",
            "E*read one: load_run('.agentbench/runs/*.db').transcripts[[]('s10', 0)[]]",
            "*test_open*",
            "E*assert not enough evidence for right >= 0.8",
            "E*about * samples would decide it if the mean stays; there are 40",
        ]
    )


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "worker"])
def test_all_marked_evaluations_run_at_once_and_equal_ones_are_one(
    suite: Suite, options: tuple[str, ...]
) -> None:
    """Each model waits until both were asked: one after the other they would wait for ever."""
    done = suite.run(
        """
import threading
met = threading.Barrier(2, timeout=20)

class Meets:
    def __init__(self, id):
        self.inner = ScriptedModel(self.answer, id=id)
    async def answer(self, request):
        await asyncio.to_thread(met.wait)
        return "yes"

one, two = Meets("scripted/one").inner, Meets("scripted/two").inner
task = answers(1, 1)

@pytest.mark.agentbench(task=task, model=one)
def test_one(run):
    assert run["right"].mean == 1

@pytest.mark.agentbench(task=task, model=two)
def test_two(run):
    assert run.manifest.model == "scripted/two"

@pytest.mark.agentbench(model=one, task=task)
def test_one_again(run):
    assert len(one.calls) == 1
""",
        *options,
    )
    done.assert_outcomes(passed=3)
    assert len(suite.runs) == 2


def test_marks_of_module_class_and_parameters_are_merged(suite: Suite) -> None:
    done = suite.run(
        """
pytestmark = pytest.mark.agentbench(task=answers(2, 4), limit=2)

@pytest.mark.parametrize("model", [YES, "scripted/constant?text=no"])
def test_parameter(run, model):
    assert run.manifest.model == model
    assert run.manifest.samples == 2

@pytest.mark.agentbench(model=YES, epochs=3)
class TestClass:
    @pytest.mark.agentbench(limit=1)
    def test_nearest(self, run):
        assert (run.manifest.epochs, run.manifest.samples) == (3, 3)
"""
    )
    done.assert_outcomes(passed=3)


def test_what_may_be_skipped_is_not_evaluated_before_its_turn(suite: Suite) -> None:
    done = suite.run(
        """
@pytest.mark.skip
@pytest.mark.agentbench(task=answers(1, 1), model="scripted/constant?text=skipped")
def test_skipped(run): ...

@pytest.mark.agentbench(task=answers(1, 1), model="scripted/constant?text=unused")
def test_without_the_fixture(): ...

@pytest.mark.skipif(False, reason="runs")
@pytest.mark.agentbench(task=answers(1, 1), model=YES)
def test_runs(run): ...
"""
    )
    done.assert_outcomes(passed=2, skipped=1)
    assert [load_run(path).manifest.model for path in suite.runs] == [YES_SPEC]


YES_SPEC = "scripted/constant?text=yes"


def test_a_wrong_mark_is_told_in_one_sentence(suite: Suite) -> None:
    done = suite.run(
        """
@pytest.mark.agentbench(task=answers(1, 1))
def test_no_model(run): ...

@pytest.mark.agentbench(task=answers(1, 1), model=YES, epoch=2)
def test_unknown_option(run): ...

@pytest.mark.agentbench(answers(1, 1), model=YES)
def test_by_position(run): ...

def test_no_mark(run): ...

@pytest.mark.agentbench(task=answers(1, 1), model=YES)
def test_other_tests_go_on(run): ...
"""
    )
    done.assert_outcomes(passed=1, errors=4)
    done.stdout.fnmatch_lines(
        [
            "ConfigurationError: name what to evaluate by keywords: *",
            "ConfigurationError: 'epoch' is no option of an evaluation; accepted are *",
            "ConfigurationError: name what to evaluate by keywords: *",
            "the fixture `run` needs @pytest.mark.agentbench(task=…, model=…) on the test",
        ]
    )


CASSETTE = """
@pytest.mark.agentbench(task=answers(2, 4), model={model}, epochs=2)
def test_marked(run):
    assert run["right"].mean == 0.5

async def test_awaited(bench):
    run = await bench.evaluate(answers(3, 6), {model})
    assert run["right"].mean == 0.5
"""


def test_what_was_recorded_is_replayed_without_the_network(suite: Suite) -> None:
    """Sampled answers too: they are found by the next run of the suite."""
    suite.run(CASSETTE.format(model="remote()"), "--agentbench=record").assert_outcomes(passed=2)
    cassette = suite.path / "tests" / "agentbench.db"
    recorded = cassette.read_bytes()
    suite.run(CASSETTE.format(model="closed()"), "--agentbench=replay").assert_outcomes(passed=2)
    assert cassette.read_bytes() == recorded
    assert [path.name for path in cassette.parent.iterdir()] == [cassette.name]
    suite.run(CASSETTE.format(model="closed()"), "--agentbench=record").assert_outcomes(passed=2)


def test_replay_is_the_default_in_ci_and_a_miss_says_what_differs(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.run(CASSETTE.format(model="remote()"), "--agentbench=record").assert_outcomes(passed=2)
    monkeypatch.setenv("CI", "true")
    changed = CASSETTE.format(model="closed()").replace("epochs=2", "params=GenerateParams(temperature=0.5)")
    done = suite.run(f"from agentbench_sdk import GenerateParams\n{changed}")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(
        [
            "*no answer to this request is recorded in *agentbench.db*parameter temperature unset → 0.5*",
            "Record it with `pytest --agentbench=record` and commit tests/agentbench.db.",
        ]
    )


def test_a_replay_without_a_cassette_asks_nobody_and_leaves_no_file(suite: Suite) -> None:
    done = suite.run(CASSETTE.format(model="closed()"), "--agentbench=replay")
    done.assert_outcomes(failed=1, errors=1)
    done.stdout.fnmatch_lines(["*the cache holds no other answer*"])
    assert not (suite.path / "tests").exists()


def test_live_uses_the_cache_of_its_own_and_draws_anew(suite: Suite) -> None:
    test = """
@pytest.mark.agentbench(task=answers(1, 1), model=MODEL)
def test_marked(run):
    assert len(MODEL.calls) == 1
"""
    for _ in range(2):
        suite.run(f"MODEL = remote()\n{test}").assert_outcomes(passed=1)
    assert (suite.path / ".agentbench" / "cache.db").exists()
    assert not (suite.path / "tests").exists()


def test_folders_are_those_of_the_ini_file(suite: Suite) -> None:
    ini = f"[pytest]\nagentbench_cassette = kept/c.db\nagentbench_runs = out\n{ASYNCIO}"
    suite.pytester.makeini(ini)
    suite.run(CASSETTE.format(model="remote()"), "--agentbench=record").assert_outcomes(passed=2)
    assert (suite.path / "kept" / "c.db").exists()
    assert len(list((suite.path / "out").glob("*.db"))) == 2


def test_the_bench_serves_plain_and_async_tests_and_stays_open(suite: Suite) -> None:
    done = suite.run(
        """
from agentbench_sdk.errors import ConfigurationError

async def test_awaited(bench):
    runs = await asyncio.gather(*(bench.evaluate(answers(1, 2), YES) for _ in range(2)))
    assert [run["right"].mean for run in runs] == [0.5, 0.5]

def test_plain(bench):
    assert bench.evaluate_sync(answers(1, 2), YES)["right"].mean == 0.5

async def test_plain_beside_a_loop(bench):
    assert bench.evaluate_sync(answers(1, 2), YES, limit=1)["right"].mean == 1

async def test_closing_is_refused(bench):
    with pytest.raises(ConfigurationError, match="closed at its end"):
        await bench.close()

@pytest.mark.agentbench(task=answers(1, 2), model=YES)
async def test_marked(run, bench):
    again = await bench.rejudge(run, judges=["exact"])
    assert again["exact"].mean == 0.5
"""
    )
    done.assert_outcomes(passed=5)


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


def test_a_junit_file_has_score_interval_and_run(suite: Suite) -> None:
    suite.run(
        """
@pytest.mark.agentbench(task=answers(3, 4), model=YES)
def test_marked(run): ...
""",
        "--junitxml=junit.xml",
    ).assert_outcomes(passed=1)
    properties = {
        each.get("name"): each.get("value") for each in ET.parse(suite.path / "junit.xml").iter("property")
    }
    assert properties == {
        "agentbench.run": str(suite.runs[0]),
        "agentbench.right": "0.75",
        "agentbench.right.interval": "0.300642 to 0.954413 (95 %, Wilson)",
    }


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


def test_an_interrupted_session_closes_what_it_began(suite: Suite) -> None:
    done = suite.run(
        """
async def slowly(request):
    await asyncio.sleep(0.2)
    return "yes"

@pytest.mark.agentbench(task=answers(1, 1), model=YES)
def test_interrupted(run):
    raise KeyboardInterrupt

@pytest.mark.agentbench(task=answers(50, 50), model=ScriptedModel(slowly))
def test_never_reached(run): ...
"""
    )
    assert done.ret == pytest.ExitCode.INTERRUPTED
    assert not done.errlines, done.errlines
    assert {load_run(path).status for path in suite.runs} <= {"finished", "interrupted"}


MODULES = """
import json, sys
def pytest_unconfigure(config):
    with open(config.rootpath / "modules.json", "w") as file:
        json.dump(sorted(sys.modules), file)
"""


def test_a_suite_that_does_not_use_it_imports_nothing_but_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(MODULES)
    pytester.makepyfile("def test_nothing():\n    assert [1] == [1]\n")
    loaded: list[set[str]] = []
    for options in ((), ("-p", "no:agentbench")):
        pytester.runpytest_subprocess("-p", "no:cacheprovider", *options).assert_outcomes(passed=1)
        loaded.append(set(json.loads((pytester.path / "modules.json").read_text())))
    more = loaded[0] - loaded[1]
    assert {name for name in more if name.partition(".")[0] not in sys.stdlib_module_names} == {
        "agentbench_sdk",
        "agentbench_sdk.pytest_plugin",
    }
    assert not (pytester.path / ".agentbench").exists()


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


def test_a_miss_is_an_error_of_the_setup_or_a_failure_where_a_test_asks_itself(suite: Suite) -> None:
    """Neither says anything of the model: each says what differs and how it is recorded."""
    suite.run(CASSETTE.format(model="remote()"), "--agentbench=record").assert_outcomes(passed=2)
    more = """
@pytest.mark.agentbench(task=answers(9, 9), model=closed())
def test_not_recorded(run): ...
"""
    done = suite.run(
        CASSETTE.format(model="closed()").replace("answers(3, 6)", "answers(3, 7)") + more,
        "--agentbench=replay",
    )
    done.assert_outcomes(passed=1, failed=1, errors=1)
    recorded = "*Record it with `pytest --agentbench=record` and commit tests/agentbench.db.*"
    done.stdout.fnmatch_lines(
        ["*ERROR at setup of test_not_recorded*", "CacheMissError: *no answer*", recorded]
    )
    done.stdout.fnmatch_lines(["*_ test_awaited _*", "*CacheMissError: *no answer*", recorded])
