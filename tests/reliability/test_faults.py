"""Whatever an endpoint does wrong, each sample ends scored or typed: none is lost, none scored by accident.

The faults carry the right answer wherever they can, so that one that slips through is scored and seen.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import orjson
import pytest

from agentbench_sdk import Bench, Run, Sample, Task
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.testing import FakeEndpoint, Reply
from agentbench_sdk.traffic import RetryPolicy

ATTEMPTS = 2
LONGEST_S = 0.4  # of an attempt, where the fault is to take longer
AMPLE_S = 30.0


def completion(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, **more}]}


def refused(status: int, **more: Any) -> Callable[[str], Reply]:
    def reply(answer: str) -> Reply:
        whole = completion(answer, finish_reason="stop")
        error = Reply.error(status, answer, **more)
        return Reply.raw(orjson.dumps({**whole, **orjson.loads(error.body)}), status=status).with_headers(
            error.headers
        )

    return reply


def dated(answer: str) -> Reply:
    return refused(429, retry_after=formatdate(time.time() + 1, usegmt=True))(answer)


def events(*bodies: Any) -> Reply:
    text = b"".join(b"data: " + orjson.dumps(body) + b"\n\n" for body in bodies)
    return Reply.raw(text, content_type="text/event-stream")


def delta(answer: str) -> dict[str, Any]:
    return {"id": "x", "choices": [{"index": 0, "delta": {"role": "assistant", "content": answer}}]}


@dataclass(frozen=True)
class Fault:
    """Attributes:
    reply: what is sent in place of the answer that is given.
    kind: how a sample ends that meets nothing else.
    retried: whether it is tried again.
    stream: whether the model asks for a stream.
    """

    reply: Callable[[str], Reply]
    kind: str
    retried: bool = True
    stream: bool = False


FAULTS = {
    "429 with seconds": Fault(refused(429, retry_after=0.05), "rate_limited"),
    "429 with a date": Fault(dated, "rate_limited"),
    "429 with nothing": Fault(refused(429), "rate_limited"),
    "500": Fault(refused(500), "server"),
    "502 as a page": Fault(lambda answer: Reply.raw(f"<p>{answer}</p>", status=502), "server"),
    "503 with seconds": Fault(refused(503, retry_after=0.05), "server"),
    "529": Fault(refused(529), "server"),
    "400": Fault(refused(400), "request_rejected", retried=False),
    "401": Fault(refused(401), "authentication", retried=False),
    "reset": Fault(lambda answer: Reply.reset(), "transport"),
    "truncated": Fault(lambda answer: Reply.text(answer).cut(), "truncated_response"),
    "no JSON": Fault(Reply.raw, "malformed_response"),
    "JSON and more": Fault(
        lambda answer: Reply.raw(orjson.dumps(completion(answer)) + b"}"), "malformed_response"
    ),
    "a page": Fault(
        lambda answer: Reply.raw(f"<p>{answer}</p>", content_type="text/html"), "malformed_response"
    ),
    "an error with status 200": Fault(
        lambda answer: Reply.json({"error": {"message": answer, "code": 500}}), "server"
    ),
    "nothing": Fault(lambda answer: Reply.nothing(), "malformed_response"),
    "no choices": Fault(lambda answer: Reply.no_choices(), "missing_choice"),
    "no text": Fault(lambda answer: Reply.empty(), "empty_response"),
    "withheld": Fault(
        lambda answer: Reply.text(answer, finish_reason="content_filter"), "content_filtered", retried=False
    ),
    "hanging": Fault(lambda answer: Reply.hang(), "request_timeout"),
    "streamed: cut": Fault(lambda answer: Reply.text(answer * 20).cut(), "truncated_response", stream=True),
    "streamed: ends before its end": Fault(
        lambda answer: events(delta(answer)), "truncated_response", stream=True
    ),
    "streamed: breaks into an error": Fault(
        lambda answer: events(delta(answer), {"error": {"message": "overloaded", "code": 503}}),
        "server",
        stream=True,
    ),
    "streamed: stalls": Fault(
        lambda answer: Reply.text(answer * 20).slowly(LONGEST_S), "request_timeout", stream=True
    ),
    "streamed: 429": Fault(refused(429, retry_after=0.05), "rate_limited", stream=True),
}
LASTING, PASSING, SOUND = "lasting", "passing", "sound"
SAMPLES = [
    Sample(f"{fate}-{n}", f"{fate} {n}", target=f"{n}")
    for n in range(2)
    for fate in (LASTING, PASSING, SOUND)
]
TASK = Task("faulty", SAMPLES, judges=[exact()])


def retrying(attempts: int) -> RetryPolicy:
    return RetryPolicy(max_attempts=attempts, base_s=0.001, longest_s=0.01)


async def run_of(
    task: Task,
    endpoint: FakeEndpoint,
    folder: Path,
    *,
    stream: bool = False,
    attempts: int = ATTEMPTS,
    timeout_s: float = AMPLE_S,
) -> Run:
    model = OpenAICompatible("tiny", base_url=endpoint.base_url, stream=stream, timeout_s=timeout_s)
    async with Bench(cache=folder / "cache.db", runs=folder, retry=retrying(attempts)) as bench:
        try:
            return await bench.evaluate(task, model)
        finally:
            await model.close()
            figures = bench.limiters.of(model.endpoint).statistics()
            assert (figures.in_flight, figures.waiting) == (0, 0)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_lasts_is_typed_and_one_that_passes_is_forgotten(
    name: str, tmp_path: Path
) -> None:
    fault = FAULTS[name]
    asked: Counter[str] = Counter()

    def behave(body: dict[str, Any], number: int) -> Reply:
        question = body["messages"][-1]["content"]
        fate, _, answer = question.partition(" ")
        asked[question] += 1
        broken = fate == LASTING or (fate == PASSING and fault.retried and asked[question] < ATTEMPTS)
        return fault.reply(answer) if broken else Reply.text(answer)

    async with FakeEndpoint(behave) as endpoint:
        timeout_s = LONGEST_S if fault.kind == "request_timeout" else AMPLE_S
        run = await run_of(TASK, endpoint, tmp_path, stream=fault.stream, timeout_s=timeout_s)
    records = {record.sample_id: record for record in run.records()}
    assert records.keys() == {sample.id for sample in SAMPLES}
    for sample_id, record in records.items():
        if sample_id.startswith(LASTING):
            assert (record.ending.status, record.ending.reason) == ("failed", fault.kind), record.ending
            assert record.scores == {}
        else:
            assert record.scores["exact"].value == 1.0, record.ending
    assert all(
        count == (ATTEMPTS if fault.retried else 1)
        for question, count in asked.items()
        if LASTING in question
    )


async def test_a_late_first_byte_is_no_fault(tmp_path: Path) -> None:
    async with FakeEndpoint(
        lambda body, number: Reply.text(body["messages"][-1]["content"][-1]).after(0.05)
    ) as endpoint:
        for stream in (False, True):
            run = await run_of(TASK, endpoint, tmp_path, stream=stream)
            assert run.summary().failed == 0
            assert [score.value for score in run.scores["exact"].values()] == [1.0] * len(SAMPLES)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_storm_of_faults_costs_no_sample(stream: bool, tmp_path: Path) -> None:
    """Every third attempt meets a random fault; what is asked often enough is answered and scored."""
    chance = random.Random(7)
    faults = [
        each for name, each in FAULTS.items() if each.retried and "date" not in name and "stall" not in name
    ]
    task = Task("storm", [Sample(f"q{n}", f"say {n}", target=f"{n}") for n in range(150)], judges=[exact()])

    def behave(body: dict[str, Any], number: int) -> Reply:
        answer = body["messages"][-1]["content"].removeprefix("say ")
        if chance.random() < 1 / 3:
            fault = chance.choice(faults)
            if fault.kind != "request_timeout" or chance.random() < 0.2:
                return fault.reply(answer)
        return Reply.text(answer)

    async with FakeEndpoint(behave) as endpoint:
        run = await run_of(task, endpoint, tmp_path, stream=stream, attempts=12, timeout_s=LONGEST_S)
    scores = run.scores["exact"]
    assert len(scores) == 150
    assert all(score.value == 1.0 for score in scores.values())
    assert run.summary().failed == 0


async def test_when_everything_fails_nothing_is_scored_and_nothing_recorded(tmp_path: Path) -> None:
    chance = random.Random(3)
    faults = [each for each in FAULTS.values() if each.kind != "request_timeout" and each.reply is not dated]

    def behave(body: dict[str, Any], number: int) -> Reply:
        return chance.choice(faults).reply(body["messages"][-1]["content"][-1])

    async with FakeEndpoint(behave) as endpoint:
        run = await run_of(TASK, endpoint, tmp_path)
        statuses = {record.ending.status for record in run.records()}
        kinds = {record.ending.reason for record in run.records()}
    assert statuses == {"failed"}
    assert kinds <= {fault.kind for fault in FAULTS.values()}
    assert run.scores == {"exact": {}}
    async with FakeEndpoint(
        Reply.hang(), port=int(endpoint.base_url.split(":")[2].partition("/")[0])
    ) as silent:
        again = await run_of(TASK, silent, tmp_path, attempts=1, timeout_s=LONGEST_S)
        assert len(silent.requests) == len(SAMPLES), "a fault was recorded as an answer"
    assert again.summary().failed == len(SAMPLES)
