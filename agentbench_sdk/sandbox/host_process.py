"""A process of the host that carries a command, with its limits watched.

The event loop reads its pipes and a file descriptor of the process itself, so a thousand of them need no
thread. What the kernel does not limit by itself is looked at every now and then, the less often the longer a
command runs quietly.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, TypeVar

from agentbench_sdk.errors import EnvironmentFaultError
from agentbench_sdk.sandbox.limits import Limit, Limits
from agentbench_sdk.sandbox.output import OutputBuffer
from agentbench_sdk.sandbox.process import Process, Stream
from agentbench_sdk.sandbox.result import ExecResult

_T = TypeVar("_T")
_CHUNK = 1 << 16
_KILL_AGAIN = 0.2
_FIRST_LOOK = 0.02
_LAST_LOOK = 0.2
# The most that a pipe holds which an unprivileged process made: what was written before an end is within it.
_LARGEST_PIPE = 1 << 20
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes
_START_SECONDS = 120.0
# What a carrier says before its command begins is kept to this length.
_FOREWORD = 1 << 14


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command uses at a moment; what nobody measured is 0.

    Attributes:
        memory_bytes, processes, cpu_seconds, disk_bytes: as in `Limits`.
    """

    memory_bytes: int = 0
    processes: int = 0
    cpu_seconds: float = 0.0
    disk_bytes: int = 0

    def most(self, other: Usage) -> Usage:
        """The larger of each figure."""
        return Usage(*(max(getattr(self, name), getattr(other, name)) for name in self.__slots__))

    def beyond(self, limits: Limits) -> Limit | None:
        """The limit that it exceeds."""
        if self.memory_bytes > limits.memory_bytes:
            return Limit.MEMORY
        if self.processes > limits.processes:
            return Limit.PROCESSES
        if self.cpu_seconds > limits.cpu_seconds:
            return Limit.CPU
        return Limit.DISK if self.disk_bytes > limits.disk_bytes else None


