"""Puts a problem into words: the customer's script, and the ticket of solo mode.

Each sentence has several wordings in `data/phrases.json`; which one a task gets depends on its key alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from agentbench_sdk.environments.telecom.own.problems import Problem
from agentbench_sdk.environments.telecom.task import Instructions
from agentbench_sdk.simulation import SeededStreams

_STREAMS = SeededStreams("agentbench.telecom.phrases/1", 0, {"wording"})
_GOALS = {"service_issue": "service", "mobile_data_issue": "internet", "mms_issue": "pictures"}


@lru_cache(maxsize=1)
def _phrases() -> dict[str, Any]:
    text = files(__package__).joinpath("data/phrases.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


class Wording:
    """The words for one problem."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        caller = problem.site.caller
        self._slots = {
            "name": caller.name,
            "birth": caller.birth,
            "number": caller.number,
            "contact": caller.contact,
            "customer_id": caller.customer_id,
            "model": caller.model,
            "ending": caller.ending,
            "gb": f"{problem.site.buy_gb:g}",
            "country": self._one("countries"),
        }

    def instructions(self) -> Instructions:
        """What the simulated customer is told."""
        return Instructions(
            reason_for_call=self._one("reason", self.symptom),
            known_info=" ".join(self._known()),
            unknown_info=" ".join(self._unknown()),
            task_instructions=" ".join(self._conduct()),
        )

    def ticket(self) -> str:
        """All that an agent without a customer has to go by."""
        whom = self._problem.identity
        parts = ("who", whom, self._place, f"goal_{self._goal}", self._purchase, "payment")
        return " ".join((self._one("ticket", self.symptom), *(self._one("ticket", part) for part in parts)))

    @property
    def symptom(self) -> str:
        """What the customer notices first."""
        if self._goal != "internet":
            return self._goal
        dead = any(fault.layer in {"service", "data"} for fault in self._problem.faults)
        return "internet_dead" if dead else "internet_slow"

    @property
    def _goal(self) -> str:
        return _GOALS[self._problem.family.name]

    @property
    def _place(self) -> str:
        return "abroad" if self._problem.abroad else "home"

    @property
    def _purchase(self) -> str:
        return "accept" if self._problem.site.buy_gb else "refuse"

    def _known(self) -> Iterator[str]:
        whom = self._problem.identity
        yield self._one("known", "name")
        yield self._one("known", "birth")
        yield self._one("known", whom)
        if whom in {"contact", "customer_id"}:
            yield self._one("known", "model")
        yield self._one("known", self._place)

    def _unknown(self) -> Iterator[str]:
        if self._problem.identity != "number":
            yield self._one("unknown", "number")
        yield self._one("unknown", "cause")

    def _conduct(self) -> Iterator[str]:
        yield self._one("goal", self._goal)
        yield self._one("extra_data", self._purchase)
        yield self._one("payment")
        yield self._one("conduct")
        yield self._one("grounding")

    def _one(self, *path: str) -> str:
        """A wording of a sentence, its slots filled in."""
        found: Any = _phrases()
        for step in path:
            found = found[step]
        if isinstance(found, list):
            found = found[_STREAMS.between(0, len(found) - 1, "wording", *path, self._problem.key)]
        return str(found).format(**self._slots) if path != ("countries",) else str(found)
