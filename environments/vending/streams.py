"""The registry of random streams: every kind of thing that chance decides, and by what it is named.

A stream is drawn from in exactly one place of the code (a test counts them), so the same draw can never
decide two things, and an extra action changes a draw only if it changes the very thing that is decided.
"""

from __future__ import annotations

from agentbench_sdk.simulation import SeededStreams

DOMAIN = "agentbench.vending/1"

STREAMS = {
    "latent.ref": "sku: reference price",
    "latent.elas": "sku: elasticity",
    "latent.base": "sku: base sales",
    "latent.cost": "sku: fair wholesale cost",
    "wx.persist": "day: whether yesterday's weather stays",
    "wx.draw": "day: a new kind of weather",
    "wx.fc": "day issued, day forecast: whether the forecast is right",
    "foot.shock": "day, 0 or 1: footfall of the day",
    "demand": "day, block, sku: quantile of the units demanded",
    "pay.card": "day, block, sku, unit: card or cash",
    "cust.complaint": "day, block, sku, unit: whether a unit sold is complained about",
    "cust.kind": "day, block, sku, unit: what the complaint is about",
    "cust.name": "day, block, sku, unit: the customer's name",
    "cust.fraud": "day: whether somebody claims money for nothing",
    "cust.fraud_body": "day: what the false claim says",
    "sup.rank": "name index: which companies exist and which kind each is",
    "sup.cats": "supplier, category: which categories it carries",
    "sup.carry": "supplier, sku: whether it carries the product",
    "sup.pose": "supplier: which company one without goods poses as",
    "sup.shown": "supplier: how many categories its pages name",
    "sup.price": "supplier, sku: price noise",
    "sup.reply": "supplier, message ordinal: days until the reply",
    "sup.lead": "supplier, order ordinal: lead time",
    "sup.late": "supplier, order ordinal: whether the delivery is late",
    "sup.late_by": "supplier, order ordinal: how many days late",
    "sup.minute": "supplier, order ordinal: minute of arrival",
    "sup.short": "supplier, order ordinal, line: whether a line is shipped short, and how much of it comes",
    "sup.hook": "supplier, order ordinal: kind and size of what follows the payment",
    "sup.doom": "supplier: the day with which its business ends",
    "cost.index": "category, week: wholesale drift",
    "lot.fresh": "supplier, order ordinal, line: remaining shelf life",
    "evt.breakdown": "day: whether the machine breaks down",
    "evt.jam": "day: whether its coin slot jams",
    "evt.minute": "event, day: minute of an outage",
    "evt.fair": "day: whether a street fair begins",
    "imp.mail": "day: whether somebody writes in the name of a supplier",
    "imp.who": "day, supplier: in whose name",
    "imp.look": "day: the look-alike address",
    "imp.body": "day: what is written",
    "survey": "sku, ordinal of the survey, what is measured: survey noise",
    "web.noise": "page id: figures printed on web pages",
}


def split(draw: int, ways: int) -> tuple[int, int]:
    """One draw for two decisions: which of so many ways, and a uniform integer in [0, 2**64) that is left.

    >>> split(3 * 2**62, 2)
    (1, 9223372036854775808)
    """
    scaled = draw * ways
    return scaled >> 64, scaled & (2**64 - 1)


def scale(draw: int, low: int, high: int) -> int:
    """A uniform integer in [low, high] from one in [0, 2**64).

    >>> scale(2**63, 550, 950)
    750
    """
    return low + (draw * (high - low + 1) >> 64)


def streams_for(seed: int) -> SeededStreams:
    """The draws of one seed; the scenario is deliberately no part of the key."""
    return SeededStreams(DOMAIN, seed, STREAMS)
