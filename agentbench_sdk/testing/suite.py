"""What the pytest plugin runs evaluations with: one event loop in a thread, one bench, each evaluation once.

Tests come one after the other and each may bring an event loop of its own; a limiter, connections and a cache
belong to one loop. So all evaluations of a session run in the loop of a `Suite`, and tests wait for them.
"""

from __future__ import annotations

import asyncio
import functools
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from agentbench_sdk.bench import Bench
from agentbench_sdk.benchmark import Registry, Task, select
from agentbench_sdk.cache import CachePolicy
from agentbench_sdk.errors import CacheMissError, ConfigurationError
from agentbench_sdk.models import Model
from agentbench_sdk.reporting.junit import score_properties
from agentbench_sdk.runs.options import Options, options_of
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.run import Run
from agentbench_sdk.testing.claims import Claims

T = TypeVar("T")
# Answers that are drawn at random are kept under a run's name; in a cassette they must be found by the next one.
CASSETTE_DRAWS = "pytest"


class Suite:
    """An event loop in a thread of its own, for the time of a test session."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="agentbench", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.submit(_settle()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def is_here(self) -> bool:
        """Whether the caller runs in this loop's thread."""
        return threading.current_thread() is self._thread

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine in the loop; from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)


async def _settle() -> None:
    """End what is still running, so that closing the loop leaves nothing behind."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


class SuiteBench(Bench):
    """A bench whose evaluations run in a suite's loop, whichever loop or thread asks for them.

    Arguments:
        suite: whose loop it is.
        draws: namespace of sampled answers in the cache, for all runs; "" for one of each run.
        after_miss: what to do about an answer that is not recorded, for the person who reads the error.
        options: as of `Bench`.
    """

    def __init__(self, suite: Suite, *, draws: str = "", after_miss: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._suite, self._draws, self._after_miss = suite, draws, after_miss

    def plan(
        self,
        task: str | Path | Task,
        model: str | Model,
        options: Options | None = None,
        *,
        resume: Run | None = None,
    ) -> Plan:
        """As `Bench.plan`, with the draws of the cassette."""
        plan = super().plan(task, model, options, resume=resume)
        if self._draws and resume is None:
            plan.manifest.draws = self._draws
        return plan

    async def execute(self, plan: Plan, options: Options | None = None, *, beside: int = 1) -> Run:
        """Carry out a plan in the suite's loop."""
        try:
            if self._suite.is_here:
                return await super().execute(plan, options, beside=beside)
            work = super().execute(plan, options, beside=beside)
            return await asyncio.wrap_future(self._suite.submit(work))
        except CacheMissError as miss:
            raise CacheMissError(f"{miss}\n{self._after_miss}".rstrip()) from miss

    async def interrupt(self) -> None:
        """Stop all evaluations; see `Bench.interrupt`."""
        if self._suite.is_here:
            return await super().interrupt()
        return await asyncio.wrap_future(self._suite.submit(super().interrupt()))

    async def close(self) -> None:
        """The bench is the session's, which closes it in the end; a test leaves it open."""
        if not self._suite.is_here:
            raise ConfigurationError("the fixture `bench` is shared by the session and closed at its end")
        await super().close()

    def evaluate_sync(
        self,
        task: str | Path | Task,
        model: str | Model,
        options: Options | None = None,
        *,
        resume: Run | None = None,
        **more: Any,
    ) -> Run:
        """`evaluate` for a test without an event loop; it may be called beside a running one, and blocks it.

        Raises:
            ConfigurationError: a judge or agent asks for it, which would wait for itself.
        """
        if self._suite.is_here:
            raise ConfigurationError("an evaluation is running here: use `await bench.evaluate(…)`")
        return self._suite.submit(self.evaluate(task, model, options, resume=resume, **more)).result()


