"""The `limits` judge."""

from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.limits import limits
from agentbench_sdk.judging import JudgeCase, Score
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.sessions.transcript import MessageEntry, ToolEntry, Transcript


def answered(speaker: Any) -> MessageEntry:
    return MessageEntry(speaker, Message.assistant("x"), Usage(10, 5))


TRANSCRIPT = Transcript(
    [
        MessageEntry("environment", Message.user("hello")),
        answered("agent"),
        ToolEntry("agent", "c1", "look", "{}", "done", ok=True),
        ToolEntry("agent", "c2", "look", "{}", "no", ok=False),
        ToolEntry("agent", "c3", "look", "{}", "no", ok=False, surplus=True),
        ToolEntry("user", "c4", "reboot", "{}", "done", ok=True),
        answered("user"),
        answered("agent"),
    ]
)
USAGE = {"agent": Usage(100, 20, cost_usd=0.02), "user": Usage(50, 5, cost_usd=0.01)}


async def score(usage: Any = USAGE, **options: Any) -> Score:
    case = JudgeCase("s1", "x", transcript=TRANSCRIPT, usage=usage, working_s=4.0)
    return await limits(**options).judge(case)


@pytest.mark.parametrize(
    ("name", "used", "everyone"),
    [
        ("tokens", 120, 175),
        ("input_tokens", 100, 150),
        ("output_tokens", 20, 25),
        ("cost_usd", 0.02, 0.03),
        ("turns", 2, 3),
        ("tool_calls", 2, 3),
        ("tool_errors", 1, 1),
        ("working_s", 4.0, 4.0),
    ],
)
async def test_reaching_a_limit_keeps_to_it_and_passing_it_does_not(
    name: str, used: Any, everyone: Any
) -> None:
    less = 0.5 if isinstance(used, int) else 0.001
    for roles, amount in (("agent", used), ("all", everyone)):
        kept = await score(**{name: amount, "roles": roles})
        assert (kept.value, kept.passed) == (1.0, True)
        assert kept.evidence["used"][name] == pytest.approx(amount)
        over = await score(**{name: amount - less, "roles": roles})
        assert (over.value, over.passed) == (0.0, False)
        assert name in over.explanation


async def test_partial_gives_the_share_of_limits_that_are_kept() -> None:
    verdict = await score(tokens=1, turns=9, tool_calls=9, tool_errors=0, partial=True)
    assert (verdict.value, verdict.passed) == (0.5, False)


async def test_what_is_not_known_leaves_the_session_unscored_and_is_never_taken_for_little() -> None:
    assert (await score({"agent": Usage(1, 1)}, cost_usd=9.0)).value is None
    verdict = await limits(working_s=9.0).judge(JudgeCase("s1", "x", usage=USAGE))
    assert verdict.value is None
    assert "working_s" in verdict.explanation


@pytest.mark.parametrize(
    "options",
    [{}, {"tokens": -1}, {"turns": True}, {"turns": 1, "roles": "judge"}, {"cost_usd": float("nan")}],
)
def test_bad_options_are_refused_before_a_run(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        limits(**options)
