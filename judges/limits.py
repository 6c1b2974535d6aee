"""`limits`: what the session used, held against limits: tokens, cost, turns, tool calls, errors, seconds.

limits(tokens=20_000, turns=12)              # passed where all are kept
limits(cost_usd=0.05, partial=True)          # the share of limits that are kept

A session's own limits end it; these judge it. All figures but the seconds follow from the responses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.messages import Usage
from agentbench_sdk.sessions.transcript import MessageEntry

_NAMES = (
    "tokens",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "turns",
    "tool_calls",
    "tool_errors",
    "working_s",
)


def _check(*, roles: str = "agent", partial: bool = False, **limits: float | None) -> None:
    if roles not in ("agent", "all"):
        raise ConfigurationError(f"judge 'limits': roles is {roles!r}; give 'agent' or 'all'")
    given = {name: value for name, value in limits.items() if value is not None}
    if not given:
        raise ConfigurationError(f"judge 'limits': no limit is given; give one of {', '.join(_NAMES)}")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise ConfigurationError(f"judge 'limits': {name} is {value!r}; give a number from 0 up")


@judge(check=_check)
def limits(
    case: JudgeCase,
    *,
    tokens: int | None = None,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    cost_usd: float | None = None,
    turns: int | None = None,
    tool_calls: int | None = None,
    tool_errors: int | None = None,
    working_s: float | None = None,
    roles: str = "agent",
    partial: bool = False,
) -> Score:
    """Pass if the session kept to all limits that are given; to reach one is to keep to it.

    Arguments:
        case: what is judged.
        tokens: input and output tokens together.
        input_tokens: of all requests.
        output_tokens: of all answers, reasoning included.
        cost_usd: US dollars; unscored where no price is known.
        turns: answers of the model.
        tool_calls: calls made, failed ones too.
        tool_errors: calls that were answered with an error.
        working_s: seconds on the wire and in tools, of both sides; unscored where answers came from the cache.
        roles: whose: the "agent"'s, or of "all" who speak (a simulated user's model as well; never a judge's).
        partial: the value is the share of limits that are kept, instead of 0 or 1.
    """
    wanted = {
        "tokens": tokens,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cost_usd": cost_usd,
        "turns": turns,
        "tool_calls": tool_calls,
        "tool_errors": tool_errors,
        "working_s": working_s,
    }
    limits = {name: limit for name, limit in wanted.items() if limit is not None}
    figures = _figures(case, everyone=roles == "all")
    unknown = [name for name in limits if figures[name] is None]
    if unknown:
        return Score.unscored(f"not known of this session: {', '.join(unknown)}")
    return _score({name: figures[name] or 0 for name in limits}, limits, partial=partial)


def _score(used: Mapping[str, float], limits: Mapping[str, float], *, partial: bool) -> Score:
    over = [
        f"{name} is {used[name]:g}, above {limits[name]:g}" for name in limits if used[name] > limits[name]
    ]
    value = 1 - len(over) / len(limits) if partial else float(not over)
    explanation = "; ".join(over) if over else "all limits are kept"
    return Score(value, not over, explanation=explanation, evidence={"used": dict(used)})


def _figures(case: JudgeCase, *, everyone: bool) -> dict[str, float | None]:
    used = [usage for role, usage in case.usage.items() if everyone or role == "agent"]
    usage = sum(used, Usage())
    calls = [
        call
        for call in case.transcript.tool_calls
        if (everyone or call.actor == "agent") and not call.surplus
    ]
    speakers = ("agent", "user") if everyone else ("agent",)
    return {
        "tokens": usage.total_tokens,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": None if any(each.cost_usd is None for each in used) else usage.cost_usd or 0.0,
        "turns": sum(
            isinstance(entry, MessageEntry) and entry.usage is not None and entry.speaker in speakers
            for entry in case.transcript
        ),
        "tool_calls": len(calls),
        "tool_errors": sum(not call.ok for call in calls),
        "working_s": case.working_s,
    }
