"""What articles of the current store cost: tax and discounts."""

from store import current


def set_tax(percent):
    """The tax on all prices, in whole percent."""
    current().set_tax(percent)


def tax():
    return current().tax()


def add_discount(rule):
    """`rule(number, count)` tells a discount in whole percent; the highest of all rules counts (none: 0). Returns the rule."""
    return current().add_discount(rule)


def price(number, count=1):
    """Price in cents, with tax, halves rounded up; KeyError for an unknown number.

    Rules are asked once for a number and a count, until tax or rules change, or the stock does.
    """
    return current().price(number, count)


def value():
    """Price of the whole stock."""
    return current().value()


def reset():
    """Forgets the rules; the tax is 19 percent again."""
    current().reset_pricing()
