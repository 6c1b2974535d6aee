"""The attempts of a run as HTML: a row for each, and below it what happened, as far as transcripts are asked for.

Attempts are read and written one at a time: a page of many transcripts needs the memory of one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from agentbench_sdk.errors import RunFileError
from agentbench_sdk.messages import Text
from agentbench_sdk.reporting import wording
from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.markup import Markup, joined, said, tag
from agentbench_sdk.reporting.plain import plain, shown
from agentbench_sdk.sessions.transcript import Entry, MessageEntry, ToolEntry, Transcript

if TYPE_CHECKING:
    from agentbench_sdk.judging import Score
    from agentbench_sdk.messages import Message, Part, Usage
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.records import JudgeInfo, SampleRecord

ROOM = 20_000_000  # characters of transcripts in a page that names no number: more is slow to open
_STATUSES = ("completed", "limit", "failed", "cancelled")


def attempts_section(run: Run, transcripts: int | None) -> Iterator[Markup]:
    """All attempts, in the order of sample id and epoch; the first `transcripts` of them with what happened.

    None stands for as many as there is `ROOM` for.
    """
    judges = run.manifest.judges
    numbers = [*(shown(each.id, 60) for each in judges), "tokens", "cost", "time"]
    columns = [
        ("sample", None),
        ("epoch", "number"),
        ("ending", None),
        *((each, "number") for each in numbers),
    ]
    yield Markup('<section id="attempts"><h2>Attempts</h2>')
    yield _controls()
    yield Markup('<div class="wide"><table class="attempts">')
    yield tag("caption", "One row an attempt, with its transcript below it", class_="heard")
    yield tag("thead", tag("tr", *(tag("th", name, scope="col", class_=side) for name, side in columns)))
    attempts, told, room = 0, 0, ROOM
    for record in run.records():
        attempts += 1
        more = None
        if told < transcripts if transcripts is not None else room > 0:
            more = _told(run, record)
            told += 1
            room -= len(more)
        yield _attempt(record, judges, len(columns), more)
    yield Markup("</table></div>")
    if attempts > told:
        yield tag("p", _left_out(told, attempts), class_="remark")
    yield Markup("</section>")


def _left_out(transcripts: int, attempts: int) -> str:
    which = f"of the first {transcripts:,} of {attempts:,} attempts alone" if transcripts else "of no attempt"
    return (
        f"This page holds the transcripts {which}; agentbench report --transcripts N --html FILE writes more."
    )


def _controls() -> Markup:
    """What the script shows and uses; hidden where there is none."""
    choices = [tag("option", "any", value=""), *(tag("option", each, value=each) for each in _STATUSES)]
    return tag(
        "div",
        tag("label", "Search ", tag("input", id="search", type="search")),
        tag("label", "Ending ", tag("select", *choices, id="ending")),
        tag("span", id="count", role="status"),
        id="controls",
        class_="controls",
        hidden=True,
    )


def _attempt(record: SampleRecord, judges: Sequence[JudgeInfo], columns: int, more: Markup | None) -> Markup:
    ending = record.ending
    cells = [
        tag("th", said(record.sample_id), scope="row"),
        _keyed(str(record.epoch), record.epoch),
        tag("td", f"{ending.status}: {shown(ending.reason, 60)}", class_=ending.status),
        *(_score_cell(each, record.scores.get(each.id)) for each in judges),
        *_used(record),
        _keyed(wording.duration(record.wall_s), record.wall_s),
    ]
    rows = [tag("tr", *cells)]
    if more is not None:
        rows.append(tag("tr", tag("td", more, colspan=columns, class_="more")))
    return tag("tbody", *rows, data_status=ending.status)


def _keyed(text: str, key: float | None) -> Markup:
    """A cell that is sorted by a number; one without a number comes last."""
    return tag("td", text, class_="number", data_key=number(key))


def _score_cell(judge: JudgeInfo, score: Score | None) -> Markup:
    value = number(score.value) if score is not None else None
    return _keyed("no score" if value is None else wording.amount(value, judge.unit), value)


def _used(record: SampleRecord) -> tuple[Markup, Markup]:
    tokens = sum(each.total_tokens for each in record.usage.values())
    costs = [each.cost_usd for each in record.usage.values() if each.cost_usd is not None]
    cost = sum(costs) if costs else None
    return _keyed(f"{tokens:,}", tokens), _keyed("unknown" if cost is None else wording.dollars(cost), cost)


def _told(run: Run, record: SampleRecord) -> Markup:
    """What happened in an attempt; a transcript that cannot be read is told of in its place."""
    try:
        entries = _entries(run.reader.transcript(record.sample_id, record.epoch))
    except RunFileError as error:
        entries = tag("p", error, class_="trouble")
    return tag(
        "details",
        tag("summary", "transcript"),
        said(record.ending.detail, "remark") if record.ending.detail else None,
        entries,
        _field("answer", record.answer) if record.answer else None,
        _field("target", _json(record.target)) if record.target is not None else None,
        *(_verdict(judge, score) for judge, score in record.scores.items()),
        _outcome(record),
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
        _folded("evidence", _json(score.evidence)) if score.evidence else None,
        class_="entry judge",
    )


def _entries(transcript: Transcript) -> Markup:
    asked = {(call.id, call.arguments) for message in transcript.messages for call in message.tool_calls}
    return joined(_entry(each, asked) for each in transcript)


def _entry(entry: Entry, asked: AbstractSet[tuple[str, str]]) -> Markup:
    if isinstance(entry, MessageEntry):
        return _message(entry)
    if isinstance(entry, ToolEntry):
        return _tool(entry, repeats=(entry.call_id, entry.arguments) in asked)
    about = f"world: {entry.event} ({entry.actor})"
    content = said(entry.content) if entry.content else None
    return tag("div", tag("div", about, class_="who"), content, class_="entry world")


def _message(entry: MessageEntry) -> Markup:
    message = entry.message
    role = f", as {message.role}" if entry.speaker == "environment" else ""
    finish = f", finish: {entry.finish_reason}" if entry.finish_reason else ""
    return tag(
        "div",
        tag("div", f"{entry.speaker}{role}{_tokens(entry.usage)}{finish}", class_="who"),
        _folded("reasoning", message.reasoning) if message.reasoning else None,
        *(_part(each) for each in message.content),
        said(f"refusal: {message.refusal}", "said trouble") if message.refusal else None,
        *_calls(message),
        class_=f"entry {entry.speaker}",
    )


def _tokens(usage: Usage | None) -> str:
    return f", {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out" if usage else ""


def _part(part: Part) -> Markup:
    """A text; of media the address and the hash alone: a page that is opened asks for nothing."""
    if isinstance(part, Text):
        return said(part.text)
    where = f" at {part.url}" if part.url else ""
    return said(f"[{part.kind} {part.media_type} {part.sha256[:12]}{where}]", "said remark")


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
