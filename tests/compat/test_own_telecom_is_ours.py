"""Our own telecom world says nothing in upstream's words, and has none of upstream's people or numbers.

The data lie outside the repository (AGENTBENCH_COMPAT_DATA or ../shared) and the tests skip without them.
"""

import gzip
import json
import os
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

DATA = Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared")) / "tau2-telecom"
OURS = files("agentbench_sdk.environments.telecom.own").joinpath("data")
WINDOW = 8

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no telecom data beside the checkout")


def windows(text: str) -> set[tuple[str, ...]]:
    """Each run of eight words, without case, punctuation and markup."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[start : start + WINDOW]) for start in range(len(words) - WINDOW + 1)}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def upstream_prose() -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for path in sorted([*DATA.glob("policies/*.md"), *DATA.glob("user_simulator/*.md")]):
        found |= windows(path.read_text(encoding="utf-8"))
    tasks = json.loads(gzip.decompress((DATA / "tasks_full.json.gz").read_bytes()))
    for task in tasks:
        scenario = task["user_scenario"]
        for text in strings([task["ticket"], scenario["persona"], scenario["instructions"]]):
            found |= windows(text)
    return found


@pytest.fixture(scope="module")
def upstream() -> set[tuple[str, ...]]:
    return upstream_prose()


def our_texts() -> Iterator[tuple[str, str]]:
    for name in ("manual.md", "policy.md", "policy_solo.md", "workflow.md", "workflow_solo.md"):
        yield name, OURS.joinpath(name).read_text(encoding="utf-8")
    for name in ("personas.json", "phrases.json"):
        yield name, "\n".join(strings(json.loads(OURS.joinpath(name).read_text(encoding="utf-8"))))
    for task in json.loads(OURS.joinpath("tasks.json").read_text(encoding="utf-8"))["tasks"]:
        told = [task["user_scenario"], task["ticket"], task["description"]["purpose"]]
        yield task["id"], "\n".join(strings(told))


def test_no_eight_words_in_a_row_are_upstreams(upstream: set[tuple[str, ...]]) -> None:
    # The announcement of a transfer is part of the protocol: users' scripts look for it.
    announcement = windows("YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON.")
    shared = {
        name: " ".join(run)
        for name, text in our_texts()
        for run in windows(text) & upstream
        if run not in announcement
    }
    assert shared == {}


def test_the_check_would_notice_a_borrowed_sentence(upstream: set[tuple[str, ...]]) -> None:
    sentence = (DATA / "policies" / "main_policy.md").read_text(encoding="utf-8")
    assert windows(sentence) & upstream


def test_no_customer_number_or_id_is_upstreams() -> None:
    theirs = tomllib.loads((DATA / "db.toml").read_text(encoding="utf-8"))
    ours = OURS.joinpath("database.json").read_text(encoding="utf-8")
    marks = [row["full_name"] for row in theirs["customers"]]
    marks += [row["phone_number"] for row in theirs["lines"]]
    marks += [row[f"{table[:-1]}_id"] for table in theirs for row in theirs[table]]
    marks += [row["name"] for row in theirs["plans"]] + [row["model"] for row in theirs["devices"]]
    tasks = OURS.joinpath("tasks.json").read_text(encoding="utf-8")
    assert [mark for mark in marks if f'"{mark}"' in ours or mark in tasks] == []
