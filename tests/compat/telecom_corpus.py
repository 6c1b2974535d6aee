"""Recordings of the official telecom simulator; they lie outside the repository, and tests skip without them."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.official import OfficialData
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said, Trajectory
from agentbench_sdk.simulation import Actor

SHARED = Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared"))
FOLDER = SHARED / "tau2-telecom"
needs_corpus = pytest.mark.skipif(not FOLDER.is_dir(), reason="no telecom recordings beside the checkout")
GREETING = "Hi! How can I help you today?"
FIRST_WORDS = "I need help with my phone."
STOP = "###STOP###"
ACTORS: Mapping[str, Actor] = {"assistant": "agent", "user": "user"}


def official() -> OfficialData:
    return OfficialData.load(FOLDER)


def records(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(FOLDER / "traces" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def fresh(task: TelecomTask, *, solo: bool = False) -> TelecomCore:
    core = TelecomCore(official().database, solo=solo)
    core.initialise(task)
    return core


def make_calls(core: TelecomCore, calls: list[dict[str, Any]]) -> Trajectory:
    """Call after call, each with the sync that a conversation adds."""
    done: Trajectory = []
    for call in calls:
        actor = ACTORS[call["requestor"]]
        answer = core.call(actor, call["name"], call["arguments"])
        core.sync()
        done.append(
            Called(actor, call["name"], call["arguments"], answer.content, answer.error, answer.outcome)
        )
    return done


def conversation(calls: Trajectory) -> Trajectory:
    """What the recorded rewards were computed on: a greeting, some words, the calls, and the end."""
    return [Said("agent", GREETING), Said("user", FIRST_WORDS), *calls, Said("user", STOP)]


def only(recorded: Mapping[str, Any], reward: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a reward that a record has."""
    return {key: reward[key] for key in recorded}


def scenario_of(task: TelecomTask, *, solo: bool = False) -> dict[str, Any]:
    """Parameters of a world for a task of the official data."""
    return {
        "task": task.model_dump(mode="json"),
        "data": "official",
        "data_dir": str(FOLDER),
        "solo": solo,
    }
