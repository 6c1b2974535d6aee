"""In which order, and in which stages, targets are built."""

import heapq
from collections.abc import Iterable

from graph import CycleError, Graph


def order(graph: Graph, goals: Iterable[str] | None = None) -> list[str]:
    """The goals and what they need, each after everything it needs, the smallest name first."""
    names = graph.closure(graph.targets() if goals is None else goals)
    finished: set[str] = set()

    def search(name: str, path: list[str]) -> None:
        if name in path:
            circle = path[path.index(name) :]
            start = circle.index(min(circle))
            raise CycleError([*circle[start:], *circle[:start], circle[start]])
        if name in finished:
            return
        path.append(name)
        for need in graph.needs(name):
            search(need, path)
        path.pop()
        finished.add(name)

    for name in sorted(names):
        search(name, [])
    missing = {name: set(graph.needs(name)) for name in names}
    ready = [name for name in names if not missing[name]]
    heapq.heapify(ready)
    done = []
    while ready:
        name = heapq.heappop(ready)
        done.append(name)
        for user in names:
            if name in missing[user]:
                missing[user].remove(name)
                if not missing[user]:
                    heapq.heappush(ready, user)
    return done


def stages(graph: Graph, goals: Iterable[str] | None = None) -> list[list[str]]:
    """The same targets in stages."""
    depth: dict[str, int] = {}
    for name in order(graph, goals):
        depth[name] = max((depth[need] + 1 for need in graph.needs(name)), default=0)
    return [sorted(name for name in depth if depth[name] == level) for level in sorted(set(depth.values()))]
