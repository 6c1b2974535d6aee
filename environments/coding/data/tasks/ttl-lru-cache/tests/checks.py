"""Hidden checks: random uses of the cache against a simple list of entries."""

import random


class Model:
    """Entries as a list, least recently used first, as the module's docstring has it."""

    def __init__(self, capacity, ttl):
        self.capacity, self.ttl, self.now = capacity, ttl, 0
        self.entries, self.told, self.hits, self.misses = [], [], 0, 0

    def purge(self):
        gone = sorted((e for e in self.entries if e[2] <= self.now), key=lambda e: e[2])
        self.entries = [e for e in self.entries if e[2] > self.now]
        self.told += [(e[0], e[1], "expired") for e in gone]
        return len(gone)

    def find(self, key):
        return next((e for e in self.entries if e[0] == key), None)

    def get(self, key, default=None):
        self.purge()
        entry = self.find(key)
        if entry is None:
            self.misses += 1
            return default
        self.hits += 1
        self.entries.remove(entry)
        self.entries.append(entry)
        return entry[1]

    def put(self, key, value, ttl=None):
        self.purge()
        entry = self.find(key)
        if entry is not None:
            self.entries.remove(entry)
        elif len(self.entries) == self.capacity:
            old = self.entries.pop(0)
            self.told.append((old[0], old[1], "capacity"))
        self.entries.append((key, value, self.now + (self.ttl if ttl is None else ttl)))

    def load(self, key, value, ttl=None):
        absent = self.find(key) is None or self.find(key)[2] <= self.now
        found = self.get(key)
        if absent:
            self.now += 1
            self.put(key, value, ttl)
            return value
        return found

    def remove(self, key):
        entry = self.find(key)
        if entry is None or entry[2] <= self.now:
            return False
        self.entries.remove(entry)
        return True

    def keys(self):
        return [e[0] for e in self.entries if e[2] > self.now]

    def contains(self, key):
        return key in self.keys()


def random_steps(rng):
    steps = []
    for _ in range(60):
        key = rng.choice("abcde")
        kind = rng.choice(
            ["get", "get", "put", "put", "put", "load", "remove", "contains", "keys", "wait", "wait", "purge"]
        )
        value = rng.choice([None, 0, 1, 2, "x"])
        ttl = rng.choice([None, None, 0, 2, 5, 9])
        steps.append((kind, key, value, ttl, rng.choice([1, 2, 5])))
    return steps


CODE = """
from cache import TtlCache
def play(capacity, steps):
    now, told, out = [0], [], []
    cache = TtlCache(capacity, 6, lambda: now[0], lambda *event: told.append(event))
    def loader(value):
        def load(key):
            now[0] += 1
            return value
        return load
    for kind, key, value, ttl, pause in steps:
        if kind == "get": result = cache.get(key, "none")
        elif kind == "put": result = cache.put(key, value) if ttl is None else cache.put(key, value, ttl=ttl)
        elif kind == "load": result = cache.get_or_load(key, loader(value), ttl)
        elif kind == "remove": result = cache.remove(key)
        elif kind == "contains": result = key in cache
        elif kind == "keys": result = cache.keys()
        elif kind == "wait":
            now[0] += pause
            result = None
        else: result = cache.purge()
        out.append((result, len(cache), cache.hits, cache.misses, list(told)))
    return out
[play(capacity, steps) for capacity, steps in CASES]
"""


def expected(model, step):
    kind, key, value, ttl, pause = step
    if kind == "get":
        result = model.get(key, "none")
    elif kind == "put":
        result = model.put(key, value, ttl)
    elif kind == "load":
        result = model.load(key, value, ttl)
    elif kind in {"remove", "contains"}:
        result = getattr(model, kind)(key)
    elif kind == "keys":
        result = model.keys()
    elif kind == "wait":
        model.now += pause
        result = None
    else:
        result = model.purge()
    return (result, len(model.keys()), model.hits, model.misses, model.told)


def test_random_uses(candidate):
    rng = random.Random(21)
    cases = [(rng.choice([1, 2, 3]), random_steps(rng)) for _ in range(60)]
    got = candidate.evaluate(CODE.replace("CASES", repr(cases)))
    for (capacity, steps), results in zip(cases, got, strict=True):
        model = Model(capacity, 6)
        for number, (step, result) in enumerate(zip(steps, results, strict=True)):
            wanted = expected(model, step)
            assert result == wanted, (
                f"capacity {capacity}, after {steps[: number + 1]}: "
                f"(result, length, hits, misses, told) {result}, expected {wanted}"
            )


def test_reading_about_the_cache_changes_nothing(candidate):
    got = candidate.evaluate("""
from cache import TtlCache
now, told = [0], []
cache = TtlCache(3, 10, lambda: now[0], lambda *event: told.append(event))
cache.put("a", None); cache.put("b", 0); cache.put("c", 3, ttl=2)
now[0] = 2
seen = ["a" in cache, "b" in cache, "c" in cache, len(cache), cache.keys(), cache.hits, cache.misses, list(told)]
seen.append(cache.remove("c"))
seen.append(list(told))
seen.append(cache.purge())
seen + [told]
""")
    wanted = [True, True, False, 2, ["a", "b"], 0, 0, [], False, [], 1, [("c", 3, "expired")]]
    assert got == wanted, f"`in`, len, keys and remove of an expired entry: {got}, expected {wanted}"


def test_loaders(candidate):
    got = candidate.evaluate("""
from cache import TtlCache
now, told, loads = [0], [], []
cache = TtlCache(2, 10, lambda: now[0], lambda *event: told.append(event))
def none(key):
    loads.append(key)
    return None
out = [cache.get_or_load("n", none), cache.get_or_load("n", none), list(loads), cache.hits, cache.misses]
def broken(key):
    raise OSError("down")
try:
    cache.get_or_load("x", broken)
except OSError as error:
    out.append(str(error))
out.append((cache.keys(), cache.misses))
def slow(key):
    now[0] += 8
    cache.put("inner", 1)
    cache.put("other", 2)
    return "slow"
out.append((cache.get_or_load("s", slow), cache.keys(), list(told)))
now[0] = 17
out.append((cache.keys(), cache.get("s")))
now[0] = 18
out.append((cache.keys(), cache.get("s"), told))
out
""")
    wanted = [
        None,
        None,
        ["n"],
        1,
        1,
        "down",
        (["n"], 2),
        ("slow", ["other", "s"], [("n", None, "capacity"), ("inner", 1, "capacity")]),
        (["other", "s"], "slow"),
        (
            [],
            None,
            [
                ("n", None, "capacity"),
                ("inner", 1, "capacity"),
                ("other", 2, "expired"),
                ("s", "slow", "expired"),
            ],
        ),
    ]
    assert got == wanted, f"get_or_load: {got}, expected {wanted}"


def test_a_listener_is_not_needed(candidate):
    got = candidate.evaluate("""
from cache import TtlCache
now = [0]
cache = TtlCache(1, 5, lambda: now[0])
cache.put("a", 1); cache.put("b", 2)
now[0] = 5
(cache.get("b", "gone"), cache.purge(), len(cache))
""")
    assert got == ("gone", 0, 0), f"a cache without on_evict: {got}"
