"""The providers that we bring, registered under the entry points "agentbench.models" like a stranger's.

A provider is `factory(name, **options) -> Model`; the options are its keyword parameters, and their
annotations say how texts from a command line are read.
"""

from __future__ import annotations

from collections.abc import Callable

from agentbench_sdk.errors import UnknownNameError
from agentbench_sdk.models.base import Model
from agentbench_sdk.models.litellm_backend import LiteLLM
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.models.scripted import ConstantModel, OracleModel, PolicyModel
from agentbench_sdk.simulation import Environment

openai = OpenAICompatible
litellm = LiteLLM

EnvironmentFinder = Callable[[str], type[Environment]]


def scripted(name: str, *, text: str | None = None, environments: EnvironmentFinder | None = None) -> Model:
    """Offline: `scripted/<environment>/<policy>`, or `scripted/constant?text=…`.

    Policies, oracles and scripted users of the environment are found by their names.

    Arguments:
        name: what follows "scripted/".
        text: what the constant model says, "ok" when left out.
        environments: finds an environment by name; the installed ones when left out.

    Raises:
        UnknownNameError: no such environment, or no such policy in it; says what there is.
    """
    if name == "constant":
        return ConstantModel("ok" if text is None else text, id=_constant_id(text))
    if text is not None:
        raise UnknownNameError("scripted model with the option text", name, ["constant"])
    environment, _, policy = name.partition("/")
    world = (environments or _installed())(environment)
    policies, identity = world.policies(), f"scripted/{environment}/{policy}"
    oracles = {**world.oracles(), **world.users()}
    if policy in oracles:
        return OracleModel(oracles[policy], id=identity)
    if policy not in policies:
        raise UnknownNameError(f"policy of {environment}", policy, [*policies, *oracles])
    return PolicyModel(policies[policy], id=identity)


def _constant_id(text: str | None) -> str:
    return "scripted/constant" if text is None else f"scripted/constant?text={text}"


def _installed() -> EnvironmentFinder:
    from agentbench_sdk.benchmark import Registry

    return Registry.discover().environment
