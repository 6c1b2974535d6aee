"""`Coding`: a work folder in a sandbox, tools to change it, and hidden checks at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from agentbench_sdk.environments.coding.policies import ORACLES, POLICIES
from agentbench_sdk.environments.coding.python_session import PythonSession
from agentbench_sdk.environments.coding.scenario import CodingScenario
from agentbench_sdk.environments.coding.shown import shown_lines, shown_result
from agentbench_sdk.environments.coding.verification import Verdict, verify
from agentbench_sdk.errors import EnvironmentFaultError, SandboxFileError
from agentbench_sdk.sandbox import Sandbox, SandboxNeeds, SandboxPool, SandboxSpec
from agentbench_sdk.sandbox.spec import WORK_FOLDER
from agentbench_sdk.simulation import (
    Actor,
    BadArguments,
    Environment,
    Opening,
    Oracle,
    Outcome,
    Policy,
    Scenario,
    ToolResult,
    tool,
)

_ENTRIES = 500
_SYSTEM = """\
You are a software engineer at work in the folder {folder} of a machine without network. Use the tools to look \
around, to change files and to try things out; commands run in that folder, and files last from call to call. \
When the work is done, call submit once. It is then checked by tests that you cannot see; what counts is the \
content of the folder."""


class Coding(Environment):
    """An agent works on the files of a folder; hidden checks tell whether it succeeded.

    Programs run in a sandbox, so results can differ from one time to the next (times, memory addresses): a
    session that goes on is given what was recorded, see `Environment.deterministic`.
    """

    name: ClassVar[str] = "coding"
    version: ClassVar[str] = "agentbench.coding/1"
    scenario_type: ClassVar[type[Scenario]] = CodingScenario
    headline: ClassVar[tuple[str, ...]] = ("checks_passed", "commands", "edits")
    deterministic: ClassVar[bool] = False
    needs_sandbox: ClassVar[bool | SandboxNeeds] = True
    scenario: CodingScenario

    def __init__(self, scenario: CodingScenario, seed: int) -> None:
        super().__init__(scenario, seed)
        self.task = scenario.load()
        self.verdict: Verdict | None = None
        self._submitted = False
        self._reason = ""
        self._counts = {"commands": 0, "edits": 0, "python_restarts": 0}
        self._chain = ""
        self._sandboxes: SandboxPool | None = None
        self._sandbox: Sandbox | None = None
        self._python: PythonSession | None = None

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        return POLICIES

    @classmethod
    def oracles(cls) -> Mapping[str, Oracle]:
        return ORACLES

    @classmethod
    def sandbox_needs(cls, scenario: Scenario) -> SandboxNeeds | None:
        assert isinstance(scenario, CodingScenario)
        return SandboxNeeds(images=scenario.load().needs_image)

    # --- the sandbox --------------------------------------------------------------------------

    @property
    def spec(self) -> SandboxSpec:
        """What the agent's sandbox is made from."""
        docker = self.task.dockerfile
        container = self.task.settings.environment
        limits = replace(self.scenario.limits(), network=container.allow_internet)
        return SandboxSpec(
            files=self.task.work_files(),
            executable=self.task.work_executable(),
            limits=limits,
            env=docker.env if docker is not None else {},
            image=container.docker_image if self.task.needs_image else None,
            build_context=self._context(),
            work_folder=docker.work_folder if docker is not None else WORK_FOLDER,
        )

    async def begin(self, sandboxes: SandboxPool) -> None:
        self._sandboxes = sandboxes
        self._sandbox = await sandboxes.create(self.spec)
        self._python = PythonSession(self._sandbox, self.scenario.command_seconds)

    async def finish(self) -> None:
        """Check what the agent left, then release everything."""
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is None:
            return
        async with sandbox:
            if self._python is not None:
                await self._python.close()
            archive = await _left_by_agent(sandbox)
        assert self._sandboxes is not None
        # What a program wrote elsewhere than into the work folder, and every process, is gone.
        spec = replace(self.spec, archive=archive, files={}, executable=frozenset())
        self.verdict = await verify(self.task, self._sandboxes, spec)

    # --- what a session uses ------------------------------------------------------------------

    def opening(self) -> Opening:
        folder = self._sandbox.work_folder if self._sandbox is not None else self.spec.work_folder
        return Opening(_SYSTEM.format(folder=folder), self.task.instruction.strip())

    @property
    def ended(self) -> bool:
        return self._submitted

    def abandon(self, reason: str) -> None:
        self._reason = reason

    def call(self, actor: Actor, name: str, arguments: object) -> Any:
        shown = arguments.reason if isinstance(arguments, BadArguments) else arguments
        told = json.dumps([self._chain, name, shown], sort_keys=True)  # also what is no text in UTF-8
        self._chain = sha256(told.encode()).hexdigest()
        return super().call(actor, name, arguments)

    @tool()
    async def bash(self, command: Annotated[str, Field(min_length=1)]) -> ToolResult:
        """Run a bash command in the work folder; shows its output, both streams together.

        Files last; the current folder, variables and background processes do not.
        """
        self._counts["commands"] += 1
        shell = 'exec 2>&1; if command -v bash >/dev/null; then exec bash -c "$1"; else exec sh -c "$1"; fi'
        result = await self._box.exec(["/bin/sh", "-c", shell, "sh", _argument(command)])
        return ToolResult(
            shown_result(result, self._box.spec.limits), result.ok, "" if result.ok else "command_failed"
        )

    @tool()
    async def python(self, code: Annotated[str, Field(min_length=1)]) -> ToolResult:
        """Run Python code in a session whose variables last; shows output and the value of a last expression."""
        self._counts["commands"] += 1
        assert self._python is not None
        output, ended = await self._python.run(code)
        text = output.text.rstrip("\n")
        if not ended:
            return ToolResult(text or "[no output]")
        self._counts["python_restarts"] += 1
        note = f"[the session was ended: {ended}; its variables are lost, the next call starts a new one]"
        return ToolResult(f"{text}\n{note}" if text else note, ok=False, error="session_ended")

    @tool()
    async def read_file(
        self,
        path: Annotated[str, Field(min_length=1)],
        first_line: Annotated[int, Field(ge=1)] = 1,
        lines: Annotated[int, Field(ge=1, le=2000)] = 400,
    ) -> ToolResult:
        """Show lines of a text file with their numbers."""
        try:
            data = await self._box.read(path, limit=self._file_limit)
        except SandboxFileError as error:
            return _failed(error)
        text = shown_lines(data.decode("utf-8", errors="replace"), first_line, lines)
        return ToolResult(_cut(text, self.scenario.output_bytes))

    @tool()
    async def write_file(self, path: Annotated[str, Field(min_length=1)], content: str) -> ToolResult:
        """Write a text file, making its folders; what was there is replaced."""
        self._counts["edits"] += 1
        try:
            await self._box.write(path, _encodable(content))
        except SandboxFileError as error:
            return _failed(error)
        return ToolResult(f"wrote {path}, {content.count(chr(10)) + bool(content)} lines")

    @tool()
    async def edit_file(
        self, path: Annotated[str, Field(min_length=1)], old: Annotated[str, Field(min_length=1)], new: str
    ) -> ToolResult:
        """Replace a piece of a text file; `old` must occur in it exactly once."""
        try:
            text = (await self._box.read(path, limit=self._file_limit)).decode("utf-8")
        except SandboxFileError as error:
            return _failed(error)
        except UnicodeDecodeError:
            return ToolResult(f"error: {path} is no text in UTF-8", ok=False, error="not_text")
        found = text.count(old)
        if found != 1:
            how = "does not occur" if not found else f"occurs {found} times"
            return ToolResult(
                f"error: the text to replace {how} in {path}", ok=False, error="no_single_place"
            )
        self._counts["edits"] += 1
        try:
            await self._box.write(path, _encodable(text.replace(old, new)))
        except SandboxFileError as error:
            return _failed(error)
        return ToolResult(f"changed {path}, line {text[: text.index(old)].count(chr(10)) + 1}")

    @tool()
    async def list_files(self, path: Annotated[str, Field(min_length=1)] = ".") -> ToolResult:
        """List everything below a folder; folders end with a slash, links with @."""
        try:
            entries = await self._box.list(path)
        except SandboxFileError as error:
            return _failed(error)
        marks = {"folder": "/", "link": "@", "other": "?"}
        names = [_encodable(f"{entry.path}{marks.get(entry.kind, '')}") for entry in entries]
        more = [f"[{len(names) - _ENTRIES} more]"] if len(names) > _ENTRIES else []
        return ToolResult("\n".join([*names[:_ENTRIES], *more]) or "[empty]")

    @tool()
    async def search(
        self, pattern: Annotated[str, Field(min_length=1)], path: Annotated[str, Field(min_length=1)] = "."
    ) -> ToolResult:
        """Search text files below a folder for an extended regular expression; shows file, line number and line."""
        script = 'grep -rnIE -e "$1" -- "$2" 2>&1 | cut -c1-400 | head -n 200'
        result = await self._box.exec(["/bin/sh", "-c", script, "sh", _argument(pattern), _argument(path)])
        return ToolResult(
            result.stdout.text.rstrip("\n") or "[nothing found]",
            result.ok,
            "" if result.ok else "search_failed",
        )

    @tool()
    def submit(self) -> ToolResult:
        """Say that the work is done; it is checked, and nothing can be changed any more."""
        self._submitted = True
        return ToolResult("submitted")

    # --- what came of it ----------------------------------------------------------------------

    def truth(self) -> Mapping[str, Any]:
        texts = {path: data.decode(errors="replace") for path, data in self.task.below("solution").items()}
        return {"task": self.task.name, "solution": texts}

    def outcome(self) -> Outcome:
        end = "submitted" if self._submitted else self._reason
        if self.verdict is None:
            return Outcome(None, "", end, {}, dict(self._counts))
        checks = self.verdict.checks
        failed = [f"{check.name}: {check.problem}" for check in checks if not check.passed]
        metrics: dict[str, int | float | str | None] = {
            "checks_passed": self.verdict.passed,
            "checks": len(checks),
            **self._counts,
            "category": self.task.settings.metadata.category,
            "failed_checks": "\n".join(failed),
        }
        share = {"share_of_checks": self.verdict.passed / len(checks)}
        return Outcome(self.verdict.reward, "", end, share, metrics)

    # --- state --------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What was called; what lies in the work folder is the sandbox's, and follows from the calls."""
        return {"chain": self._chain, "submitted": self._submitted, "counts": dict(self._counts)}

    def load_state(self, state: Mapping[str, Any]) -> None:
        raise EnvironmentFaultError("a coding world is brought to a state by its calls, not by a snapshot")

    def fork(self) -> Self:
        raise EnvironmentFaultError(
            "a coding world cannot be copied while it runs; `Sandbox.fork` copies the folder"
        )

    # --- inside -------------------------------------------------------------------------------

    @property
    def _box(self) -> Sandbox:
        if self._sandbox is None:
            raise EnvironmentFaultError(
                "the coding world has no sandbox: begin() was not called, or it has finished"
            )
        return self._sandbox

    @property
    def _file_limit(self) -> int:
        return 4 * (1 << 20)

    def _context(self) -> Any:
        has_file = self.task.dockerfile is not None and self.task.dockerfile.needs_image
        return self.task.path / "environment" if has_file and self.task.path is not None else None


async def _left_by_agent(sandbox: Sandbox) -> bytes:
    """The work folder as an archive; files that the agent made unreadable can be read again."""
    await sandbox.exec("chmod -R u+rwX . 2>/dev/null")
    return await sandbox.snapshot()


def _failed(error: SandboxFileError) -> ToolResult:
    return ToolResult(f"error: {error}", ok=False, error="file_error")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n[... {len(text) - most} characters left out ...]"


def _argument(text: str) -> str:
    """What can be an argument of a program: without null bytes."""
    return _encodable(text.replace("\0", ""))


def _encodable(text: str) -> str:
    """Half characters, which JSON can carry and no file can, become question marks."""
    return text.encode("utf-8", "replace").decode()
