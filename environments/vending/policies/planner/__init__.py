"""Planner: the yardstick. It is told what is hidden, but acts through tools alone.

Best supplier for each product after all bargaining, the best assortment, the price that earns most, orders up
to a level, a top-up every morning; false claims are refused, true ones refunded.
"""

from agentbench_sdk.environments.vending.policies.planner.play import planner

__all__ = ["planner"]
