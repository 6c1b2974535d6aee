"""A run, as the user holds it: scores, summary, transcripts, records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from agentbench_sdk.judging import Score
from agentbench_sdk.runs.reader import RunReader
from agentbench_sdk.runs.records import CallRecord, Manifest, SampleRecord
from agentbench_sdk.sessions.transcript import Transcript

if TYPE_CHECKING:
    import pandas as pd

    from agentbench_sdk.benchmark import Registry
    from agentbench_sdk.reporting import Summary
    from agentbench_sdk.reporting.rates import Rate
    from agentbench_sdk.runs.rejudging import JudgeSpec


class Transcripts(Mapping[tuple[str, int], Transcript]):
    """Transcripts by (sample id, epoch), each read when asked for."""

    def __init__(self, reader: RunReader) -> None:
        self._reader = reader
        self._keys = [(sample_id, epoch) for sample_id, epoch, _ in reader.samples()]

    def __getitem__(self, key: tuple[str, int]) -> Transcript:
        if key not in self._keys:
            raise KeyError(key)
        return self._reader.transcript(*key)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Run:
    """A finished or interrupted run, read from its file.

    Attributes:
        path: the run file.
        manifest: what was run.
    """

    __iter__: ClassVar[None] = None  # `run[name]` would else make it a sequence that starts with run[0]

    def __init__(self, path: str | Path) -> None:
        self._reader = RunReader(path)
        self.path = Path(path)
        self.manifest: Manifest = self._reader.manifest

    def __repr__(self) -> str:
        return f"<Run {self.manifest.task} of {self.manifest.model}, {self.status}, {self.path}>"

    @property
    def status(self) -> str:
        """One of "finished", "interrupted" and "running" (also when the process was killed)."""
        note = self._reader.note("status") or {}
        return str(note.get("status", "running"))

    def records(self) -> Iterator[SampleRecord]:
        """One record an attempt, in the order of sample id and epoch."""
        return self._reader.records()

    def calls(self) -> Iterator[CallRecord]:
        """One record an answered call to a model."""
        return self._reader.calls()

    @property
    def scores(self) -> dict[str, dict[tuple[str, int], Score]]:
        """Scores by judge id and (sample id, epoch). Attempts that failed are not in it: see `records`."""
        scores: dict[str, dict[tuple[str, int], Score]] = {each.id: {} for each in self.manifest.judges}
        for record in self.records():
            for judge, score in record.scores.items():
                scores.setdefault(judge, {})[record.sample_id, record.epoch] = score
        return scores

    @property
    def transcripts(self) -> Transcripts:
        """Transcripts by (sample id, epoch)."""
        return Transcripts(self._reader)

    @property
    def reader(self) -> RunReader:
        """The file itself, row by row."""
        return self._reader

    def picture(self, sample_id: str, epoch: int = 0, *, registry: Registry | None = None) -> str:
        """What happened in an attempt, as an SVG document drawn by its environment.

        The recorded calls are executed again, so the picture shows what can be proven.

        Arguments:
            sample_id: of the attempt.
            epoch: of the attempt.
            registry: where the environment is looked up; whatever is installed when left out.

        Raises:
            ConfigurationError: the run has no environment, or one that draws nothing.
            ReplayMismatchError: the record does not re-execute.
            RunFileError: there is no such attempt, or its transcript is damaged.
        """
        from agentbench_sdk.benchmark import Registry
        from agentbench_sdk.runs.picture import picture

        return picture(self, sample_id, epoch, (registry or Registry.discover()).environment)

    async def rejudge(self, judges: Sequence[JudgeSpec] | None = None, **options: Any) -> Run:
        """Judge the run's sessions again, on a bench of its own; see `Bench.rejudge`.

        The cache is the run's own, and the new run file lies beside the old one.
        """
        from agentbench_sdk.bench import Bench

        async with Bench(cache=self.manifest.cache, runs=self.path.parent) as bench:
            return await bench.rejudge(self, judges, **options)

    def __getitem__(self, name: str) -> Rate:
        """A rate that is compared by its interval: `assert run["exact"] >= 0.8`; see `reporting.rates`.

        Arguments:
            name: a judge's id (without its options where that names one); or a number that the environment
                reports; or "accuracy", where neither is named so: the share of attempts that the primary
                judge passed.

        Raises:
            UnknownNameError: the run has no such judge or metric.
        """
        from agentbench_sdk.reporting.rates import rate_of

        return rate_of(self, name)

    def summary(self) -> Summary:
        """Means with intervals, failures as bounds, usage and times."""
        from agentbench_sdk.reporting import summarize

        notes = (self._reader.note(name) for name in ("limiters", "drift"))
        return summarize(self.manifest, self.records(), self.calls(), *notes)

    def to_pandas(self) -> pd.DataFrame:
        """One row an attempt, with the columns of the CSV export and pandas' nullable types.

        Raises:
            MissingExtraError: pandas or pyarrow is not installed (`agentbench-sdk[tables]`).
        """
        from agentbench_sdk.reporting import to_pandas

        return to_pandas(self.records(), [judge.id for judge in self.manifest.judges])

    def html(self, *, transcripts: int | None = None) -> str:
        """The report as one HTML page that fetches nothing; see `agentbench_sdk.reporting.write_html`.

        Arguments:
            transcripts: how many attempts are shown with what happened in them; None for as many as fit into
                some 20 MB.

        Raises:
            ConfigurationError: `transcripts` is below 0.
        """
        from agentbench_sdk.reporting.page import html_parts

        return "".join(html_parts(self, transcripts=transcripts))


def load_run(path: str | Path) -> Run:
    """Open a run file.

    Raises:
        RunFileError: there is none, or it is no run file.
    """
    return Run(path)
