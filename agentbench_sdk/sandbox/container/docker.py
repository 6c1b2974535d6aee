"""Sandboxes by Docker."""

from __future__ import annotations

from agentbench_sdk.sandbox.container.engine import Engine
from agentbench_sdk.sandbox.container.provider import DEFAULT_IMAGE, ContainerProvider


class Docker(ContainerProvider):
    """Isolated in containers of Docker; programs come from a container image.

    Arguments:
        image: of sandboxes whose spec names none.
    """

    name = "docker"

    def __init__(self, *, image: str = DEFAULT_IMAGE) -> None:
        engine = Engine(
            "docker",
            install="install Docker (docs.docker.com/engine/install)",
            start="start its daemon (Linux: systemctl start docker)",
        )
        super().__init__(engine, image=image)
