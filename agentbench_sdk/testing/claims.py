"""Workers of one test session that need the same evaluation: one carries it out, the others wait for its run.

A claim is a lock on a small SQLite file, which the system gives back when a worker dies; what is in the file is
where the finished run lies.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from agentbench_sdk.runs.run import Run, load_run

_LOOK_AGAIN_S = 0.05


class Claims:
    """The evaluations of a session, told apart by name.

    Arguments:
        folder: of this session alone, and the same for all its workers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def once(self, name: str, evaluate: Callable[[], Awaitable[Run]]) -> Run:
        """The run of an evaluation, whichever worker carries it out.

        An evaluation that ends in an error leaves its claim to the next worker, which has its own error then.

        Arguments:
            name: the same in all workers; workers on another interpreter do not share.
            evaluate: carries it out.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        code = hashlib.sha256(f"{sys.executable}\n{sys.version}\n{name}".encode()).hexdigest()
        path = self._folder / f"{code}.db"
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as held:
            await _locked(held)
            held.execute("CREATE TABLE IF NOT EXISTS done (run TEXT NOT NULL)")
            done = held.execute("SELECT run FROM done").fetchone()
            if done is not None:
                return load_run(done[0])
            run = await evaluate()
            held.execute("INSERT INTO done VALUES (?)", (str(run.path),))
            held.execute("COMMIT")  # closing without it gives the claim back
            return run


async def _locked(held: sqlite3.Connection) -> None:
    """Wait for the claim; SQLite's own waiting would block the loop."""
    while True:
        try:
            held.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            return
