"""Hidden checks of the bus: order, errors, one-time handlers, changes while an event is told."""

SETUP = """
from bus import Bus
bus, log = Bus(), []
def note(name):
    return lambda **data: log.append((name, data))
def fails(name, error):
    def handler(**data):
        log.append(name)
        raise error
    return handler
"""


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got}, expected {wanted}"


def test_order_by_priority_and_time(candidate):
    got = candidate.evaluate(
        SETUP
        + """
for name, topic, priority in [("a", "t", 0), ("b", "*", 5), ("c", "t", -1), ("d", "t", 5), ("e", "u", 9), ("f", "*", 0), ("g", "t", 0)]:
    bus.subscribe(topic, lambda name=name, **data: log.append(name), priority=priority)
out = [bus.publish("t", x=1), "".join(log)]
log.clear()
out += [bus.publish("u"), "".join(log), bus.publish("v"), bus.publish("*"), "".join(log)]
out
"""
    )
    same(got, [6, "bdafgc", 3, "ebf", 2, 2, "ebfbfbf"], "order of handlers")


def test_the_shop_still_works(candidate):
    got = candidate.evaluate(
        SETUP
        + """
from shop import Stock
stock = Stock(bus, tea=3, cup=1)
bus.subscribe("short", note("short"))
handler = note("twice")
bus.subscribe("ordered", handler)
bus.subscribe("ordered", handler)
(bus.publish("ordered", article="cup", count=4), stock.amounts, log)
"""
    )
    event = {"article": "cup", "count": 4}
    wanted = (
        3,
        {"tea": 3, "cup": -3},
        [("short", {"article": "cup", "missing": 3}), ("twice", event), ("twice", event)],
    )
    same(got, wanted, "the shop, and a handler that subscribed twice")


def test_errors_do_not_stop_others(candidate):
    got = candidate.evaluate(
        SETUP
        + """
first, second = ValueError("one"), KeyError("two")
bus.subscribe("order/77", fails("a", first))
bus.subscribe("order/77", lambda **data: log.append("b"))
bus.subscribe("order/77", fails("c", second), priority=3)
out = []
for _ in range(2):
    try:
        bus.publish("order/77")
    except ExceptionGroup as group:
        out.append((list(group.exceptions) == [second, first], group.exceptions[0] is second, log[:], "order/77" in str(group)))
out.append(bus.publish("other"))
out
"""
    )
    same(
        got,
        [(True, True, ["c", "a", "b"], True), (True, True, ["c", "a", "b"] * 2, True), 0],
        "errors of handlers",
    )


def test_a_group_in_a_group(candidate):
    got = candidate.evaluate(
        SETUP
        + """
bus.subscribe("inner", fails("i", OSError("deep")))
bus.subscribe("outer", lambda: bus.publish("inner"))
bus.subscribe("outer", lambda: log.append("after"))
try:
    bus.publish("outer")
except ExceptionGroup as group:
    result = (len(group.exceptions), isinstance(group.exceptions[0], ExceptionGroup), repr(group.exceptions[0].exceptions[0]), log)
result
"""
    )
    same(got, (1, True, "OSError('deep')", ["i", "after"]), "an event within an event fails")


def test_what_is_no_exception_goes_through_at_once(candidate):
    got = candidate.evaluate(
        SETUP
        + """
bus.subscribe("t", fails("a", ValueError("one")))
bus.subscribe("t", fails("b", KeyboardInterrupt()), once=True)
bus.subscribe("t", lambda: log.append("c"))
out = []
try:
    bus.publish("t")
except KeyboardInterrupt:
    out.append("through")
out.append(log[:])
try:
    bus.publish("t")
except ExceptionGroup as group:
    out.append(len(group.exceptions))
out + [log]
"""
    )
    same(got, ["through", ["a", "b"], 1, ["a", "b", "a", "c"]], "KeyboardInterrupt in a handler")


def test_once(candidate):
    got = candidate.evaluate(
        SETUP
        + """
def again(depth):
    log.append(("once", depth))
    if depth < 3:
        bus.publish("t", depth=depth + 1)
one = bus.subscribe("t", again, once=True)
bus.subscribe("t", lambda depth: log.append(("always", depth)))
bad = bus.subscribe("t", fails("bad", ValueError()), once=True, priority=-1)
every = bus.subscribe("*", lambda **data: log.append("star"), once=True, priority=-2)
out = [one.active]
try:
    bus.publish("t", depth=1)
except ExceptionGroup as group:
    out.append(len(group.exceptions))
out += [one.active, bad.active, every.active, one.cancel(), bus.publish("t", depth=9), log]
out
"""
    )
    log = [("once", 1), ("always", 2), "bad", "star", ("always", 1), ("always", 9)]
    same(
        got, [True, 1, False, False, False, False, 1, log], "handlers for one event, with an event within it"
    )


def test_cancel(candidate):
    got = candidate.evaluate(
        SETUP
        + """
handler = note("x")
a, b = bus.subscribe("t", handler), bus.subscribe("t", handler)
out = [a.active, a.cancel(), a.active, a.cancel(), b.active, bus.publish("t"), b.cancel(), bus.publish("t"), len(log)]
class Same:
    def __eq__(self, other):
        return True
    def __hash__(self):
        return 1
    def __init__(self, name):
        self.name = name
    def __call__(self):
        log.append(self.name)
log.clear()
one, two = bus.subscribe("s", Same("one")), bus.subscribe("s", Same("two"))
out + [two.cancel(), bus.publish("s"), log]
"""
    )
    same(got, [True, True, False, False, True, 1, True, 0, 1, True, 1, ["one"]], "cancel")


def test_changes_while_an_event_is_told(candidate):
    got = candidate.evaluate(
        SETUP
        + """
def first():
    log.append("first")
    later.cancel()
    bus.subscribe("t", lambda: log.append("new"), priority=9)
    own.cancel()
own = bus.subscribe("t", first)
later = bus.subscribe("t", lambda: log.append("later"))
bus.subscribe("t", lambda: log.append("last"))
(bus.publish("t"), log[:], bus.publish("t"), log)
"""
    )
    same(
        got,
        (2, ["first", "last"], 2, ["first", "last", "new", "last"]),
        "subscribing and cancelling in a handler",
    )
