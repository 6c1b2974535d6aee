"""The file itself: a zip archive of JSON documents, written from front to end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, ZipFile

from agentbench_sdk.errors import RunFileError
from agentbench_sdk.reporting.plain import shown

_LEVEL = 3  # of deflate: transcripts shrink nearly as far as at 6, in half the time
_LONGEST_NAME = 65_535  # bytes: the zip format counts them in 16 bits
_SURROGATE = re.compile("[\ud800-\udfff]")


def encoded(value: Any) -> bytes:
    """JSON in UTF-8. Lone surrogates become their escapes, as text; NaN and infinities stay, as Inspect has them."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text).encode()


def sample_name(sample_id: str, epoch: int) -> str:
    """The member of a sample, as Inspect looks it up; whatever the id holds is part of the name.

    Raises:
        RunFileError: the id is too long for a zip archive.
    """
    name = f"samples/{sample_id}_epoch_{epoch}.json"
    if len(name.encode(errors="backslashreplace")) > _LONGEST_NAME:
        raise RunFileError(
            f"the sample id {shown(sample_id, 60)} is too long for a log of Inspect, whose file names hold 65,535 "
            "bytes; export the run as JSON lines"
        )
    return name


class Archive:
    """An archive under way.

    Summaries of samples are kept in a temporary file until the samples are through: a zip takes one member at a time.
    """

    def __init__(self, file: ZipFile, summaries: IO[bytes]) -> None:
        self._file, self._summaries = file, summaries
        self._samples = 0

    @classmethod
    @contextmanager
    def create(cls, path: Path) -> Iterator[Self]:
        """A new archive, complete when the block ends."""
        with (
            ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as file,
            TemporaryFile(dir=path.parent) as summaries,
        ):
            yield cls(file, summaries)

    def put(self, name: str, value: Any) -> None:
        """Add one document."""
        self._file.writestr(name, encoded(value))

    def put_sample(self, sample: dict[str, Any], summary: dict[str, Any]) -> None:
        """Add a sample, and keep its summary."""
        self.put(sample_name(sample["id"], sample["epoch"]), sample)
        self._summaries.write(b",\n" if self._samples else b"\n")
        self._summaries.write(encoded(summary))
        self._samples += 1

    def put_summaries(self) -> None:
        """Add the summaries of all samples."""
        self._summaries.seek(0)
        with self._file.open("summaries.json", "w", force_zip64=True) as member:
            member.write(b"[")
            copyfileobj(self._summaries, member)
            member.write(b"\n]")
