"""The contract of what makes sandboxes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from agentbench_sdk.sandbox.base import Sandbox
from agentbench_sdk.sandbox.spec import Capabilities, SandboxSpec


@runtime_checkable
class SandboxProvider(Protocol):
    """Makes sandboxes of one kind.

    Attributes:
        name: under which users choose it, for example "bubblewrap".
        capabilities: what its sandboxes can do. `check` may find that it is less on this machine.
    """

    name: str
    capabilities: Capabilities

    async def check(self) -> None:
        """Find out, once a process and by really doing it, whether it works here.

        Raises:
            SandboxUnavailableError: it does not; says what is missing and what to install.
        """

    async def create(self, spec: SandboxSpec) -> Sandbox:
        """Make a sandbox with the files of `spec` in its work folder.

        Raises:
            SandboxUnavailableError: the provider does not work here, or not with this spec.
            EnvironmentFaultError: it broke while starting.
        """

    async def close(self) -> None:
        """Close all sandboxes that are still open."""
