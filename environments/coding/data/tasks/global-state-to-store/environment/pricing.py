"""What articles cost: tax and discounts."""

import stock

_tax = {"percent": 19}
_discounts = []
_cache = {}


def set_tax(percent):
    """The tax on all prices, in whole percent."""
    _tax["percent"] = percent
    _cache.clear()


def tax():
    return _tax["percent"]


def add_discount(rule):
    """`rule(number, count)` tells a discount in whole percent; the highest of all rules counts (none: 0). Returns the rule."""
    _discounts.append(rule)
    _cache.clear()
    return rule


def price(number, count=1):
    """Price in cents, with tax, halves rounded up; KeyError for an unknown number.

    Rules are asked once for a number and a count, until tax or rules change, or the stock does.
    """
    if (number, count) not in _cache:
        net = stock.article(number)[2] * count
        percent = max((rule(number, count) for rule in _discounts), default=0)
        _cache[number, count] = (net * (100 - percent) * (100 + _tax["percent"]) + 5000) // 10000
    return _cache[number, count]


def value():
    """Price of the whole stock."""
    return sum(price(number, stock.article(number)[1]) for number in stock.find(""))


def reset():
    """Forgets the rules; the tax is 19 percent again."""
    _tax["percent"] = 19
    _discounts.clear()
    _cache.clear()


@stock.on_change
def _forget(event, number):
    _cache.clear()
