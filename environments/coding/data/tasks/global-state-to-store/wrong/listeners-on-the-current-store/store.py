"""A store: articles, prices, and which store the modules stock and pricing work on."""

from contextlib import contextmanager
from contextvars import ContextVar


class Store:
    """Everything that belongs to one store; nothing is shared with others."""

    def __init__(self):
        self._articles = {}  # number: [name, count, cents]
        self._next_number = 1
        self._history = []
        self._listeners = []
        self._tax = 19
        self._discounts = []
        self._cache = {}

    def add(self, name, count, cents):
        if count < 0 or cents < 0:
            raise ValueError("count and price are 0 or more")
        number = self._next_number
        self._next_number += 1
        self._articles[number] = [name, count, cents]
        self._changed("add", number)
        return number

    def take(self, number, count):
        article = self._articles[number]
        if count > article[1]:
            raise ValueError(f"only {article[1]} of {article[0]}")
        article[1] -= count
        self._changed("take", number)

    def article(self, number):
        return tuple(self._articles[number])

    def find(self, text):
        return [
            number for number, (name, _, _) in sorted(self._articles.items()) if text.lower() in name.lower()
        ]

    def on_change(self, listener):
        self._listeners.append(listener)
        return listener

    def history(self):
        return list(self._history)

    def reset_stock(self):
        self._articles.clear()
        self._history.clear()
        self._next_number = 1

    def _changed(self, event, number):
        self._history.append((event, number))
        self._cache.clear()
        for listener in list(self._listeners):
            listener(event, number)

    def set_tax(self, percent):
        self._tax = percent
        self._cache.clear()

    def tax(self):
        return self._tax

    def add_discount(self, rule):
        self._discounts.append(rule)
        self._cache.clear()
        return rule

    def price(self, number, count=1):
        if (number, count) not in self._cache:
            net = self.article(number)[2] * count
            percent = max((rule(number, count) for rule in self._discounts), default=0)
            self._cache[number, count] = (net * (100 - percent) * (100 + self._tax) + 5000) // 10000
        return self._cache[number, count]

    def value(self):
        return sum(self.price(number, self.article(number)[1]) for number in self.find(""))

    def reset_pricing(self):
        self._tax = 19
        self._discounts.clear()
        self._cache.clear()


_current = ContextVar("store", default=Store())


def current():
    """The store that the modules work on here: the innermost of `use` in this thread, or the one of the program."""
    return _current.get()


@contextmanager
def use(store):
    """Within the block, and in this thread, the modules work on that store."""
    token = _current.set(store)
    try:
        yield store
    finally:
        _current.reset(token)
