"""Whole runs through the bench: charged, delegated, replayed without a model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentbench_sdk.bench import Bench
from agentbench_sdk.environments.vending import Vending, VendingWithWorker
from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.models import Capabilities, ModelRequest, ModelResponse
from agentbench_sdk.runs import ReplayReport, Run, replay
from agentbench_sdk.tasks.agentic.vending import vending
from agentbench_sdk.testing import ScriptedModel

Act = tuple[str, dict[str, Any]] | str


def _model(acts: Iterable[Act], output_tokens: int = 1_000) -> ScriptedModel:
    """A model that acts in this order and then waits; a text is said."""
    script = iter(acts)
    count = iter(range(10**6))

    def answer(request: ModelRequest) -> ModelResponse:
        act = next(script, ("wait_for_next_day", {}))
        usage = Usage(100, output_tokens)
        if isinstance(act, str):
            return ModelResponse(Message.assistant(act), usage=usage)
        call = ToolCall(f"c{next(count)}", act[0], json.dumps(act[1]))
        return ModelResponse(Message.assistant(tool_calls=[call]), "tool_calls", usage)

    return ScriptedModel(answer)


async def _play(folder: Path, model: ScriptedModel, **overrides: Any) -> Run:
    task = vending(scenario="tiny-7", seeds=1, overrides={"fraud_permille": 0, **overrides})
    async with Bench(cache=None, runs=folder) as bench:
        return await bench.evaluate(task, model)


async def _proof(run: Run) -> ReplayReport:
    return await replay(run, lambda name: Vending)


async def test_a_run_is_charged_for_the_tokens_that_its_model_wrote(tmp_path: Path) -> None:
    """Seven answers of 1000 tokens cost 70 cents at 100 dollars a million."""
    run = await _play(tmp_path, _model([]), token_rate_cents=10_000)
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.metrics["tokens_cents"] == 70
    assert record.outcome.reward == 50_000 - 7 * 200 - 70
    report = await _proof(run)
    assert (report.proven, report.mismatches) == (1, [])


# --- a worker that is a model -------------------------------------------------------------------

_ERRAND: list[Act] = [
    ("run_sub_agent", {"instructions": "Set A1 to two dollars and tell me the cash."}),
    ("set_prices", {"prices": [{"slot": "A1", "price_cents": 200}]}),
    ("set_prices", {"prices": [{"slot": "Z9", "price_cents": 200}]}),
    ("get_machine_inventory", {}),
    "A1 costs 2.00 now, the box is empty.",
]


async def test_a_model_as_worker_has_a_conversation_of_its_own(tmp_path: Path) -> None:
    """The worker never reads the operator's history, nor the operator more than the worker's report."""
    model = _model([*_ERRAND, "What now?"])
    run = await _play(tmp_path, model, subagent="llm")
    chief, *worker = (request.messages for request in model.calls[:5])
    assert "You run one vending machine" in chief[1].text
    assert [message.role for message in worker[0]] == ["system", "user"]
    assert worker[0][1].text == "Set A1 to two dollars and tell me the cash."
    assert [len(each) for each in worker] == [2, 4, 6, 8]
    assert {tool.name for tool in model.calls[1].tools} >= {"set_prices", "report_back"}
    assert "wait_for_next_day" not in {tool.name for tool in model.calls[1].tools}
    after = model.calls[5].messages
    assert [message.role for message in after] == ["system", "user", "assistant", "tool"]
    told = json.loads(after[3].text)["data"]
    assert told["report"] == "A1 costs 2.00 now, the box is empty."
    assert [call["ok"] for call in told["calls"]] == [True, False, True]
    assert model.calls[6].messages[-1].text.startswith("Nothing was done")
    (record,) = run.records()
    assert record.ending.reason == "world_ended"
    assert record.outcome is not None
    assert record.outcome.metrics["calls.set_prices"] == 2


async def test_the_calls_of_a_worker_are_proven_without_a_model(tmp_path: Path) -> None:
    run = await _play(tmp_path, _model(_ERRAND), subagent="llm", token_rate_cents=100_000)
    report = await _proof(run)
    assert (report.proven, report.mismatches) == (1, [])
    calls = [entry.name for entry in run.transcripts["tiny-7-seed-1", 0].tool_calls]
    assert calls[:4] == ["run_sub_agent", "set_prices", "set_prices", "get_machine_inventory"]
    assert calls[4:] == ["wait_for_next_day"] * 7
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.metrics["tokens_cents"] == (5 + 7) * 100


async def test_a_worker_that_never_stops_is_stopped_by_the_world(tmp_path: Path) -> None:
    acts: list[Act] = [("run_sub_agent", {"instructions": "Go."}), *[("collect_cash", {})] * 200]
    run = await _play(tmp_path, _model(acts), subagent="llm")
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.end_reason == "aborted_invalid"
    assert record.outcome.metrics["actions"] == 1 + 12 + 50
    report = await _proof(run)
    assert (report.proven, report.mismatches) == (1, [])


async def test_too_many_calls_of_a_message_are_refused_before_the_errand_begins(tmp_path: Path) -> None:
    first = ToolCall("a", "run_sub_agent", '{"instructions": "Collect."}')
    second = ToolCall("a", "collect_cash", "{}")
    script: list[Message | Act] = [Message.assistant(tool_calls=[first, second]), "Nothing to collect."]
    following = iter(_messages(script))
    model = ScriptedModel(lambda request: next(following))
    run = await _play(tmp_path, model, subagent="llm")
    entries = run.transcripts["tiny-7-seed-1", 0].tool_calls
    assert [(entry.name, entry.surplus) for entry in entries[:2]] == [
        ("run_sub_agent", False),
        ("collect_cash", True),
    ]
    sent = model.calls[2].messages[-2:]
    assert json.loads(sent[0].text)["data"]["report"] == "Nothing to collect."
    assert json.loads(sent[1].text)["error"]["code"] == "bad_arguments"
    report = await _proof(run)
    assert (report.proven, report.mismatches) == (1, [])


def _messages(script: list[Message | Act]) -> Iterable[Message]:
    for act in script:
        yield act if isinstance(act, Message) else Message.assistant(str(act))
    for number in range(100):
        yield Message.assistant(tool_calls=[ToolCall(f"w{number}", "wait_for_next_day", "{}")])


async def test_the_plain_tool_loop_plays_both_parts_in_one_conversation(tmp_path: Path) -> None:
    task = vending(scenario="tiny-7", seeds=1, overrides={"subagent": "llm"})
    assert isinstance(task.agent, VendingWithWorker)
    assert vending(scenario="tiny-7", overrides={"subagent": "scripted"}).agent is None
    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate(replace(task, agent=None), _model(_ERRAND))
    (record,) = run.records()
    assert record.ending.reason == "world_ended"
    report = await _proof(run)
    assert (report.proven, report.mismatches) == (1, [])


async def test_models_without_tools_of_their_own_can_have_a_worker(tmp_path: Path) -> None:
    texts = [
        '<tool_call>{"name": "run_sub_agent", "arguments": {"instructions": "Collect."}}</tool_call>',
        '<tool_call>{"name": "collect_cash", "arguments": {}}</tool_call>',
        "The box was empty.",
    ]
    wait = '<tool_call>{"name": "wait_for_next_day", "arguments": {}}</tool_call>'
    model = ScriptedModel([*texts, *[wait] * 7], capabilities=Capabilities(tools=False))
    run = await _play(tmp_path, model, subagent="llm")
    assert "report_back" in model.calls[1].messages[0].text
    assert "The box was empty." in model.calls[3].messages[-1].text
    report = await _proof(run)
    assert (report.proven, report.mismatches) == (1, [])
