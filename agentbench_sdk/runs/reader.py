"""Reading a run file: finished, unfinished or being written."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from agentbench_sdk.errors import RunFileError
from agentbench_sdk.judging import Score
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import Timing
from agentbench_sdk.runs.records import CallRecord, Manifest, SampleRecord
from agentbench_sdk.runs.store import APPLICATION_ID, SCHEMA_VERSION
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.sessions.transcript import Transcript
from agentbench_sdk.simulation import Outcome


class RunReader:
    """Reads a run file, finished or not."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        manifest = self._note("manifest")
        if manifest is None:
            raise RunFileError(
                f"{self.path}: the run was stopped before it began; start it again with `agentbench run`"
            )
        self.manifest = Manifest.model_validate(manifest)

    def note(self, key: str) -> Any:
        """A fact of the whole run, None when it was never written."""
        return self._note(key)

    def records(self) -> Iterator[SampleRecord]:
        """All attempts, in the order of sample id and epoch."""
        with self._open() as connection:
            scores = connection.execute("SELECT * FROM scores ORDER BY sample_id, epoch, position")
            pending = next(scores, None)
            for row in connection.execute("SELECT * FROM samples ORDER BY sample_id, epoch"):
                own: dict[str, Score] = {}
                while pending is not None and (pending["sample_id"], pending["epoch"]) == (
                    row["sample_id"],
                    row["epoch"],
                ):
                    own[pending["judge"]] = _score(pending)
                    pending = next(scores, None)
                yield _record(row, own)

    def attempts(self) -> Iterator[tuple[tuple[str, int, dict[str, Any]], SampleRecord, list[CallRecord]]]:
        """Each attempt with its stored sample and its calls, in the order of sample id and epoch."""
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM calls ORDER BY sample_id, epoch, rowid")
            pending = next(rows, None)
            for sample, record in zip(self.samples(), self.records(), strict=True):
                calls: list[CallRecord] = []
                key = record.sample_id, record.epoch
                while pending is not None and (pending["sample_id"], pending["epoch"]) <= key:
                    if (pending["sample_id"], pending["epoch"]) == key:
                        calls.append(_call(pending))
                    pending = next(rows, None)
                yield sample, record, calls

    def calls(self) -> Iterator[CallRecord]:
        """All answered calls, in the order written."""
        with self._open() as connection:
            for row in connection.execute("SELECT * FROM calls ORDER BY rowid"):
                yield _call(row)

    def samples(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Sample id, epoch and the stored form of each sample (see `Sample.to_dict`)."""
        with self._open() as connection:
            for row in connection.execute("SELECT sample_id, epoch, sample FROM samples ORDER BY 1, 2"):
                yield row["sample_id"], row["epoch"], json.loads(row["sample"])

    def transcript_bytes(self, sample_id: str, epoch: int = 0) -> bytes:
        """The canonical bytes of a transcript.

        Raises:
            RunFileError: there is none, or it is damaged.
        """
        with self._open() as connection:
            query = "SELECT body FROM transcripts WHERE sample_id = ? AND epoch = ?"
            row = connection.execute(query, (sample_id, epoch)).fetchone()
        if row is None:
            raise RunFileError(f"{self.path}: there is no transcript of sample {sample_id!r}, epoch {epoch}")
        try:
            return zlib.decompress(row["body"])
        except zlib.error as error:
            raise RunFileError(
                f"{self.path}: the transcript of sample {sample_id!r}, epoch {epoch} is damaged ({error})"
            ) from error

    def transcript(self, sample_id: str, epoch: int = 0) -> Transcript:
        """A transcript; see `transcript_bytes`."""
        body = self.transcript_bytes(sample_id, epoch)
        try:
            return Transcript.from_list(orjson.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RunFileError(
                f"{self.path}: the transcript of sample {sample_id!r}, epoch {epoch} is damaged "
                f"({type(error).__name__}: {error})"
            ) from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self.path.is_file():
            raise RunFileError(f"{self.path}: there is no such run file")
        # A finished file without a journal is read without leaving a trace beside it.
        uri = f"{self.path.resolve().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                    raise RunFileError(f"{self.path}: is a SQLite file, but no run file of agentbench")
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                if version != SCHEMA_VERSION:
                    raise RunFileError(
                        f"{self.path}: has format {version}, this version reads {SCHEMA_VERSION}; "
                        "read it with the version that wrote it"
                    )
                yield connection
        except (ValueError, TypeError, KeyError) as error:  # rows that hold something else than we write
            raise RunFileError(f"{self.path}: a row is damaged ({type(error).__name__}: {error})") from error
        except sqlite3.DatabaseError as error:
            raise RunFileError(f"{self.path}: cannot be read as a run file ({error})") from error

    def _note(self, key: str) -> Any:
        with self._open() as connection:
            row = connection.execute("SELECT value FROM manifest WHERE key = ?", (key,)).fetchone()
        return json.loads(row["value"]) if row is not None else None


def _score(row: sqlite3.Row) -> Score:
    passed = None if row["passed"] is None else bool(row["passed"])
    return Score(row["value"], passed, row["label"], row["explanation"], json.loads(row["evidence"]))


def _usages(text: str) -> Mapping[Any, Usage]:
    return {role: Usage.from_dict(usage) for role, usage in json.loads(text).items()}


def _record(row: sqlite3.Row, scores: Mapping[str, Score]) -> SampleRecord:
    return SampleRecord(
        sample_id=row["sample_id"],
        epoch=row["epoch"],
        ending=Ending(row["status"], row["reason"], row["detail"]),
        cluster=row["cluster"],
        scores=scores,
        outcome=Outcome(**json.loads(row["outcome"])) if row["outcome"] else None,
        answer=row["answer"],
        target=json.loads(row["target"]),
        usage=_usages(row["usage"]),
        cached_usage=_usages(row["cached_usage"]),
        wall_s=row["wall_s"],
        working_s=row["working_s"],
        metadata=json.loads(row["metadata"]),
    )


def _call(row: sqlite3.Row) -> CallRecord:
    tokens = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_input_tokens", "cost_usd")
    return CallRecord(
        sample_id=row["sample_id"],
        epoch=row["epoch"],
        role=row["role"],
        turn=row["turn"],
        model=row["model"],
        endpoint=row["endpoint"],
        usage=Usage(*(row[name] for name in tokens)),
        timing=Timing(row["queue_s"], row["wire_s"], row["first_token_s"], row["attempts"]),
        cached=bool(row["cached"]),
        speaker=row["speaker"],
    )


def newest_run(folder: str | Path) -> Path | None:
    """The run file of a folder that was written last; files without a manifest hold nothing to go on with, and
    those of arenas are no run of a model.
    """
    files: Iterable[Path] = Path(folder).glob("*.db")
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        with suppress(RunFileError):
            if RunReader(path).manifest.arena is None:
                return path
    return None
