"""The pytest plugin: evaluations as fixtures, decided by intervals, replayed from a cassette in CI.

    @pytest.mark.agentbench(task="calendar_questions", model="openai/gpt-4.1-mini", limit=50)
    def test_dates(run):
        assert run["accuracy"] >= 0.8

pytest loads this module in every suite of an environment where the package is installed. So it imports
nothing but pytest and the standard library; what evaluates is imported when a test asks for it.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agentbench_sdk.runs import Run, SampleRecord
    from agentbench_sdk.testing.suite import Evaluations, Suite, SuiteBench

MARK = "agentbench"
_MODES = ("replay", "record", "live")
_ITEMS: pytest.StashKey[list[pytest.Item]] = pytest.StashKey()
_NEXT: pytest.StashKey[pytest.Item | None] = pytest.StashKey()
_SAMPLES: pytest.StashKey[dict[str, list[str]]] = pytest.StashKey()  # of each test that is repeated for them
_CHOSEN: pytest.StashKey[list[str]] = pytest.StashKey()  # of an item: the samples that selected items need


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup(MARK, "evaluations with agentbench-sdk")
    group.addoption(
        "--agentbench",
        choices=_MODES,
        help="where answers of models come from: replay (the cassette alone; the default when CI is set), "
        "record (the cassette; what it lacks is asked and added), live (asked; the default elsewhere)",
    )
    parser.addini(
        "agentbench_cassette", "cache file of --agentbench=replay and record", default="tests/agentbench.db"
    )
    parser.addini("agentbench_cache", "cache file of --agentbench=live", default=".agentbench/cache.db")
    parser.addini("agentbench_runs", "folder of the run files", default=".agentbench/runs")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "agentbench(task=…, model=…, each_sample=False, **options): evaluate a task before the test; the "
        "fixture `run` is the finished run. Options are those of `Bench.evaluate`.",
    )


def pytest_collection_finish(session: pytest.Session) -> None:
    marked = [each for each in session.items if each.get_closest_marker(MARK)]
    session.config.stash[_ITEMS] = marked
    if _SAMPLES in session.config.stash:
        _choose_samples(marked, session.config.stash[_SAMPLES])


def _choose_samples(marked: list[pytest.Item], samples: dict[str, list[str]]) -> None:
    """Where `-k` or a node id selects some of a task's samples, let the others not be paid for."""
    from agentbench_sdk.testing.suite import frozen

    sharing: dict[Any, list[pytest.Item]] = {}
    for item in marked:
        sharing.setdefault(frozen(_wanted(item)), []).append(item)
    for items in sharing.values():
        if not all(_sample_of(item) is not None and not _asks_for(item, "run") for item in items):
            continue
        needed = {_sample_of(item) for item in items}
        planned = samples.get(_repeated(items[0].nodeid), [])
        if len(needed) < len(planned):
            for item in items:
                item.stash[_CHOSEN] = [name for name in planned if name in needed]


def _sample_of(item: pytest.Item) -> str | None:
    """The sample of an item that is repeated for each."""
    is_repeated = any(mark.kwargs.get("each_sample") for mark in item.iter_markers(MARK))
    found = getattr(getattr(item, "callspec", None), "params", {}).get("sample")
    return found if is_repeated and isinstance(found, str) else None


def _asks_for(item: pytest.Item, fixture: str) -> bool:
    """Whether a test itself names a fixture, not one of its fixtures."""
    return fixture in inspect.signature(getattr(item, "function", _asks_for)).parameters


