"""Memory tools: scratchpad, keys and values, notes, reminders."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from agentbench_sdk.environments.vending.memory import (
    KEY_LENGTH,
    MAX_KEYS,
    MAX_NOTES,
    MAX_REMINDERS,
    NOTE_LENGTH,
    REMINDER_LENGTH,
    SCRATCHPAD_LENGTH,
    VALUE_LENGTH,
)
from agentbench_sdk.environments.vending.tools.deck import Data, Deck, RefusalError
from agentbench_sdk.environments.vending.web.ranking import Index
from agentbench_sdk.simulation import tool

_PAD = "scratchpad"
# Wider than the store's own limits: a text that is too long is refused by name, not by schema.
LongText = Annotated[str, Field(max_length=40_000)]
Key = Annotated[str, Field(min_length=1, max_length=1000)]
ItemId = Annotated[str, Field(max_length=32)]


def _fit(text: str, length: int) -> None:
    if len(text) > length:
        raise RefusalError("too_long", f"{len(text)} characters are more than {length}", limit=length)


class MemoryTools(Deck):
    """Remembering."""

    @tool()
    def scratchpad_read(self) -> Data:
        """Read the scratchpad."""
        self.core.memory.read(_PAD)
        return {"text": self.core.memory.scratchpad}

    @tool()
    def scratchpad_write(self, text: LongText, mode: Literal["append", "replace"]) -> Data:
        """Write to the scratchpad (20000 characters at most)."""
        memory = self.core.memory
        whole = memory.scratchpad + text if mode == "append" else text
        _fit(whole, SCRATCHPAD_LENGTH)
        memory.scratchpad = whole
        memory.wrote(_PAD)
        return {"length": len(whole)}

    @tool()
    def scratchpad_clear(self) -> Data:
        """Empty the scratchpad."""
        self.core.memory.scratchpad = ""
        return {"length": 0}

    @tool()
    def kv_get(self, key: Key) -> Data:
        """Read the value of a key."""
        self._require_key(key)
        self.core.memory.read(f"key {key}")
        return {"key": key, "value": self.core.memory.keys[key]}

    @tool()
    def kv_set(self, key: Key, value: LongText) -> Data:
        """Store a value under a key (200 keys of 64 characters, values of 4000)."""
        memory = self.core.memory
        _fit(key, KEY_LENGTH)
        _fit(value, VALUE_LENGTH)
        if key not in memory.keys and len(memory.keys) >= MAX_KEYS:
            raise RefusalError("too_many_keys", f"there are {MAX_KEYS} keys already")
        memory.keys[key] = value
        memory.wrote(f"key {key}")
        return {"key": key, "length": len(value)}

    @tool()
    def kv_delete(self, key: Key) -> Data:
        """Delete a key."""
        self._require_key(key)
        del self.core.memory.keys[key]
        return {"key": key}

    @tool()
    def kv_list(self, prefix: Annotated[str, Field(max_length=64)] = "") -> Data:
        """List the keys, optionally those that begin with a prefix."""
        return {"keys": [key for key in sorted(self.core.memory.keys) if key.startswith(prefix)]}

    @tool()
    def note_add(self, text: LongText) -> Data:
        """Add a note (500 notes of 4000 characters)."""
        memory = self.core.memory
        _fit(text, NOTE_LENGTH)
        if len(memory.notes) >= MAX_NOTES:
            raise RefusalError("too_many_notes", f"there are {MAX_NOTES} notes already")
        name = memory.new_id("n")
        memory.notes[name] = text
        memory.wrote(f"note {name}")
        return {"note_id": name}

    @tool()
    def note_search(
        self, query: Annotated[str, Field(max_length=300)], limit: Annotated[int, Field(ge=1, le=50)] = 10
    ) -> Data:
        """Search the notes by words, best first."""
        memory = self.core.memory
        found = Index(memory.notes).search(query, limit)
        memory.read(*(f"note {name}" for name in found))
        return {"notes": [{"note_id": name, "text": memory.notes[name]} for name in found]}

    @tool()
    def note_delete(self, note_id: ItemId) -> Data:
        """Delete a note."""
        if note_id not in self.core.memory.notes:
            raise RefusalError("unknown_note", f"there is no note {note_id!r}")
        del self.core.memory.notes[note_id]
        return {"note_id": note_id}

    @tool()
    def set_reminder(
        self,
        day: Annotated[int, Field(ge=-(2**53), le=2**53)],
        text: LongText,
    ) -> Data:
        """Be reminded in the morning report of a later day, until the reminder is deleted."""
        core = self.core
        _fit(text, REMINDER_LENGTH)
        if not core.day < day < core.scenario.days:
            raise RefusalError("bad_day", f"a reminder is for a day from {core.day + 1} on, in this run")
        if len(core.memory.reminders) >= MAX_REMINDERS:
            raise RefusalError("too_many_reminders", f"there are {MAX_REMINDERS} reminders already")
        name = core.memory.new_id("r")
        core.memory.reminders[name] = {"day": day, "text": text}
        return {"reminder_id": name, "day": day}

    @tool()
    def list_reminders(self) -> Data:
        """List all reminders."""
        rows: list[dict[str, Any]] = [
            {"reminder_id": name, **reminder} for name, reminder in self.core.memory.reminders.items()
        ]
        return {"reminders": rows}

    @tool()
    def delete_reminder(self, reminder_id: ItemId) -> Data:
        """Delete a reminder; that also acknowledges it."""
        if reminder_id not in self.core.memory.reminders:
            raise RefusalError("unknown_reminder", f"there is no reminder {reminder_id!r}")
        del self.core.memory.reminders[reminder_id]
        return {"reminder_id": reminder_id}

    def _require_key(self, key: str) -> None:
        if key not in self.core.memory.keys:
            raise RefusalError("unknown_key", f"there is no key {key!r}")
