"""`Bench`: owns what runs share (models, limiters, the response cache, the registry) and evaluates.

    async with Bench(runs="runs") as bench:
        run = await bench.evaluate("vending", model="scripted/vending/naive-restock")
        print(run.summary())

Several evaluations may run at once on one bench and then share one limit for each endpoint.
"""

from __future__ import annotations

import asyncio
import functools
import warnings
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from agentbench_sdk.arena.arena import Arena
from agentbench_sdk.arena.plan import ArenaOptions
from agentbench_sdk.benchmark import Assembly, Registry, Task
from agentbench_sdk.cache import CachePolicy, ResponseCache
from agentbench_sdk.cache.results import RecordedResults
from agentbench_sdk.errors import ConfigurationError, RunFileError
from agentbench_sdk.models import Model
from agentbench_sdk.models.client import ModelClient, RunContext
from agentbench_sdk.planning import Planner, Tasks
from agentbench_sdk.reporting.progress import NoProgress, Progress
from agentbench_sdk.runs.budget import Budget
from agentbench_sdk.runs.execution import Clients, Execution
from agentbench_sdk.runs.gate import Gate
from agentbench_sdk.runs.grid import RunGrid, grid_of_cells
from agentbench_sdk.runs.kinship import KinshipWarning
from agentbench_sdk.runs.options import Options, options_of
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.recorded import RecordedPlan
from agentbench_sdk.runs.rejudging import JudgeSpec
from agentbench_sdk.runs.run import Run, load_run
from agentbench_sdk.runs.several import ModelRuns, distinct, execute_all
from agentbench_sdk.runs.store import RunStore
from agentbench_sdk.sandbox import (
    SandboxProvider,
    SandboxWarning,
    sandbox_provider,
)
from agentbench_sdk.traffic import Limiters, RetryPolicy

DEFAULT_CACHE = ".agentbench/cache.db"
DEFAULT_RUNS = "runs"
SESSIONS_AT_ONCE = 1024
WORLDS_AT_ONCE = 512  # a simulated world may hold a megabyte
CONTAINERS_AT_ONCE = 64  # what starts slowly is a machine of its own, nearly
FEWEST_AT_ONCE = 16  # of each of many runs


