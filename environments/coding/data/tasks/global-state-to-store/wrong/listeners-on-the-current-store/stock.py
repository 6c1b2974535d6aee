"""The stock of the current store: articles, by number, and how many of them there are."""

from store import current


def add(name, count, cents):
    """Adds an article; its number. ValueError for a negative count or price."""
    return current().add(name, count, cents)


def take(number, count):
    """Takes some of an article out; KeyError for an unknown number, ValueError, and no change, if there are too few."""
    current().take(number, count)


def article(number):
    """Name, count and price in cents of an article; KeyError for an unknown number."""
    return current().article(number)


def find(text):
    """Numbers of the articles whose names contain a text, whatever the case, in ascending order."""
    return current().find(text)


def on_change(listener):
    """`listener(event, number)` is called after every change; the event is 'add' or 'take'. Returns the listener."""
    return current().on_change(listener)


def history():
    """All changes so far, as pairs of event and number; a list of its own."""
    return current().history()


def reset():
    """Forgets articles and changes, and begins to count from 1 again; listeners stay."""
    current().reset_stock()
