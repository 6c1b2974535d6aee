"""Why a conversation ended, in the words of tau2-bench, and how endings of our sessions read in them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Termination = Literal[
    "user_stop",
    "agent_stop",
    "max_steps",
    "timeout",
    "too_many_errors",
    "agent_error",
    "user_error",
    "infrastructure_error",
    "context_window_exceeded",
    "unexpected_error",
]
TERMINATIONS: tuple[Termination, ...] = get_args(Termination)
SCORED: frozenset[Termination] = frozenset({"user_stop", "agent_stop"})

# Reasons of `Ending`. A refusal or a cut answer is text like any other, and the world ends only with a stop.
_READ_AS: Mapping[str, Termination] = MappingProxyType(
    {
        "user_stop": "user_stop",
        "answered": "agent_stop",
        "refused": "agent_stop",
        "answer_cut": "agent_stop",
        "world_ended": "agent_stop",
        "steps": "max_steps",
        "turns": "max_steps",
        "tool_calls": "max_steps",
        "tokens": "max_steps",
        "cost_usd": "max_steps",
        "working_seconds": "timeout",
        "tool_errors": "too_many_errors",
        "agent_error": "agent_error",
        "user_error": "user_error",
        "user_fault": "user_error",
        "context_length": "context_window_exceeded",
    }
)


def termination_of(reason: str) -> Termination:
    """What tau2-bench would call an ending.

    Arguments:
        reason: of the session's ending. An error's kind that is not the agent's or the user's doing is an
            infrastructure error.

    >>> termination_of("steps"), termination_of("rate_limited")
    ('max_steps', 'infrastructure_error')
    """
    return _READ_AS.get(reason, "infrastructure_error")
