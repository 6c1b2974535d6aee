"""`Bench`: owns what runs share (models, limiters, the response cache, the registry) and evaluates.

    async with Bench(runs="runs") as bench:
        run = await bench.evaluate("vending", model="scripted/vending/naive-restock")
        print(run.summary())

Several evaluations may run at once on one bench and then share one limit for each endpoint.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import warnings
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from agentbench_sdk.arena.arena import Arena
from agentbench_sdk.arena.plan import ArenaOptions, arena_plan
from agentbench_sdk.benchmark import Assembly, Registry, Task, TaskGroup, assemble, select
from agentbench_sdk.benchmark.assembly import Named
from agentbench_sdk.cache import CachePolicy, ResponseCache
from agentbench_sdk.cache.results import RecordedResults
from agentbench_sdk.errors import ConfigurationError, RunFileError
from agentbench_sdk.judging import Judge, model_askers, with_members
from agentbench_sdk.models import Model
from agentbench_sdk.models.client import ModelClient, RunContext
from agentbench_sdk.models.spec import ModelSpec, build_model
from agentbench_sdk.reporting.progress import NoProgress, Progress
from agentbench_sdk.runs.budget import Budget
from agentbench_sdk.runs.execution import Clients, Execution
from agentbench_sdk.runs.gate import Gate
from agentbench_sdk.runs.grid import RunGrid, grid_of_cells, group_judges
from agentbench_sdk.runs.kinship import KinshipWarning, kinship_warnings
from agentbench_sdk.runs.options import Options, options_of
from agentbench_sdk.runs.plan import Plan, agent_name, default_agent, new_manifest
from agentbench_sdk.runs.preflight import check_plan
from agentbench_sdk.runs.recorded import RecordedPlan, SilentModel
from agentbench_sdk.runs.rejudging import JudgeSpec, judging_plan
from agentbench_sdk.runs.resuming import continue_run
from agentbench_sdk.runs.run import Run, load_run
from agentbench_sdk.runs.sandboxes import judges_need, world_needs
from agentbench_sdk.runs.several import ModelRuns, check_apart, distinct, execute_all
from agentbench_sdk.runs.store import RunStore
from agentbench_sdk.runs.users import user_spec
from agentbench_sdk.sandbox import (
    SandboxNeeds,
    SandboxPool,
    SandboxProvider,
    SandboxWarning,
    sandbox_provider,
)
from agentbench_sdk.sandbox.pool import DEFAULT_SANDBOX
from agentbench_sdk.traffic import Limiters, RetryPolicy

DEFAULT_CACHE = ".agentbench/cache.db"
DEFAULT_RUNS = "runs"
SESSIONS_AT_ONCE = 1024
WORLDS_AT_ONCE = 512  # a simulated world may hold a megabyte
CONTAINERS_AT_ONCE = 64  # what starts slowly is a machine of its own, nearly
FEWEST_AT_ONCE = 16  # of each of many runs
Tasks = (
    list[Any] | tuple[Any, ...] | TaskGroup
)  # of `Named`; not a Sequence, which a single name would be, too


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
        self._cache: ResponseCache | None = None
        self._cache_opening = asyncio.Lock()
        self._models: dict[str, Model] = {}
        self._provider = sandbox_provider(sandbox) if isinstance(sandbox, str) else sandbox
        self._pools: dict[str, SandboxPool] = {}
        self._planning = threading.Lock()  # plans are made in threads of their own
        self._open = AsyncExitStack()
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
            self._models.clear()
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
        options = options or Options()
        found, source = self._task(task, options)
        under_test = self._model(model)
        samples = select(found.load(), limit=options.limit, sample_ids=options.sample_ids)
        world = self.registry.environment(found.environment) if found.environment else None
        params, limits = found.params.merged(options.params), options.limits or found.limits
        epochs = found.epochs if options.epochs is None else options.epochs
        agent = default_agent(found, options.agent)
        played_by = user_spec(options, world, samples)
        user = self._model(played_by) if played_by is not None else None
        user_params = found.user_params.merged(options.user_params)
        judge_model = self._model(options.judge_model) if options.judge_model is not None else None
        askers = self._askers(found, judge_model)
        needs = SandboxNeeds.all_of([world_needs(world, samples), judges_need(found.judges)])
        sandboxes = self._sandboxes(needs, resume)
        facts = {
            "task_source": source,
            "task_params": dict(options.task_params),
            "agent": agent_name(agent),
            "user_model": _public(played_by),
            "judge_model": _public(options.judge_model),
            "params": params.to_dict(),
            "user_params": user_params.to_dict() if user is not None else {},
            "limits": limits.model_dump(exclude_none=True),
            "epochs": epochs,
            "limit": options.limit,
            "sample_ids": list(options.sample_ids) if options.sample_ids is not None else None,
            "seed": options.seed,
            "protocol": options.protocol,
            "cache": str(self._cache_path) if self._cache_path else None,
            "samples": len(samples) * epochs,
            "sandbox": sandboxes.name if sandboxes else "",
            "warnings": [
                *kinship_warnings(under_test, judge_model, askers),
                *(sandboxes.warnings() if sandboxes else []),
            ],
        }
        spec = _public(model) or under_test.id
        manifest = new_manifest(found, samples, model=under_test, model_spec=spec, world=world, facts=facts)
        plan = Plan(
            task=found,
            samples=samples,
            epochs=epochs,
            model=under_test,
            agent=agent,
            world=world,
            user=user,
            params=params,
            user_params=user_params,
            limits=limits,
            protocol=options.protocol,
            seed=options.seed,
            manifest=manifest,
            sandboxes=sandboxes,
            sandbox_needs=needs,
        )
        others = [each for each in (user, judge_model) if each is not None]
        check_plan(plan, options, [under_test, *others, *self._judge_models(found).values()], askers)
        if resume is not None:
            continue_run(plan, resume)
        return plan

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
        """Settle and check what a run of several tasks by several models would do, without sending anything.

        Returns:
            What was named comes to, and one plan a task and model, the models of the first task first.

        Raises:
            UsageError: something does not exist or does not fit; one sentence says what.
        """
        options = options or Options()
        named: Sequence[Named] = [tasks] if isinstance(tasks, TaskGroup) else tasks
        assembly = assemble(named, self.registry)
        check_apart(assembly, options)
        columns = distinct(models, options)
        plans = [
            self.plan(leaf.task, model, replace(options, task_params=leaf.params))
            for leaf in assembly.leaves
            for model in columns
        ]
        firsts = [each.manifest for each in plans[:: len(columns)]]
        for group in assembly.groups:
            group_judges(assembly, group, firsts)
        return assembly, plans

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
        """Settle and check what judging a run again would do; `execute` carries it out.

        Raises:
            UsageError: a judge does not exist or does not fit; one sentence says what.
        """
        options = options or Options()
        judge_model = self._model(options.judge_model) if options.judge_model is not None else None
        facts = {
            "judge_model": _public(options.judge_model),
            "cache": str(self._cache_path) if self._cache_path else None,
        }
        plan = judging_plan(run, judges, self.registry, facts)
        askers = self._askers(plan.task, judge_model)
        plan.manifest.warnings = kinship_warnings(plan.model, judge_model, askers)
        needs = judges_need(plan.task.judges)
        if sandboxes := self._sandboxes(needs, run):
            plan = replace(plan, sandboxes=sandboxes, sandbox_needs=needs)
            plan.manifest.warnings += sandboxes.warnings()
            plan.manifest.sandbox = sandboxes.name
        others = [judge_model] if judge_model is not None else []
        check_plan(plan, options, [*others, *self._judge_models(plan.task).values()], askers)
        return plan

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
        """Settle and check what an arena would do; `execute` carries it out.

        Raises:
            UsageError: the runs may not meet, or a judge does not exist or does not fit; one sentence says what.
        """
        options = options or ArenaOptions()
        judge_model = self._model(options.judge_model) if options.judge_model is not None else None
        facts = {
            "judge_model": _public(options.judge_model),
            "cache": str(self._cache_path) if self._cache_path else None,
        }
        plan = arena_plan(runs, options, self.registry, facts)
        if (
            self._policy is CachePolicy.REFRESH
        ):  # what an earlier arena of these runs drew is to be drawn anew
            plan.manifest.draws = plan.manifest.run_id
        askers = self._askers(plan.task, judge_model)
        assert plan.manifest.arena is not None
        plan.manifest.warnings = [
            told
            for each in plan.manifest.arena.contestants
            for told in kinship_warnings(SilentModel(each.model), judge_model, askers)
        ]
        others = [judge_model] if judge_model is not None else []
        check_plan(plan, options.run_options(), [*others, *self._judge_models(plan.task).values()], askers)
        return plan

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

    def _task(self, task: str | Path | Task, options: Options) -> tuple[Task, str]:
        if isinstance(task, Task):
            if options.task_params:
                raise ConfigurationError("task parameters go with a task's name; this task is made already")
            return task, ""
        return self.registry.task(str(task), options.task_params, texts=True), str(task)

    def _model(self, model: str | Model) -> Model:
        if not isinstance(model, str):
            return model
        if model not in self._models:
            made = build_model(
                ModelSpec.parse(model), self.registry.models(), environments=self.registry.environment
            )
            self._models[model] = made
            self._open.push_async_callback(made.close)
        return self._models[model]

    def _sandboxes(self, needs: SandboxNeeds | None, earlier: Run | None) -> SandboxPool | None:
        """Where sandboxes are made that can do what is needed; None when nobody needs any.

        Raises:
            SandboxUnavailableError: they cannot do that.
            UnknownNameError: there is no such sandbox any more.
        """
        if needs is None:
            return None
        used = earlier.manifest.sandbox if earlier is not None else ""
        with self._planning:
            name = self._provider.name if self._provider else used or DEFAULT_SANDBOX
            if name not in self._pools:
                pool = self._pools[name] = SandboxPool(self._provider or sandbox_provider(name))
                self._open.push_async_callback(pool.close)
        self._pools[name].refuse(needs)
        return self._pools[name]

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
            judge=client(self._model(options.judge_model)) if options.judge_model is not None else None,
            judges={name: client(made) for name, made in self._judge_models(plan.task).items()},
        )

    def _judge_models(self, task: Task) -> dict[str, Model]:
        """The models that judges name for themselves."""
        named = {str(name) for each in with_members(task.judges) if (name := getattr(each, "model", None))}
        return {name: self._model(name) for name in sorted(named)}

    def _askers(self, task: Task, judge_model: Model | None) -> list[tuple[Judge, Model]]:
        """The judges that ask a model, with the model that each of them asks, where there is one."""
        asked = [(each, getattr(each, "model", None)) for each in model_askers(task.judges)]
        found = [(each, self._model(str(name)) if name else judge_model) for each, name in asked]
        return [(each, model) for each, model in found if model is not None]


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


def _public(model: str | Model | None) -> str | None:
    if model is None:
        return None
    return ModelSpec.parse(model).public() if isinstance(model, str) else model.id
