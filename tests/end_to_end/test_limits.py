"""What a session used is judged in a run as it is when the run's record is checked again."""

from pathlib import Path

import pytest

from agentbench_sdk import Bench
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.runs.recheck import recheck
from agentbench_sdk.testing import FakeEndpoint, Reply

TASK = """
name: quiz
samples:
  - {id: a, question: "Say it.", target: so}
  - {id: b, question: "Say it again.", target: so}
judges:
  - {name: limits, tokens: 20, cost_usd: 0.001, turns: 1}
  - {name: limits, output_tokens: 5}
  - {name: limits, working_s: 100}
"""


async def test_usage_is_judged_the_same_from_the_record_and_times_only_where_they_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMITS_KEY", "k")
    path = tmp_path / "quiz.yaml"
    path.write_text(TASK)
    reply = Reply.text("so", usage=Usage(12, 6))
    async with FakeEndpoint(reply) as endpoint:
        spec = f"openai/tiny?base_url={endpoint.base_url}&api_key_env=LIMITS_KEY&price_in=1&price_out=2"
        async with Bench(cache=tmp_path / "cache.db", runs=tmp_path / "runs") as bench:
            first = await bench.evaluate(str(path), spec, params=GenerateParams(temperature=0.0))
            second = await bench.evaluate(str(path), spec, params=GenerateParams(temperature=0.0))
        assert len(endpoint.requests) == 2
    for run, times in ((first, [1.0, 1.0]), (second, [None, None])):
        all_kept, too_long, timed = run.scores.values()
        assert [each.value for each in all_kept.values()] == [1.0, 1.0]
        assert [each.value for each in too_long.values()] == [0.0, 0.0]
        assert [each.value for each in timed.values()] == times
        report = await recheck(run, Registry.discover())
        assert report.mismatches == []
        assert report.scores == 6
