"""Amounts of money: exact decimals with two places."""

from collections.abc import Sequence
from decimal import Decimal

CENT = Decimal("0.01")


def round_cents(amount: Decimal) -> Decimal:
    """The amount with two places; half a cent goes away from zero: 0.125 to 0.13, -0.125 to -0.13."""
    return Decimal(str(round(float(amount), 2)))


def parse_amount(text: str) -> Decimal:
    """An amount such as '12', '-0.5', '1,234.50' or ' +3.25 ', exactly as written; commas only between thousands.

    Raises ValueError for anything else, such as '', '1,23', '12 EUR', '1e5' or 'NaN'.
    """
    return Decimal(text.replace(",", ""))


def split(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """The amount of whole cents, shared out by the weights; the shares are whole cents and add up to the amount.

    Each share is first its exact part without the fraction of a cent (towards zero). The cents that are left go one
    each to the parts that lost most, the earlier one first where two lost the same. A negative amount is split like
    the positive one, with the signs turned. Raises ValueError for a negative weight or if all are zero.
    """
    whole = sum(weights)
    shares = [round_cents(amount * weight / whole) for weight in weights]
    shares[-1] += amount - sum(shares)
    return shares
