"""The stock: articles, by number, and how many of them there are."""

_articles = {}  # number: [name, count, cents]
_next_number = 1
_history = []
_listeners = []


def add(name, count, cents):
    """Adds an article; its number. ValueError for a negative count or price."""
    global _next_number
    if count < 0 or cents < 0:
        raise ValueError("count and price are 0 or more")
    number = _next_number
    _next_number += 1
    _articles[number] = [name, count, cents]
    _changed("add", number)
    return number


def take(number, count):
    """Takes some of an article out; KeyError for an unknown number, ValueError, and no change, if there are too few."""
    article = _articles[number]
    if count > article[1]:
        raise ValueError(f"only {article[1]} of {article[0]}")
    article[1] -= count
    _changed("take", number)


def article(number):
    """Name, count and price in cents of an article; KeyError for an unknown number."""
    return tuple(_articles[number])


def find(text):
    """Numbers of the articles whose names contain a text, whatever the case, in ascending order."""
    return [number for number, (name, _, _) in sorted(_articles.items()) if text.lower() in name.lower()]


def on_change(listener):
    """`listener(event, number)` is called after every change; the event is 'add' or 'take'. Returns the listener."""
    _listeners.append(listener)
    return listener


def history():
    """All changes so far, as pairs of event and number; a list of its own."""
    return list(_history)


def reset():
    """Forgets articles and changes, and begins to count from 1 again; listeners stay."""
    global _next_number
    _articles.clear()
    _history.clear()
    _next_number = 1


def _changed(event, number):
    _history.append((event, number))
    for listener in list(_listeners):
        listener(event, number)
