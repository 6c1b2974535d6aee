"""Sandboxes that are started before somebody asks for them, where starting takes long, as with containers.

What is kept ready has no files yet: whoever takes it brings his own, so that all samples of a task can share.
"""

from __future__ import annotations

import asyncio
import warnings
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace

from agentbench_sdk.canonical import digest
from agentbench_sdk.errors import AgentbenchError
from agentbench_sdk.sandbox.base import Sandbox
from agentbench_sdk.sandbox.gate import CommandGate
from agentbench_sdk.sandbox.provider import SandboxProvider
from agentbench_sdk.sandbox.spec import SandboxSpec
from agentbench_sdk.sandbox.warning import SandboxWarning

KINDS = (
    8  # of sandboxes that are kept ready at a time; those of the kind not asked for the longest are closed
)


class Shelf:
    """Keeps some sandboxes ready of each kind that was asked for more than once.

    Arguments:
        provider: makes them.
        gate: where starting one waits for its place.
        kept: how many of each kind.

    Attributes:
        taken: how many were ready when they were asked for.
    """

    def __init__(self, provider: SandboxProvider, gate: CommandGate, *, kept: int = 2) -> None:
        self._provider, self._gate, self._kept = provider, gate, kept
        self._ready: OrderedDict[str, list[Sandbox]] = OrderedDict()
        self._starting: dict[asyncio.Task[None], str] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.taken = 0

    @property
    def ready(self) -> int:
        """How many wait for somebody."""
        return sum(map(len, self._ready.values()))

    def take(self, spec: SandboxSpec) -> Sandbox | None:
        """One that is ready, without the files of `spec`; None when there is none.

        Others are started from the second time on that one of this kind is asked for.
        """
        kind = kind_of(spec)
        again = kind in self._ready
        waiting = self._ready.setdefault(kind, [])
        self._ready.move_to_end(kind)
        found = waiting.pop(0) if waiting else None
        self.taken += found is not None
        if again:
            self._refill(kind, spec)
        while len(self._ready) > KINDS:
            for sandbox in self._ready.popitem(last=False)[1]:
                self._close(sandbox)
        return found

    async def close(self) -> None:
        """Stop starting, and close what is ready."""
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, *self._closing, return_exceptions=True)
        for waiting in self._ready.values():
            for sandbox in waiting:
                await closed(sandbox)
        self._ready.clear()

    def _refill(self, kind: str, spec: SandboxSpec) -> None:
        under_way = sum(each == kind for each in self._starting.values())
        for _ in range(self._kept - len(self._ready[kind]) - under_way):
            task = asyncio.create_task(self._start(kind, without_files(spec)))
            self._starting[task] = kind
            task.add_done_callback(self._starting.pop)

    async def _start(self, kind: str, spec: SandboxSpec) -> None:
        with suppress(AgentbenchError):  # whoever asks for one next finds out why
            async with self._gate.place():
                sandbox = await self._provider.create(spec)
            if kind in self._ready:
                self._ready[kind].append(sandbox)
            else:  # nobody has asked for this kind for long
                await closed(sandbox)

    def _close(self, sandbox: Sandbox) -> None:
        task = asyncio.create_task(closed(sandbox))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def without_files(spec: SandboxSpec) -> SandboxSpec:
    """The same sandbox with an empty work folder."""
    return replace(spec, files={}, executable=frozenset(), archive=b"")


def kind_of(spec: SandboxSpec) -> str:
    """What sandboxes have in common that differ in their files alone."""
    limits = {name: getattr(spec.limits, name) for name in spec.limits.__slots__}
    context = str(spec.build_context) if spec.build_context is not None else None
    return digest([spec.work_folder, list(spec.folders), dict(spec.env), limits, spec.image, context])


async def closed(opened: Sandbox | SandboxProvider) -> None:
    """Close a sandbox or its provider; what cannot be closed is told of, and keeps nothing else from it."""
    try:
        await opened.close()
    except (AgentbenchError, OSError) as error:
        warnings.warn(f"a sandbox could not be closed: {error}", SandboxWarning, stacklevel=2)
