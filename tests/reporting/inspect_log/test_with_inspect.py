"""The released inspect-ai reads our logs, and finds in them what is in the run."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("inspect_ai", reason="inspect-ai is not installed")

from inspect_ai.analysis import EvalInfo, EvalModel, EvalTask, evals_df, events_df, messages_df, samples_df
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    convert_eval_logs,
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
    read_eval_log_samples,
    write_eval_log,
)

from agentbench_sdk import Run, Sample, Task, evaluate_sync, load_run
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.sessions.transcript import MessageEntry
from agentbench_sdk.testing import ScriptedModel

# What it imports and does is not ours to warn of.
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]

Write = Callable[[Run], Path]
KINDS = ("quiz", "vending", "conversations", "media")


@pytest.fixture(params=KINDS)
def run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def whole(path: Path) -> EvalLog:
    return read_eval_log(str(path), resolve_attachments=True)


def test_the_header_is_the_run(run: Run, log: Write) -> None:
    header = read_eval_log(str(log(run)), header_only=True)
    summary, manifest = run.summary(), run.manifest
    assert (header.status, header.version, header.samples) == ("success", 2, None)
    assert (header.eval.task, header.eval.model) == (manifest.task, manifest.model)
    assert header.eval.metadata["agentbench"]["task_fingerprint"] == manifest.task_fingerprint
    assert header.results is not None
    assert header.results.headline is not None
    assert header.results.headline.score == summary.primary.id
    for told, expected in zip(header.results.scores, summary.judges, strict=True):
        assert told.metrics["mean"].value == expected.estimate.mean
        interval = expected.estimate.interval
        assert told.metrics["mean"].metadata["interval"] == (interval.to_dict() if interval else None)
    used = sum(each.total_tokens for each in header.stats.model_usage.values())
    assert used == sum(call.usage.total_tokens for call in run.calls())


def test_every_attempt_comes_back_with_its_scores_and_messages(run: Run, log: Write) -> None:
    found = {(sample.id, sample.epoch - 1): sample for sample in whole(log(run)).samples or []}
    records = {(record.sample_id, record.epoch): record for record in run.records()}
    assert found.keys() == records.keys()
    for key, sample in found.items():
        record, transcript = records[key], run.transcripts[key]
        given = {name: score.as_float() for name, score in (sample.scores or {}).items()}
        assert given.keys() == record.scores.keys()
        for name, score in record.scores.items():
            assert math.isnan(given[name]) if score.value is None else given[name] == score.value
        said = [
            entry.message.text
            for entry in transcript
            if isinstance(entry, MessageEntry) and entry.speaker == "agent" and entry.usage is not None
        ]
        assert [m.text for m in sample.messages if m.role == "assistant" and m.source == "generate"] == said
        assert sample.output.completion == (said[-1] if said else "")
        assert (sample.error is not None) == (record.ending.status == "failed")
        assert (sample.limit is not None) == (record.ending.status == "limit")
        assert sample.working_time == record.working_s


def test_events_show_what_models_were_shown(run: Run, log: Write) -> None:
    for sample in whole(log(run)).samples or []:
        known = {message.id: message.text for message in sample.messages}
        answers = [event for event in sample.events if event.event == "model" and event.role is None]
        assert len(answers) == sample.turn_count
        for event in answers:
            before = [message.id for message in sample.messages]
            shown = [message.id for message in event.input]
            assert shown == before[: len(shown)]
            assert event.output.message.id == before[len(shown)]
            assert event.output.message.text == known[event.output.message.id]
            assert not any("attachment://" in message.text for message in event.input)
        scored = {event.scorer for event in sample.events if event.event == "score"}
        assert scored == set(sample.scores or {})


def test_one_sample_is_read_alone(run: Run, log: Write) -> None:
    path = log(run)
    summaries = read_eval_log_sample_summaries(str(path))
    assert len(summaries) == run.summary().attempts
    for summary in summaries:
        sample = read_eval_log_sample(str(path), summary.id, summary.epoch)
        assert (sample.id, sample.epoch, sample.uuid) == (summary.id, summary.epoch, summary.uuid)
        assert len(sample.messages) == summary.message_count
        assert sample.summary().model_dump(exclude={"input", "metadata", "scores"}) == summary.model_dump(
            exclude={"input", "metadata", "scores"}
        )
    assert len(list(read_eval_log_samples(str(path), all_samples_required=False))) == len(summaries)


def test_written_anew_by_inspect_nothing_changes(run: Run, log: Write, tmp_path: Path) -> None:
    path = log(run)
    first = whole(path)
    again = tmp_path / "again.eval"
    write_eval_log(first, str(again))
    assert _plain(whole(again)) == _plain(first)
    convert_eval_logs(str(path), "json", str(tmp_path / "converted"))
    (converted,) = (tmp_path / "converted").glob("**/*.json")
    assert len(read_eval_log(str(converted)).samples or []) == len(first.samples or [])


def _plain(log: EvalLog) -> Any:
    """A log as JSON text; messages of events without their ids, of which Inspect keeps one for like messages."""
    record = log.model_dump(mode="json", exclude={"location"})
    for sample in record["samples"]:
        for event in sample["events"]:
            for message in event.get("input") or []:
                message.pop("id", None)
    return json.dumps(record, indent=1)  # text, as NaN is not equal to itself


def test_a_folder_of_logs_is_listed(quiz: Run, media: Run, log: Write) -> None:
    paths = {log(quiz).name, log(media).name}
    listed = list_eval_logs(str(log(quiz).parent), formats=["eval"])
    assert {Path(each.name).name for each in listed} == paths


def test_data_frames_have_a_row_an_attempt_message_and_event(run: Run, log: Write) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    path = str(log(run))
    samples = whole(Path(path)).samples or []
    attempts = samples_df(path)
    assert len(attempts) == run.summary().attempts
    first = run.manifest.judges[0].id
    told = sorted(attempts[f"score_{first}"].dropna().astype(float))
    assert told == sorted(score.value for score in run.scores[first].values() if score.value is not None)
    seen = {message.id for sample in samples for message in _seen(sample)}
    assert set(messages_df(path)["message_id"]) == seen
    assert len(events_df(path)) == sum(len(sample.events) for sample in samples)
    evals = evals_df(path, columns=EvalInfo + EvalTask + EvalModel)
    assert list(evals["task_name"]) == [run.manifest.task]
    assert list(evals["model"]) == [run.manifest.model]


def _seen(sample: EvalSample) -> Iterator[Any]:
    """What a model was shown, or gave: what Inspect's frame of messages is made of."""
    for event in sample.events:
        if event.event == "model":
            yield from event.input
            yield event.output.message


