"""The cost limit of a run: what was spent, and what calls under way may still cost."""

from __future__ import annotations

from collections.abc import Callable

from agentbench_sdk.errors import BudgetExceededError


class _Reservation:
    """A context manager; one made by `contextlib` would cost more than all that it does."""

    __slots__ = ("_budget", "_estimate_usd", "_reserved_usd")

    def __init__(self, budget: Budget, estimate_usd: float) -> None:
        self._budget, self._estimate_usd = budget, estimate_usd

    def __enter__(self) -> Callable[[float | None], None]:
        self._reserved_usd = self._budget.reserve(self._estimate_usd)
        return self._budget.book

    def __exit__(self, *exc: object) -> None:
        self._budget.release(self._reserved_usd)


class Budget:
    """US dollars, over all roles of a run.

    An attempt goes on the wire while what was spent and what attempts under way are expected to cost,
    itself included, stay within the limit. The expectation is the larger of the caller's estimate and
    the costliest call so far, so no more than the surprise of calls under way is ever overspent.
    """

    def __init__(self, limit_usd: float | None) -> None:
        self.limit_usd = limit_usd
        self.spent_usd = 0.0
        self._reserved = 0.0
        self._dearest = 0.0

    def check(self, estimate_usd: float = 0.0) -> None:
        """Find out whether there is room for a call, before it waits for a permit.

        Raises:
            BudgetExceededError: there is none.
        """
        if self.limit_usd is None:
            return
        expected = self.spent_usd + self._reserved + max(estimate_usd, self._dearest)
        if expected > self.limit_usd or self.spent_usd >= self.limit_usd:
            raise BudgetExceededError(
                f"the run's cost limit of ${self.limit_usd:g} leaves no room for another call "
                f"(${self.spent_usd:.4f} spent); raise --max-cost and resume the run"
            )

    def attempt(self, estimate_usd: float = 0.0) -> _Reservation:
        """Reserve an attempt while in the block; gives the function that books what it cost.

        Raises:
            BudgetExceededError: there is no room for it.
        """
        return _Reservation(self, estimate_usd)

    def reserve(self, estimate_usd: float) -> float:
        """What is kept back for an attempt that starts now; see `attempt`."""
        self.check(estimate_usd)
        reserved = max(estimate_usd, self._dearest)
        self._reserved += reserved
        return reserved

    def release(self, reserved_usd: float) -> None:
        self._reserved -= reserved_usd

    def book(self, cost_usd: float | None) -> None:
        if cost_usd:
            self.spent_usd += cost_usd
            self._dearest = max(self._dearest, cost_usd)