def _repeated(nodeid: str) -> str:
    """The test that a repeated item comes from."""
    return nodeid.partition("[")[0]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = list(metafunc.definition.iter_markers(MARK))
    if not any(mark.kwargs.get("each_sample") for mark in marks) or "sample" not in metafunc.fixturenames:
        return
    from agentbench_sdk.errors import UsageError
    from agentbench_sdk.testing.suite import sample_ids

    try:
        ids = sample_ids(_merged(marks))
    except UsageError as error:
        pytest.fail(f"{metafunc.definition.nodeid}: {error}", pytrace=False)
    known = metafunc.config.stash.setdefault(_SAMPLES, {})
    known[_repeated(metafunc.definition.nodeid)] = ids
    metafunc.parametrize("sample", ids, ids=ids, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    item.config.stash[_NEXT] = nextitem


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain `assert run["accuracy"] >= 0.8` by its interval."""
    rates = sys.modules.get("agentbench_sdk.reporting.rates")
    if rates is None:  # no rate was ever made
        return None
    claim = rates.claimed(op, left, right)
    return claim.lines() if claim is not None else None


@pytest.fixture(scope="session")
def _agentbench_suite(pytestconfig: pytest.Config) -> Iterator[Suite]:
    from agentbench_sdk.testing.suite import Suite

    with Suite() as suite:
        yield suite


@pytest.fixture(scope="session")
def bench(_agentbench_suite: Suite, pytestconfig: pytest.Config) -> Iterator[SuiteBench]:
    """A bench for the whole session: `await bench.evaluate(…)`, or `bench.evaluate_sync(…)` in a plain test."""
    from agentbench_sdk.testing.suite import bench_for

    with bench_for(
        _agentbench_suite,
        mode=_mode(pytestconfig),
        cassette=_folder(pytestconfig, "agentbench_cassette"),
        cache=_folder(pytestconfig, "agentbench_cache"),
        runs=_folder(pytestconfig, "agentbench_runs"),
    ) as made:
        yield made


@pytest.fixture(scope="session")
def _agentbench_evaluations(
    _agentbench_suite: Suite,
    bench: SuiteBench,
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
) -> Evaluations:
    from agentbench_sdk.testing.claims import Claims
    from agentbench_sdk.testing.suite import Evaluations, frozen

    items = pytestconfig.stash.get(_ITEMS, [])
    if hasattr(pytestconfig, "workerinput"):  # a worker of pytest-xdist does not know its tests beforehand
        # All workers collect the same tests in one order, so the first that needs an evaluation names it.
        names: dict[Any, str] = {}
        for item in items:
            names.setdefault(frozen(_wanted(item)), item.nodeid)
        folder = tmp_path_factory.getbasetemp().parent  # of the session, with a folder of each worker in it
        return Evaluations(_agentbench_suite, bench, Claims(folder / "agentbench-claims"), names)
    evaluations = Evaluations(_agentbench_suite, bench)
    for item in items:
        _start_early(evaluations, item)
    return evaluations


def _start_early(evaluations: Evaluations, item: pytest.Item | None) -> None:
    """Start what an item needs, unless it is not sure to need it."""
    if item is None or item.get_closest_marker(MARK) is None or _may_be_skipped(item):
        return
    if "run" in getattr(item, "fixturenames", ()):
        evaluations.start(_wanted(item))


@pytest.fixture
def run(request: pytest.FixtureRequest, _agentbench_evaluations: Evaluations) -> Run:
    """The finished run of the test's `agentbench` marks. All of a session are started together."""
    from agentbench_sdk.errors import AgentbenchError

    if request.node.get_closest_marker(MARK) is None:
        pytest.fail(
            "the fixture `run` needs @pytest.mark.agentbench(task=…, model=…) on the test", pytrace=False
        )
    _agentbench_evaluations.start(_wanted(request.node))
    _start_early(_agentbench_evaluations, request.config.stash.get(_NEXT, None))  # all that a worker knows
    try:
        finished = _agentbench_evaluations.finished(_wanted(request.node))
    except AgentbenchError as error:
        pytest.fail(f"{type(error).__name__}: {error}", pytrace=False)
    # The fixture `record_property` does the same and warns under JUnit's default family, which has them too.
    request.node.user_properties.extend(_agentbench_evaluations.properties(finished))
    return finished


@pytest.fixture
def sample(request: pytest.FixtureRequest, run: Run) -> list[SampleRecord]:
    """The attempts at one sample, one an epoch, in a test that is marked with `each_sample=True`."""
    sample_id = getattr(request, "param", None)
    if sample_id is None:
        pytest.fail(
            "the fixture `sample` needs @pytest.mark.agentbench(…, each_sample=True) on the test",
            pytrace=False,
        )
    return [each for each in run.records() if each.sample_id == sample_id]


def _wanted(item: pytest.Item) -> dict[str, Any]:
    """What to evaluate for an item: its marks, the nearest winning, and its parameters `task` and `model`."""
    marks = list(item.iter_markers(MARK))
    wanted = _merged(marks)
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    for name in ("task", "model"):
        if name not in wanted and name in parameters:
            wanted[name] = parameters[name]
    wanted.pop("each_sample", None)
    if _CHOSEN in item.stash:
        wanted.pop("limit", None)
        wanted["sample_ids"] = item.stash[_CHOSEN]
    if any(mark.args for mark in marks):
        wanted[""] = "positional"
    return wanted


def _merged(marks: list[pytest.Mark]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for mark in reversed(marks):  # the nearest comes first
        wanted |= mark.kwargs
    return wanted


def _may_be_skipped(item: pytest.Item) -> bool:
    """Whether an item may never run, so that its evaluation is not paid for before its turn."""
    if any(item.get_closest_marker(name) for name in ("skip", "skipif")):
        return True
    return any(mark.kwargs.get("run") is False for mark in item.iter_markers("xfail"))


def _mode(config: pytest.Config) -> str:
    given = config.getoption("--agentbench")
    if given:
        return str(given)
    in_ci = os.environ.get("CI", "").strip().lower() not in ("", "0", "false", "no")
    return "replay" if in_ci else "live"


def _folder(config: pytest.Config, name: str) -> Path:
    return config.rootpath / str(config.getini(name))
