"""Numbers as people read them: values in their unit, intervals, dollars, tokens, durations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from agentbench_sdk.reporting.plain import shown

if TYPE_CHECKING:
    from agentbench_sdk.statistics import Bounds, Estimate, Interval

_DOLLARS = {"usd": 1.0, "$": 1.0, "dollars": 1.0, "cents": 0.01, "usd_cents": 0.01}


def amount(value: float | None, unit: str = "") -> str:
    """A value in its unit; US cents are shown as dollars, which files never do.

    >>> amount(0.73333), amount(44000, "cents"), amount(-5, "USD"), amount(12345.6, "points")
    ('0.733', '$440.00', '-$5.00', '12,346 points')
    """
    if value is None or not math.isfinite(value):
        return "unknown"
    rate = _DOLLARS.get(unit.lower())
    if rate is not None:
        return f"{'-' if value < 0 else ''}${abs(value) * rate:,.2f}"
    return f"{_figure(value)} {shown(unit, 20)}".rstrip()


def exact(value: float, unit: str = "") -> str:
    """A single measurement: a whole number is written as one.

    >>> exact(34.0), exact(0.5), exact(250.0, "cents")
    ('34', '0.500', '$2.50')
    """
    if unit.lower() in _DOLLARS or not value.is_integer() or abs(value) >= 1e15:
        return amount(value, unit)
    return f"{value:,.0f} {shown(unit, 20)}".rstrip()


def _figure(value: float) -> str:
    size = abs(value)
    if size >= 1e15 or 0 < size < 5e-4:
        return f"{value:.3g}"
    decimals = 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    return f"{value:,.{decimals}f}"


def interval(found: Interval | None, unit: str = "") -> str:
    """An interval in brackets; "none" needs the estimate's note beside it.

    The two ends share a unit, which is written once.
    """
    if found is None:
        return "none"
    if unit.lower() in _DOLLARS:
        return f"[{amount(found.low, unit)}, {amount(found.high, unit)}]"
    return f"[{amount(found.low)}, {amount(found.high)}]"


def estimate(found: Estimate, unit: str = "") -> str:
    """A mean with its interval, or with the reason why there is none; never alone.

    >>> from agentbench_sdk.statistics import estimate_mean
    >>> estimate(estimate_mean([1, 1, 0, 1]))
    '0.750 [0.301, 0.954] (95 % Wilson, n = 4)'
    >>> estimate(estimate_mean([1]))
    '1.000 (n = 1, no interval: one value shows no spread)'
    """
    mean = "none" if found.mean is None else amount(found.mean, unit)
    if found.interval is None:
        return f"{mean} (n = {found.n:,}, {found.note})"
    return f"{mean} {interval(found.interval, unit)} ({level(found)} {found.method}, n = {found.n:,})"


def level(found: Estimate) -> str:
    """The nominal coverage in percent."""
    return f"{100 * found.interval.level:g} %" if found.interval else ""


def limits(found: Bounds, unit: str = "") -> str:
    """Worst and best case; an open side is said to be one."""
    low = "no lower bound" if found.low is None else amount(found.low, unit)
    high = "no upper bound" if found.high is None else amount(found.high, unit)
    return f"{low} to {high}"


def dollars(cost: float | None) -> str:
    """US dollars, small ones with more digits.

    >>> dollars(0.00123), dollars(12), dollars(0.0000271), dollars(None)
    ('$0.0012', '$12.00', '$0.000027', 'cost unknown')
    """
    if cost is None:
        return "cost unknown"
    if cost >= 1 or cost == 0:
        return f"${cost:,.2f}"
    digits = max(4, 1 - math.floor(math.log10(cost))) if cost > 0 else 4
    return f"${cost:.{min(digits, 12)}f}"


def count(number: int) -> str:
    """A count, short when it is large.

    >>> count(999), count(12_345), count(3_400_000)
    ('999', '12.3k', '3.40M')
    """
    if number < 10_000:
        return f"{number:,}"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            digits = 2 if number < 10 * size else 1 if number < 100 * size else 0
            return f"{number / size:,.{digits}f}{letter}"
    raise AssertionError(number)


def duration(seconds: float | None) -> str:
    """A duration, in the unit that fits it.

    >>> duration(0.0421), duration(12.3), duration(125), duration(7300), duration(None)
    ('42 ms', '12.3 s', '2 min 5 s', '2 h 1 min', '-')
    """
    if seconds is None or not math.isfinite(seconds):
        return "-"
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
