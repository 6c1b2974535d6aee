"""Targets of a build and what they need."""

from collections.abc import Iterable


class UnknownTargetError(Exception):
    """A target is needed or asked for, but was never added."""

    def __init__(self, name: str, needed_by: str | None) -> None:
        super().__init__(f"unknown target {name!r}, needed by {needed_by or 'the command line'}")
        self.name = name
        self.needed_by = needed_by


class CycleError(Exception):
    """Targets need one another in a circle.

    `path` lists the targets of one circle: each needs the next, the last is the first again, and the first is the
    alphabetically smallest of them. A target that needs itself has the path [name, name].
    """

    def __init__(self, path: list[str]) -> None:
        super().__init__("circle: " + " -> ".join(path))
        self.path = path


class Graph:
    def __init__(self) -> None:
        self._needs: dict[str, set[str]] = {}

    def add(self, target: str, needs: Iterable[str] = ()) -> None:
        """Adds a target. Adding it again adds what it needs; the order and repetitions of `needs` have no meaning."""
        self._needs.setdefault(target, set()).update(needs)

    def needs(self, target: str) -> list[str]:
        """What the target needs directly, each once, in alphabetical order; KeyError for an unknown one."""
        return sorted(self._needs[target])

    def targets(self) -> list[str]:
        """All targets added, in alphabetical order."""
        return sorted(self._needs)

    def closure(self, goals: Iterable[str]) -> set[str]:
        """The goals and everything they need, directly or not.

        Raises UnknownTargetError for a name that was never added; `needed_by` is a target of the closure that
        needs it, or None if it is a goal.
        """
        found: set[str] = set()
        waiting: list[tuple[str, str | None]] = [(goal, None) for goal in goals]
        while waiting:
            name, needed_by = waiting.pop()
            if name not in self._needs:
                raise UnknownTargetError(name, needed_by)
            if name not in found:
                found.add(name)
                waiting.extend((need, name) for need in self._needs[name])
        return found
