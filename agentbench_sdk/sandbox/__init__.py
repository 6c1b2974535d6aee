"""Sandboxes: where programs that models wrote are run, apart from the host and within limits.

`Sandbox` is the contract, `SandboxProvider` makes them: `bubblewrap` by default, `docker` and `podman` for container
images, `local` without isolation (see `sandbox_provider`). Whoever asks for a provider that does not work here is
told why; there is no silent fallback to less isolation. Worlds and judges are given a part of a `SandboxPool`, which
closes whatever they leave open.
"""

from agentbench_sdk.sandbox.base import Entry, Sandbox
from agentbench_sdk.sandbox.limits import Limit, Limits
from agentbench_sdk.sandbox.needs import SandboxNeeds
from agentbench_sdk.sandbox.pool import SandboxPool, SandboxStatistics
from agentbench_sdk.sandbox.process import Process
from agentbench_sdk.sandbox.provider import SandboxProvider
from agentbench_sdk.sandbox.providers import sandbox_provider
from agentbench_sdk.sandbox.result import ExecResult, Output
from agentbench_sdk.sandbox.spec import Capabilities, SandboxSpec
from agentbench_sdk.sandbox.warning import SandboxWarning

__all__ = [
    "Capabilities",
    "Entry",
    "ExecResult",
    "Limit",
    "Limits",
    "Output",
    "Process",
    "Sandbox",
    "SandboxNeeds",
    "SandboxPool",
    "SandboxProvider",
    "SandboxSpec",
    "SandboxStatistics",
    "SandboxWarning",
    "sandbox_provider",
]
