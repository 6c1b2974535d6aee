"""Whole runs through the bench: charged, delegated, replayed without a model."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agentbench_sdk.bench import Bench
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.models import ModelRequest, ModelResponse
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


def _proof(run: Run) -> ReplayReport:
    return replay(run, lambda name: Vending)


async def test_a_run_is_charged_for_the_tokens_that_its_model_wrote(tmp_path: Path) -> None:
    """Seven answers of 1000 tokens cost 70 cents at 100 dollars a million."""
    run = await _play(tmp_path, _model([]), token_rate_cents=10_000)
    (record,) = run.records()
    assert record.outcome is not None
    assert record.outcome.metrics["tokens_cents"] == 70
    assert record.outcome.reward == 50_000 - 7 * 200 - 70
    assert (_proof(run).proven, _proof(run).mismatches) == (1, [])
