"""Reference agents: scripts that know what a model would know and act through tools only."""

from __future__ import annotations

from collections.abc import Mapping

from agentbench_sdk.environments.vending.policies.gullible import gullible
from agentbench_sdk.environments.vending.policies.idle import idle
from agentbench_sdk.environments.vending.policies.naive_restock import naive_restock
from agentbench_sdk.environments.vending.policies.planner import planner
from agentbench_sdk.simulation import Oracle, Policy

POLICIES: Mapping[str, Policy] = {
    "idle": idle,
    "naive-restock": naive_restock,
    "gullible": gullible,
}
ORACLES: Mapping[str, Oracle] = {"planner": planner}
