"""Idle: waits until the end. Its result is plain arithmetic, so any change in it is a bug."""

from __future__ import annotations

from collections.abc import Generator

from agentbench_sdk.simulation import Act, Opening


def idle(opening: Opening) -> Generator[Act, str, None]:
    """Wait, day after day."""
    while True:
        yield Act("wait_for_next_day")