class Bench:
    """Everything that runs share.

    Arguments:
        cache: the response cache's file; None for none. Answers of models in this process are not kept.
        cache_policy: "reuse", "refresh", "replay" (a miss is an error) or "off".
        runs: folder of the run files.
        max_connections: cap on requests at once to each endpoint; the limit below it adapts itself.
        rpm, tpm: requests and tokens a minute that each endpoint allows; learned from its answers when left out.
        retry: how often and how long a failed call is tried again.
        sandbox: what runs the programs of models, by name or as a provider. Left out, it is that of the run that
            is resumed or judged again, and else bubblewrap; only tasks that need a sandbox look for one.
        registry: where names are looked up; whatever is installed when left out.
    """

    def __init__(
        self,
        *,
        cache: str | Path | None = DEFAULT_CACHE,
        cache_policy: CachePolicy | str = CachePolicy.REUSE,
        runs: str | Path = DEFAULT_RUNS,
        max_connections: int | None = None,
        rpm: float | None = None,
        tpm: float | None = None,
        retry: RetryPolicy | None = None,
        sandbox: str | SandboxProvider | None = None,
        registry: Registry | None = None,
    ) -> None:
        self.runs = Path(runs)
        self.registry = registry or Registry.discover()
        self.limiters = Limiters(max_connections=max_connections, rpm=rpm, tpm=tpm, retry=retry)
        self._cache_path = Path(cache) if cache is not None else None
        self._policy = _policy(cache_policy)
        provider = sandbox_provider(sandbox) if isinstance(sandbox, str) else sandbox
        self._planner = Planner(self.registry, self._cache_path, self._policy, provider)
        self._cache: ResponseCache | None = None
        self._cache_opening = asyncio.Lock()
        self._open = AsyncExitStack()
        self._open.push_async_callback(self._planner.close)
        self._executions: dict[Execution, Path] = {}
        self._evaluations: set[asyncio.Future[None]] = set()
        self._closed = False
        self._interrupts = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop what is still being evaluated, as `interrupt` does, and close models and cache.

        What was answered is durable already. The bench cannot be used afterwards.
        """
        self._closed = True
        try:
            while self._evaluations:
                await self.interrupt()
                await asyncio.wait(self._evaluations)
        finally:
            await self._open.aclose()
            self._cache = None

    # --- evaluating ---------------------------------------------------------------------------

    def plan(
        self,
        task: str | Path | Task,
        model: str | Model,
        options: Options | None = None,
        *,
        resume: Run | None = None,
    ) -> Plan:
        """Settle and check what a run would do, without sending anything; `execute` carries it out.

        Raises:
            UsageError: something does not exist or does not fit; one sentence says what.
        """
        return self._planner.plan(task, model, options, resume=resume)

    async def evaluate(
        self,
        task: str | Path | Task,
        model: str | Model,
        options: Options | None = None,
        *,
        resume: Run | None = None,
        **more: Any,
    ) -> Run:
        """Run a task against a model and return the finished run.

        Arguments:
            task: a registered name, a YAML file, `file.py:function`, or a `Task`.
            model: `provider/model?option=value`, or a `Model`.
            options: see `Options`.
            more: fields of `Options` as keyword arguments, in its place.
            resume: an earlier run of the same task: its answers are taken from the cache and only
                what is missing is asked.

        Raises:
            UsageError: something does not exist or does not fit; nothing was started.
            CacheError: the cache cannot be used, or has no answer to replay; the run stops, and what was
                answered before is durable.
            RunFileError: the run file cannot be written.
        """
        options = options_of(Options, options, more, "evaluation")
        # Loading samples may take long and block: other evaluations of this bench go on meanwhile.
        plan = await asyncio.to_thread(self.plan, task, model, options, resume=resume)
        _warn([plan])
        return await self.execute(plan, options)

    async def evaluate_models(
        self,
        task: str | Path | Task,
        models: Sequence[str | Model],
        options: Options | None = None,
        **more: Any,
    ) -> ModelRuns:
        """Run a task against several models at once, each into a run file of its own.

        Their sessions take turns at an endpoint that they share. A model whose run ends in an error does not
        stop the others; a cost limit is that of each run.

        Arguments:
            task: see `evaluate`.
            models: two or more, or one; each as `evaluate` takes it.
            options: see `Options`; `output` is left out, because each run has its own file.
            more: fields of `Options` as keyword arguments, in its place.

        Returns:
            One entry a model, in the order given: its run, or the error that ended it; `side_by_side()` compares
            the runs.

        Raises:
            UsageError: something does not exist or does not fit, for any of the models; nothing was started.
        """
        options = options_of(Options, options, more, "evaluation")
        plans = [
            await asyncio.to_thread(self.plan, task, model, options) for model in distinct(models, options)
        ]
        _warn(plans)
        return await self.execute_all(plans, options)

    def plan_grid(
        self, tasks: Tasks, models: Sequence[str | Model], options: Options | None = None
    ) -> tuple[Assembly, list[Plan]]:
        """As `plan`, of several tasks by several models; see `Planner.plan_grid`."""
        return self._planner.plan_grid(tasks, models, options)

    async def evaluate_tasks(
        self, tasks: Tasks, models: Sequence[str | Model], options: Options | None = None, **more: Any
    ) -> RunGrid:
        """Run several tasks, and groups of tasks, against one or more models at once.

        Each task and model has a run file of its own; sessions take turns at an endpoint that they share. A run
        that ends in an error does not stop the others.

        Arguments:
            tasks: each as `evaluate` takes it, or the name, the file or the `TaskGroup` of a group. A task that
                several groups hold with the same parameters is run once.
            models: one or more, each as `evaluate` takes it.
            options: for each run; see `Options`. Parameters of tasks are a group's to say.
            more: fields of `Options` as keyword arguments, in its place.

        Returns:
            The runs by task and model, with the scores of the groups.

        Raises:
            UsageError: something does not exist or does not fit, anywhere; nothing was started.
        """
        options = options_of(Options, options, more, "evaluation")
        assembly, plans = await asyncio.to_thread(self.plan_grid, tasks, models, options)
        _warn(plans)
        return grid_of_cells(assembly, await self.execute_all(plans, options))

    async def execute_all(self, plans: Sequence[Plan], options: Options | None = None) -> ModelRuns:
        """Carry out plans at once, each as `execute` does; an error of one is kept in its place."""
        together = functools.partial(self.execute, beside=len(plans))
        return await execute_all(together, plans, options or Options())

    def plan_judging(
        self, run: Run, judges: Sequence[JudgeSpec] | None = None, options: Options | None = None
    ) -> RecordedPlan:
        """As `plan`, of judging a run again; see `Planner.plan_judging`."""
        return self._planner.plan_judging(run, judges, options)

    async def rejudge(
        self,
        run: Run,
        judges: Sequence[JudgeSpec] | None = None,
        *,
        judge_model: str | Model | None = None,
        max_cost: float | None = None,
        output: str | Path | None = None,
        progress: Progress | None = None,
    ) -> Run:
        """Judge the sessions of a run again; the model under test is not asked.

        Arguments:
            run: finished or cut off; what it holds is judged.
            judges: judges, names, or names with options ({"name": "numeric", "relative": 0.01}); those of
                the run's task when left out.
            judge_model: the model that judges ask which name none.
            max_cost: US dollars that judging may spend.
            output: the new run file; a name is made up in the runs folder when left out.
            progress: told of what is done.

        Returns:
            A run of its own, with the sessions of the old one and the new scores.

        Raises:
            UsageError: a judge does not exist or does not fit; nothing was started.
        """
        options = Options(
            judge_model=judge_model, max_cost=max_cost, output=output, progress=progress or NoProgress()
        )
        plan = await asyncio.to_thread(self.plan_judging, run, judges, options)
        _warn([plan])
        return await self.execute(plan, options)

    def plan_arena(self, runs: Sequence[Run], options: ArenaOptions | None = None) -> RecordedPlan:
        """As `plan`, of an arena; see `Planner.plan_arena`."""
        return self._planner.plan_arena(runs, options)

    async def arena(self, runs: Sequence[Run], options: ArenaOptions | None = None, **more: Any) -> Arena:
        """Let finished runs of one task meet in battles, sample by sample; the models under test are not asked.

        An arena that was interrupted, or has battles without a verdict, is repeated: what was judged comes from
        the cache.

        Arguments:
            runs: two or more.
            options: see `ArenaOptions`.
            more: fields of `ArenaOptions` as keyword arguments, in its place.

        Returns:
            The battles, in a file of their own, and their ranking.

        Raises:
            UsageError: the runs may not meet or share no answered sample, or a judge does not exist or does not
                fit; nothing was started.
        """
        options = options_of(ArenaOptions, options, more, "arena")
        plan = await asyncio.to_thread(self.plan_arena, runs, options)
        _warn([plan])
        return Arena(await self.execute(plan, options.run_options()))

    async def execute(self, plan: Plan, options: Options | None = None, *, beside: int = 1) -> Run:
        """Carry out a plan that `plan` made with the same options; see `evaluate`.

        Arguments:
            plan: what to do.
            options: those that it was made with.
            beside: how many runs go on together, this one included; they share the memory for sessions.
        """
        if self._closed:
            raise ConfigurationError("this bench is closed; make a new one")
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._evaluations.add(ended)
        try:
            return load_run(await self._carry_out(plan, options or Options(), beside))
        finally:
            self._evaluations.discard(ended)
            ended.set_result(None)

    async def interrupt(self) -> None:
        """Stop all evaluations: calls on the wire may finish, then `evaluate` returns what there is."""
        self._interrupts += 1
        await asyncio.gather(*(execution.interrupt() for execution in list(self._executions)))

    @property
    def under_way(self) -> list[Path]:
        """The run files of the evaluations under way."""
        return list(self._executions.values())

    # --- inside -------------------------------------------------------------------------------

    async def _carry_out(self, plan: Plan, options: Options, beside: int) -> Path:
        if plan.sandboxes is not None and plan.sandbox_needs is not None:
            await plan.sandboxes.check(plan.sandbox_needs)
        path = Path(options.output) if options.output else self.runs / f"{plan.manifest.run_id}.db"
        gate, interrupts = Gate(), self._interrupts
        cache = await self._opened_cache()
        clients = self._clients(plan, options, cache, gate)
        manifest = plan.manifest
        results = RecordedResults(cache, self._policy, manifest.run_id, manifest.draws) if cache else None
        store = await RunStore.create(path, plan.manifest)
        sessions = max(FEWEST_AT_ONCE, _at_once(plan) // beside)
        recorded = plan.sessions.play if isinstance(plan, RecordedPlan) and plan.sessions else None
        execution = Execution(plan, clients, store, gate, options.progress, sessions, recorded, results)
        self._executions[execution] = path
        try:
            if self._closed or self._interrupts > interrupts:  # while the files were being opened
                await execution.interrupt()
            await execution.run()
        except BaseException:
            with suppress(RunFileError):  # what stopped the run is the news, not that its file is full too
                await self._finish(store, "interrupted", execution)
            raise
        else:
            await self._finish(store, "interrupted" if gate.closed else "finished", execution)
        finally:
            del self._executions[execution]
            await store.close()
        return path

    async def _finish(self, store: RunStore, status: str, execution: Execution) -> None:
        limiters = {name: figures.to_dict() for name, figures in self.limiters.statistics().items()}
        await store.note("limiters", limiters)
        if execution.drifts:
            await store.note("drift", execution.drifts)
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        await store.note("status", {"status": status, "ended": ended})

    async def _opened_cache(self) -> ResponseCache | None:
        if self._cache_path is None or self._policy is CachePolicy.OFF:
            return None
        async with self._cache_opening:
            if self._cache is None:
                self._cache = await self._open.enter_async_context(ResponseCache.open(self._cache_path))
        return self._cache

    def _clients(self, plan: Plan, options: Options, cache: ResponseCache | None, gate: Gate) -> Clients:
        manifest = plan.manifest
        context = RunContext(manifest.run_id, manifest.draws, gate, Budget(options.max_cost))

        def client(model: Model) -> ModelClient:
            limiter = self.limiters.of(model.endpoint) if model.endpoint else None
            return ModelClient(model, context, limiter=limiter, cache=cache, policy=self._policy)

        return Clients(
            agent=client(plan.model),
            user=client(plan.user) if plan.user is not None else None,
            judge=client(self._planner.model(options.judge_model))
            if options.judge_model is not None
            else None,
            judges={name: client(made) for name, made in self._planner.judge_models(plan.task).items()},
        )


def _at_once(plan: Plan) -> int:
    """How many sessions may be open together: what each of them holds decides it."""
    if plan.world is None:
        return SESSIONS_AT_ONCE
    slow = plan.sandboxes is not None and plan.sandboxes.provider.capabilities.starts_slowly
    return CONTAINERS_AT_ONCE if slow else WORLDS_AT_ONCE


def _warn(plans: Sequence[Plan]) -> None:
    """Tell, once each, what a reader of the scores should know."""
    protection = {told for plan in plans if plan.sandboxes for told in plan.sandboxes.warnings()}
    for told in dict.fromkeys(told for plan in plans for told in plan.manifest.warnings):
        warnings.warn(told, SandboxWarning if told in protection else KinshipWarning, stacklevel=3)


def _policy(policy: CachePolicy | str) -> CachePolicy:
    try:
        return CachePolicy(policy)
    except ValueError:
        accepted = ", ".join(each.value for each in CachePolicy)
        raise ConfigurationError(f"cache policy {policy!r} is not one of {accepted}") from None
