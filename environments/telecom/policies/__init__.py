"""Reference agents: scripts that act through tools and words only, and pin what a task is worth."""

from __future__ import annotations

from collections.abc import Mapping

from agentbench_sdk.environments.telecom.policies.ground_truth import ground_truth
from agentbench_sdk.environments.telecom.policies.plain import always_transfer, do_nothing
from agentbench_sdk.environments.telecom.policies.workflow import workflow
from agentbench_sdk.simulation import Oracle, Policy

POLICIES: Mapping[str, Policy] = {
    "do-nothing": do_nothing,
    "always-transfer": always_transfer,
    "workflow": workflow,
}
ORACLES: Mapping[str, Oracle] = {"ground-truth": ground_truth}
