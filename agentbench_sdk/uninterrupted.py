"""Short work that must not be left half done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def to_the_end(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do something short to its end; a cancellation counts only afterwards.

    Raises:
        Exception: whatever `work` raises.
        CancelledError: the caller was cancelled meanwhile.
    """
    task = asyncio.create_task(work())
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    task.result()
