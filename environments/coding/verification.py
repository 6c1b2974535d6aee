"""What the agent left is checked: in sandboxes that it never saw, with checks that its code cannot reach.

`checks.py` runs in one sandbox, the candidate's code in another; the host passes commands on. A script in
Harbor's manner (`test.sh`) runs beside the candidate's code, for that is its format: it starts from a fresh
copy of the work folder alone, without the agent's processes, home and environment, and must end by itself.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Protocol

from agentbench_sdk.environments.coding.folder import CHECKS, TaskFolder
from agentbench_sdk.errors import EnvironmentFaultError, SandboxFileError
from agentbench_sdk.sandbox import ExecResult, Limits, Process, Sandbox, SandboxSpec
from agentbench_sdk.sandbox.base import packed

_MEBIBYTE = 1 << 20
_ANSWER_BYTES = 8 * _MEBIBYTE
_LONGEST_LINE = 64 * _MEBIBYTE
_LOGS, _TESTS = "/logs", "/tests"
_REWARDS = ("/logs/verifier/reward.txt", "/logs/verifier/reward.json")


class MakesSandboxes(Protocol):
    """What is needed of a pool or provider."""

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Make a sandbox."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what came of it; `problem` is "" when it passed."""

    name: str
    problem: str

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found.

    Attributes:
        reward: 1 when all checks passed, else 0; what the script wrote for a task in Harbor's manner.
        checks: all of them, in order; one for a script.
    """

    reward: float
    checks: tuple[Check, ...]

    @property
    def passed(self) -> int:
        """How many passed."""
        return sum(check.passed for check in self.checks)


async def verify(
    task: TaskFolder, sandboxes: MakesSandboxes, spec: SandboxSpec, *, until_failure: bool = False
) -> Verdict:
    """Check a work folder.

    Arguments:
        task: whose tests are run.
        sandboxes: makes fresh ones.
        spec: of the candidate's sandboxes, with the work folder as its archive or files.
        until_failure: whether one failed check is enough; those after it then count as failed too.

    Raises:
        EnvironmentFaultError: the checks themselves are broken, or a sandbox.
    """
    deadline = task.settings.verifier.timeout_sec
    if task.kind == "script":
        return await _by_script(task, sandboxes, spec)
    checks = _Checks(task, sandboxes, spec, until_failure=until_failure)
    try:
        async with asyncio.timeout(deadline):
            await checks.run()
    except TimeoutError:
        checks.give_up(f"the checks took longer than {deadline:g} s")
    return checks.verdict()


class _Checks:
    """Serves the process that runs checks.py."""

    def __init__(
        self, task: TaskFolder, sandboxes: MakesSandboxes, spec: SandboxSpec, *, until_failure: bool
    ) -> None:
        self._task, self._sandboxes, self._spec = task, sandboxes, spec
        self._until_failure = until_failure
        self._names: list[str] = []
        self._problems: dict[str, str] = {}
        self._candidate: Sandbox | None = None

    async def run(self) -> None:
        """Run all checks."""
        try:
            async with self._runner() as process:
                async for message in _messages(process):
                    if message["kind"] == "end":
                        return
                    if self._until_failure and any(self._problems.values()):
                        self.give_up("not run: a check before it failed")
                        return
                    answer = await self._serve(message)
                    if answer is not None:
                        await process.write(json.dumps(answer).encode() + b"\n")
                process.kill()
                result = await process.wait()
            raise EnvironmentFaultError(
                f"{self._where}: the checks broke: {result.stderr.text.strip()[-500:]}"
            )
        finally:
            await self._close_candidate()

    def give_up(self, reason: str) -> None:
        """Count what was not decided as failed."""
        for name in self._names:
            self._problems.setdefault(name, reason)

    def verdict(self) -> Verdict:
        """What was found."""
        checks = tuple(Check(name, self._problems[name]) for name in self._names)
        if not checks:
            raise EnvironmentFaultError(
                f"{self._where}: there is no function test_… in it, or it took too long to load"
            )
        return Verdict(float(all(check.passed for check in checks)), checks)

    @property
    def _where(self) -> str:
        return f"coding task {self._task.name!r}, {CHECKS}"

    @asynccontextmanager
    async def _runner(self) -> AsyncIterator[Process]:
        tests = self._task.below("tests")
        runner = files("agentbench_sdk.environments.coding.runner") / "agentbench_checks.py"
        tests["agentbench_checks.py"] = runner.read_bytes()
        limits = Limits(
            cpu_seconds=self._task.settings.verifier.timeout_sec,
            wall_seconds=2 * self._task.settings.verifier.timeout_sec,
            output_bytes=1024 * _MEBIBYTE,
        )
        sandbox = await self._sandboxes.create(SandboxSpec(files=tests, limits=limits))
        async with sandbox:
            yield await sandbox.start(["python3", "-I", "agentbench_checks.py"])

    async def _serve(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        kind = message["kind"]
        if kind == "plan":
            self._names = list(message["names"])
        elif kind == "begin":
            await self._close_candidate()
            self._candidate = await self._sandboxes.create(self._spec)
            return {}
        elif kind == "done":
            self._problems[message["name"]] = message["problem"]
        else:
            assert self._candidate is not None
            return await _SERVICES[kind](self._candidate, message)
        return None

    async def _close_candidate(self) -> None:
        if self._candidate is not None:
            await self._candidate.close()
            self._candidate = None


async def _run(candidate: Sandbox, asked: Mapping[str, Any]) -> dict[str, Any]:
    seconds = float(asked["timeout"])
    limits = replace(
        candidate.spec.limits,
        cpu_seconds=seconds,
        wall_seconds=seconds,
        kept_bytes=_ANSWER_BYTES,
    )
    result = await candidate.exec(
        asked["argv"], stdin=asked["stdin"], env=asked["env"], cwd=asked["cwd"], limits=limits
    )
    return {
        "exit_code": result.exit_code,
        "stdout": result.stdout.text,
        "stderr": result.stderr.text,
        "cpu_seconds": result.cpu_seconds,
        "ended_by": result.ended_by,
    }


async def _read(candidate: Sandbox, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        data = await candidate.read(asked["path"], limit=_ANSWER_BYTES)
    except SandboxFileError as error:
        return {"problem": str(error), "text": ""}
    return {"problem": "", "text": data.decode(errors="replace")}


async def _write(candidate: Sandbox, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        await candidate.write(asked["path"], asked["text"])
    except SandboxFileError as error:
        return {"problem": str(error)}
    return {"problem": ""}


async def _files(candidate: Sandbox, asked: Mapping[str, Any]) -> dict[str, Any]:
    del asked
    try:
        entries = await candidate.list()
    except SandboxFileError:
        return {"files": []}
    found = [
        entry.path for entry in entries if entry.kind == "file" and "__pycache__" not in entry.path.split("/")
    ]
    return {"files": [path.encode("utf-8", "replace").decode() for path in found]}


_SERVICES = {"run": _run, "read": _read, "write": _write, "files": _files}


async def _messages(process: Process) -> AsyncIterator[dict[str, Any]]:
    """The runner's lines; it alone writes them, so they are what they say."""
    held = bytearray()
    async for stream, data in process.output():
        if stream == "stdout":
            held += data
        while (end := held.find(b"\n")) >= 0:
            line = bytes(held[:end])
            del held[: end + 1]
            yield json.loads(line)
        if len(held) > _LONGEST_LINE:
            return


