"""The vending world: one machine, run over days or a year, by mail, on the web and by hand."""

from agentbench_sdk.environments.vending.delegation import VendingWithWorker
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.world import Vending

__all__ = ["Vending", "VendingScenario", "VendingWithWorker"]
