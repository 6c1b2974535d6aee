"""`Bench`: owns what runs share (models, limiters, the response cache, the registry) and evaluates.

    async with Bench(runs="runs") as bench:
        run = await bench.evaluate("vending", model="scripted/vending/naive-restock")
        print(run.summary())

Several evaluations may run at once on one bench and then share one limit for each endpoint.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, overload

from agentbench_sdk.benchmark import Registry, Task, select
from agentbench_sdk.cache import CachePolicy, ResponseCache
from agentbench_sdk.errors import ConfigurationError, RunFileError
from agentbench_sdk.judging import Judge, model_askers, with_members
from agentbench_sdk.models import Model
from agentbench_sdk.models.client import ModelClient, RunContext
from agentbench_sdk.models.spec import ModelSpec, build_model
from agentbench_sdk.reporting.progress import NoProgress, Progress
from agentbench_sdk.runs.budget import Budget
from agentbench_sdk.runs.execution import Clients, Execution
from agentbench_sdk.runs.gate import Gate
from agentbench_sdk.runs.kinship import KinshipWarning, kinship_warnings
from agentbench_sdk.runs.options import Options
from agentbench_sdk.runs.plan import Plan, agent_name, default_agent, new_manifest
from agentbench_sdk.runs.preflight import check_plan
from agentbench_sdk.runs.recorded import RecordedPlan
from agentbench_sdk.runs.rejudging import JudgeSpec, judging_plan
from agentbench_sdk.runs.resuming import continue_run
from agentbench_sdk.runs.run import Run, load_run
from agentbench_sdk.runs.several import ModelRun, distinct, execute_all
from agentbench_sdk.runs.store import RunStore
from agentbench_sdk.runs.users import user_spec
from agentbench_sdk.traffic import Limiters, RetryPolicy

DEFAULT_CACHE = ".agentbench/cache.db"
DEFAULT_RUNS = "runs"
SESSIONS_AT_ONCE = 1024
WORLDS_AT_ONCE = 512  # a simulated world may hold a megabyte


class Bench:
    """Everything that runs share.

    Arguments:
        cache: the response cache's file; None for none. Answers of models in this process are not kept.
        cache_policy: "reuse", "refresh", "replay" (a miss is an error) or "off".
        runs: folder of the run files.
        max_connections: cap on requests at once to each endpoint; the limit below it adapts itself.
        rpm, tpm: requests and tokens a minute that each endpoint allows; learned from its answers when left out.
        retry: how often and how long a failed call is tried again.
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
            "warnings": kinship_warnings(under_test, judge_model, askers),
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
        options = Options.of(options, more)
        # Loading samples may take long and block: other evaluations of this bench go on meanwhile.
        plan = await asyncio.to_thread(self.plan, task, model, options, resume=resume)
        for told in plan.manifest.warnings:
            warnings.warn(told, KinshipWarning, stacklevel=2)
        return await self.execute(plan, options)

    async def evaluate_models(
        self,
        task: str | Path | Task,
        models: Sequence[str | Model],
        options: Options | None = None,
        **more: Any,
    ) -> list[ModelRun]:
        """Run a task against several models at once, each into a run file of its own.

        Their sessions take turns at an endpoint that they share. A model whose run ends in an error does not
        stop the others; a cost limit is that of each run.

        Arguments:
            task: see `evaluate`.
            models: two or more, or one; each as `evaluate` takes it.
            options: see `Options`; `output` is left out, because each run has its own file.
            more: fields of `Options` as keyword arguments, in its place.

        Returns:
            One entry a model, in the order given: its run, or the error that ended it.

        Raises:
            UsageError: something does not exist or does not fit, for any of the models; nothing was started.
        """
        options = Options.of(options, more)
        plans = [
            await asyncio.to_thread(self.plan, task, model, options) for model in distinct(models, options)
        ]
        for told in dict.fromkeys(told for plan in plans for told in plan.manifest.warnings):
            warnings.warn(told, KinshipWarning, stacklevel=2)
        return await execute_all(self.execute, plans, options)

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
        for told in plan.manifest.warnings:
            warnings.warn(told, KinshipWarning, stacklevel=2)
        return await self.execute(plan, options)

    async def execute(self, plan: Plan, options: Options | None = None) -> Run:
        """Carry out a plan that `plan` made with the same options; see `evaluate`."""
        if self._closed:
            raise ConfigurationError("this bench is closed; make a new one")
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._evaluations.add(ended)
        try:
            return load_run(await self._carry_out(plan, options or Options()))
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

    async def _carry_out(self, plan: Plan, options: Options) -> Path:
        path = Path(options.output) if options.output else self.runs / f"{plan.manifest.run_id}.db"
        gate, interrupts = Gate(), self._interrupts
        clients = self._clients(plan, options, await self._opened_cache(), gate)
        store = await RunStore.create(path, plan.manifest)
        sessions = WORLDS_AT_ONCE if plan.world is not None else SESSIONS_AT_ONCE
        recorded = plan.sessions.play if isinstance(plan, RecordedPlan) and plan.sessions else None
        execution = Execution(plan, clients, store, gate, options.progress, sessions, recorded)
        self._executions[execution] = path
        try:
            if self._closed or self._interrupts > interrupts:  # while the files were being opened
                await execution.interrupt()
            await execution.run()
        except BaseException:
            with suppress(RunFileError):  # what stopped the run is the news, not that its file is full too
                await self._finish(store, "interrupted")
            raise
        else:
            await self._finish(store, "interrupted" if gate.closed else "finished")
        finally:
            del self._executions[execution]
            await store.close()
        return path

    async def _finish(self, store: RunStore, status: str) -> None:
        limiters = {name: figures.to_dict() for name, figures in self.limiters.statistics().items()}
        await store.note("limiters", limiters)
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


