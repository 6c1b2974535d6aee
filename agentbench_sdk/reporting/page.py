"""The report as one HTML file, of one run or several: nothing is fetched, and what models wrote is text.

    write_html([run_a, run_b], "report.html")

A policy in the page (Content-Security-Policy) lets the browser run this package's script and use its style alone,
so that even markup that slipped through could neither run nor load anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting.beside import SideBySide, side_by_side
from agentbench_sdk.reporting.markup import Markup, tag
from agentbench_sdk.reporting.page_assets import asset, digest
from agentbench_sdk.reporting.page_attempts import attempts_section
from agentbench_sdk.reporting.page_media import MediaShelf
from agentbench_sdk.reporting.page_run import run_about, run_header, run_sections
from agentbench_sdk.reporting.page_several import several_header, several_sections
from agentbench_sdk.reporting.plain import shown
from agentbench_sdk.reporting.replacing import replacing
from agentbench_sdk.runs.run import Run
from agentbench_sdk.runs.several import ModelRuns

if TYPE_CHECKING:
    from agentbench_sdk.messages import Media


def write_html(
    runs: Run | Sequence[Run] | ModelRuns,
    path: str | os.PathLike[str],
    *,
    transcripts: int | None = None,
    media: Iterable[Media] = (),
) -> Path:
    """Write the report of runs as one HTML file; a file of that name is replaced when the new one is whole.

    Arguments:
        runs: one, or several to set beside each other, finished or not; or what `evaluate(models=[…])` returned.
        path: the file.
        transcripts: how many attempts (of each run), in the order of sample id and epoch, are shown with what
            happened; None for as many as fit into some 20 MB.
        media: images, sounds and films with their bytes, which transcripts name by their hash; those of tasks
            that can be loaded again (a registered name or a file) are found without.

    Returns:
        The file's path.

    Raises:
        ConfigurationError: the file cannot be written, `transcripts` is below 0, or there is no run or one twice.
        RunFileError: a run file is damaged.
    """
    target = Path(path)
    with replacing(target) as begun, begun.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(html_parts(runs, transcripts=transcripts, media=media))
    return target


def html_parts(
    runs: Run | Sequence[Run] | ModelRuns, *, transcripts: int | None = None, media: Iterable[Media] = ()
) -> Iterator[str]:
    """The page piece by piece; see `write_html`."""
    if transcripts is not None and not (type(transcripts) is int and transcripts >= 0):
        raise ConfigurationError(f"transcripts is {transcripts!r}; it must be a whole number from 0")
    chosen = _chosen(runs)
    found = side_by_side(chosen)
    style, script = asset("page.css"), asset("page.js")
    yield "<!DOCTYPE html>\n"
    yield '<html lang="en">'
    yield _head(_title(found), style, script)
    yield "<body><main>"
    for part in _sections(found):
        yield part
        yield "\n"
    for part in attempts_section(found, transcripts, MediaShelf(chosen, media)):
        yield part
        yield "\n"
    yield "</main>"
    yield tag("script", Markup(script))
    yield "</body></html>\n"


def _chosen(runs: Run | Sequence[Run] | ModelRuns) -> list[Run]:
    if isinstance(runs, Run):
        return [runs]
    return runs.runs if isinstance(runs, ModelRuns) else list(runs)


def _title(found: SideBySide) -> str:
    models = ", ".join(shown(each.model, 60) for each in found.members)
    return f"{', '.join(shown(each.task, 60) for each in found.tasks)}: {models}"


def _head(title: str, style: str, script: str) -> Markup:
    policy = (
        f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(style)),
    )


def _sections(found: SideBySide) -> Iterator[Markup]:
    if len(found.members) > 1:
        yield several_header(found)
        yield from several_sections(found)
        return
    member = found.members[0]
    yield run_header(member)
    yield from run_sections(member.summary)
    yield tag("details", tag("summary", "About this run"), run_about(member), class_="run", open=True)
