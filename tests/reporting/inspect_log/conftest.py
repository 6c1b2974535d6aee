"""Runs of every kind that a log has to hold, played here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentbench_sdk import Message, ModelRequest, Run, Sample, Task, evaluate_sync
from agentbench_sdk.errors import ServerError
from agentbench_sdk.judges import includes
from agentbench_sdk.judges.llm import binary
from agentbench_sdk.messages import Audio, Image, Text, Usage, Video
from agentbench_sdk.models import Capabilities, ModelResponse
from agentbench_sdk.reporting import write_inspect_log
from agentbench_sdk.sessions import Limits
from agentbench_sdk.tasks.agentic.telecom import telecom
from agentbench_sdk.testing import ScriptedModel

Make = Callable[..., Run]
LONG = "a sentence that is said at such length that Inspect keeps it as an attachment. " * 4
HOSTILE = "../../<script>window.harmed=1</script>/é\n=1+1"
USAGE = Usage(100, 20, 5, 40, 0.25)
"""Of each answer of the quiz: 60 tokens of input are no cached ones."""


def _quiz_answer(request: ModelRequest) -> ModelResponse:
    question = request.messages[-1].text
    if "fails" in question:
        raise ServerError("the endpoint answered 500")
    answer = "no" if "wrong" in question else "so"
    message = Message.assistant(answer, reasoning="I think. " + LONG if "think" in question else "")
    return ModelResponse(message, usage=USAGE)


def _verdict(request: ModelRequest) -> str:
    return json.dumps({"reasoning": "It is short.", "verdict": "yes"})


QUIZ = [
    Sample("right", "the right answer?", target="so", metadata={"category": "easy", "big": ["x" * 2000]}),
    Sample("wrong", "the wrong answer?", target=["so", "such"]),
    Sample("fails", "one that fails?", target="so"),
    Sample(HOSTILE, (Message.system("Be brief."), Message.user("think, " + LONG)), target={"so": [1, None]}),
]


@pytest.fixture
def quiz(tmp_path: Path) -> Run:
    """Two epochs of right and wrong answers and faults of the endpoint; a rule and a model as judges."""
    task = Task("quiz", QUIZ, judges=[includes(), binary(criteria="It is short.")], epochs=2)
    return evaluate_sync(
        task,
        ScriptedModel(_quiz_answer, id="scripted/quiz"),
        judge_model=ScriptedModel(_verdict, id="scripted/judge"),
        cache=None,
        runs=tmp_path,
    )


@pytest.fixture
def vending(tmp_path: Path) -> Run:
    """A session with tools, ended by the limit of turns."""
    from agentbench_sdk.tasks.agentic.vending import vending as task

    limited = replace(task(), limits=Limits(turns=40))
    return evaluate_sync(limited, "scripted/vending/naive-restock", limit=1, cache=None, runs=tmp_path)


@pytest.fixture
def conversations(tmp_path: Path) -> Run:
    """Conversations with a simulated customer who has tools of its own."""
    task = telecom(set="small", data="own")
    return evaluate_sync(task, "scripted/telecom/workflow", limit=4, cache=None, runs=tmp_path)


MEDIA = (
    Text("look"),
    Image(data=b"\x89PNG", media_type="image/png"),
    Image(url="https://example.com/a.png", media_type="image/png"),
    Audio(url="https://example.com/a.wav", media_type="audio/wav"),
    Audio(url="https://example.com/a.flac", media_type="audio/flac"),
    Video(url="https://example.com/a.mp4", media_type="video/mp4"),
)


@pytest.fixture
def media(tmp_path: Path) -> Run:
    """A message with media by bytes and by address."""
    able = Capabilities(images=True, audio=True, video=True)
    task = Task("media", [Sample("m", (Message.user(MEDIA),), target="so")], judges=[includes()])
    return evaluate_sync(task, ScriptedModel(["so"], capabilities=able), cache=None, runs=tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Callable[[Run], Path]:
    """Writes a run as a log."""

    def write(run: Run) -> Path:
        return write_inspect_log(run, tmp_path / f"{run.manifest.task}.eval")

    return write
