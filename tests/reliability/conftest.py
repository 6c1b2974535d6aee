"""Real processes and sockets: a workshop that starts them warm, and a world with tools played over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))
if sys.platform == "win32":  # no fork, no kill -9, no limits of a process
    collect_ignore_glob = ["test_*.py"]

from tests.reliability.workshop import Workshop


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """Starts processes, one at a time."""
    with Workshop.open() as opened:
        yield opened


@pytest.fixture(scope="session")
def second_workshop() -> Iterator[Workshop]:
    """For a process beside one of the first workshop."""
    with Workshop.open() as opened:
        yield opened


@pytest.fixture(scope="session")
def strict_workshop() -> Iterator[Workshop]:
    """Its processes run in development mode: what was not closed or awaited is said on standard error."""
    with Workshop.open("-X", "dev", "-W", "error") as opened:
        yield opened
