"""Providers of sandboxes by the name under which users choose them."""

from __future__ import annotations

from agentbench_sdk.errors import UnknownNameError
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from agentbench_sdk.sandbox.provider import SandboxProvider


def sandbox_provider(name: str) -> SandboxProvider:
    """Make the provider of a name; whether it works here is found out by its `check`.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name == Bubblewrap.name:
        return Bubblewrap()
    raise UnknownNameError("sandbox", name, [Bubblewrap.name])
