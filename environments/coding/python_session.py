"""The agent's Python session: one process whose variables last from call to call."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

from agentbench_sdk.sandbox import Process, Sandbox
from agentbench_sdk.sandbox.output import OutputBuffer
from agentbench_sdk.sandbox.process import Stream
from agentbench_sdk.sandbox.result import Output

# Reads code as lines of JSON, runs it in one namespace, and marks the end of its output on both streams.
_LOOP = """
import ast, json, sys, traceback
names = {"__name__": "__main__"}
source = sys.stdin
sys.stdin = open("/dev/null")
for line in source:
    asked = json.loads(line)
    try:
        tree = ast.parse(asked["code"], "<input>")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "<input>", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), "<input>", "eval"), names)
            if value is not None:
                print(repr(value))
    except SystemExit:
        pass
    except BaseException as error:
        head = error.__traceback__
        error.__traceback__ = head.tb_next if head is not None else None
        traceback.print_exception(error)
    for stream in (sys.stderr, sys.stdout):
        stream.write(asked["mark"])
        stream.flush()
"""


class PythonSession:
    """A Python process in a sandbox, started on first use and again when it has ended.

    Arguments:
        sandbox: where it runs.
        seconds: what one call may take.
    """

    def __init__(self, sandbox: Sandbox, seconds: float) -> None:
        self._sandbox, self._seconds = sandbox, seconds
        self._process: Process | None = None

    async def run(self, code: str) -> tuple[Output, str]:
        """Run code; returns what it wrote, and why the session ended, "" when it goes on."""
        process = self._process or await self._start()
        mark = f"\0{secrets.token_hex(16)}\n"
        buffer = OutputBuffer(self._sandbox.spec.limits.kept_bytes)
        heard = process.output()
        try:
            async with asyncio.timeout(self._seconds):
                await process.write(json.dumps({"code": code, "mark": mark}).encode() + b"\n")
                ended = "" if await _until_marked(heard, mark.encode(), buffer) else "it exited"
        except TimeoutError:
            ended = f"the call took longer than {self._seconds:g} s"
        if ended:
            await self.close()
        return buffer.output(), ended

    async def close(self) -> None:
        """End the process; its variables are gone."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    async def _start(self) -> Process:
        limits = self._sandbox.spec.limits
        # One process for many calls: each call has its own time, and all together as much as a long session needs.
        patient = replace(limits, wall_seconds=86_400.0, cpu_seconds=86_400.0)
        self._process = await self._sandbox.start(["python3", "-u", "-c", _LOOP], limits=patient)
        return self._process


async def _until_marked(
    heard: AsyncIterator[tuple[Stream, bytes]], mark: bytes, buffer: OutputBuffer
) -> bool:
    """Collect output until both streams are marked; False when the process ended before."""
    waiting = {"stdout": b"", "stderr": b""}
    async for stream, data in heard:
        if stream not in waiting:
            continue
        held = waiting[stream] + data
        text, found, _ = held.partition(mark)
        if found:
            buffer.add(text)
            del waiting[stream]
            if not waiting:
                return True
        else:
            # The mark may have come in part.
            keep = min(len(mark) - 1, len(held))
            buffer.add(held[: len(held) - keep])
            waiting[stream] = held[len(held) - keep :]
    for held in waiting.values():
        buffer.add(held)
    return False
