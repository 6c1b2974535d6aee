"""Amounts of money: exact decimals with two places."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
_AMOUNT = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")


def round_cents(amount: Decimal) -> Decimal:
    """The amount with two places; half a cent goes away from zero: 0.125 to 0.13, -0.125 to -0.13."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def parse_amount(text: str) -> Decimal:
    """An amount such as '12', '-0.5', '1,234.50' or ' +3.25 ', exactly as written; commas only between thousands.

    Raises ValueError for anything else, such as '', '1,23', '12 EUR', '1e5' or 'NaN'.
    """
    if not _AMOUNT.fullmatch(text.strip()):
        raise ValueError(f"not an amount: {text!r}")
    return Decimal(text.strip().replace(",", ""))


def split(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """The amount of whole cents, shared out by the weights; the shares are whole cents and add up to the amount.

    Each share is first its exact part without the fraction of a cent (towards zero). The cents that are left go one
    each to the parts that lost most, the earlier one first where two lost the same. A negative amount is split like
    the positive one, with the signs turned. Raises ValueError for a negative weight or if all are zero.
    """
    whole = sum(weights)
    if whole == 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and not all zero")
    cents = int(abs(amount) * 100)
    shares = [cents * weight // whole for weight in weights]
    lost = [cents * weight % whole for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda part: -lost[part])
    for part in by_loss[: cents - sum(shares)]:
        shares[part] += 1
    sign = -1 if amount < 0 else 1
    return [sign * share * CENT for share in shares]
