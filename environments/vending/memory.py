"""The agent's own memory: a scratchpad, keys and values, notes with search, reminders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SCRATCHPAD_LENGTH = 20_000
MAX_KEYS, KEY_LENGTH, VALUE_LENGTH = 200, 64, 4_000
MAX_NOTES, NOTE_LENGTH = 500, 4_000
MAX_REMINDERS, REMINDER_LENGTH = 100, 500


class Memory:
    """Attributes:
    scratchpad: one text.
    keys: values by key.
    notes: by id; reminders: {day, text} by id.
    unread: items written and never read since they were made.
    """

    def __init__(self) -> None:
        self.scratchpad = ""
        self.keys: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.reminders: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.written: list[str] = []
        self.unread: list[str] = []

    def new_id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}{self.made:06d}"

    def wrote(self, item: str) -> None:
        """Note that an item was written."""
        if item not in self.written:
            self.written.append(item)
            self.unread.append(item)

    def read(self, *items: str) -> None:
        """Note that items were read."""
        self.unread = [item for item in self.unread if item not in items]

    def due(self, day: int) -> list[dict[str, Any]]:
        """Reminders that have fired and were not acknowledged."""
        return [
            {"reminder_id": name, "day": reminder["day"], "text": reminder["text"]}
            for name, reminder in self.reminders.items()
            if reminder["day"] <= day
        ]

    def state(self) -> dict[str, Any]:
        return vars(self)

    def load(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
