"""The log as a file: what lies where in it, read with a zip reader and JSON alone."""

from __future__ import annotations

import json
import math
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import (
    Bench,
    Episode,
    GenerateParams,
    Message,
    Run,
    Sample,
    Task,
    ToolCall,
    evaluate_sync,
    load_run,
)
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError, RunFileError, ServerError
from agentbench_sdk.judges import includes
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.reporting import write_inspect_log
from agentbench_sdk.reporting.inspect_log.archive import encoded, sample_name
from agentbench_sdk.reporting.inspect_log.header import eval_spec
from agentbench_sdk.sessions.transcript import WorldEntry
from agentbench_sdk.tasks.agentic.vending import vending as vending_task
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel
from agentbench_sdk.traffic import RetryPolicy

Write = Callable[[Run], Path]


def opened(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        return {name: json.loads(file.read(name)) for name in file.namelist()}


def samples(path: Path) -> list[dict[str, Any]]:
    return [value for name, value in opened(path).items() if name.startswith("samples/")]


def events(sample: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event for event in sample["events"] if event["event"] == kind]


def shown(sample: dict[str, Any], event: dict[str, Any]) -> list[dict[str, Any]]:
    """What a model was shown, its references followed."""
    pool = sample["events_data"]["messages"]
    return [message for start, end in event["input_refs"] for message in pool[start:end]]


def test_members_are_those_that_inspect_looks_for(quiz: Run, log: Write) -> None:
    members = opened(log(quiz))
    attempts = [(record.sample_id, record.epoch) for record in quiz.records()]
    names = [f"samples/{sample}_epoch_{epoch + 1}.json" for sample, epoch in attempts]
    assert list(members) == ["_journal/start.json", *names, "summaries.json", "header.json"]
    header, start = members["header.json"], members["_journal/start.json"]
    assert {name: header[name] for name in start} == start
    assert (header["version"], header["status"]) == (2, "success")
    assert header["eval"]["dataset"]["sample_ids"] == list(dict.fromkeys(sample for sample, _ in attempts))
    summaries = [(each["id"], each["epoch"] - 1) for each in members["summaries.json"]]
    assert summaries == attempts


def test_results_are_those_of_the_report(quiz: Run, log: Write) -> None:
    results = opened(log(quiz))["header.json"]["results"]
    summary = quiz.summary()
    assert (results["total_samples"], results["completed_samples"]) == (8, 6)
    for told, expected in zip(results["scores"], summary.judges, strict=True):
        assert told["name"] == expected.id
        assert told["metrics"]["mean"]["value"] == expected.estimate.mean
        assert told["metrics"]["stderr"]["value"] == expected.estimate.std_error
        assert told["metrics"]["mean"]["metadata"] == json.loads(json.dumps(expected.estimate.to_dict()))
        assert told["metadata"]["bounds"] == expected.bounds.to_dict()
        assert (told["scored_samples"], told["unscored_samples"]) == (expected.scored, expected.unscored)
        assert told["metrics"]["pass_at_2"]["value"] == expected.pass_at_k.mean  # type: ignore[union-attr]


def test_tokens_from_a_prompt_cache_are_no_input_tokens(quiz: Run, log: Write) -> None:
    stats = opened(log(quiz))["header.json"]["stats"]
    assert stats["model_usage"]["scripted/quiz"] == {
        "input_tokens": 6 * 60,
        "input_tokens_cache_read": 6 * 40,
        "output_tokens": 6 * 20,
        "reasoning_tokens": 6 * 5,
        "total_tokens": 6 * 120,
        "total_cost": 6 * 0.25,
    }
    assert set(stats["role_usage"]) == {"judge"}
    assert set(stats["model_usage"]) == {"scripted/quiz", "scripted/judge"}


def test_a_fault_is_an_error_without_a_score(quiz: Run, log: Write) -> None:
    failed = [sample for sample in samples(log(quiz)) if "error" in sample]
    assert [(sample["id"], sample["epoch"]) for sample in failed] == [("fails", 1), ("fails", 2)]
    for sample in failed:
        assert sample["error"]["message"] == "server: the endpoint answered 500"
        assert sample["scores"] == {}
        assert [event["error"] for event in events(sample, "error")] == [sample["error"]]
        assert sample["metadata"]["agentbench"]["fault"]["side"] == "endpoint"


def test_a_run_of_faults_alone_is_an_error(tmp_path: Path, log: Write) -> None:
    task = Task("down", [Sample("a", "?", target="so"), Sample("b", "?", target="so")], judges=[includes()])
    down = ScriptedModel(lambda request: ServerError("the endpoint answered 500"))
    header = opened(log(evaluate_sync(task, down, cache=None, runs=tmp_path)))["header.json"]
    assert header["status"] == "error"
    assert "all 2 attempts failed, most often by server" in header["error"]["message"]
    assert header["results"]["scores"][0]["metrics"] == {}
    assert "headline" not in header["results"]


@pytest.mark.parametrize(("status", "expected"), [("interrupted", "cancelled"), (None, "started")])
def test_an_unfinished_run_says_so(quiz: Run, log: Write, status: str | None, expected: str) -> None:
    with sqlite3.connect(quiz.path) as file:
        file.execute("DELETE FROM manifest WHERE key = 'status'")
        if status:
            file.execute("INSERT INTO manifest VALUES ('status', ?)", (json.dumps({"status": status}),))
        file.execute("DELETE FROM samples WHERE epoch = 1")
        file.execute("DELETE FROM scores WHERE epoch = 1")
    header = opened(log(load_run(quiz.path)))["header.json"]
    assert header["status"] == expected
    assert (header["results"]["total_samples"], header["results"]["completed_samples"]) == (8, 3)


def test_a_finished_run_says_when(quiz: Run, log: Write) -> None:
    stats = opened(log(quiz))["header.json"]["stats"]
    assert stats["started_at"] == quiz.manifest.created
    assert stats["completed_at"] >= stats["started_at"]


def test_reasoning_and_long_texts_are_kept(quiz: Run, log: Write) -> None:
    (sample,) = [each for each in samples(log(quiz)) if "<script>" in each["id"] and each["epoch"] == 1]
    reasoning, answer = sample["messages"][-1]["content"]
    assert (reasoning["type"], answer) == ("reasoning", {"type": "text", "text": "so"})
    (event,) = events(sample, "model")
    place = event["output"]["choices"][0]["message"]["content"][0]["reasoning"]
    assert sample["attachments"][place.removeprefix("attachment://")] == reasoning["reasoning"]
    assert sample["target"] == '{"so": [1, null]}'
    asked = shown(sample, event)[-1]["content"]
    assert sample["attachments"][asked.removeprefix("attachment://")] == sample["messages"][1]["content"]


def test_summaries_are_short(quiz: Run, log: Write) -> None:
    members = opened(log(quiz))
    (summary,) = [each for each in members["summaries.json"] if (each["id"], each["epoch"]) == ("right", 1)]
    full = members["samples/right_epoch_1.json"]
    assert full["metadata"]["big"] == ["x" * 2000]
    assert summary["metadata"]["big"] == "left out of the summary: longer than 1,000 characters"
    assert summary["metadata"]["category"] == "easy"
    assert (summary["input"], summary["message_count"]) == (full["input"], 2)
    assert summary["scores"]["includes"]["value"] == 1.0


def test_a_judge_that_is_a_model_says_what_it_asked_for(quiz: Run, log: Write) -> None:
    sample = opened(log(quiz))["samples/right_epoch_1.json"]
    (info,) = [event for event in events(sample, "info") if event["source"].startswith("judge ")]
    assert [call["model"] for call in info["data"]["calls"]] == ["scripted/judge"]
    score = sample["scores"]["binary(criteria='It is short.')"]
    assert (score["value"], score["answer"], score["metadata"]["label"]) == (1.0, "so", "yes")
    assert score["metadata"]["evidence"]


def test_a_limit_and_the_world_at_the_end(vending: Run, log: Write) -> None:
    (sample,) = samples(log(vending))
    assert (sample["limit"]["type"], sample["limit"]["limit"], sample["turn_count"]) == ("turn", 40.0, 40)
    assert [event["limit"] for event in events(sample, "sample_limit")] == [40.0]
    (record,) = vending.records()
    assert record.outcome is not None
    assert sample["store"]["outcome"] == json.loads(json.dumps(record.outcome.to_dict()))
    transcript = vending.transcripts[record.sample_id, 0]
    assert sample["store"]["state_hash"] == transcript.entries[-1].state_hash  # type: ignore[union-attr]
    assert sample["input"] == "scenario smoke-30, seed 1"


def test_a_task_is_of_a_file_or_registered(vending: Run) -> None:
    def told(source: str) -> tuple[str | None, str | None]:
        spec = eval_spec(vending.manifest.model_copy(update={"task_source": source}), [])
        return spec.get("task_file"), spec.get("task_registry_name")

    assert told("vending") == (None, "vending")
    assert told("a/b.yaml") == ("a/b.yaml", None)
    assert told("tasks.py:quiz") == ("tasks.py:quiz", None)
    assert told("") == (None, None)


def test_tools_are_called_answered_and_hashed(vending: Run, log: Write) -> None:
    (sample,) = samples(log(vending))
    transcript = vending.transcripts[sample["id"], 0]
    tools = events(sample, "tool")
    assert len(tools) == len(transcript.tool_calls) > 30
    answers = {message["id"]: message for message in sample["messages"] if message["role"] == "tool"}
    for event, entry in zip(tools, transcript.tool_calls, strict=True):
        assert event["metadata"]["state_hash"] == entry.state_hash
        assert event["arguments"] == json.loads(entry.arguments or "{}")
        assert answers[event["message_id"]]["content"] == entry.content
        assert ("error" in event) == (not entry.ok)
    for position, event in enumerate(events(sample, "model")):
        asked = shown(sample, event)
        assert [message["role"] for message in asked[:2]] == ["system", "user"]
        assert len(asked) == 2 + 2 * position


def test_a_conversation_is_the_agents_and_the_user_is_beside_it(conversations: Run, log: Write) -> None:
    for sample in samples(log(conversations)):
        transcript = conversations.transcripts[sample["id"], 0]
        said = [
            entry.content
            for entry in transcript
            if isinstance(entry, WorldEntry) and (entry.event, entry.actor) == ("said", "user")
        ]
        heard = [message["content"] for message in sample["messages"] if message["role"] == "user"]
        assert heard == said
        assert sample["input"] == said[0]
        mine = Counter(event["metadata"]["actor"] for event in events(sample, "tool"))
        assert mine == Counter(entry.actor for entry in transcript.tool_calls)
        users = [event for event in events(sample, "model") if event.get("role") == "user"]
        asked = [event for event in events(sample, "model") if event.get("role") is None]
        assert len(asked) == sample["turn_count"]
        assert sample["messages"][1]["content"] == shown(sample, users[0])[0]["content"]
        for event in users:
            roles = [message["role"] for message in shown(sample, event)]
            assert roles[0] == "user"
            assert "system" not in roles
        for event in asked:
            assert shown(sample, event)[0]["role"] == "system"


def test_spans_are_closed_in_order_and_times_do_not_run_back(conversations: Run, log: Write) -> None:
    for sample in samples(log(conversations)):
        open_spans: list[str] = []
        for event in sample["events"]:
            if event["event"] == "span_begin":
                assert event.get("parent_id") == (open_spans[-1] if open_spans else None)
                open_spans.append(event["id"])
            assert event["span_id"] == open_spans[-1]
            if event["event"] == "span_end":
                assert open_spans.pop() == event["id"]
        assert not open_spans
        times = [event["timestamp"] for event in sample["events"]]
        assert times == sorted(times)
        assert len({len(time) for time in times}) == 1, "the viewer sorts the texts"
        assert len({event["uuid"] for event in sample["events"]}) == len(times)


def test_media_without_a_place_are_told_of(media: Run, log: Write) -> None:
    (sample,) = samples(log(media))
    told = sample["input"][0]["content"]
    assert [part["type"] for part in told] == ["text", "text", "image", "audio", "text", "video"]
    assert "SHA-256 0f4636c78f65" in told[1]["text"]
    assert "the run file holds none of its bytes" in told[1]["text"]
    assert "https://example.com/a.flac" in told[4]["text"]
    assert (told[3]["audio"], told[3]["format"]) == ("https://example.com/a.wav", "wav")


def test_a_call_that_is_no_json_keeps_its_text(tmp_path: Path, log: Write) -> None:
    broken = Message.assistant("", tool_calls=[ToolCall("c1", "search_web", '{"query": ')])
    run = evaluate_sync("vending", ScriptedModel([broken, "done"] * 400), limit=1, cache=None, runs=tmp_path)
    (sample,) = samples(log(run))
    (call,) = sample["messages"][2]["tool_calls"]
    assert call["arguments"] == {"raw": '{"query": '}
    assert "not valid JSON" in call["parse_error"]
    assert events(sample, "tool")[0]["error"]["type"] == "parsing"


class Willful:
    """An agent that calls a tool of its own accord, and says what its model did not."""

    async def run(self, episode: Episode) -> None:
        await episode.call_tool("search_web", {"query": "suppliers"})
        await episode.generate()
        await episode.say("my own words")


def test_what_an_agent_does_by_itself_is_in_the_conversation(tmp_path: Path, log: Write) -> None:
    task = replace(vending_task(), agent=Willful())
    run = evaluate_sync(task, ScriptedModel(["so"] * 400), limit=1, cache=None, runs=tmp_path)
    (sample,) = samples(log(run))
    own, answer, said = sample["messages"][2:5]
    assert [call["function"] for call in own["tool_calls"]] == ["search_web"]
    assert (answer["role"], answer["tool_call_id"]) == ("tool", own["tool_calls"][0]["id"])
    assert (said["content"], said["source"]) == ("so", "generate")
    (event,) = events(sample, "model")
    assert [message["id"] for message in shown(sample, event)] == [
        each["id"] for each in sample["messages"][:4]
    ]


async def test_retries_and_answers_from_the_cache_are_told(tmp_path: Path, log: Write) -> None:
    task = Task(
        "asked", [Sample("a", "?", target="so")], judges=[includes()], params=GenerateParams(temperature=0)
    )
    retry = RetryPolicy(base_s=0.001, longest_s=0.002)
    async with (
        FakeEndpoint([Reply.error(500), Reply.text("so")]) as endpoint,
        Bench(cache=tmp_path / "cache.db", runs=tmp_path, retry=retry) as bench,
    ):
        model = OpenAICompatible("tiny", base_url=endpoint.base_url, api_key="none")
        told = [samples(log(await bench.evaluate(task, model)))[0] for _ in range(2)]
    (first,), (second,) = (events(sample, "model") for sample in told)
    assert (first["retries"], "cache" in first) == (1, False)
    assert first["working_time"] == told[0]["working_time"] > 0
    assert (second["cache"], "retries" in second) == ("read", False)
    assert told[1]["metadata"]["agentbench"]["cached_usage"]["agent"] == second["output"]["usage"]


@judge
def undecided(case: JudgeCase) -> Score:
    return Score.unscored("cannot tell")


def test_a_score_that_could_not_be_given_is_nan(tmp_path: Path, log: Write) -> None:
    task = Task("open", [Sample("a", "?")], judges=[undecided()])
    members = opened(log(evaluate_sync(task, ScriptedModel(["so"]), cache=None, runs=tmp_path)))
    score = members["samples/a_epoch_1.json"]["scores"]["undecided"]
    assert math.isnan(score["value"])
    assert (score["reason"], score["explanation"]) == ("unscored", "cannot tell")
    told = members["header.json"]["results"]["scores"][0]
    assert (told["metrics"], told["unscored_samples"]) == ({}, 1)


def test_text_that_is_no_unicode_is_written_as_its_escape() -> None:
    assert json.loads(encoded({"a\ud800": "b\udfff\\ é"})) == {"a\\ud800": "b\\udfff\\ é"}


def test_an_id_that_no_zip_takes_is_refused() -> None:
    assert sample_name("a/../b", 2) == "samples/a/../b_epoch_2.json"
    with pytest.raises(RunFileError, match="too long for a log of Inspect"):
        sample_name("é" * 40_000, 1)


def test_a_file_is_whole_or_not_there(quiz: Run, tmp_path: Path) -> None:
    target = tmp_path / "out" / "quiz.eval"
    target.parent.mkdir()
    target.write_text("an older file")
    with sqlite3.connect(quiz.path) as file:
        file.execute("UPDATE transcripts SET body = x'00' WHERE sample_id = 'wrong'")
    with pytest.raises(RunFileError, match="'wrong', epoch 0 is damaged"):
        write_inspect_log(quiz, target)
    assert [each.name for each in target.parent.iterdir()] == ["quiz.eval"]
    assert target.read_text() == "an older file"


def test_each_attempt_is_told_of(quiz: Run, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_inspect_log(quiz, tmp_path / "a.eval", told=lambda done, of: told.append((done, of)))
    assert told == [(number, 8) for number in range(1, 9)]


def test_a_name_that_inspect_does_not_open_is_refused(quiz: Run, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ends in \.eval"):
        write_inspect_log(quiz, tmp_path / "quiz.zip")


def test_the_command_writes_a_log_by_the_ending(quiz: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.eval"
    done = CliRunner().invoke(cli, ["export", str(quiz.path), "--output", str(target)])
    assert (done.exit_code, done.output) == (0, "")
    assert len(samples(target)) == 8


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "inspect"), "a log of Inspect is not for a terminal"),
        (("--output", "run.zip"), "json, jsonl, csv, parquet, junit, inspect"),
        (
            ("--format", "inspect", "--output", "run.json"),
            "run.json: Inspect opens logs whose name ends in .eval",
        ),
        (("--output", "nowhere/run.eval"), "nowhere/run.eval: cannot be written"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(
    quiz: Run, options: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["export", str(quiz.path), *options])
    assert done.exit_code
    assert said in f"{done.output}{done.exception}"
