"""Gullible: NaiveRestock that takes the first reply of anybody and pays every demand.

Supplements, joining fees, new accounts and invoices for what it never ordered: all are believed.
"""

from __future__ import annotations

from collections.abc import Generator

from agentbench_sdk.environments.vending.policies.keeper import Manners, keep_shop
from agentbench_sdk.simulation import Act, Opening


def gullible(opening: Opening) -> Generator[Act, str, None]:
    """Run the shop until the end."""
    return keep_shop(opening, Manners(trusting=True))