# --- a script in Harbor's manner ----------------------------------------------------------------


async def _by_script(task: TaskFolder, sandboxes: MakesSandboxes, spec: SandboxSpec) -> Verdict:
    spec = replace(spec, folders=(*spec.folders, _LOGS, _TESTS))
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(await sandboxes.create(spec))
        await sandbox.unpack(packed(task.below("tests"), task.executable_below("tests")), _TESTS)
        seconds = task.settings.verifier.timeout_sec
        limits = replace(spec.limits, wall_seconds=seconds, cpu_seconds=2 * seconds)
        result = await sandbox.exec(
            f"mkdir -p {_LOGS}/verifier {_LOGS}/agent; exec $(command -v bash || echo sh) {_TESTS}/test.sh",
            env={"PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1", **task.settings.verifier.env},
            limits=limits,
        )
        reward = None if result.signal is not None or result.ended_by else await _reward(sandbox)
    return _judged(task, result, reward)


async def _reward(sandbox: Sandbox) -> float | None:
    """The number that the script wrote; None when there is none."""
    for path in _REWARDS:
        try:
            text = (await sandbox.read(path)).decode(errors="replace").strip()
        except SandboxFileError:
            continue
        try:
            value = json.loads(text)
            number = float(value["reward"] if isinstance(value, dict) else value)
        except (ValueError, KeyError, TypeError):
            continue
        if math.isfinite(number):
            return number
    return None


def _judged(task: TaskFolder, result: ExecResult, reward: float | None) -> Verdict:
    if reward is None and result.ok:
        raise EnvironmentFaultError(
            f"coding task {task.name!r}: tests/test.sh ended well and wrote no number to {_REWARDS[0]}"
        )
    if reward is None:
        how = f"the limit on {result.ended_by}" if result.ended_by else f"exit code {result.exit_code}"
        said = (result.stderr.text or result.stdout.text).strip()[-500:]
        return Verdict(0.0, (Check("tests/test.sh", f"ended by {how}: {said}"),))
    said = (
        ""
        if reward >= 1
        else (result.stdout.text + result.stderr.text).strip()[-1000:] or "not all tests passed"
    )
    return Verdict(reward, (Check("tests/test.sh", said),))
