"""In which order, and in which stages, targets are built."""

from collections.abc import Iterable

from graph import CycleError, Graph


def order(graph: Graph, goals: Iterable[str] | None = None) -> list[str]:
    """The goals and what they need, each after everything it needs."""
    names = graph.closure(graph.targets() if goals is None else goals)
    done: list[str] = []
    finished: set[str] = set()
    for goal in sorted(names):
        path: list[str] = []
        stack = [(goal, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                path.pop()
                finished.add(name)
                done.append(name)
            elif name in path:
                circle = path[path.index(name) :]
                start = circle.index(min(circle))
                raise CycleError([*circle[start:], *circle[:start], circle[start]])
            elif name not in finished:
                path.append(name)
                stack.append((name, True))
                stack.extend((need, False) for need in reversed(graph.needs(name)))
    return done


def stages(graph: Graph, goals: Iterable[str] | None = None) -> list[list[str]]:
    """The same targets in stages."""
    depth: dict[str, int] = {}
    for name in order(graph, goals):
        depth[name] = max((depth[need] + 1 for need in graph.needs(name)), default=0)
    return [sorted(name for name in depth if depth[name] == level) for level in sorted(set(depth.values()))]
