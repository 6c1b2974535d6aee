"""Sandboxes by Podman."""

from __future__ import annotations

import resource

from agentbench_sdk.sandbox.container.engine import Engine
from agentbench_sdk.sandbox.container.provider import DEFAULT_IMAGE, ContainerProvider

# Podman's own default is more than some machines allow it to give; all containers of a user count together.
_PROCESSES_OF_A_USER = 32768


class Podman(ContainerProvider):
    """Isolated in containers of Podman; programs come from a container image.

    Arguments:
        image: of sandboxes whose spec names none.
    """

    name = "podman"

    def __init__(self, *, image: str = DEFAULT_IMAGE) -> None:
        engine = Engine(
            "podman",
            install="install Podman (Debian: apt install podman)",
            start="see what `podman info` says",
        )
        _, most = resource.getrlimit(resource.RLIMIT_NPROC)
        processes = (
            _PROCESSES_OF_A_USER if most == resource.RLIM_INFINITY else min(most, _PROCESSES_OF_A_USER)
        )
        # The host's proxies are variables of the host.
        flags = ("--ulimit", f"nproc={processes}:{processes}", "--http-proxy=false")
        super().__init__(engine, image=image, flags=flags)
