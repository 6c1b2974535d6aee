"""Who takes part in an arena, under which name, and whether they may meet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.reporting.comparable import check_comparable
from agentbench_sdk.runs.records import ContestantInfo
from agentbench_sdk.runs.run import Run


def contestants_of(runs: Sequence[Run]) -> list[ContestantInfo]:
    """The runs as contestants, each with a name of its own.

    A model's options are left out of its name; where two runs are of one model, the end of the run's id tells
    them apart.

    Raises:
        ConfigurationError: there are fewer than two runs, or one holds battles itself.
    """
    if len(runs) < 2:
        raise ConfigurationError("an arena needs at least two runs")
    for run in runs:
        if run.manifest.arena is not None:
            raise ConfigurationError(
                f"{run.path} holds the battles of an arena; name the runs that took part"
            )
    plain = [run.manifest.model.partition("?")[0] for run in runs]
    return [
        ContestantInfo(
            name=name if plain.count(name) == 1 else f"{name} ({run.manifest.run_id[-6:]})",
            model=run.manifest.model,
            run_id=run.manifest.run_id,
        )
        for name, run in zip(plain, runs, strict=True)
    ]


def named(contestants: Sequence[ContestantInfo], wanted: str) -> str:
    """The name of the contestant that is called so: by name, model, or run id.

    Raises:
        ConfigurationError: there is none, or more than one.
    """
    found = [
        each.name
        for each in contestants
        if wanted in (each.name, each.model, each.model.partition("?")[0], each.run_id)
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(repr(each.name) for each in contestants)
    what = "more than one contestant is" if found else "no contestant is"
    raise ConfigurationError(f"{what} called {wanted!r}; there are {known}")


def pairs_of(count: int, baseline: int | None) -> list[tuple[int, int]]:
    """Who meets whom: everybody everybody, or everybody the baseline."""
    if baseline is None:
        return list(combinations(range(count), 2))
    return [(place, baseline) for place in range(count) if place != baseline]


def check_pairs(runs: Sequence[Run], pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Refuse runs that may not meet; otherwise what differs between them.

    Raises:
        ConfigurationError: two runs are not comparable; one sentence says why.
    """
    found = [told for one, other in pairs for told in check_comparable(runs[one], runs[other])]
    return list(dict.fromkeys(found))
