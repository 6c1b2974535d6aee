"""Sandboxes in containers, through the commands of Docker and Podman: images, command lines, control groups."""

from agentbench_sdk.sandbox.container.docker import Docker
from agentbench_sdk.sandbox.container.podman import Podman

__all__ = ["Docker", "Podman"]
