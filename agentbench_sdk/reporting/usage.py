"""Tokens and dollars by role, answers from the cache told apart."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentbench_sdk.messages import Usage

if TYPE_CHECKING:
    from agentbench_sdk.runs.records import CallRecord, CallRole, SampleRecord

ROLES: tuple[CallRole, ...] = ("agent", "user", "judge")


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What the models of one role used.

    Attributes:
        calls: answered calls, cached ones included; None when calls were not given to the summary.
        cached_calls: those answered from the cache.
        usage: tokens and cost of all answers; cost None when no price is known for any.
        cached: the part that came from the cache and was not paid for again.
        unpriced: attempts that used tokens whose price is not known; their cost is missing in `usage`.
    """

    role: CallRole
    calls: int | None
    cached_calls: int | None
    usage: Usage
    cached: Usage
    unpriced: int

    @property
    def spent_usd(self) -> float | None:
        """US dollars paid in this run, as far as prices are known."""
        if self.usage.cost_usd is None:
            return None
        return max(0.0, self.usage.cost_usd - (self.cached.cost_usd or 0.0))

    def to_dict(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "cached_calls": self.cached_calls,
            **self.usage.to_dict(),
            "spent_usd": self.spent_usd,
            "unpriced_attempts": self.unpriced,
            "cached": self.cached.to_dict(),
        }


@dataclass(slots=True)
class _Sum:
    """Usage added up; costs are kept apart, so that their sum does not depend on the order."""

    tokens: Usage = field(default_factory=Usage)
    costs: array[float] = field(default_factory=lambda: array("d"))
    unpriced: int = 0

    def add(self, usage: Usage) -> None:
        if usage.cost_usd is not None:
            self.costs.append(usage.cost_usd)
        elif usage.total_tokens:
            self.unpriced += 1
        self.tokens += usage

    def total(self) -> Usage:
        known = math.fsum(self.costs) if self.costs else None
        tokens = self.tokens
        return Usage(
            tokens.input_tokens,
            tokens.output_tokens,
            tokens.reasoning_tokens,
            tokens.cached_input_tokens,
            known,
        )


@dataclass(slots=True)
class UsageTally:
    """Adds up usage record by record."""

    _all: dict[CallRole, _Sum] = field(default_factory=dict)
    _cached: dict[CallRole, _Sum] = field(default_factory=dict)
    _calls: dict[CallRole, int] = field(default_factory=dict)
    _cached_calls: dict[CallRole, int] = field(default_factory=dict)

    def add(self, record: SampleRecord) -> None:
        _add_each(self._all, record.usage)
        _add_each(self._cached, record.cached_usage)

    def add_call(self, call: CallRecord) -> None:
        self._calls[call.role] = self._calls.get(call.role, 0) + 1
        self._cached_calls[call.role] = self._cached_calls.get(call.role, 0) + call.cached

    def totals(self) -> tuple[RoleUsage, ...]:
        """One entry a role that was used, in the order agent, user, judge."""
        known = bool(self._calls)
        return tuple(
            RoleUsage(
                role,
                self._calls.get(role, 0) if known else None,
                self._cached_calls.get(role, 0) if known else None,
                self._all.get(role, _Sum()).total(),
                self._cached.get(role, _Sum()).total(),
                self._all.get(role, _Sum()).unpriced,
            )
            for role in ROLES
            if role in self._all or role in self._calls
        )


def _add_each(sums: dict[CallRole, _Sum], usage: Mapping[CallRole, Usage]) -> None:
    for role, used in usage.items():
        sums.setdefault(role, _Sum()).add(used)
