"""What a model that plays the customer is told: how to behave, and its script."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from textwrap import indent

from agentbench_sdk.environments.telecom.task import Instructions, TelecomTask, UserScenario


@lru_cache(maxsize=1)
def customer_guidelines() -> str:
    """Our own guidelines; with tau2-bench's data those that lie in its folder are used in their place."""
    return files(__package__).joinpath("prompts/customer.md").read_text(encoding="utf-8")


def user_prompt(task: TelecomTask, guidelines: str) -> str:
    """The system prompt of the customer: the guidelines, then the task's scenario.

    Arguments:
        task: whose scenario it is.
        guidelines: how to behave, for all tasks alike.
    """
    return f"{guidelines.strip()}\n\n<scenario>\n{scenario_text(task.user_scenario)}\n</scenario>"


def scenario_text(scenario: UserScenario) -> str:
    """A scenario as text: each part under its title, indented by one tab a level; what is absent is left out."""
    return "\n".join(_scenario(scenario))


def _scenario(scenario: UserScenario) -> Iterator[str]:
    if scenario.persona is not None:
        yield "Persona:"
        yield indent(scenario.persona, "\t")
    yield "Instructions:"
    told = scenario.instructions
    yield indent(told if isinstance(told, str) else "\n".join(_instructions(told)), "\t")


def _instructions(told: Instructions) -> Iterator[str]:
    yield f"Domain: {told.domain}"
    parts = {
        "Reason for call": told.reason_for_call,
        "Known info": told.known_info,
        "Unknown info": told.unknown_info,
        "Task instructions": told.task_instructions,
    }
    for title, body in parts.items():
        if body is not None:
            yield f"{title}:\n{indent(body, chr(9))}"
