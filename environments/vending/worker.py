"""The worker: does what is done by hand at the machine where the operator may not do it himself.

There are two kinds. The scripted one carries out a list of commands inside one call of the operator. The
other is played by a model: from `run_sub_agent` to `report_back` the tools on offer are the worker's, and
each of its calls is an action of the run like any other, so a replay needs no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

MOST_CALLS = 12  # of one errand
Mode = Literal["off", "scripted", "llm"]
# Groups of tools: of the hands, for whoever has a worker, and for the worker of a model alone.
HANDS, SENDING, REPORTING = "hands", "sending", "reporting"

Entry = dict[str, Any]
HANDS_TOOLS = (
    "get_machine_inventory",
    "stock_machine",
    "remove_from_machine",
    "set_prices",
    "collect_cash",
    "service_machine",
)
_ANSWERS = ("error", "inventory", "cash", "what")  # what a question may be about, the first that it names


class Worker:
    """Attributes:
    at_work: whether a model's worker has been sent and has not reported yet.
    log: its calls since it was last sent: tool, arguments (null where they were malformed), ok, minutes,
        data or error.
    report: what it said at the end.
    """

    def __init__(self) -> None:
        self.at_work = False
        self.log: list[Entry] = []
        self.report = ""

    def offers(self, group: str, mode: Mode) -> bool:
        """Whether tools of a group are on offer now."""
        if mode == "off":
            return group in ("", HANDS)
        if self.at_work:
            return group == REPORTING or (group == HANDS and len(self.log) < MOST_CALLS)
        return group in ("", SENDING)

    def send(self, *, at_work: bool) -> None:
        """Begin an errand; the log of the last one is forgotten."""
        self.at_work, self.log, self.report = at_work, [], ""

    def come_back(self, report: str) -> None:
        """End an errand."""
        self.at_work, self.report = False, report

    def summary(self) -> list[Entry]:
        """The calls in short."""
        return [
            {
                "tool": entry["tool"],
                "ok": entry["ok"],
                "minutes": entry["minutes"],
                "error": None if entry["ok"] else entry["error"]["code"],
            }
            for entry in self.log
        ]

    def answer(self, about: str) -> Any:
        """What the log says about something: one of `_ANSWERS`, or the whole of it."""
        if about == "what":
            return [{key: entry[key] for key in ("tool", "arguments", "ok")} for entry in self.log]
        if about == "error":
            return next((entry["error"] for entry in self.log if not entry["ok"]), None)
        if about == "inventory":
            return self._last("slots")
        if about == "cash":
            return self._last("collected_cents", "cashbox_cents")
        return self.log

    def _last(self, *names: str) -> Any:
        """The latest data that hold one of these fields."""
        for entry in reversed(self.log):
            data = entry["data"] or {}
            if found := {name: data[name] for name in names if name in data}:
                return found
        return None

    def state(self) -> dict[str, Any]:
        return vars(self)

    def load(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)


def topic(words: set[str]) -> str:
    """What a question is about; "log" where it names nothing that is known."""
    return next((name for name in _ANSWERS if name in words), "log")
