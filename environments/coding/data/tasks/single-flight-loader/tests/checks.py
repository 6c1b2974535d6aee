"""Hidden checks: threads are led step by step, by events; a call that hangs is told by a join that runs out."""

SETUP = """
import threading, time
from once import OnceLoader
results = {}
def ask(name, loader, key, **more):
    def body():
        try:
            results[name] = ("value", loader.get(key, **more))
        except BaseException as error:
            results[name] = (type(error).__name__, str(error) if type(error) in (OSError, SystemExit) else "", id(error))
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread
def until(what):
    end = time.monotonic() + 4
    while not what():
        assert time.monotonic() < end, "nothing happened for four seconds"
        time.sleep(0.002)
def ended(*threads):
    for thread in threads:
        thread.join(4)
    return [thread.is_alive() for thread in threads].count(True) == 0
def short(*names):
    return [results.get(name, ("hangs",))[:2] for name in names]
"""


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got}, expected {wanted}"


def test_one_load_for_all_that_ask_at_the_same_time(candidate):
    got = candidate.evaluate(
        SETUP
        + """
go, calls = threading.Event(), []
def load(key):
    calls.append(key)
    go.wait(4)
    return [key]
loader = OnceLoader(load)
threads = [ask(n, loader, "a") for n in range(8)]
until(lambda: loader.waiting("a") == 7)
before = (loader.kept(), loader.waiting("b"))
go.set()
(before, ended(*threads), calls, {id(results[n][1]) for n in range(8)} == {id(loader.get("a"))}, loader.waiting("a"), loader.kept())
"""
    )
    same(got, (([], 0), True, ["a"], True, 0, ["a"]), "eight threads ask for one key")


def test_many_threads_and_keys(candidate):
    got = candidate.evaluate(
        SETUP
        + """
import sys
sys.setswitchinterval(1e-6)
calls = []
def load(key):
    calls.append(key)
    time.sleep(0.0005)
    return key * 2
wrong = 0
for turn in range(25):
    loader = OnceLoader(load)
    start = threading.Barrier(8)
    def body():
        global wrong
        start.wait(4)
        for key in range(6):
            wrong += loader.get((turn, key)) != (turn, key) * 2
    threads = [threading.Thread(target=body, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    ended(*threads)
(wrong, len(calls), len(set(calls)))
"""
    )
    same(got, (0, 150, 150), "25 times 8 threads and 6 keys: (wrong values, loads, different ones)")


def test_keys_load_side_by_side_and_within_one_another(candidate):
    got = candidate.evaluate(
        SETUP
        + """
both = threading.Barrier(2)
def load(key):
    if key in ("x", "y"):
        both.wait(4)
    if key == "sum":
        return loader.get("one") + loader.get("two")
    return {"one": 1, "two": 2}.get(key, key)
loader = OnceLoader(load)
threads = [ask("x", loader, "x"), ask("y", loader, "y"), ask("sum", loader, "sum")]
(ended(*threads), short("x", "y", "sum"), sorted(loader.kept()), loader.get("one"))
"""
    )
    same(
        got,
        (True, [("value", "x"), ("value", "y"), ("value", 3)], ["one", "sum", "two", "x", "y"], 1),
        "loads side by side",
    )


def test_failures_reach_all_that_wait(candidate):
    got = candidate.evaluate(
        SETUP
        + """
go, calls = threading.Event(), []
def load(key):
    calls.append(key)
    go.wait(4)
    if len(calls) < 3:
        raise OSError(f"attempt {len(calls)}")
    return "fine"
loader = OnceLoader(load)
threads = [ask(n, loader, "a") for n in range(4)]
until(lambda: loader.waiting("a") == 3)
go.set()
out = [ended(*threads), short(0, 1, 2, 3), len({results[n][2] for n in range(4) if len(results.get(n, ())) == 3}), loader.kept(), loader.waiting("a")]
try:
    loader.get("a")
except OSError as error:
    out.append(str(error))
out + [loader.get("a"), loader.get("a"), len(calls)]
"""
    )
    same(
        got,
        [True, [("OSError", "attempt 1")] * 4, 1, [], 0, "attempt 2", "fine", "fine", 3],
        "a load that fails",
    )


def test_none_and_what_is_no_exception(candidate):
    got = candidate.evaluate(
        SETUP
        + """
go, calls = threading.Event(), []
def load(key):
    calls.append(key)
    if key == "none":
        return None
    go.wait(4)
    if len(calls) == 1:
        raise SystemExit("stop")
    return len(calls)
loader = OnceLoader(load)
first = ask("first", loader, "a")
until(lambda: calls == ["a"])
others = [ask(n, loader, "a") for n in range(3)]
until(lambda: loader.waiting("a") == 3)
go.set()
(ended(first, *others), short("first", 0, 1, 2), calls[:], loader.get("none"), loader.get("none"), len(calls))
"""
    )
    wanted = (True, [("SystemExit", "stop")] + [("value", 2)] * 3, ["a", "a"], None, None, 3)
    same(got, wanted, "a load that ends with SystemExit, and the value None")