def test_an_unfinished_run_is_read(quiz: Run, log: Write) -> None:
    with sqlite3.connect(quiz.path) as file:
        file.execute(
            "UPDATE manifest SET value = ? WHERE key = 'status'", (json.dumps({"status": "interrupted"}),)
        )
        file.execute("DELETE FROM samples WHERE epoch = 1")
        file.execute("DELETE FROM scores WHERE epoch = 1")
    found = whole(log(load_run(quiz.path)))
    assert (found.status, len(found.samples or [])) == ("cancelled", 4)
    assert found.stats.completed_at == ""


@judge(scale=(0.0, None))
def odd(case: JudgeCase) -> Score:
    if case.sample_id == "none":
        return Score.unscored("cannot tell")
    return Score(1e300, explanation="x" * 5000, evidence={"deep": [{"n": 10**18}], "text": "y" * 5000})


def test_odd_scores_ids_and_texts_are_read(tmp_path: Path, log: Write) -> None:
    ids = [
        "none",
        "a\0b",
        "a\\b",
        "..",
        "/abs",
        " ",
        "é\U0001f600",
        "a\n\u2028b",
        "1_epoch_1",
        "x" * 5000,
        "%2F",
    ]
    samples = [Sample(each, each or "?", target=[each, "so"]) for each in ids]
    run = evaluate_sync(
        Task("odd", samples, judges=[odd()]), ScriptedModel(lambda _: "so"), cache=None, runs=tmp_path
    )
    path = log(run)
    found = {sample.id: sample for sample in whole(path).samples or []}
    assert found.keys() == {each.replace("\0", "\\x00") for each in ids}
    assert math.isnan(found["none"].scores["odd"].as_float())
    assert found[".."].scores["odd"].value == 1e300
    for summary in read_eval_log_sample_summaries(str(path)):
        assert read_eval_log_sample(str(path), summary.id, summary.epoch).id == summary.id