@overload
async def evaluate(
    task: str | Path | Task,
    model: str | Model,
    *,
    cache: str | Path | None = ...,
    runs: str | Path = ...,
    max_connections: int | None = ...,
    **options: Any,
) -> Run: ...


@overload
async def evaluate(
    task: str | Path | Task,
    *,
    models: Sequence[str | Model],
    cache: str | Path | None = ...,
    runs: str | Path = ...,
    max_connections: int | None = ...,
    **options: Any,
) -> list[ModelRun]: ...


async def evaluate(
    task: str | Path | Task,
    model: str | Model | None = None,
    *,
    models: Sequence[str | Model] | None = None,
    cache: str | Path | None = DEFAULT_CACHE,
    runs: str | Path = DEFAULT_RUNS,
    max_connections: int | None = None,
    **options: Any,
) -> Run | list[ModelRun]:
    """Evaluate one task against one model, or several at once, on a bench of its own; see `Bench` and `Options`.

    Returns:
        For `model` its run: scores, transcripts, summary, and the file that holds them. For `models` what
        `Bench.evaluate_models` returns.

    Raises:
        UsageError: something does not exist or does not fit; nothing was started.
    """
    async with Bench(cache=cache, runs=runs, max_connections=max_connections) as bench:
        if model is not None and models is None:
            return await bench.evaluate(task, model, **options)
        if models is not None and model is None:
            return await bench.evaluate_models(task, models, **options)
    raise ConfigurationError("name either one model or models=[…], and not both")


@overload
def evaluate_sync(task: str | Path | Task, model: str | Model, **options: Any) -> Run: ...


@overload
def evaluate_sync(
    task: str | Path | Task, *, models: Sequence[str | Model], **options: Any
) -> list[ModelRun]: ...


def evaluate_sync(
    task: str | Path | Task, model: str | Model | None = None, **options: Any
) -> Run | list[ModelRun]:
    """`evaluate` for scripts without an event loop.

    Raises:
        ConfigurationError: an event loop is running in this thread already; await `evaluate` there.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        given = options if model is None else {"model": model, **options}
        found: Run | list[ModelRun] = asyncio.run(evaluate(task, **given))
        return found
    raise ConfigurationError("an event loop is running here: use `await evaluate(…)`")
