"""A session always comes to a typed end, and its transcript says what happened."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from agentbench_sdk.errors import RateLimitedError
from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.models import Capabilities, GenerateParams, ModelRequest, ModelResponse
from agentbench_sdk.sessions import (
    Episode,
    Limits,
    MessageEntry,
    SessionPlan,
    SessionResult,
    ToolEntry,
    ToolLoop,
    Transcript,
    WorldEntry,
    run_session,
)
from agentbench_sdk.simulation import ToolResult
from agentbench_sdk.testing.counter import Counter

Answer = str | Message | Exception


def says(
    *answers: Answer,
) -> tuple[Callable[[ModelRequest, int], Awaitable[ModelResponse]], list[ModelRequest]]:
    """A model that gives these answers in turn, the last one for ever, and what it was asked."""
    asked: list[ModelRequest] = []

    async def generate(request: ModelRequest, turn: int) -> ModelResponse:
        asked.append(request)
        answer = answers[min(turn, len(answers) - 1)]
        if isinstance(answer, Exception):
            raise answer
        message = Message.assistant(answer) if isinstance(answer, str) else answer
        return ModelResponse(message, usage=Usage(10, 5, cost_usd=0.01))

    return generate, asked


def calls(*calls: tuple[str, Any]) -> Message:
    return Message.assistant(
        tool_calls=[
            ToolCall(f"c{index}", name, arguments if isinstance(arguments, str) else json.dumps(arguments))
            for index, (name, arguments) in enumerate(calls)
        ]
    )


async def play(*answers: Answer, messages: Sequence[str] = (), **plan: Any) -> SessionResult:
    generate, _ = says(*answers)
    opening = tuple(Message.user(text) for text in messages)
    return await run_session(
        SessionPlan(messages=opening, agent=plan.pop("agent", ToolLoop()), **plan), generate
    )


async def test_a_single_answer_is_a_session() -> None:
    result = await play("42", messages=["6 × 7?"])
    assert (result.ending.status, result.ending.reason, result.answer) == ("completed", "answered", "42")
    assert result.outcome is None
    assert result.usage == Usage(10, 5, cost_usd=0.01)


async def test_the_tool_loop_plays_a_world_to_its_end() -> None:
    result = await play(calls(("add", {"number": 5})), environment=Counter.create())
    assert result.ending.reason == "world_ended"
    assert result.outcome is not None
    assert result.outcome.reward == 1.0
    assert [entry.content for entry in result.transcript.tool_calls] == ["sum 5", "sum 10"]
    assert len({entry.state_hash for entry in result.transcript.tool_calls}) == 2


async def test_the_history_that_is_sent_grows_by_call_and_result() -> None:
    generate, asked = says(calls(("add", {"number": 5})))
    await run_session(SessionPlan(messages=(), agent=ToolLoop(), environment=Counter.create()), generate)
    assert [message.role for message in asked[1].messages] == ["system", "user", "assistant", "tool"]
    assert [tool.name for tool in asked[0].tools] == ["add", "roll"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("{", "bad_arguments"),
        ('{"number": "5"}', "bad_arguments"),
        ("[]", "bad_arguments"),
        ('{"number": 2}', ""),
    ],
)
async def test_malformed_calls_are_answered_not_crashed(arguments: str, error: str) -> None:
    result = await play(calls(("add", arguments)), environment=Counter.create(), limits=Limits(tool_calls=1))
    entry = result.transcript.tool_calls[0]
    assert (entry.error, entry.arguments) == (error, arguments)


async def test_plain_text_is_put_to_the_world() -> None:
    result = await play("I will add.", calls(("add", {"number": 5})), environment=Counter.create())
    told = [
        e.message.text
        for e in result.transcript
        if isinstance(e, MessageEntry) and e.speaker == "environment"
    ]
    assert told[-1] == "Call a tool."
    assert result.ending.reason == "world_ended"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(turns=2), "turns"),
        (Limits(tool_calls=2), "tool_calls"),
        (Limits(tokens=30), "tokens"),
        (Limits(cost_usd=0.02), "cost_usd"),
    ],
)
async def test_a_limit_ends_the_session_and_the_world_is_still_scored(limits: Limits, reason: str) -> None:
    result = await play(calls(("add", {"number": 1})), environment=Counter.create(), limits=limits)
    assert (result.ending.status, result.ending.reason) == ("limit", reason)
    assert result.outcome is not None
    assert (result.outcome.reward, result.outcome.end_reason) == (0.2, reason)


async def test_working_time_counts_the_wire_and_not_the_queue() -> None:
    async def slow(request: ModelRequest, turn: int) -> ModelResponse:
        from agentbench_sdk.models import Timing

        return ModelResponse(calls(("add", {"number": 1})), timing=Timing(queue_s=100.0, wire_s=2.0))

    plan = SessionPlan(
        messages=(), agent=ToolLoop(), environment=Counter.create(), limits=Limits(working_seconds=5.0)
    )
    result = await run_session(plan, slow)
    assert result.ending.reason == "working_seconds"
    assert len(result.transcript.tool_calls) == 2


async def test_a_fault_of_the_endpoint_is_no_answer() -> None:
    result = await play(calls(("add", {"number": 1})), RateLimitedError("busy"), environment=Counter.create())
    assert (result.ending.status, result.ending.reason) == ("failed", "rate_limited")
    assert not result.ending.scorable
    assert result.outcome is None
    assert "busy" not in result.transcript.to_bytes().decode()


async def test_a_broken_world_is_a_fault_of_ours() -> None:
    class Broken(Counter):
        def call(self, actor: Any, name: str, arguments: object) -> ToolResult:
            raise ZeroDivisionError("oops")

    result = await play(calls(("add", {"number": 1})), environment=Broken.create())
    assert (result.ending.status, result.ending.reason) == ("failed", "environment_fault")
    assert "ZeroDivisionError" in result.ending.detail


async def test_a_scripted_user_speaks_after_each_answer() -> None:
    result = await play("first", "second", "third", messages=["hello"], user_turns=("more", "and more"))
    texts = [(message.role, message.text) for message in result.transcript.messages]
    assert texts == [
        ("user", "hello"),
        ("assistant", "first"),
        ("user", "more"),
        ("assistant", "second"),
        ("user", "and more"),
        ("assistant", "third"),
    ]
    assert result.answer == "third"


class Patient:
    """A custom agent that calls a tool itself, thinks twice and hands in."""

    async def run(self, episode: Episode) -> None:
        await episode.call_tool("add", {"number": 2})
        draft = await episode.generate([Message.user("draft")], tools=())
        await episode.generate()
        episode.submit(draft.text.upper())


async def test_anybodys_agent_can_play() -> None:
    result = await play("draft", "better", agent=Patient(), environment=Counter.create())
    assert (result.answer, result.ending.reason) == ("DRAFT", "answered")
    assert result.outcome is not None
    assert result.outcome.metrics["sum"] == 2
    assert result.outcome.end_reason == "answered"


async def test_an_agent_that_raises_is_a_typed_fault() -> None:
    class Clumsy:
        async def run(self, episode: Episode) -> None:
            raise KeyError("slot")

    result = await play("x", agent=Clumsy())
    assert (result.ending.status, result.ending.reason) == ("failed", "agent_fault")


async def test_nothing_happens_after_the_end() -> None:
    class Eager:
        async def run(self, episode: Episode) -> None:
            episode.submit("done")
            await episode.call_tool("add", {"number": 5})

    result = await play("x", agent=Eager(), environment=Counter.create())
    assert (result.answer, result.ending.reason) == ("done", "answered")
    assert result.transcript.tool_calls == []


async def test_a_cancelled_session_closes_its_world() -> None:
    closed = []

    class Closing(Counter):
        def close(self) -> None:
            closed.append(True)

    async def hang(request: ModelRequest, turn: int) -> ModelResponse:
        await asyncio.Event().wait()
        raise AssertionError

    plan = SessionPlan(messages=(), agent=ToolLoop(), environment=Closing.create())
    task = asyncio.create_task(run_session(plan, hang))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]


async def test_transcripts_come_back_from_their_bytes() -> None:
    result = await play("hm", calls(("roll", {})), environment=Counter.create())
    body = result.transcript.to_bytes()
    assert Transcript.from_list(json.loads(body)).to_bytes() == body


async def test_surplus_calls_are_refused_unexecuted() -> None:
    class OneAtATime(Counter):
        calls_per_message = 1

    result = await play(
        calls(("add", {"number": 5}), ("add", {"number": 5})),
        environment=OneAtATime.create(),
        limits=Limits(turns=1),
    )
    first, second = result.transcript.tool_calls
    assert first.ok
    assert (second.error, second.surplus) == ("too_many_calls", True)


async def test_old_turns_leave_a_small_context_and_stay_in_the_transcript() -> None:
    generate, asked = says(calls(("add", {"number": 1})))
    plan = SessionPlan(
        messages=(),
        agent=ToolLoop(),
        environment=Counter.create({"goal": 60}),
        capabilities=Capabilities(context_tokens=400),
    )
    result = await run_session(plan, generate)
    assert len(result.transcript.tool_calls) == 60
    assert max(len(request.messages) for request in asked) < 30
    for request in asked:
        assert [message.role for message in request.messages[:2]] == ["system", "user"]
        assert request.messages[2:3] == () or request.messages[2].role == "assistant"


async def test_sampling_parameters_of_a_call_go_on_top() -> None:
    generate, asked = says("x")

    class Cool:
        async def run(self, episode: Episode) -> None:
            await episode.generate(params=GenerateParams(temperature=0.0))

    plan = SessionPlan(messages=(), agent=Cool(), params=GenerateParams(temperature=1.0, max_tokens=5))
    await run_session(plan, generate)
    assert asked[0].params == GenerateParams(temperature=0.0, max_tokens=5)


async def test_calls_side_by_side_are_turns_of_their_own() -> None:
    """Sampled answers are private to a turn; four requests at once must not become one."""
    turns = []

    async def generate(request: ModelRequest, turn: int) -> ModelResponse:
        turns.append(turn)
        await asyncio.sleep(0)
        return ModelResponse(Message.assistant(str(turn)))

    class Committee:
        async def run(self, episode: Episode) -> None:
            await asyncio.gather(*(episode.generate() for _ in range(4)))

    await run_session(SessionPlan(messages=(Message.user("?"),), agent=Committee()), generate)
    assert turns == [0, 1, 2, 3]


async def test_a_fault_that_an_agent_swallows_is_told() -> None:
    class Stubborn:
        async def run(self, episode: Episode) -> None:
            with contextlib.suppress(RateLimitedError):
                await episode.generate()
            episode.submit("fallback")

    result = await play(RateLimitedError("busy"), agent=Stubborn())
    assert result.answer == "fallback"
    assert "1 failed calls, the first: rate_limited: busy" in result.ending.detail


async def test_an_agent_that_catches_everything_is_stopped() -> None:
    class Deaf:
        async def run(self, episode: Episode) -> None:
            while True:
                with contextlib.suppress(Exception):
                    await episode.generate()

    result = await play("x", agent=Deaf(), limits=Limits(turns=2))
    assert (result.ending.status, result.ending.reason) == ("limit", "turns")


async def test_an_agent_that_cancels_itself_is_a_typed_fault() -> None:
    class Confused:
        async def run(self, episode: Episode) -> None:
            raise asyncio.CancelledError

    result = await play("x", agent=Confused())
    assert (result.ending.status, result.ending.reason) == ("failed", "agent_fault")


async def test_calling_tools_where_there_are_none_is_an_answer_not_an_endless_bill() -> None:
    answer = Message.assistant("4", tool_calls=[ToolCall("c", "calculator", "{}")])
    result = await play(answer, messages=["2 + 2?"])
    assert (result.answer, result.ending.reason) == ("4", "answered")
    assert len(result.transcript.messages) == 2


@pytest.mark.parametrize(
    ("finish", "reason"), [("refusal", "refused"), ("length", "answer_cut"), ("stop", "answered")]
)
async def test_refusals_and_cut_answers_are_endings_of_their_own(finish: Any, reason: str) -> None:
    async def generate(request: ModelRequest, turn: int) -> ModelResponse:
        return ModelResponse(Message.assistant("I", refusal="no" if finish == "refusal" else ""), finish)

    result = await run_session(SessionPlan(messages=(Message.user("?"),), agent=ToolLoop()), generate)
    assert (result.ending.status, result.ending.reason) == ("completed", reason)


class Metered(Counter):
    """Remembers in its sum what was written."""

    def used(self, actor: Any, output_tokens: int) -> bool:
        self._sum += output_tokens
        return True


async def test_a_world_that_charges_for_tokens_is_told_of_each_answer_before_its_calls() -> None:
    result = await play(calls(("add", {"number": 1})), environment=Metered.create({"goal": 12}))
    record = [entry.to_dict() for entry in result.transcript if isinstance(entry, WorldEntry | ToolEntry)]
    assert [(entry["kind"], entry.get("event"), entry["content"]) for entry in record] == [
        ("world", "opening", ""),
        ("world", "used", "5"),
        ("tool", None, "sum 6"),
        ("world", "used", "5"),
        ("tool", None, "sum 12"),
    ]


async def test_a_world_that_does_not_charge_leaves_no_trace_of_tokens() -> None:
    result = await play(calls(("add", {"number": 5})), environment=Counter.create())
    assert [entry.event for entry in result.transcript if isinstance(entry, WorldEntry)] == ["opening"]