def test_invalidate_while_loading(candidate):
    got = candidate.evaluate(
        SETUP
        + """
gates, calls = [threading.Event(), threading.Event()], []
def load(key):
    number = len(calls)
    calls.append(key)
    gates[number].wait(4) if number < 2 else None
    return f"{key}{number}"
loader = OnceLoader(load)
old = ask("old", loader, "a")
until(lambda: len(calls) == 1)
old_waits = ask("old waits", loader, "a")
until(lambda: loader.waiting("a") == 1)
loader.invalidate("a")
new = ask("new", loader, "a")
until(lambda: len(calls) == 2)
new_waits = ask("new waits", loader, "a")
until(lambda: loader.waiting("a") == 2)
gates[0].set()
out = [ended(old, old_waits), short("old", "old waits"), loader.kept(), loader.waiting("a"), new.is_alive()]
late = ask("late", loader, "a")
until(lambda: loader.waiting("a") == 2)
gates[1].set()
out += [ended(new, new_waits, late), short("new", "new waits", "late"), loader.kept(), loader.get("a")]
loader.invalidate("a"); loader.invalidate("never")
out + [loader.kept(), loader.get("a"), len(calls)]
"""
    )
    wanted = [True, [("value", "a0")] * 2, [], 1, True, True, [("value", "a1")] * 3, ["a"], "a1", [], "a2", 3]
    same(got, wanted, "a key invalidated while it is loaded")


def test_a_failing_load_does_not_disturb_a_newer_one(candidate):
    got = candidate.evaluate(
        SETUP
        + """
gates, calls = [threading.Event(), threading.Event()], []
def load(key):
    number = len(calls)
    calls.append(key)
    gates[number].wait(4)
    if number == 0:
        raise OSError("old")
    return "new"
loader = OnceLoader(load)
old = ask("old", loader, "a")
until(lambda: len(calls) == 1)
loader.invalidate("a")
new = ask("new", loader, "a")
until(lambda: len(calls) == 2)
gates[0].set()
out = [ended(old), short("old")]
joins = ask("joins", loader, "a")
until(lambda: loader.waiting("a") == 1)
gates[1].set()
out + [ended(new, joins), short("new", "joins"), len(calls)]
"""
    )
    same(
        got,
        [True, [("OSError", "old")], True, [("value", "new")] * 2, 2],
        "an invalidated load fails, a newer one runs",
    )


def test_waits_that_never_end_are_refused(candidate):
    got = candidate.evaluate(
        SETUP
        + """
loader = OnceLoader(lambda key: loader.get(key))
own = ask("own", loader, "a")
out = [ended(own), short("own"), loader.kept(), loader.waiting("a")]
ring = OnceLoader(lambda key: ring.get((key + 1) % 3))
out += [ended(ask("ring", ring, 0)), short("ring"), ring.waiting(0)]
met = threading.Barrier(3)
def load(key):
    if key in "abc" and not met.broken:
        met.wait(4)
    return circle.get("bca"["abc".index(key)])
circle = OnceLoader(load)
threads = [ask(key, circle, key) for key in "abc"]
out + [ended(*threads), short("a", "b", "c"), circle.kept(), [circle.waiting(k) for k in "abc"]]
""",
        timeout=20,
    )
    wanted = [
        True,
        [("RuntimeError", "")],
        [],
        0,
        True,
        [("RuntimeError", "")],
        0,
        True,
        [("RuntimeError", "")] * 3,
        [],
        [0, 0, 0],
    ]
    same(got, wanted, "loads that wait for themselves, in one thread and over three")


def test_waits_that_do_end_are_not_refused(candidate):
    got = candidate.evaluate(
        SETUP
        + """
go, begun = threading.Event(), threading.Event()
def load(key):
    if key == "slow":
        begun.set()
        go.wait(4)
        return loader.get("base") + 1
    if key == "base":
        return 10
    return loader.get("slow") + loader.get("base")
loader = OnceLoader(load)
slow = ask("slow", loader, "slow")
begun.wait(4)
others = [ask(key, loader, key) for key in ("u", "v")] + [ask("w", loader, "u")]
until(lambda: loader.waiting("slow") == 2 and loader.waiting("u") == 1 or loader.waiting("slow") == 3)
go.set()
(ended(slow, *others), short("slow", "u", "v", "w"))
"""
    )
    same(
        got,
        (True, [("value", 11), ("value", 21), ("value", 21), ("value", 21)]),
        "loads that wait for a load that goes on",
    )


def test_time_outs(candidate):
    got = candidate.evaluate(
        SETUP
        + """
go, calls = threading.Event(), []
def load(key):
    calls.append(key)
    go.wait(4)
    if key == "stop" and len(calls) == 1:
        raise SystemExit
    return key
loader = OnceLoader(load)
first = ask("first", loader, "stop", timeout=0.01)
until(lambda: len(calls) == 1)
patient = ask("patient", loader, "stop", timeout=4)
until(lambda: loader.waiting("stop") == 1)
hasty = ask("hasty", loader, "stop", timeout=0.02)
zero = ask("zero", loader, "stop", timeout=0)
out = [ended(hasty, zero), short("hasty", "zero"), loader.waiting("stop")]
go.set()
out + [ended(first, patient), short("first", "patient"), loader.get("stop", timeout=0), len(calls)]
"""
    )
    wanted = [True, [("TimeoutError", "")] * 2, 1, True, [("SystemExit", ""), ("value", "stop")], "stop", 2]
    same(got, wanted, "time-outs")
