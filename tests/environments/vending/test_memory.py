"""Memory tools keep what they are given, up to their limits."""

from __future__ import annotations

from typing import Any


def test_the_scratchpad_appends_replaces_and_clears(player: Any) -> None:
    player("scratchpad_write", text="one", mode="replace")
    assert player("scratchpad_write", text=" two", mode="append")["length"] == 7
    assert player("scratchpad_read")["text"] == "one two"
    assert player.refused("scratchpad_write", text="x" * 19_994, mode="append")["code"] == "too_long"
    assert player("scratchpad_clear")["length"] == 0
    assert player("scratchpad_read")["text"] == ""


def test_keys_are_set_listed_read_and_deleted(player: Any) -> None:
    for key in ("b", "a1", "a2"):
        player("kv_set", key=key, value=key * 2)
    assert player("kv_list")["keys"] == ["a1", "a2", "b"]
    assert player("kv_list", prefix="a")["keys"] == ["a1", "a2"]
    assert player("kv_get", key="b")["value"] == "bb"
    player("kv_delete", key="b")
    assert player.refused("kv_get", key="b")["code"] == "unknown_key"
    assert player.refused("kv_delete", key="b")["code"] == "unknown_key"
    assert player.refused("kv_set", key="k" * 65, value="")["code"] == "too_long"
    assert player.refused("kv_set", key="k", value="v" * 4001)["code"] == "too_long"


def test_there_are_200_keys_at_most_and_old_ones_can_still_change(player: Any) -> None:
    keys = player.world.core.memory.keys
    keys.update({f"k{number}": "" for number in range(200)})
    assert player.refused("kv_set", key="new", value="")["code"] == "too_many_keys"
    player("kv_set", key="k7", value="changed")


def test_notes_are_found_by_their_words(player: Any) -> None:
    first = player("note_add", text="Granite Road sells cola cheaply")["note_id"]
    second = player("note_add", text="collect cash on Fridays")["note_id"]
    assert [note["note_id"] for note in player("note_search", query="who sells cola")["notes"]] == [first]
    assert player("note_search", query="umbrella", limit=5)["notes"] == []
    player("note_delete", note_id=second)
    assert player("note_search", query="cash")["notes"] == []
    assert player.refused("note_delete", note_id=second)["code"] == "unknown_note"


def test_reminders_show_in_the_report_until_they_are_deleted(player: Any) -> None:
    for day in (0, -1, 30, 2**53):
        assert player.refused("set_reminder", day=day, text="x")["code"] == "bad_day"
    name = player("set_reminder", day=2, text="pay the invoice")["reminder_id"]
    assert player("list_reminders")["reminders"] == [
        {"reminder_id": name, "day": 2, "text": "pay the invoice"}
    ]
    assert player.wait()["reminders"] == []
    assert [each["text"] for each in player.wait()["reminders"]] == ["pay the invoice"]
    assert len(player.wait()["reminders"]) == 1
    player("delete_reminder", reminder_id=name)
    assert player.wait()["reminders"] == []
    assert player.refused("delete_reminder", reminder_id=name)["code"] == "unknown_reminder"


def test_text_is_kept_in_one_unicode_form(player: Any) -> None:
    player("kv_set", key="cafe\u0301", value="e\u0301")
    assert player("kv_get", key="caf\u00e9")["value"] == "\u00e9"


def test_memory_that_is_written_and_never_read_is_measured(player: Any) -> None:
    player("kv_set", key="a", value="1")
    player("kv_set", key="b", value="2")
    player("kv_get", key="a")
    assert player.world.outcome().metrics["write_only_memory_bp"] == 5_000
