"""The pytest plugin, in suites of its own: marks, claims, modes, order, xdist, async."""

from __future__ import annotations

import json
import sys
from xml.etree import ElementTree as ET

import pytest

from agentbench_sdk import load_run
from tests.pytest_plugin.suites import ASYNCIO, Suite

pytest_plugins = ["pytester"]

# Each suite is a process that imports the engine; some tests run three of them.
pytestmark = pytest.mark.timeout(240)


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
