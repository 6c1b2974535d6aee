"""Runs as data, for reports: nothing here was run."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from agentbench_sdk.judging import Score
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import Timing
from agentbench_sdk.runs.records import CallRecord, CallRole, JudgeInfo, Manifest, SampleRecord
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.simulation import Outcome

MakeManifest = Callable[..., Manifest]
MakeRecord = Callable[..., SampleRecord]
MakeCall = Callable[..., CallRecord]
Images = Callable[[str | None], dict[str, ET.Element]]


@pytest.fixture
def images() -> Images:
    """Reads the SVG documents of a picture by the screens that each is for; "" is for all others."""

    def read(markup: str | None) -> dict[str, ET.Element]:
        assert markup is not None
        found = re.findall(
            r'<(?:source media="([^"]+)" srcset|img src)="data:image/svg\+xml;base64,([^"]+)"', markup
        )
        return {media: ET.fromstring(base64.b64decode(data)) for media, data in found}

    return read


@pytest.fixture
def manifest() -> MakeManifest:
    def make(**changes: Any) -> Manifest:
        fields: dict[str, Any] = {
            "run_id": "20260102-quiz-tiny-ab12",
            "created": "2026-01-02T03:04:05Z",
            "task": "quiz",
            "task_version": "3",
            "task_fingerprint": "f" * 64,
            "model": "openai/tiny",
            "endpoint": "http://127.0.0.1:8000/v1",
            "judges": [JudgeInfo(id="exact")],
            "seed": 11,
            "samples": 4,
        }
        return Manifest(**{**fields, **changes})

    return make


@pytest.fixture
def record() -> MakeRecord:
    def make(
        sample_id: str = "s1",
        epoch: int = 0,
        score: Score | float | None = None,
        *,
        scores: Mapping[str, Score] | None = None,
        ending: Ending | None = None,
        **changes: Any,
    ) -> SampleRecord:
        if scores is None:
            scores = {} if score is None else {"exact": Score.of(score)}
        ending = ending or Ending("completed", "answered")
        return SampleRecord(sample_id, epoch, ending, scores=scores, **changes)

    return make


@pytest.fixture
def call() -> MakeCall:
    def make(role: CallRole = "agent", *, cached: bool = False, timing: Timing | None = None) -> CallRecord:
        return CallRecord(
            "s1",
            0,
            role,
            0,
            "openai/tiny",
            "http://h/v1",
            Usage(10, 5),
            timing or Timing(0.5, 1.0, 0.2),
            cached,
        )

    return make


@pytest.fixture
def mixed(record: MakeRecord) -> list[SampleRecord]:
    """Two passes, one wrong answer, one that the judge could not read, one that the endpoint lost."""
    usage = {"agent": Usage(1000, 200, 50, 0, 0.25), "judge": Usage(300, 20)}
    return [
        record("q1", 0, 1.0, usage=usage, wall_s=2.0, working_s=1.0),
        record("q2", 0, 1.0, usage=usage, wall_s=4.0, cached_usage={"agent": Usage(1000, 200, 50, 0, 0.25)}),
        record(
            "q3",
            0,
            0.0,
            usage=usage,
            wall_s=6.0,
            outcome=Outcome(440.0, "cents", "horizon", {}, {"units": 7}),
        ),
        record("q4", 0, Score.unscored("the verdict was no JSON"), usage=usage, wall_s=8.0),
        record("q5", 0, ending=Ending("failed", "server", "the endpoint answered 500"), wall_s=10.0),
    ]
