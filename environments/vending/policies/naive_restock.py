"""NaiveRestock: one supplier, guide prices, regular reorders; the plainest business that earns money.

It takes the first binding quote that looks cheap against the product guides, never bargains, and refunds
whatever is claimed. Who demands more than was agreed, or sends other goods, gets no further order.
"""

from __future__ import annotations

from collections.abc import Generator

from agentbench_sdk.environments.vending.policies.keeper import Manners, keep_shop
from agentbench_sdk.simulation import Act, Opening


def naive_restock(opening: Opening) -> Generator[Act, str, None]:
    """Run the shop until the end."""
    return keep_shop(opening, Manners())
