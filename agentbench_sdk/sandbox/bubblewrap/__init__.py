"""Sandboxes by bubblewrap: what is mounted, which system calls are refused, where the folders lie."""

from agentbench_sdk.sandbox.bubblewrap.provider import Bubblewrap

__all__ = ["Bubblewrap"]
