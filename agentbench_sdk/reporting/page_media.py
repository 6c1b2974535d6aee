"""Images, sounds and films in the HTML report: each once in the page, shown wherever transcripts name it.

A page fetches nothing: an address is shown as text. Run files name media by content hash, so their bytes are
looked up among those that the run's task has.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Media
from agentbench_sdk.reporting.markup import Markup, said, tag
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.thumbnails import Shown, fit_for_page
from agentbench_sdk.runs.media import sample_media

if TYPE_CHECKING:
    from agentbench_sdk.runs import Run

MEDIA_ROOM = 8_000_000  # characters of media in a page


class MediaShelf:
    """The media of a page.

    Arguments:
        runs: whose tasks are asked for the bytes, once something is to be shown.
        given: media whose bytes are at hand.
        room: characters that all together may take.
    """

    def __init__(self, runs: Iterable[Run], given: Iterable[Media] = (), room: int | None = None) -> None:
        self._runs = list(runs)
        self._given = {each.sha256: each.data for each in given if each.data is not None}
        self._room = MEDIA_ROOM if room is None else room
        self._known: dict[str, str | None] = {}  # why one is not shown, None for those in the page
        self._due: list[Markup] = []
        self._faults: dict[str, None] = {}
        self._left_out = 0

    def shown(self, part: Media) -> Markup:
        """A medium in a transcript: a place for the page's script to show it, or its name and why it is not shown."""
        name = f"{part.kind} {shown(part.media_type, 40)} {part.sha256[:12]}".replace("  ", " ")
        if part.data is None and part.url is not None:
            return said(f"[{name} at {part.url}]", "said remark")
        if part.sha256 not in self._known:
            self._known[part.sha256] = self._taken(part)
        why = self._known[part.sha256]
        if why is not None:
            return said(f"[{name}: {why}]", "said remark")
        return tag("figure", tag("figcaption", name), data_medium=part.sha256[:32], class_="medium")

    def due(self) -> Iterator[Markup]:
        """Elements with the media that were first shown since the last call."""
        made, self._due = self._due, []
        yield from made

    def remarks(self) -> Iterator[Markup]:
        """What a reader has to know about what is not shown."""
        for fault in self._faults:
            yield tag("p", f"Media are named alone: {fault}.", class_="remark")
        if self._left_out:
            told = f"{self._left_out:,} media are named alone: the page has no room for more."
            yield tag("p", told, class_="remark")

    def _taken(self, part: Media) -> str | None:
        data = part.data if part.data is not None else self._bytes.get(part.sha256)
        if data is None:
            return "its bytes are not at hand"
        found = fit_for_page(data)
        if isinstance(found, str):
            return f"{len(data):,} bytes, {found}"
        made = _element(part.sha256[:32], found)
        if len(made) > self._room:
            self._left_out += 1
            return f"{len(data):,} bytes, the page has no room for more"
        self._room -= len(made)
        self._due.append(made)
        return None

    @cached_property
    def _bytes(self) -> Mapping[str, bytes]:
        found: dict[str, bytes] = dict(self._given)
        sources = {(run.manifest.task_source, str(run.manifest.task_params)): run for run in self._runs}
        for run in sources.values():
            try:
                found |= sample_media(run)
            except ConfigurationError as error:
                if not self._given:
                    self._faults[str(error)] = None
        return found


def _element(name: str, found: Shown) -> Markup:
    """A medium as data, which no browser shows before the page's script asks for it."""
    return tag(
        "script",
        base64.b64encode(found.data).decode("ascii"),
        type="application/octet-stream",
        id=f"medium-{name}",
        data_kind=found.kind,
        data_type=found.media_type,
    )
