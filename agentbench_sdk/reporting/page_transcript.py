"""What happened in an attempt as HTML: its transcript, its answer, what judges said, how the world ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import RunFileError
from agentbench_sdk.messages import Text
from agentbench_sdk.reporting.markup import Markup, joined, said, tag
from agentbench_sdk.reporting.plain import plain
from agentbench_sdk.sessions.transcript import Entry, MessageEntry, ToolEntry, Transcript

if TYPE_CHECKING:
    from agentbench_sdk.judging import Score
    from agentbench_sdk.messages import Message, Usage
    from agentbench_sdk.reporting.page_media import MediaShelf
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.records import SampleRecord


def attempt_told(run: Run, record: SampleRecord, head: Markup | None, media: MediaShelf) -> Markup:
    """What happened in an attempt; a transcript that cannot be read is told of in its place.

    Arguments:
        run: that holds it.
        record: of the attempt.
        head: what stands above it.
        media: where images, sounds and films are put.
    """
    last = ""
    try:
        transcript = run.reader.transcript(record.sample_id, record.epoch)
        entries = _entries(transcript, media)
        last = transcript.messages[-1].text if transcript.messages else ""
    except RunFileError as error:
        entries = tag("p", error, class_="trouble")
    return tag(
        "article",
        head,
        said(record.ending.detail, "remark") if record.ending.detail else None,
        entries,
        _field("answer", record.answer) if record.answer and record.answer != last else None,
        _field("target", _json(record.target)) if record.target is not None else None,
        *(_verdict(judge, score) for judge, score in record.scores.items()),
        _outcome(record),
        class_="attempt",
    )


def _outcome(record: SampleRecord) -> Markup | None:
    found = record.outcome
    if found is None:
        return None
    return _folded("outcome of the world", _json(found.to_dict()))


def _verdict(judge: str, score: Score) -> Markup:
    verdict = {None: "", True: ", passed", False: ", did not pass"}[score.passed]
    label = f", {score.label}" if score.label else ""
    value = "no score" if score.value is None else f"{score.value:g}"
    return tag(
        "div",
        tag("div", f"judge {judge}: {value}{verdict}{label}", class_="who", dir="auto"),
        said(score.explanation) if score.explanation else None,
        *_votes(score.evidence.get("votes")),
        _folded("evidence", _json(score.evidence)) if score.evidence else None,
        class_="entry judge",
    )


def _votes(votes: Any) -> Iterator[Markup]:
    """The votes of a panel, as its evidence holds them: who voted what, and why."""
    for vote in votes if isinstance(votes, list) else []:
        if isinstance(vote, Mapping) and "judge" in vote:
            voted = "no vote" if vote.get("voted") is None else f"votes {vote['voted']}"
            why = str(vote.get("explanation") or "")
            about = tag("div", f"{vote['judge']} {voted}", class_="who", dir="auto")
            yield tag("div", about, said(why) if why else None, class_="entry vote")


def _entries(transcript: Transcript, media: MediaShelf) -> Markup:
    asked = {(call.id, call.arguments) for message in transcript.messages for call in message.tool_calls}
    return joined(_entry(each, asked, media) for each in transcript)


def _entry(entry: Entry, asked: AbstractSet[tuple[str, str]], media: MediaShelf) -> Markup:
    if isinstance(entry, MessageEntry):
        return _message(entry, media)
    if isinstance(entry, ToolEntry):
        return _tool(entry, repeats=(entry.call_id, entry.arguments) in asked)
    about = f"world: {entry.event} ({entry.actor})"
    content = said(entry.content) if entry.content else None
    return tag("div", tag("div", about, class_="who"), content, class_="entry world")


def _message(entry: MessageEntry, media: MediaShelf) -> Markup:
    message = entry.message
    role = f", as {message.role}" if entry.speaker == "environment" else ""
    finish = f", finish: {entry.finish_reason}" if entry.finish_reason else ""
    return tag(
        "div",
        tag("div", f"{entry.speaker}{role}{_tokens(entry.usage)}{finish}", class_="who"),
        _folded("reasoning", message.reasoning) if message.reasoning else None,
        *(said(part.text) if isinstance(part, Text) else media.shown(part) for part in message.content),
        said(f"refusal: {message.refusal}", "said trouble") if message.refusal else None,
        *_calls(message),
        class_=f"entry {entry.speaker}",
    )


def _tokens(usage: Usage | None) -> str:
    return f", {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out" if usage else ""


def _calls(message: Message) -> Iterator[Markup]:
    for call in message.tool_calls:
        yield tag("div", f"asks for {call.name}", class_="who", dir="auto")
        yield said(call.arguments, "data")


def _tool(entry: ToolEntry, *, repeats: bool) -> Markup:
    """A call and its result; the arguments are not said again where the message that asked shows them."""
    told = "" if entry.ok else f", failed: {entry.error}" if entry.error else ", failed"
    surplus = ", refused unexecuted: more calls than a message may hold" if entry.surplus else ""
    about = f"tool {entry.name}, called by {entry.actor}{told}{surplus}"
    return tag(
        "div",
        tag("div", about, class_="who" if entry.ok else "who trouble", dir="auto"),
        None if repeats else said(entry.arguments, "data"),
        said(entry.content, "data"),
        class_="entry tool",
    )


def _field(name: str, text: str) -> Markup:
    return tag("div", tag("div", name, class_="who"), said(text), class_="entry")


def _folded(name: str, text: str) -> Markup:
    return tag("details", tag("summary", name), said(text, "data"))


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(plain(value), indent=1, ensure_ascii=False)
