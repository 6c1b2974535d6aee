"""The plain shopkeeper behind NaiveRestock and Gullible: one supplier, guide prices, regular reorders.

It never bargains. What it makes of demands, strangers and broken agreements is a matter of its manners.
"""

from agentbench_sdk.environments.vending.policies.keeper.days import keep_shop
from agentbench_sdk.environments.vending.policies.keeper.shop import Manners

__all__ = ["Manners", "keep_shop"]
