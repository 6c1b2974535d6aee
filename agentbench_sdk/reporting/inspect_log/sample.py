"""One attempt as a sample of Inspect's, with its events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.reporting.faults import fault_of
from agentbench_sdk.reporting.inspect_log.content import (
    chat_message,
    error_told,
    model_usage,
    sample_id_of,
    sample_score,
    sample_target,
    usages,
)
from agentbench_sdk.reporting.inspect_log.events import Events
from agentbench_sdk.reporting.inspect_log.session import Session
from agentbench_sdk.sessions.transcript import MessageEntry, WorldEntry

if TYPE_CHECKING:
    from agentbench_sdk.runs.records import CallRecord, Manifest, SampleRecord
    from agentbench_sdk.sessions.transcript import Transcript

_LIMITS = {"turns": "turn", "tokens": "token", "cost_usd": "cost", "working_seconds": "working"}


def eval_sample(
    manifest: Manifest,
    stored: Mapping[str, Any],
    record: SampleRecord,
    calls: Iterable[CallRecord],
    transcript: Transcript,
) -> dict[str, Any]:
    """An attempt; `stored` is its sample as the run file has it (see `Sample.to_dict`), `calls` are its own."""
    calls = list(calls)
    attempt = _attempt_id(manifest.run_id, record)
    events = Events(attempt, datetime.fromisoformat(manifest.created))
    models = {"agent": manifest.model, "user": manifest.user_model or ""}
    session = Session(events, attempt, calls, models)
    asked: dict[str, Any] = {
        "input": _input(stored, attempt) or _opening(stored, transcript),
        "target": sample_target(record.target),
        "id": sample_id_of(record.sample_id),
        **({"choices": stored["choices"]} if stored["choices"] else {}),
    }
    scores = {judge: sample_score(score, record.answer) for judge, score in record.scores.items()}
    with events.span("init", "init"):
        events.add("sample_init", sample=_attached(asked, session))
    with events.span("solvers", "solvers"), events.span("solver", agent_name(manifest)):
        session.play(transcript)
        _add_ending(events, manifest, record)
    with events.span("scorers", "scorers"):
        for judge, score in scores.items():
            _add_score(events, judge, score, asked["target"], calls)
    return {
        **asked,
        "epoch": record.epoch + 1,
        "messages": session.messages,
        "output": session.output or {"model": manifest.model, "choices": [], "completion": record.answer},
        "scores": scores,
        "metadata": _metadata(record, stored),
        "store": _store(record, session.state_hash),
        "events": events.list,
        "model_usage": usages(usage_by_model(calls)),
        "role_usage": usages(usage_by_role(calls)),
        "total_time": record.wall_s,
        "working_time": record.working_s,
        "uuid": attempt,
        **_stopped(manifest, record),
        "attachments": session.attachments.texts,
        "events_data": session.pooled(),
        "turn_count": session.turns,
        **({"token_limit": manifest.limits["tokens"]} if manifest.limits.get("tokens") else {}),
    }


def agent_name(manifest: Manifest) -> str:
    """What drove the sessions, without its module."""
    return manifest.agent.rpartition(".")[2] or "agent"


def usage_by_model(calls: Iterable[CallRecord]) -> dict[str, Usage]:
    """What models used, by name."""
    used: dict[str, Usage] = {}
    for call in calls:
        used[call.model] = used.get(call.model, Usage()) + call.usage
    return used


def usage_by_role(calls: Iterable[CallRecord]) -> dict[str, Usage]:
    """What models used beside the one under test, which is no role there."""
    used: dict[str, Usage] = {}
    for call in calls:
        if call.role != "agent":
            used[call.role] = used.get(call.role, Usage()) + call.usage
    return used


def _attempt_id(run_id: str, record: SampleRecord) -> str:
    name = json.dumps([run_id, record.sample_id, record.epoch])
    return blake2b(name.encode(), digest_size=11).hexdigest()


def _input(stored: Mapping[str, Any], attempt: str) -> str | list[dict[str, Any]]:
    """What was asked: a question, or messages; empty where the world begins the session."""
    messages = [Message.from_dict(each) for each in stored["input"]]
    if len(messages) == 1 and messages[0].role == "user":
        content = chat_message(messages[0], "")["content"]
        if isinstance(content, str):
            return content
    return [
        chat_message(message, f"{attempt}-i{position}", source="input")
        for position, message in enumerate(messages)
    ]


def _opening(stored: Mapping[str, Any], transcript: Transcript) -> str:
    """Which world it was, by its name, or else the first words that the agent heard."""
    scenario = stored["scenario"] or "default"
    if isinstance(scenario, str):
        return f"scenario {scenario}, seed {stored['seed']}"
    for entry in transcript:
        if isinstance(entry, MessageEntry) and entry.message.role == "user":
            return entry.message.text
        if isinstance(entry, WorldEntry) and (entry.event, entry.actor) == ("said", "user"):
            return entry.content
    return f"scenario {json.dumps(scenario, ensure_ascii=False)}, seed {stored['seed']}"


def _attached(asked: Mapping[str, Any], session: Session) -> dict[str, Any]:
    """What was asked, for an event."""
    given, attachments = asked["input"], session.attachments
    short = (
        attachments.text(given) if isinstance(given, str) else [attachments.message(each) for each in given]
    )
    return {**asked, "input": short}


def _add_ending(events: Events, manifest: Manifest, record: SampleRecord) -> None:
    ending, stopped = record.ending, _stopped(manifest, record)
    if "limit" in stopped:
        limit = stopped["limit"]
        events.add("sample_limit", type=limit["type"], message=limit["reason"], limit=limit["limit"])
    elif "error" in stopped:
        events.add("error", error=stopped["error"])
    else:
        events.add("info", source="ending", data=ending.to_dict())


def _stopped(manifest: Manifest, record: SampleRecord) -> dict[str, Any]:
    """What ended the session before its time: a limit, or a fault that is not the agent's."""
    ending = record.ending
    told = f"{ending.reason}: {ending.detail}" if ending.detail else ending.reason
    if ending.status == "limit":
        allowed = manifest.limits.get(ending.reason)
        value = float("nan") if allowed is None else float(allowed)  # one that an agent of its own has set
        return {"limit": {"type": _LIMITS.get(ending.reason, "custom"), "limit": value, "reason": told}}
    if ending.status == "failed":
        return {"error": error_told(told)}
    if ending.status == "cancelled":
        return {"error": error_told(f"Cancelled({told})")}  # Inspect tells cancellations by this beginning
    return {}