@contextmanager
def bench_for(suite: Suite, *, mode: str, cassette: Path, cache: Path, runs: Path) -> Iterator[SuiteBench]:
    """A bench of a mode, closed in the end.

    Arguments:
        suite: whose loop it uses.
        mode: "replay" (the cassette alone), "record" (the cassette, and what it lacks is asked and added) or
            "live" (the cache, as any run).
        cassette: response cache of the modes replay and record.
        cache: response cache of the mode live.
        runs: folder of the run files.
    """
    with ExitStack() as stack:
        named = cassette.relative_to(Path.cwd()) if cassette.is_relative_to(Path.cwd()) else cassette
        if mode == "live":
            made = SuiteBench(suite, cache=cache, runs=runs)
        elif mode == "record":
            made = SuiteBench(suite, draws=CASSETTE_DRAWS, cache=cassette, runs=runs)
        else:
            if not cassette.exists():  # a replay creates no file beside the tests
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="agentbench-"))
                cassette = Path(folder) / "no-cassette.db"
            made = SuiteBench(
                suite,
                draws=CASSETTE_DRAWS,
                after_miss=f"Record it with `pytest --agentbench=record` and commit {named}.",
                cache=cassette,
                cache_policy=CachePolicy.REPLAY,
                runs=runs,
            )
        stack.callback(lambda: suite.submit(made.close()).result())
        yield made


class Evaluations:
    """The evaluations of a session; equal ones are one, and all that were started go on at once.

    Arguments:
        suite: in whose loop they go on.
        bench: which carries them out.
        claims: shared with the session's other workers; None where there are none.
        names: of evaluations, by what `frozen` makes of them: the same in all workers. One without a name is a
            worker's own.
    """

    def __init__(
        self,
        suite: Suite,
        bench: Bench,
        claims: Claims | None = None,
        names: Mapping[Any, str] | None = None,
    ) -> None:
        self._suite, self._bench = suite, bench
        self._claims, self._names = claims, names or {}
        self._runs: dict[Any, Future[Run]] = {}
        self._kept: list[Any] = []  # what is compared by identity has to live as long

    def start(self, wanted: Mapping[str, Any]) -> Future[Run]:
        """Start an evaluation, unless an equal one was."""
        key = frozen(dict(wanted))
        if key not in self._runs:
            self._kept.append(wanted)
            self._runs[key] = self._suite.submit(self._evaluate(dict(wanted), self._names.get(key)))
        return self._runs[key]

    def finished(self, wanted: Mapping[str, Any]) -> Run:
        """Wait for an evaluation.

        Raises:
            AgentbenchError: what ended it.
        """
        return self.start(wanted).result()

    async def _evaluate(self, wanted: dict[str, Any], name: str | None) -> Run:
        task, model = checked(wanted)
        evaluate = functools.partial(self._bench.evaluate, task, model, **wanted)
        if self._claims is None or name is None:
            return await evaluate()
        return await self._claims.once(name, evaluate)

    def properties(self, run: Run) -> Iterator[tuple[str, str]]:
        """What a JUnit file says of a run: its file, and each judge's mean and interval."""
        yield from score_properties(str(run.path), run.summary())


def checked(wanted: dict[str, Any]) -> tuple[Any, Any]:
    """Take task and model out of what a mark says.

    Raises:
        ConfigurationError: one is missing, or something was given by position.
    """
    if "" in wanted or not {"task", "model"} <= wanted.keys():
        raise ConfigurationError(
            "name what to evaluate by keywords: @pytest.mark.agentbench(task=…, model=…, **options)"
        )
    return wanted.pop("task"), wanted.pop("model")


def sample_ids(wanted: Mapping[str, Any]) -> list[str]:
    """The ids of the samples that an evaluation would run, in order.

    Raises:
        UsageError: there is no such task, or its samples cannot be loaded.
    """
    rest = {"model": None, **wanted}
    task, _ = checked(rest)
    rest.pop("each_sample", None)
    options = options_of(Options, None, rest, "evaluation")
    found = (
        task
        if isinstance(task, Task)
        else Registry.discover().task(str(task), options.task_params, texts=True)
    )
    return [each.id for each in select(found.load(), limit=options.limit, sample_ids=options.sample_ids)]


def frozen(value: Any) -> Any:
    """A key that is equal for equal plain values; anything else is equal to itself alone."""
    if isinstance(value, Mapping):
        return ("mapping", *sorted((str(name), frozen(each)) for name, each in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *(frozen(each) for each in value))
    if value is None or isinstance(value, str | int | float | Path):
        return (type(value).__name__, str(value))
    return ("object", str(id(value)))
