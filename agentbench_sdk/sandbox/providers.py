"""Providers of sandboxes by the name under which users choose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentbench_sdk.sandbox.provider import SandboxProvider


def sandbox_provider(name: str) -> SandboxProvider:
    """Make the provider of a name: "bubblewrap", "docker", "podman", "local", or one that a plugin brings under the
    entry points `agentbench.sandboxes`. Whether it works here is found out by its `check`.

    Raises:
        UnknownNameError: there is none of that name.
        ConfigurationError: the distribution that brings it is broken.
    """
    from agentbench_sdk.benchmark import Registry

    return Registry.discover().sandbox(name)
