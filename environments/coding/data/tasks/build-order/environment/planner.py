"""In which order, and in which stages, targets are built."""

from collections.abc import Iterable

from graph import CycleError, Graph


def order(graph: Graph, goals: Iterable[str] | None = None) -> list[str]:
    """The goals and what they need (all targets, without goals), each after everything it needs.

    Of the targets that could be built next, the alphabetically smallest comes next, always.
    Raises CycleError if no order exists; circles outside of what the goals need do not matter.
    """
    done: list[str] = []
    visited: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path or name in visited:
            raise CycleError([*path, name])
        visited.add(name)
        for need in graph.needs(name):
            visit(need, [*path, name])
        done.append(name)

    for goal in sorted(graph.targets() if goals is None else goals):
        if goal not in visited:
            visit(goal, [])
    return done


def stages(graph: Graph, goals: Iterable[str] | None = None) -> list[list[str]]:
    """The same targets in stages: each target is in the first stage that comes after everything it needs.

    Targets of a stage are in alphabetical order. Raises like `order`.
    """
    depth: dict[str, int] = {}
    for name in order(graph, goals):
        depth[name] = min((depth[need] + 1 for need in graph.needs(name)), default=0)
    return [sorted(name for name in depth if depth[name] == level) for level in sorted(set(depth.values()))]