class HostProcess(Process):
    """Runs an argument vector on the host and watches its limits.

    Arguments:
        argv: what to run.
        env: its whole environment.
        limits: of the command that it carries.
        look: measures what the command uses, given the process id.
        end: kills the command and all that it started, given the process id and whether the command has begun;
            waits for nothing.
        cwd: where it starts.
        pass_fds: file descriptors that it inherits.
        begins_after: what stands on standard error before anything that the command itself writes. Where it
            never comes, the command was not started, and `wait` raises EnvironmentFaultError.
        ends_with: what stands on standard error when the command has ended, while its carrier goes on: its input
            is closed then, and what comes after it is not the command's.
        when_begun: told when that has come.
        clear: kills what the process leaves behind, given its id while nobody else can have it.
        account: the kernel's own account of the command, asked once it has ended: what it used, and the limit by
            which the kernel ended it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        limits: Limits,
        look: Callable[[int], Usage],
        end: Callable[[int, bool], None],
        cwd: str | None = None,
        pass_fds: Sequence[int] = (),
        begins_after: bytes = b"",
        ends_with: bytes = b"",
        when_begun: Callable[[], None] | None = None,
        clear: Callable[[int], None] | None = None,
        account: Callable[[], tuple[Usage, Limit | None]] | None = None,
    ) -> None:
        self._limits, self._look, self._end, self._clear = limits, look, end, clear
        self._account = account
        self._loop = asyncio.get_running_loop()
        self._began = time.monotonic()
        self._popen = subprocess.Popen(  # noqa: S603 - an argument vector, no shell
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
            bufsize=0,
            start_new_session=True,
        )
        self._buffers: dict[Stream, OutputBuffer] = {
            "stdout": OutputBuffer(limits.kept_bytes),
            "stderr": OutputBuffer(limits.kept_bytes),
        }
        self._open: dict[Stream, IO[bytes]] = {}
        self._listener: asyncio.Queue[tuple[Stream, bytes] | None] | None = None
        self._ended_by: Limit | None = None
        self._seen = Usage()
        self._own_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._done: asyncio.Future[ExecResult] = self._loop.create_future()
        self._done.add_done_callback(asyncio.Future.exception)  # nobody has to ask for it
        self._exit: tuple[int, resource.struct_rusage, float] | None = None
        self._taken: asyncio.Future[None] | None = None
        self._begins_after, self._when_begun, self._foreword = begins_after, when_begun, b""
        self._ends_with, self._held, self._over = ends_with, b"", False
        self._begun: asyncio.Future[bool] = self._loop.create_future()
        if not begins_after:
            self._begun.set_result(True)
        self._killed = False
        self._reaped: tuple[int, int, resource.struct_rusage] | None = None
        self._pidfd = self._await_end()
        self._listen()
        self._watching = asyncio.ensure_future(self._watch())

    # --- talking ------------------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        pipe = self._popen.stdin
        left = memoryview(data)
        while left and pipe is not None and not pipe.closed:
            try:
                left = left[os.write(pipe.fileno(), left[:_CHUNK]) :]
            except BlockingIOError:
                await self._writable(pipe.fileno())
            except BrokenPipeError:
                return

    def close_stdin(self) -> None:
        if self._popen.stdin is not None and not self._popen.stdin.closed:
            self._loop.remove_writer(self._popen.stdin.fileno())
            self._popen.stdin.close()
        if self._taken is not None:
            _settle(self._taken, None)

    def output(self) -> AsyncIterator[tuple[Stream, bytes]]:
        self._listener = asyncio.Queue()
        if not self._open:
            self._listener.put_nowait(None)
        return self._heard(self._listener)

    async def _heard(
        self, queue: asyncio.Queue[tuple[Stream, bytes] | None]
    ) -> AsyncIterator[tuple[Stream, bytes]]:
        try:
            while (item := await queue.get()) is not None:
                yield item
        finally:
            if self._listener is queue:
                self._listener = None

    async def wait(self) -> ExecResult:
        return await asyncio.shield(self._done)

    def when_begun_or_done(self, call: Callable[[], None]) -> None:
        """Have `call` told once the command has been started, or never will be."""
        self._begun.add_done_callback(lambda _: call())

    async def ended(self) -> None:
        """Wait for the end of the process, whatever it came to."""
        await asyncio.wait({self._done})

    def abandon(self) -> None:
        """Kill the process on the host alone, where its command is known to be gone."""
        if self._exit is None and self._reaped is None:
            self._killed = True
            with suppress(ProcessLookupError):
                os.kill(self._popen.pid, signal.SIGKILL)

    def when_done(self, call: Callable[[HostProcess], object]) -> None:
        """Have `call` told once the process has ended and been listened to."""
        self._done.add_done_callback(lambda _: call(self))

    def kill(self) -> None:
        if self._exit is None and self._reaped is None:
            self._killed = True
            self._end(self._popen.pid, self._begun.done())
            # While a command is being started there are helpers, and killing one of them ends nothing.
            self._loop.call_later(_KILL_AGAIN, self.kill)

    # --- listening ----------------------------------------------------------------------------

    def _listen(self) -> None:
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        os.set_blocking(self._popen.stdin.fileno(), False)
        self._open = {"stdout": self._popen.stdout, "stderr": self._popen.stderr}
        for name, pipe in self._open.items():
            os.set_blocking(pipe.fileno(), False)
            self._loop.add_reader(pipe.fileno(), partial(self._readable, name))

    def _await_end(self) -> int:
        """Have the end of the process told; gives the descriptor that tells it."""
        try:
            descriptor = os.pidfd_open(self._popen.pid) if hasattr(os, "pidfd_open") else self._waited_for()
        except OSError:  # no descriptor is left
            self._popen.kill()
            self._popen.communicate()
            raise
        self._loop.add_reader(descriptor, self._exited)
        return descriptor

    def _waited_for(self) -> int:
        """For systems without descriptors of processes: one end of a pipe whose other end a thread closes."""
        ended, told = os.pipe()

        def wait() -> None:
            self._reaped = os.wait4(self._popen.pid, 0)
            os.close(told)

        threading.Thread(target=wait, daemon=True).start()
        return ended

    def _readable(self, name: Stream) -> None:
        try:
            data = os.read(self._open[name].fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._close(name)
            return
        if name == "stderr":
            data = data if self._begun.done() else self._after_foreword(data)
            data = self._before_end(data) if self._ends_with else data
        self._keep(name, data)

    def _keep(self, name: Stream, data: bytes) -> None:
        if not data:
            return
        self._buffers[name].add(data)
        if self._listener is not None:
            self._listener.put_nowait((name, data))
        if sum(buffer.total_bytes for buffer in self._buffers.values()) > self._limits.output_bytes:
            self._stop(Limit.OUTPUT)

    def _after_foreword(self, data: bytes) -> bytes:
        """What of the first words on standard error is the command's."""
        self._foreword += data
        said, mark, rest = self._foreword.partition(self._begins_after)
        self._foreword = said[:_FOREWORD] if mark else self._foreword[-_FOREWORD:]
        if mark:
            self._began = time.monotonic()
            _settle(self._begun, True)
            if self._when_begun is not None:
                self._when_begun()
        return rest

    def _before_end(self, data: bytes) -> bytes:
        """What of the words on standard error is surely the command's: its end may come in pieces."""
        if self._over:
            return b""
        said, mark, _ = (self._held + data).partition(self._ends_with)
        if mark:
            self._over, self._held = True, b""
            self.close_stdin()
            return said
        begun = (
            size for size in range(len(self._ends_with) - 1, 0, -1) if said.endswith(self._ends_with[:size])
        )
        kept = len(said) - next(begun, 0)
        self._held = said[kept:]
        return said[:kept]

    def _close(self, name: Stream) -> None:
        if name == "stderr":
            held, self._held = self._held, b""
            self._keep(name, held)
        pipe = self._open.pop(name)
        self._loop.remove_reader(pipe.fileno())
        pipe.close()
        if not self._open and self._listener is not None:
            self._listener.put_nowait(None)
        self._finish()

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        if self._clear is not None:
            self._clear(self._popen.pid)
        _, status, used = self._reaped or os.wait4(self._popen.pid, 0)
        # The process was reaped here, for its usage; Popen must not wait for a stranger with the same number.
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        self._exit = (self._popen.returncode, used, time.monotonic())
        self.close_stdin()
        for name in tuple(self._open):
            self._drain(name)
        self._finish()

    def _drain(self, name: Stream) -> None:
        """Read what is left; a process that escaped the end may hold the pipe open and is not waited for."""
        for _ in range(_LARGEST_PIPE // _CHUNK):
            if name in self._open and self._ended_by is None:
                self._readable(name)
        if name in self._open:
            self._close(name)

    def _finish(self) -> None:
        if self._exit is None or self._open or self._done.done():
            return
        self._watching.cancel()
        if not self._begun.done():
            self._begun.set_result(False)
            if not self._killed or self._ended_by is not None:
                self._done.set_exception(
                    EnvironmentFaultError(f"a command cannot be started: {self._excuse()}")
                )
                return
        code, used, at = self._exit
        # Until it is replaced by its own program, a child counts its parent's memory as its own.
        largest = used.ru_maxrss * _MAXRSS_UNIT if used.ru_maxrss > self._own_memory else 0
        told, by_kernel = self._account() if self._account is not None else (Usage(), None)
        self._seen = self._seen.most(told)
        self._done.set_result(
            ExecResult(
                exit_code=code if code >= 0 else 128 - code,
                stdout=self._buffers["stdout"].output(),
                stderr=self._buffers["stderr"].output(),
                wall_seconds=max(0.0, at - self._began),
                # Who is killed along with its first process is in nobody's account, but was seen before.
                cpu_seconds=max(used.ru_utime + used.ru_stime, self._seen.cpu_seconds),
                peak_memory_bytes=max(largest, self._seen.memory_bytes),
                ended_by=self._ended_by or by_kernel or self._signalled(code),
            )
        )

    def _excuse(self) -> str:
        """Why the command was not started; some carriers tell it on standard output."""
        said = self._foreword or self._buffers["stdout"].output().head[-_FOREWORD:]
        return " ".join(said.decode(errors="replace").split()) or f"exit code {self._popen.returncode}"

    def _signalled(self, code: int) -> Limit | None:
        """The kernel's own limits tell of themselves by a signal."""
        number = -code if code < 0 else code - 128
        return {signal.SIGXCPU: Limit.CPU, signal.SIGXFSZ: Limit.FILE_SIZE}.get(number)  # type: ignore[call-overload,no-any-return]

    # --- watching -----------------------------------------------------------------------------

    async def _watch(self) -> None:
        pause = _FIRST_LOOK
        while True:
            await asyncio.sleep(min(pause, self._left()))
            usage = await asyncio.to_thread(self._look, self._popen.pid)
            self._seen = self._seen.most(usage)
            over = Limit.WALL if self._left() <= 0 else usage.beyond(self._limits)
            if over is not None:
                self._stop(over)
                return
            pause = min(_LAST_LOOK, pause * 1.5)

    def _left(self) -> float:
        """Seconds; what it takes to start a command is not the command's doing."""
        allowed = self._limits.wall_seconds if self._begun.done() else _START_SECONDS
        return self._began + allowed - time.monotonic()

    def _stop(self, limit: Limit) -> None:
        if self._ended_by is None and self._exit is None:
            self._ended_by = limit
            self.kill()

    async def _writable(self, descriptor: int) -> None:
        taken = self._taken = self._loop.create_future()
        self._loop.add_writer(descriptor, _settle, taken, None)
        try:
            await taken
        finally:
            if self._popen.stdin is not None and not self._popen.stdin.closed:
                self._loop.remove_writer(descriptor)


def _settle(future: asyncio.Future[_T], value: _T) -> None:
    if not future.done():
        future.set_result(value)
