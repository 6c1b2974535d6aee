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
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO

from agentbench_sdk.sandbox.limits import Limit, Limits
from agentbench_sdk.sandbox.output import OutputBuffer
from agentbench_sdk.sandbox.process import Process, Stream
from agentbench_sdk.sandbox.result import ExecResult

_CHUNK = 1 << 16
_FIRST_LOOK = 0.02
_LAST_LOOK = 0.2


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
        end: kills the command and all that it started, given the process id; waits for nothing.
        cwd: where it starts.
        pass_fds: file descriptors that it inherits.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        limits: Limits,
        look: Callable[[int], Usage],
        end: Callable[[int], None],
        cwd: str | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._limits, self._look, self._end = limits, look, end
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
        self._exit: tuple[int, resource.struct_rusage, float] | None = None
        self._taken: asyncio.Future[None] | None = None
        self._watching = asyncio.ensure_future(self._watch())
        self._listen()

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
            _settle(self._taken)

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

    def when_done(self, call: Callable[[HostProcess], object]) -> None:
        """Have `call` told once the process has ended."""
        self._done.add_done_callback(lambda _: call(self))

    def kill(self) -> None:
        if self._exit is None:
            self._end(self._popen.pid)
            # While a command is being started there are helpers, and killing one of them ends nothing.
            self._loop.call_later(_FIRST_LOOK, self.kill)

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
        self._pidfd = os.pidfd_open(self._popen.pid)
        self._loop.add_reader(self._pidfd, self._exited)

    def _readable(self, name: Stream) -> None:
        try:
            data = os.read(self._open[name].fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._close(name)
            return
        self._buffers[name].add(data)
        if self._listener is not None:
            self._listener.put_nowait((name, data))
        if sum(buffer.total_bytes for buffer in self._buffers.values()) > self._limits.output_bytes:
            self._stop(Limit.OUTPUT)

    def _close(self, name: Stream) -> None:
        pipe = self._open.pop(name)
        self._loop.remove_reader(pipe.fileno())
        pipe.close()
        if not self._open and self._listener is not None:
            self._listener.put_nowait(None)
        self._finish()

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        _, status, used = os.wait4(self._popen.pid, 0)
        # The process was reaped here, for its usage; Popen must not wait for a stranger with the same number.
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        self._exit = (self._popen.returncode, used, time.monotonic())
        self.close_stdin()
        for name in tuple(self._open):
            self._drain(name)
        self._finish()

    def _drain(self, name: Stream) -> None:
        """Read what is left; a process that escaped the end may hold the pipe open and is not waited for."""
        before = -1
        while name in self._open and self._buffers[name].total_bytes != before and self._ended_by is None:
            before = self._buffers[name].total_bytes
            self._readable(name)
        if name in self._open:
            self._close(name)

    def _finish(self) -> None:
        if self._exit is None or self._open or self._done.done():
            return
        self._watching.cancel()
        code, used, at = self._exit
        # Until it is replaced by its own program, a child counts its parent's memory as its own.
        largest = used.ru_maxrss * 1024 if used.ru_maxrss > self._own_memory else 0
        self._done.set_result(
            ExecResult(
                exit_code=code if code >= 0 else 128 - code,
                stdout=self._buffers["stdout"].output(),
                stderr=self._buffers["stderr"].output(),
                wall_seconds=at - self._began,
                # Who is killed along with its first process is in nobody's account, but was seen before.
                cpu_seconds=max(used.ru_utime + used.ru_stime, self._seen.cpu_seconds),
                peak_memory_bytes=max(largest, self._seen.memory_bytes),
                ended_by=self._ended_by or self._signalled(code),
            )
        )

    def _signalled(self, code: int) -> Limit | None:
        """The kernel's own limits tell of themselves by a signal."""
        number = -code if code < 0 else code - 128
        return {signal.SIGXCPU: Limit.CPU, signal.SIGXFSZ: Limit.FILE_SIZE}.get(number)  # type: ignore[call-overload,no-any-return]

    # --- watching -----------------------------------------------------------------------------

    async def _watch(self) -> None:
        pause = _FIRST_LOOK
        deadline = self._began + self._limits.wall_seconds
        while True:
            await asyncio.sleep(min(pause, deadline - time.monotonic()))
            usage = await asyncio.to_thread(self._look, self._popen.pid)
            self._seen = self._seen.most(usage)
            over = Limit.WALL if time.monotonic() >= deadline else usage.beyond(self._limits)
            if over is not None:
                self._stop(over)
                return
            pause = min(_LAST_LOOK, pause * 1.5)

    def _stop(self, limit: Limit) -> None:
        if self._ended_by is None and self._exit is None:
            self._ended_by = limit
            self.kill()

    async def _writable(self, descriptor: int) -> None:
        taken = self._taken = self._loop.create_future()
        self._loop.add_writer(descriptor, _settle, taken)
        try:
            await taken
        finally:
            if self._popen.stdin is not None and not self._popen.stdin.closed:
                self._loop.remove_writer(descriptor)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
