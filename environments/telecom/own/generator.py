"""Makes tasks: those that ship, and any number of others.

    generate(100, seed=7)                      # a hundred tasks of seed 7, each proven by execution

    python -m agentbench_sdk.environments.telecom.own.generator > environments/telecom/own/data/tasks.json

Two tasks are the same when they agree in family, faults, line and persona (`Problem.key`). Tasks of one call
are distinct in this sense from each other and from all that ship. All problems are dealt out among 16 shares,
and a seed takes its tasks from one of them (seed modulo 16), so seeds of different shares have no task in
common; seeds of one share draw independently and may meet. Ids hold the seed and never meet.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from itertools import islice
from typing import Any

from agentbench_sdk.environments.telecom.own.build import build
from agentbench_sdk.environments.telecom.own.facts import facts
from agentbench_sdk.environments.telecom.own.problems import MOST, SHARES, problems
from agentbench_sdk.environments.telecom.own.proof import prove
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.errors import ConfigurationError

SHIPPED_SEED = 2025
SHIPPED = 252
BASE = 120
SMALL = 20


def generate(count: int, seed: int) -> list[TelecomTask]:
    """Tasks of a seed, in turns of families, numbers of faults and personas; each is proven.

    The first tasks of a seed are the same whatever the count.

    Arguments:
        count: how many, at most 5,000.
        seed: any integer.

    Raises:
        ConfigurationError: for a count that is negative or greater than what a seed can make.
        UnprovenError: if a task did not do what it claims, which would be a fault of the generator.
    """
    if not 0 <= count <= MOST:
        raise ConfigurationError(
            f"generate makes 0 to {MOST:,} tasks of one seed, not {count:,}; for more, use several seeds "
            f"that differ modulo {SHARES}"
        )
    chosen = islice(problems(seed, _shipped_keys(), share=seed % SHARES), count)
    tasks = [build(problem, seed) for problem in chosen]
    if len(tasks) < count:
        raise ConfigurationError(f"seed {seed} can make only {len(tasks):,} tasks, not {count:,}")
    for task in tasks:
        prove(task)
    return tasks


def key(task: TelecomTask) -> str:
    """What makes two of our tasks the same; the id without its seed."""
    return task.id.partition("[SEED:")[0]


def shipped() -> dict[str, Any]:
    """The tasks that ship and their sets, made anew and proven: `{"sets": …, "tasks": …}`."""
    chosen = islice(problems(SHIPPED_SEED, (), share=None), SHIPPED)
    tasks = [build(problem, "shipped") for problem in chosen]
    for task in tasks:
        prove(task)
    sets = {
        "small": [task.id for task in _small(tasks)],
        "base": [task.id for task in tasks[:BASE]],
        "full": [task.id for task in tasks],
    }
    return {"sets": sets, "tasks": [task.model_dump(mode="json", exclude_none=True) for task in tasks]}


def _small(tasks: Iterable[TelecomTask]) -> list[TelecomTask]:
    """Single faults, each at most once in a family, those that can be repaired first."""
    found: dict[tuple[str, str], TelecomTask] = {}
    singles = [task for task in tasks if len(facts(task).faults) == 1]
    for task in sorted(singles, key=lambda task: not facts(task).fixable):
        found.setdefault((facts(task).family, facts(task).faults[0]), task)
    fixable = [task for task in found.values() if facts(task).fixable]
    others = [task for task in found.values() if not facts(task).fixable]
    return [*fixable[: SMALL - 2], *others[: SMALL - len(fixable[: SMALL - 2])]]


def _shipped_keys() -> frozenset[str]:
    from agentbench_sdk.environments.telecom.own.data import own_data

    return frozenset(key(task) for task in own_data().tasks("full"))


def text(made: dict[str, Any]) -> str:
    """What `shipped` makes as JSON, with a task on each line."""
    rows = ",\n".join(json.dumps(task, ensure_ascii=False) for task in made["tasks"])
    return f'{{"sets": {json.dumps(made["sets"], indent=1)},\n"tasks": [\n{rows}\n]}}\n'


if __name__ == "__main__":
    sys.stdout.write(text(shipped()))
