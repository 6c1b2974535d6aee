"""Who plays the users of a run."""

from __future__ import annotations

from collections.abc import Sequence

from agentbench_sdk.benchmark import Sample
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.models import Model
from agentbench_sdk.models.scripted import OracleModel
from agentbench_sdk.runs.options import Options
from agentbench_sdk.simulation import Environment


def user_spec(
    options: Options, world: type[Environment] | None, samples: Sequence[Sample]
) -> str | Model | None:
    """Who plays the users of a run: who was named, else the world's first scripted user.

    Raises:
        ConfigurationError: somebody was named, and no sample's world has a user; or it has
            one, nobody was named, and no scripted one is there.
        UsageError: a world cannot be made.
    """
    if not any(_has_user(world, sample) for sample in samples):
        if options.user_model is not None:
            raise ConfigurationError("a user model was named, but nobody talks with the agent in this task")
        return None
    assert world is not None
    if options.user_model is not None:
        return options.user_model
    for name, scripted in world.users().items():
        return OracleModel(scripted, id=f"scripted/{world.name}/{name}")
    raise ConfigurationError("this task needs a user: name one with --user-model or user_model=…")


def _has_user(world: type[Environment] | None, sample: Sample) -> bool:
    if world is None or world.user_side is Environment.user_side:
        return False
    made = world.create(sample.scenario or "default", sample.seed)
    try:
        return made.user_side() is not None
    finally:
        made.close()
