"""Replay proves an honest record and refutes an edited one."""

import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Task
from agentbench_sdk.bench import Bench
from agentbench_sdk.benchmark import Registry, Sample
from agentbench_sdk.errors import RunFileError
from agentbench_sdk.judging import JudgeCase, judge
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.runs import Run, load_run, replay
from agentbench_sdk.sessions import WorldEntry
from agentbench_sdk.testing.counter import Counter, gambler


@judge
def reached(case: JudgeCase) -> float:
    assert case.outcome is not None
    return case.outcome.reward or 0.0


@pytest.fixture
async def run(tmp_path: Path) -> Run:
    registry = Registry()
    registry.add("environment", "counter", Counter)
    samples = [Sample(f"s{seed}", scenario={"goal": 20}, seed=seed) for seed in range(3)]
    task = Task("counting", samples, judges=[reached()], environment="counter")
    async with Bench(cache=None, runs=tmp_path, registry=registry) as bench:
        return await bench.evaluate(task, PolicyModel(gambler))


def find(name: str) -> type[Counter]:
    assert name == "counter"
    return Counter


def edit(run: Run, change: Callable[[list[dict[str, Any]]], None]) -> Run:
    """The same run with one transcript changed behind its back."""
    body = json.loads(run.reader.transcript_bytes("s1"))
    change(body)
    packed = zlib.compress(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
    connection = sqlite3.connect(run.path)
    connection.execute("UPDATE transcripts SET body = ? WHERE sample_id = 's1'", (packed,))
    connection.commit()
    connection.close()
    return load_run(run.path)


def tools(body: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in body if entry["kind"] == "tool"]


async def test_an_honest_record_is_proven(run: Run) -> None:
    report = await replay(run, find)
    assert report.ok
    assert report.proven == 3
    assert report.calls == sum(len(transcript.tool_calls) for transcript in run.transcripts.values())


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("content", "sum 19", "result of roll"),
        ("state_hash", "0" * 64, "state hash"),
        ("ok", False, "success of roll"),
        ("arguments", '{"number": 1}', "result of roll"),
        ("name", "add", "result of add"),
    ],
)
async def test_one_edited_call_refutes_its_attempt(run: Run, field: str, value: object, what: str) -> None:
    report = await replay(edit(run, lambda body: tools(body)[1].update({field: value})), find)
    assert len(report.mismatches) == 1
    assert report.proven == 2
    assert report.mismatches[0].sample_id == "s1"
    assert what in str(report.mismatches[0])


@pytest.mark.parametrize(("role", "what"), [("system", "the system prompt"), ("user", "the opening")])
async def test_an_edited_briefing_is_found(run: Run, role: str, what: str) -> None:
    def rewrite(body: list[dict[str, Any]]) -> None:
        for entry in body:
            if entry["kind"] == "message" and entry["message"]["role"] == role:
                entry["message"]["content"] += " Take it easy."
                return

    assert what in str((await replay(edit(run, rewrite), find)).mismatches[0])


async def test_a_transcript_that_is_none_is_a_damaged_file(run: Run) -> None:
    with pytest.raises(RunFileError, match="damaged"):
        await replay(edit(run, lambda body: body[3].pop("kind")), find)


async def test_a_missing_call_is_found(run: Run) -> None:
    def drop(body: list[dict[str, Any]]) -> None:
        body.remove(tools(body)[0])

    assert not (await replay(edit(run, drop), find)).ok


async def test_an_edited_outcome_is_found(run: Run) -> None:
    connection = sqlite3.connect(run.path)
    connection.execute("""UPDATE samples SET outcome = replace(outcome, '"reward":1.0', '"reward":0.5')""")
    connection.commit()
    connection.close()
    report = await replay(load_run(run.path), find)
    assert len(report.mismatches) == 3
    assert "outcome" in str(report.mismatches[0])


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ("UPDATE samples SET usage = replace(usage, '\"output_tokens\":', '\"output_tokens\":1')", "tokens"),
        ("UPDATE samples SET sample = replace(sample, '\"goal\":20', '\"goal\":21')", "the opening"),
    ],
)
async def test_edited_rows_are_found(run: Run, edit: str, what: str) -> None:
    connection = sqlite3.connect(run.path)
    connection.execute(edit)
    connection.commit()
    connection.close()
    report = await replay(load_run(run.path), find)
    assert len(report.mismatches) == 3
    assert what in str(report.mismatches[0])


async def test_an_attempt_that_was_taken_out_is_missed(run: Run) -> None:
    connection = sqlite3.connect(run.path)
    connection.execute("DELETE FROM samples WHERE sample_id = 's1'")
    connection.commit()
    connection.close()
    report = await replay(load_run(run.path), find)
    assert report.missing == 1
    assert not report.ok


async def test_what_the_model_asked_for_is_what_was_executed(run: Run) -> None:
    def swap(body: list[dict[str, Any]]) -> None:
        asked = [entry for entry in body if entry["kind"] == "message" and entry["message"].get("tool_calls")]
        asked[0]["message"]["tool_calls"][0]["name"] = "add"

    report = await replay(edit(run, swap), find)
    assert "the call differs" in str(report.mismatches[0])


class Metered(Counter):
    """Remembers in its sum what was written."""

    def used(self, actor: Any, output_tokens: int) -> bool:
        self._sum += output_tokens
        return True


@pytest.fixture
async def metered(tmp_path: Path) -> Run:
    registry = Registry()
    registry.add("environment", "counter", Metered)
    samples = [Sample(f"s{seed}", scenario={"goal": 200}, seed=seed) for seed in range(2)]
    task = Task("counting", samples, judges=[reached()], environment="counter")
    async with Bench(cache=None, runs=tmp_path, registry=registry) as bench:
        return await bench.evaluate(task, PolicyModel(gambler))


async def test_tokens_that_a_world_charges_for_are_charged_again(metered: Run) -> None:
    report = await replay(metered, lambda name: Metered)
    assert (report.proven, report.mismatches) == (2, [])
    used = [
        entry
        for entry in metered.transcripts["s1", 0]
        if isinstance(entry, WorldEntry) and entry.event == "used"
    ]
    assert len(used) > 2


async def test_an_edited_number_of_tokens_is_found(metered: Run) -> None:
    def lower(body: list[dict[str, Any]]) -> None:
        entry = next(each for each in body if each["kind"] == "world" and each["event"] == "used")
        entry["content"] = "0"

    report = await replay(edit(metered, lower), lambda name: Metered)
    assert "the tokens charged" in str(report.mismatches[0])
