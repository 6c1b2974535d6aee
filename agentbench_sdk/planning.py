"""`Planner`: settles and checks what an evaluation would do, before anything is sent or paid for.

It finds tasks, worlds, judges and sandboxes by name, and makes each model once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentbench_sdk.arena.plan import ArenaOptions, arena_plan
from agentbench_sdk.benchmark import Assembly, Registry, Task, TaskGroup, assemble, select
from agentbench_sdk.benchmark.assembly import Named
from agentbench_sdk.cache import CachePolicy
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Judge, model_askers, with_members
from agentbench_sdk.models import Model
from agentbench_sdk.models.spec import ModelSpec, build_model
from agentbench_sdk.runs.grid import group_judges
from agentbench_sdk.runs.kinship import kinship_warnings
from agentbench_sdk.runs.options import Options
from agentbench_sdk.runs.plan import Plan, agent_name, default_agent, new_manifest
from agentbench_sdk.runs.preflight import check_plan
from agentbench_sdk.runs.recorded import RecordedPlan, SilentModel
from agentbench_sdk.runs.rejudging import JudgeSpec, judging_plan
from agentbench_sdk.runs.resuming import continue_run
from agentbench_sdk.runs.run import Run
from agentbench_sdk.runs.sandboxes import judges_need, world_needs
from agentbench_sdk.runs.several import check_apart, distinct
from agentbench_sdk.runs.users import user_spec
from agentbench_sdk.sandbox import SandboxNeeds, SandboxPool, SandboxProvider, sandbox_provider
from agentbench_sdk.sandbox.pool import DEFAULT_SANDBOX

Tasks = (
    list[Any] | tuple[Any, ...] | TaskGroup
)  # of `Named`; not a Sequence, which a single name would be, too


class Planner:
    """Makes plans, from several threads at once where asked; `close` closes the models and sandboxes it made.

    Arguments:
        registry: where names are looked up.
        cache: the response cache's file, as a manifest tells it.
        policy: of that cache.
        provider: of sandboxes; None for that of the run that is continued, or else the usual one.
    """

    def __init__(
        self,
        registry: Registry,
        cache: Path | None,
        policy: CachePolicy,
        provider: SandboxProvider | None,
    ) -> None:
        self.registry = registry
        self._cache, self._policy, self._provider = str(cache) if cache else None, policy, provider
        self._models: dict[str, Model] = {}
        self._pools: dict[str, SandboxPool] = {}
        self._making = threading.Lock()
        self._made = AsyncExitStack()

    async def close(self) -> None:
        """Close the models and sandboxes that were made."""
        await self._made.aclose()
        self._models.clear()
        self._pools.clear()

    # --- plans --------------------------------------------------------------------------------

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
        under_test = self.model(model)
        samples = select(found.load(), limit=options.limit, sample_ids=options.sample_ids)
        world = self.registry.environment(found.environment) if found.environment else None
        params, limits = found.params.merged(options.params), options.limits or found.limits
        epochs = found.epochs if options.epochs is None else options.epochs
        agent = default_agent(found, options.agent)
        played_by = user_spec(options, world, samples)
        user = self.model(played_by) if played_by is not None else None
        user_params = found.user_params.merged(options.user_params)
        judge_model, judging = self._judge(options.judge_model)
        askers = self._askers(found, judge_model)
        needs = SandboxNeeds.all_of([world_needs(world, samples), judges_need(found.judges)])
        sandboxes = self._sandboxes(needs, resume)
        facts = {
            "task_source": source,
            "task_params": dict(options.task_params),
            "agent": agent_name(agent),
            "user_model": _public(played_by),
            **judging,
            "params": params.to_dict(),
            "user_params": user_params.to_dict() if user is not None else {},
            "limits": limits.model_dump(exclude_none=True),
            "epochs": epochs,
            "limit": options.limit,
            "sample_ids": list(options.sample_ids) if options.sample_ids is not None else None,
            "seed": options.seed,
            "protocol": options.protocol,
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
        self._check(plan, options, [under_test, user, judge_model], askers)
        if resume is not None:
            continue_run(plan, resume)
        return plan

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

    def plan_judging(
        self, run: Run, judges: Sequence[JudgeSpec] | None = None, options: Options | None = None
    ) -> RecordedPlan:
        """Settle and check what judging a run again would do; `execute` carries it out.

        Raises:
            UsageError: a judge does not exist or does not fit; one sentence says what.
        """
        options = options or Options()
        judge_model, facts = self._judge(options.judge_model)
        plan = judging_plan(run, judges, self.registry, facts)
        askers = self._askers(plan.task, judge_model)
        plan.manifest.warnings = kinship_warnings(plan.model, judge_model, askers)
        needs = judges_need(plan.task.judges)
        if sandboxes := self._sandboxes(needs, run):
            plan = replace(plan, sandboxes=sandboxes, sandbox_needs=needs)
            plan.manifest.warnings += sandboxes.warnings()
            plan.manifest.sandbox = sandboxes.name
        self._check(plan, options, [judge_model], askers)
        return plan

    def plan_arena(self, runs: Sequence[Run], options: ArenaOptions | None = None) -> RecordedPlan:
        """Settle and check what an arena would do; `execute` carries it out.

        Raises:
            UsageError: the runs may not meet, or a judge does not exist or does not fit; one sentence says what.
        """
        options = options or ArenaOptions()
        judge_model, facts = self._judge(options.judge_model)
        plan = arena_plan(runs, options, self.registry, facts)
        if self._policy is CachePolicy.REFRESH:
            # What an earlier arena of these runs drew is to be drawn anew.
            plan.manifest.draws = plan.manifest.run_id
        askers = self._askers(plan.task, judge_model)
        assert plan.manifest.arena is not None
        plan.manifest.warnings = [
            told
            for each in plan.manifest.arena.contestants
            for told in kinship_warnings(SilentModel(each.model), judge_model, askers)
        ]
        self._check(plan, options.run_options(), [judge_model], askers)
        return plan

    # --- what plans are made of ----------------------------------------------------------------

    def model(self, model: str | Model) -> Model:
        """A model by its name, made once; another one as it is."""
        if not isinstance(model, str):
            return model
        with self._making:
            if model not in self._models:
                made = build_model(
                    ModelSpec.parse(model), self.registry.models(), environments=self.registry.environment
                )
                self._models[model] = made
                self._made.push_async_callback(made.close)
            return self._models[model]

    def judge_models(self, task: Task) -> dict[str, Model]:
        """The models that judges name for themselves."""
        named = {str(name) for each in with_members(task.judges) if (name := getattr(each, "model", None))}
        return {name: self.model(name) for name in sorted(named)}

    def _judge(self, named: str | Model | None) -> tuple[Model | None, dict[str, Any]]:
        """The model that judges ask which name none, and what a manifest tells of it and of the cache."""
        model = self.model(named) if named is not None else None
        return model, {"judge_model": _public(named), "cache": self._cache}

    def _check(
        self,
        plan: Plan,
        options: Options,
        models: Sequence[Model | None],
        askers: Sequence[tuple[Judge, Model]],
    ) -> None:
        asked = [each for each in models if each is not None]
        check_plan(plan, options, [*asked, *self.judge_models(plan.task).values()], askers)

    def _task(self, task: str | Path | Task, options: Options) -> tuple[Task, str]:
        if isinstance(task, Task):
            if options.task_params:
                raise ConfigurationError("task parameters go with a task's name; this task is made already")
            return task, ""
        return self.registry.task(str(task), options.task_params, texts=True), str(task)

    def _sandboxes(self, needs: SandboxNeeds | None, earlier: Run | None) -> SandboxPool | None:
        """Where sandboxes are made that can do what is needed; None when nobody needs any.

        Raises:
            SandboxUnavailableError: they cannot do that.
            UnknownNameError: there is no such sandbox any more.
        """
        if needs is None:
            return None
        used = earlier.manifest.sandbox if earlier is not None else ""
        with self._making:
            name = self._provider.name if self._provider else used or DEFAULT_SANDBOX
            if name not in self._pools:
                pool = self._pools[name] = SandboxPool(self._provider or sandbox_provider(name))
                self._made.push_async_callback(pool.close)
        self._pools[name].refuse(needs)
        return self._pools[name]

    def _askers(self, task: Task, judge_model: Model | None) -> list[tuple[Judge, Model]]:
        """The judges that ask a model, with the model that each of them asks, where there is one."""
        asked = [(each, getattr(each, "model", None)) for each in model_askers(task.judges)]
        found = [(each, self.model(str(name)) if name else judge_model) for each, name in asked]
        return [(each, model) for each, model in found if model is not None]


def _public(model: str | Model | None) -> str | None:
    if model is None:
        return None
    return ModelSpec.parse(model).public() if isinstance(model, str) else model.id
