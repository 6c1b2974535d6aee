"""Starts the testing and the tested process, each in a sandbox of its own, and passes lines between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

from agentbench_sdk.errors import JudgeError
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.sandbox import Limits, Process, SandboxSpec

_LONGEST_LINE = 64 << 20
_TRAFFIC = 512 << 20


async def run_tests(case: JudgeCase, job: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """Run tests against code that a model wrote.

    Arguments:
        case: gives the sandboxes.
        job: see `inside/testing.py`.
        limits: of each of both processes.

    Returns:
        "passed" and "failed" of the tests, or "unscored" with the reason, or "limit" with what was used up.

    Raises:
        JudgeError: the tests themselves are broken.
    """
    allowed = replace(limits, output_bytes=_TRAFFIC)
    tested = await case.sandbox(_spec("tested.py", allowed))
    testing = await case.sandbox(_spec("testing.py", allowed, {"job.json": json.dumps(dict(job)).encode()}))
    async with tested, testing:
        candidate = await tested.start(["python3", "tested.py"])
        tester = await testing.start(["python3", "-I", "testing.py"])
        try:
            async with asyncio.timeout(limits.wall_seconds):
                verdict = await _relay(tester, candidate)
        except TimeoutError:
            verdict = {"limit": "time"}
        if verdict is None:
            tester.kill()
            said = (await tester.wait()).stderr.text.strip()
            raise JudgeError(f"the tests of the sample are broken: {said[-300:]}")
        return verdict


def _spec(script: str, limits: Limits, more: Mapping[str, bytes] | None = None) -> SandboxSpec:
    inside = files("agentbench_sdk.judges.code.inside")
    texts = {name: (inside / name).read_bytes() for name in ("wire.py", script)}
    return SandboxSpec(files={**texts, **(more or {})}, limits=limits)


async def _relay(tester: Process, candidate: Process) -> dict[str, Any] | None:
    """The verdict; None when the tests ended without one."""
    answers = _lines(candidate.output())
    async for line in _lines(tester.output()):
        if line.startswith(b'{"verdict":'):
            verdict: dict[str, Any] = json.loads(line)["verdict"]
            return verdict
        await candidate.write(line)
        answer = await anext(answers, None)
        if answer is None:
            ended = await candidate.wait()
            how = f"limit on {ended.ended_by}" if ended.ended_by else f"exit code {ended.exit_code}"
            answer = (
                json.dumps({"error": "SystemExit", "message": f"the process ended: {how}"}).encode() + b"\n"
            )
        await tester.write(answer)
    return None


async def _lines(heard: AsyncIterator[tuple[str, bytes]]) -> AsyncIterator[bytes]:
    """What a process writes to its standard output, line by line; ends where a line does not."""
    held = bytearray()
    async for stream, data in heard:
        if stream == "stdout":
            held += data
        while (end := held.find(b"\n")) >= 0:
            line = bytes(held[: end + 1])
            del held[: end + 1]
            yield line
        if len(held) > _LONGEST_LINE:
            return
