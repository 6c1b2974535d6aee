"""The answers with which a candidate's is compared: of its sample, or of another run of the same task."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import said_text
from agentbench_sdk.judging import JudgeCase

Answers = Mapping[tuple[str, int], str]


@dataclass(slots=True, eq=False)
class RunAnswers:
    """The answers of finished runs, each file read once, off the event loop."""

    _known: dict[str, Answers] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def of(self, path: str, case: JudgeCase) -> str:
        """The answer that another run gave to the same sample in the same epoch, or else in its first.

        Raises:
            JudgeError: it holds none.
            RunFileError: the file cannot be read.
        """
        answers = self._known.get(path)
        if answers is None:
            answers = await asyncio.to_thread(self._read, path)
        for epoch in (case.epoch, 0):
            if (case.sample_id, epoch) in answers:
                return answers[case.sample_id, epoch]
        raise JudgeError(f"{path} holds no answer to sample {case.sample_id!r} to compare with")

    def _read(self, path: str) -> Answers:
        from agentbench_sdk.runs import load_run

        with self._lock:  # cases that come at once wait for the first to read it
            if path not in self._known:
                records = load_run(path).records()
                self._known[path] = {
                    (each.sample_id, each.epoch): said_text(each.answer).strip()
                    for each in records
                    if each.ending.scorable
                }
            return self._known[path]


def check_run(judge: str, path: str) -> None:
    """Refuse a run file that is not there.

    Raises:
        ConfigurationError: there is no such file.
    """
    if not Path(path).is_file():
        raise ConfigurationError(f"judge {judge!r}: there is no run file {path}")


def own_text(case: JudgeCase, judge: str, source: str) -> str:
    """The answer that the sample holds: its target, or a member of its metadata; read as a candidate's is.

    Raises:
        JudgeError: there is no text.
    """
    found = case.target if source == "target" else case.metadata.get(source)
    if not isinstance(found, str):
        place = "target" if source == "target" else f"metadata[{source!r}]"
        raise JudgeError(
            f"sample {case.sample_id!r}: judge {judge!r} compares with the text in {place}, and there is none"
        )
    return said_text(found).strip()
