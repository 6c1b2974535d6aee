"""`Arena`: the battles of finished runs, as they are in their file, and what comes of them.

async with Bench() as bench:
    arena = await bench.arena([run_a, run_b, run_c], judge_model="openai/judge")
    print(arena)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentbench_sdk.arena.battle import Battle, battle_of
from agentbench_sdk.errors import ConfigurationError, RunFileError
from agentbench_sdk.runs.records import ArenaInfo
from agentbench_sdk.runs.run import Run, load_run

if TYPE_CHECKING:
    from agentbench_sdk.arena.standings import Standings
    from agentbench_sdk.statistics.evalscope_arena import EvalscopeArena
    from agentbench_sdk.statistics.ranking import Ties


class Arena:
    """An arena, finished or interrupted, read from its file.

    Arguments:
        run: the run file that holds its battles.

    Raises:
        RunFileError: it holds no battles.
    """

    def __init__(self, run: Run) -> None:
        if run.manifest.arena is None:
            raise RunFileError(
                f"{run.path}: is a run of {run.manifest.model}, and holds no battles of an arena"
            )
        self.run = run
        self.info: ArenaInfo = run.manifest.arena

    def __repr__(self) -> str:
        return f"<Arena of {len(self.info.contestants)} runs, {self.run.status}, {self.run.path}>"

    def __str__(self) -> str:
        from agentbench_sdk.reporting.arena import render_standings

        return render_standings(self.summary())

    @property
    def path(self) -> Path:
        """The file."""
        return self.run.path

    @property
    def status(self) -> str:
        """See `Run.status`."""
        return self.run.status

    def battles(self) -> Iterator[Battle]:
        """The battles that were judged, or could not be, in the order of sample and epoch."""
        judge = self.run.manifest.judges[0].id
        return (battle_of(record, judge) for record in self.run.records())

    def summary(
        self,
        *,
        baseline: str | None = None,
        length_control: bool = True,
        ties: Ties = "davidson",
        seed: int = 0,
        level: float = 0.95,
    ) -> Standings:
        """The ranking, and all that a reader of it should know.

        Arguments:
            baseline: name, model or run id of the contestant that is put at 1000; the arena's own when left out.
            length_control: also rank by battles as if both answers had been of one length.
            ties: "davidson", or "half": each tie is half a win each way.
            seed: of the resampling of prompts.
            level: nominal coverage of intervals.

        Raises:
            ConfigurationError: there is no such contestant.
        """
        from agentbench_sdk.arena.standings import standings_of

        return standings_of(
            self, baseline=baseline, length_control=length_control, ties=ties, seed=seed, level=level
        )

    def evalscope(self, baseline: str | None = None) -> EvalscopeArena:
        """EvalScope's figures of the same verdicts, with its too narrow intervals; see `evalscope_arena`.

        Arguments:
            baseline: the contestant held at 1000; the arena's own when left out.

        Raises:
            ConfigurationError: there is no baseline, or no verdict.
        """
        from agentbench_sdk.arena.contestants import named
        from agentbench_sdk.arena.peer_games import games_of
        from agentbench_sdk.statistics.evalscope_arena import evalscope_arena

        if baseline is None and self.info.baseline is None:
            raise ConfigurationError("EvalScope's figures need a baseline: name one of the contestants")
        held = named(self.info.contestants, baseline) if baseline is not None else str(self.info.baseline)
        return evalscope_arena([games_of(each) for each in self.battles()], held)

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """The summary and every battle; `options` are those of `summary`."""
        return {**self.summary(**options).to_dict(), "battles": [each.to_dict() for each in self.battles()]}


def load_arena(path: str | Path) -> Arena:
    """An arena from its file; nothing is judged.

    Raises:
        RunFileError: it cannot be read, or holds no battles.
    """
    return Arena(load_run(path))