def _add_score(
    events: Events, judge: str, score: dict[str, Any], target: str | list[str], calls: Iterable[CallRecord]
) -> None:
    """A verdict, and which calls to models it took; what was said in them is in the score's evidence, if anywhere."""
    with events.span("scorer", judge):
        asked = [_asked(call) for call in calls if call.role == "judge" and call.speaker == judge]
        if asked:
            events.add("info", source=f"judge {judge}", data={"calls": asked})
        events.add("score", score=score, target=target, intermediate=False, scorer=judge)


def _asked(call: CallRecord) -> dict[str, Any]:
    return {
        "model": call.model,
        "usage": model_usage(call.usage),
        "cached": call.cached,
        "time": call.timing.wire_s,
    }


def _metadata(record: SampleRecord, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The sample's own, and what Inspect has no place for."""
    fault = fault_of(record)
    more = {
        "ending": record.ending.to_dict(),
        "cluster": record.cluster,
        "scenario": stored["scenario"],
        "seed": stored["seed"],
        "fault": fault.to_dict() if fault else None,
        "cached_usage": usages(record.cached_usage),
    }
    return {**record.metadata, "agentbench": {key: each for key, each in more.items() if each}}


def _store(record: SampleRecord, state_hash: str) -> dict[str, Any]:
    """The world at the end."""
    if record.outcome is None and not state_hash:
        return {}
    outcome = record.outcome.to_dict() if record.outcome else None
    return {"outcome": outcome, "state_hash": state_hash}
