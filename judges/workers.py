"""Worker processes for rules that may hang: a few scripts that answer one line of JSON with another.

A rule of a foreign library can take for ever on a text that a model wrote, and holds the interpreter while it
does. Here it runs in a process of its own, which is killed when its time is up and replaced at the next job.

The processes are started as scripts, not with `multiprocessing`: nothing is imported from the program's main
module, so it works in notebooks, under pytest-xdist and from standard input. They end when they have been
idle for `IDLE_S` seconds, when the last judge that uses the pool is gone, at the end of the program, and when
the program is killed (their input then ends).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from agentbench_sdk.errors import JudgeError

START_LIMIT_S = 120.0
"""Seconds for a worker to import what it needs; a busy machine takes long."""

IDLE_S = 30.0
WORKERS = 2


class JobTimeoutError(JudgeError):
    """A job took longer than its limit; its worker was killed."""


class WorkerGoneError(JudgeError):
    """A worker ended without an answer."""


class _Worker:
    """One process; used by one thread at a time."""

    def __init__(self, script: Path) -> None:
        # -P: the script's folder does not come first on the path, where its neighbours would hide modules.
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-P", str(script), json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.greeting = self._read(START_LIMIT_S)
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def do(self, job: Mapping[str, Any], limit_s: float) -> Any:
        assert self._process.stdin is not None
        try:
            # ASCII escapes carry lone surrogates too, which UTF-8 does not.
            self._process.stdin.write(json.dumps(job).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerGoneError(f"the worker process is gone: {error}") from error
        return self._read(limit_s)

    def _read(self, limit_s: float) -> Any:
        """The next line; the process is killed when it does not come in time."""
        assert self._process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(limit_s, stop)
        timer.daemon = True
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if late.is_set():
            raise JobTimeoutError(f"it took more than {limit_s:g} s")
        if not line:
            raise WorkerGoneError("the worker process ended without an answer (memory, perhaps)")
        return json.loads(line)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was not flushed is not wanted any more
                    continue


class WorkerPool:
    """At most `workers` processes of one script, started when there is work and ended when there is none."""

    def __init__(self, script: Path, workers: int = WORKERS, idle_s: float = IDLE_S) -> None:
        self._script, self._idle_s = script, idle_s
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=script.stem)
        self._lock = threading.Lock()
        self._free: list[_Worker] = []
        self._timer: threading.Timer | None = None
        self._closing = weakref.finalize(self, _stop_all, self._free, self._lock)

    @property
    def idle(self) -> int:
        """Processes that wait for work."""
        with self._lock:
            return len(self._free)

    async def ask(self, job: Mapping[str, Any], limit_s: float) -> Any:
        """The answer to a job, in a worker; the event loop goes on meanwhile.

        Raises:
            JobTimeoutError: it took longer than `limit_s` seconds.
            JudgeError: the worker died.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, job, limit_s)

    def close(self) -> None:
        """End the idle workers now; the pool can be used again."""
        _stop_all(self._free, self._lock)

    def _run(self, job: Mapping[str, Any], limit_s: float) -> Any:
        if (worker := self._idle()) is not None:
            try:
                return self._do(worker, job, limit_s)
            except WorkerGoneError:  # somebody ended it while it was idle, perhaps: a new one tells
                pass
        return self._do(_Worker(self._script), job, limit_s)

    def _do(self, worker: _Worker, job: Mapping[str, Any], limit_s: float) -> Any:
        try:
            answer = worker.do(job, limit_s)
        except BaseException:
            worker.stop()
            raise
        self._give(worker)
        return answer

    def _idle(self) -> _Worker | None:
        with self._lock:
            while self._free:
                worker = self._free.pop()
                if worker.alive:
                    return worker
                worker.stop()
        return None

    def _give(self, worker: _Worker) -> None:
        with self._lock:
            self._free.append(worker)
            if self._timer is not None:
                self._timer.cancel()
            # The timer holds the list, not the pool, so that it keeps no pool alive.
            self._timer = threading.Timer(self._idle_s, _stop_all, (self._free, self._lock))
            self._timer.daemon = True
            self._timer.start()


def _stop_all(workers: list[_Worker], lock: threading.Lock) -> None:
    with lock:
        gone, workers[:] = workers[:], []
    for worker in gone:
        worker.stop()


# Processes are the machine's, not a run's: all judges of a program share the few that it can feed.
_POOLS: weakref.WeakValueDictionary[Path, WorkerPool] = weakref.WeakValueDictionary()
_POOLS_LOCK = threading.Lock()


def shared_pool(script: Path) -> WorkerPool:
    """The pool of a script, for as long as somebody holds it."""
    with _POOLS_LOCK:
        pool = _POOLS.get(script)
        if pool is None:
            pool = _POOLS[script] = WorkerPool(script)
        return pool
