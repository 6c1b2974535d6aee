"""What can be found out before anything is sent: nothing should fail half-way that could have failed first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.errors import ConfigurationError, TaskError
from agentbench_sdk.judging import Judge, model_askers
from agentbench_sdk.messages import Text
from agentbench_sdk.models import Model

if TYPE_CHECKING:
    from agentbench_sdk.runs.options import Options
    from agentbench_sdk.runs.plan import Plan


def check_plan(
    plan: Plan, options: Options, models: Iterable[Model], askers: Iterable[tuple[Judge, Model]] = ()
) -> None:
    """Refuse a plan that cannot go well.

    `models` are all that the run will ask: the one under test, and those of users and judges; `askers` are
    the judges that ask one, each with its own.

    Raises:
        ConfigurationError: a scenario is wrong, a model cannot take or do what is asked, a user or a judge
            lacks its model, a cost limit lacks prices.
        TaskError: two judges share an id, or there is none.
    """
    _check_judges(plan, options)
    _check_scenarios(plan)
    _check_capabilities(plan)
    _check_media(plan)
    _check_judges_media(plan, askers)
    _check_prices(plan, options, models)


def _check_judges(plan: Plan, options: Options) -> None:
    ids = [judge.id for judge in plan.task.judges]
    if not ids:
        raise TaskError(f"task {plan.task.name!r} has no judges; name at least one")
    for name in ids:
        if ids.count(name) > 1:
            raise TaskError(
                f"task {plan.task.name!r} has two judges with the id {name!r}; name one of them apart"
            )
    for judge in model_askers(plan.task.judges):
        if not getattr(judge, "model", None) and options.judge_model is None:
            raise ConfigurationError(
                f"judge {judge.id} asks a model: name one with --judge-model or judge_model=…"
            )


def _check_scenarios(plan: Plan) -> None:
    for sample in plan.samples:
        if plan.world is not None:
            plan.world.resolve_scenario(sample.scenario or "default")
        elif sample.scenario is not None:
            raise ConfigurationError(
                f"sample {sample.id!r} has a scenario, but task {plan.task.name!r} has no environment"
            )


def _check_capabilities(plan: Plan) -> None:
    can, params = plan.model.capabilities, plan.params
    asked = {
        "log probabilities": (params.logprobs or params.top_logprobs is not None, can.logprobs),
        "response_format": (params.response_format is not None, can.response_format),
        "a sampling seed": (params.seed is not None or plan.seed is not None, can.seed),
        "native tool calls": (plan.protocol == "native" and plan.world is not None, can.tools),
    }
    for what, (wanted, able) in asked.items():
        if wanted and not able:
            raise ConfigurationError(f"the run asks for {what}, which model {plan.model.id!r} does not take")


def _check_media(plan: Plan) -> None:
    for sample in plan.samples:
        for kind in _not_taken(sample, plan.model):
            raise ConfigurationError(
                f"sample {sample.id!r} holds {kind}, which model {plan.model.id!r} does not take"
            )


def _check_judges_media(plan: Plan, askers: Iterable[tuple[Judge, Model]]) -> None:
    for judge, model in askers:
        if not getattr(judge, "media", False):
            continue
        for sample in plan.samples:
            for kind in _not_taken(sample, model):
                raise ConfigurationError(
                    f"sample {sample.id!r} holds {kind}, which {model.id!r}, the model of judge {judge.id}, "
                    "does not take: name another one, or give the judge media=False to judge without it"
                )


def _not_taken(sample: Sample, model: Model) -> list[str]:
    """The kinds of media in a sample that a model does not take."""
    if isinstance(sample.input, str):
        return []
    can = model.capabilities
    able = {"image": can.images, "audio": can.audio, "video": can.video}
    kinds = {part.kind for message in sample.input for part in message.content if not isinstance(part, Text)}
    return sorted(kind for kind in kinds if not able[kind])


def _check_prices(plan: Plan, options: Options, models: Iterable[Model]) -> None:
    if options.max_cost is None and plan.limits.cost_usd is None:
        return
    for model in models:
        if model.endpoint and getattr(model, "prices", None) is None:
            raise ConfigurationError(
                f"a cost limit needs prices: give {model.id!r} price_in and price_out in US dollars per "
                "million tokens, for example ?price_in=0.4&price_out=1.6"
            )
