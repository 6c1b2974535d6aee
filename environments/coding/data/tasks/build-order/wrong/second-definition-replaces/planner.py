"""In which order, and in which stages, targets are built."""

import heapq
from collections.abc import Iterable

from graph import CycleError, Graph


def order(graph: Graph, goals: Iterable[str] | None = None) -> list[str]:
    """The goals and what they need (all targets, without goals), each after everything it needs.

    Of the targets that could be built next, the alphabetically smallest comes next, always.
    Raises CycleError if no order exists; circles outside of what the goals need do not matter.
    """
    names = graph.closure(graph.targets() if goals is None else goals)
    missing = {name: len(graph.needs(name)) for name in names}
    users: dict[str, list[str]] = {name: [] for name in names}
    for name in names:
        for need in graph.needs(name):
            users[need].append(name)
    ready = [name for name in names if missing[name] == 0]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        name = heapq.heappop(ready)
        done.append(name)
        for user in users[name]:
            missing[user] -= 1
            if missing[user] == 0:
                heapq.heappush(ready, user)
    if len(done) < len(names):
        raise CycleError(_circle(graph, names - set(done)))
    return done


def _circle(graph: Graph, stuck: set[str]) -> list[str]:
    """A circle among targets each of which needs another of them."""
    trail = [min(stuck)]
    position = {trail[0]: 0}
    while True:
        name = next(need for need in graph.needs(trail[-1]) if need in stuck)
        if name in position:
            break
        position[name] = len(trail)
        trail.append(name)
    circle = trail[position[name] :]
    start = circle.index(min(circle))
    return [*circle[start:], *circle[:start], circle[start]]


def stages(graph: Graph, goals: Iterable[str] | None = None) -> list[list[str]]:
    """The same targets in stages: each target is in the first stage that comes after everything it needs.

    Targets of a stage are in alphabetical order. Raises like `order`.
    """
    depth: dict[str, int] = {}
    for name in order(graph, goals):
        depth[name] = max((depth[need] + 1 for need in graph.needs(name)), default=0)
    return [sorted(name for name in depth if depth[name] == level) for level in sorted(set(depth.values()))]
