"""The attempts of one run or several as HTML: one table, a row a sample and epoch, with what happened behind it.

Rows and transcripts are packed (JSON, deflated, in base64), in elements that the browser takes as mere data: a page
of thousands of attempts opens at once, and the page's script unpacks what is looked at. What it unpacks is markup
made here, escaped like everything else.

Attempts are read and written one at a time: a page of many transcripts needs the memory of one block.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from agentbench_sdk.reporting.markup import Markup, tag
from agentbench_sdk.reporting.page_pairs import PairOutcomes
from agentbench_sdk.reporting.page_rows import AttemptRows, Key
from agentbench_sdk.reporting.page_transcript import attempt_told

if TYPE_CHECKING:
    from agentbench_sdk.reporting.beside import Member, SideBySide
    from agentbench_sdk.reporting.page_media import MediaShelf
    from agentbench_sdk.runs.records import SampleRecord

ROOM = (
    20_000_000  # characters of transcripts and media in a page that names no number: more is slow to pass on
)
_BLOCK = 256_000  # characters that are packed together: attempts of one sample resemble each other
_PACKED_SHARE = 4  # to what part packing brings a transcript, about, until it is known
_STATUSES = ("completed", "limit", "failed", "cancelled")
_VERDICTS = (("any", ""), ("passed", "p"), ("did not pass", "f"), ("no score", "-"))


class Place(NamedTuple):
    """Where a transcript is found: number of its block, and its place in it."""

    block: int
    position: int


class Blocks:
    """Transcripts on their way into the page, packed some at a time.

    Arguments:
        room: characters of the page that they may take; None for as many as there are.
    """

    def __init__(self, room: int | None) -> None:
        self._room = room
        self._open: list[str] = []
        self._size = 0
        self._number = 0

    @property
    def full(self) -> bool:
        return self._room is not None and self._room <= self._size // _PACKED_SHARE

    def take(self, size: int) -> None:
        """Book what else takes room in the page."""
        if self._room is not None:
            self._room -= size

    def add(self, told: Markup) -> Place:
        """Take in a transcript."""
        self._open.append(told)
        self._size += len(told)
        return Place(self._number, len(self._open) - 1)

    def due(self, *, last: bool = False) -> Iterator[Markup]:
        """The block that is full, or is the last, as an element."""
        if self._size >= _BLOCK or (last and self._open):
            made = packed(f"block-{self._number}", self._open)
            self._open, self._size = [], 0
            self._number += 1
            self.take(len(made))
            yield made


def packed(name: str, value: Any) -> Markup:
    """A value for the page's script, as an element of that id which no browser runs or shows."""
    data = zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)
    return tag("script", base64.b64encode(data).decode("ascii"), type="application/octet-stream", id=name)


def attempts_section(found: SideBySide, transcripts: int | None, media: MediaShelf) -> Iterator[Markup]:
    """All attempts, in the order of task, sample id and epoch; the first `transcripts` rows with what happened.

    Arguments:
        found: the runs.
        transcripts: how many rows; None for as many as there is `ROOM` for.
        media: where images, sounds and films are put.
    """
    pairs = PairOutcomes(found)
    table = AttemptRows(found, pairs)
    blocks = Blocks(None if transcripts is not None else ROOM)
    yield Markup('<section id="attempts">')
    yield _skeleton(found, pairs)
    rows: list[Any] = []
    told = 0
    for key, records in _merged(found):
        places: dict[int, Place] = {}
        if told < transcripts if transcripts is not None else not blocks.full:
            told += 1
            for place, record in records.items():
                run = found.members[place].run
                places[place] = blocks.add(attempt_told(run, record, table.head(place, record), media))
        rows.append(table.row(key, records, places))
        for each in media.due():
            blocks.take(len(each))
            yield each
        yield from blocks.due()
    yield from blocks.due(last=True)
    yield packed("rows", {"columns": table.columns(), "runs": table.names(), "rows": rows})
    if len(rows) > told:
        yield tag("p", _left_out(told, len(rows), several=table.several), class_="remark")
    yield from media.remarks()
    yield Markup("</section>")


def _left_out(told: int, rows: int, *, several: bool) -> str:
    what = "rows" if several else "attempts"
    which = f"of the first {told:,} of {rows:,} {what} alone" if told else f"of no {what.removesuffix('s')}"
    return (
        f"This page holds the transcripts {which}; agentbench report --transcripts N --html FILE writes more."
    )


def _merged(found: SideBySide) -> Iterator[tuple[Key, dict[int, SampleRecord]]]:
    """Attempts of all runs at the same sample and epoch together, by the place of their run."""
    tasks = [place for place, task in enumerate(found.tasks) for _ in task.members]
    streams = [_stream(member, place, tasks[place]) for place, member in enumerate(found.members)]
    for key, group in groupby(merge(*streams, key=lambda each: each[0]), key=lambda each: each[0]):
        yield key, {place: record for _, place, record in group}


def _stream(member: Member, place: int, task: int) -> Iterator[tuple[Key, int, SampleRecord]]:
    for record in member.run.records():
        yield (task, record.sample_id, record.epoch), place, record


# --- what the script fills ------------------------------------------------------------------------


def _skeleton(found: SideBySide, pairs: PairOutcomes) -> Markup:
    several = len(found.members) > 1
    about = "One row a sample and epoch; open it to read the transcripts" + (
        " beside each other" if several else ""
    )
    table = tag("table", tag("caption", about, class_="heard"), tag("thead"), tag("tbody"), class_="attempts")
    missing = (
        "Attempts and transcripts are packed: reading them needs JavaScript. Nothing is loaded from anywhere."
    )
    return tag(
        "div",
        tag("h2", "Attempts"),
        tag("noscript", tag("p", missing, class_="warning")),
        tag("p", "", id="trouble", class_="warning", hidden=True),
        _controls(found, pairs),
        tag("div", table, class_="wide"),
        tag("button", "more rows", id="more", type="button", hidden=True),
    )


def _controls(found: SideBySide, pairs: PairOutcomes) -> Markup:
    """What the script shows and uses; hidden where there is none."""
    several = len(found.members) > 1
    choices = [
        _choice("ending", "Ending", [("any", ""), *((each, each) for each in _STATUSES)]),
        *(
            _choice(f"verdict-{place}", f"{member.letter}" if several else "Verdict", _VERDICTS, of="verdict")
            for place, member in enumerate(found.members)
            if _has_verdicts(found, member)
        ),
    ]
    if pairs.names:
        choices.append(_choice("pair", "Compared", [("any", ""), *pairs.choices()]))
    return tag(
        "div",
        tag("label", "Search ", tag("input", id="search", type="search", placeholder="in all transcripts")),
        *choices,
        tag("button", "reset", id="reset", type="button"),
        tag("span", id="count", role="status"),
        id="controls",
        class_="controls",
        hidden=True,
    )


def _choice(name: str, label: str, choices: Sequence[tuple[str, str]], of: str | None = None) -> Markup:
    options = [tag("option", text, value=value) for text, value in choices]
    return tag("label", f"{label} ", tag("select", *options, id=name, data_of=of))


def _has_verdicts(found: SideBySide, member: Member) -> bool:
    task = next(task for task in found.tasks if member in task.members)
    judged = task.judged(member)
    return judged is not None and judged.passed is not None
