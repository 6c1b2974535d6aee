"""Hidden checks: layers that are merged at random, removal, appending, the environment, origins."""

import random

SETUP = """
from config import Config, ConfigError, REMOVED
def attempt(call):
    try:
        return call()
    except ConfigError:
        return "ConfigError"
"""
MARK = "<removed>"


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got}, expected {wanted}"


def merge(below, above):
    merged = dict(below)
    for key, value in above.items():
        if key.endswith("+"):
            merged[key[:-1]] = merged.get(key[:-1], []) + value
        elif value == MARK:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = merge(merged[key] if isinstance(merged.get(key), dict) else {}, value)
        else:
            merged[key] = value
    return merged


def random_tree(rng, depth, first=False):
    tree = {}
    for key in rng.sample("abcd", rng.randrange(4)):
        kind = rng.choice(["leaf", "leaf", "tree", "tree", "removed"])
        if kind == "tree" and depth:
            tree[key] = random_tree(rng, depth - 1, first)
        elif kind == "removed" and not first:
            tree[key] = MARK
        else:
            tree[key] = rng.choice([1, "x", None, False, [1, {"z": 2}], []])
    if rng.random() < 0.3:
        if first:
            tree["l"] = [0]
        else:
            tree[rng.choice(["l", "l+"])] = [rng.randrange(9)]
    return tree


def leaves(tree, path=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def says(layer, path):
    *parents, last = path.split(".")
    for key in parents:
        layer = layer.get(key) if isinstance(layer, dict) else None
    return isinstance(layer, dict) and (last in layer or last + "+" in layer)


def test_random_layers(candidate):
    rng = random.Random(141)
    cases = []
    for _ in range(250):
        layers = [random_tree(rng, 2, first=number == 0) for number in range(rng.randrange(1, 5))]
        cases.append((layers, rng.randrange(1, len(layers)) if len(layers) > 1 else None))
    got = candidate.evaluate(
        SETUP
        + f"""
def real(tree):
    return {{k: real(v) if isinstance(v, dict) else REMOVED if v == {MARK!r} else v for k, v in tree.items()}}
def leaves(tree, path=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, path + key + ".")
        else:
            yield path + key
def look(config):
    tree = config.tree()
    return tree, [(path, config.get(path), config.origin(path)) for path in leaves(tree)]
out = []
for layers, gone in {cases!r}:
    config = Config(real(layers[0]))
    for number, layer in enumerate(layers[1:], start=1):
        config.add_layer(f"n{{number}}", real(layer))
    before = look(config)
    if gone:
        config.remove_layer(f"n{{gone}}")
    out.append((before, look(config)))
out
"""
    )
    for (layers, gone), results in zip(cases, got, strict=True):
        names = ["defaults", *(f"n{number}" for number in range(1, len(layers)))]
        for result in results:
            tree = {}
            for layer in layers:
                tree = merge(tree, layer)
            found = [
                (p, v, [n for n, layer in zip(names, layers, strict=True) if says(layer, p)][-1])
                for p, v in leaves(tree)
            ]
            same(result[0], tree, f"tree of layers {layers}")
            same(
                sorted(map(repr, result[1])),
                sorted(map(repr, found)),
                f"paths, values and origins of layers {layers}",
            )
            if gone:
                layers, names = layers[:gone] + layers[gone + 1 :], names[:gone] + names[gone + 1 :]
                gone = None


def test_layers_are_kept_apart(candidate):
    got = candidate.evaluate(
        SETUP
        + """
from app import DEFAULTS, banner
defaults = {"a": {"l": [1]}, "b": {"c": 1}}
layer = {"a": {"l+": [[2]]}}
config = Config(defaults)
config.add_layer("one", layer)
layer["a"]["l+"][0].append(9); defaults["a"]["l"].append(9); defaults["b"]["c"] = 9
config.get("a.l")[1].append(8); config.tree()["b"]["c"] = 8; config.get("b")["c"] = 8
first = config.tree()
config.add_layer("two", {"a": {"l+": [3]}, "b": REMOVED})
second = config.tree()
config.remove_layer("two")
app = Config(DEFAULTS)
app.add_layer("file", {"server": {"port": 1}, "debug": True})
[first, second, config.tree(), banner(app), DEFAULTS["server"]["port"], repr(REMOVED) != ""]
"""
    )
    base = {"a": {"l": [1, [2]]}, "b": {"c": 1}}
    same(
        got,
        [base, {"a": {"l": [1, [2], 3]}}, base, "http://localhost:1 (debug)", 8000, True],
        "copies of layers",
    )


def test_layers_that_do_not_fit(candidate):
    got = candidate.evaluate(
        SETUP
        + """
config = Config({"a": 1, "l": [1], "t": {"x": 1}})
config.add_layer("base", {"m": [1]})
config.add_layer("top", {"m+": [2], "fresh+": [3]})
before = config.tree()
wrong = [("base", {}), ("defaults", {}), ("w", {"a+": [1]}), ("w", {"l+": 1}), ("w", {"t": {"x+": [1]}}), ("w", {"t+": [1]}),
         ("w", {"q": 5, "l": [2], "l+": [3]}), ("w", {"l+": REMOVED}), ("w", {"l+": "ab"}), ("w", {"n": {"m": {"k+": 4}}})]
out = [attempt(lambda: config.add_layer(*case)) for case in wrong]
out += [attempt(lambda: config.remove_layer(name)) for name in ("defaults", "w", "nobody")]
out += [config.tree() == before, before["m"], before["fresh"], attempt(lambda: config.origin("m")), attempt(lambda: config.origin("l"))]
config.add_layer("late", {"m": "text"})
config.remove_layer("top")
config.remove_layer("late")
config.add_layer("text", {"l": "text"}); config.add_layer("list", {"l": []}); config.add_layer("more", {"l+": [7]})
out += [attempt(lambda: config.remove_layer("list")), config.get("l"), config.origin("l")]
config.remove_layer("text")
out + [attempt(lambda: config.remove_layer("list")), config.get("l"), attempt(lambda: Config({"x+": 1}))]
"""
    )
    wanted = ["ConfigError"] * 13 + [
        True,
        [1, 2],
        [3],
        "top",
        "defaults",
        "ConfigError",
        [7],
        "more",
        None,
        [1, 7],
        "ConfigError",
    ]
    same(got, wanted, "layers that do not fit change nothing")


def test_origins(candidate):
    got = candidate.evaluate(
        SETUP
        + """
config = Config({"a": {"b": {"c": 1, "d": 2}}, "e": 3})
config.add_layer("one", {"a": {"b": {"c": 5}}})
config.add_layer("two", {"a": {"b": REMOVED}, "e": {"f": 1}})
config.add_layer("three", {"a": {"b": {"d": 7}}})
[config.tree()] + [attempt(lambda: config.origin(p)) for p in ("a.b.d", "a.b.c", "e.f", "a.b", "e", "x", "", "e.f.g")]
"""
    )
    tree = {"a": {"b": {"d": 7}}, "e": {"f": 1}}
    same(got, [tree, "three", "ConfigError", "two", *["ConfigError"] * 5], "origins")


def test_the_environment(candidate):
    got = candidate.evaluate(
        SETUP
        + """
defaults = {"server": {"host": "h", "port": 1, "tls": {"on": False}}, "ratio": 0.5, "tags": ["x"], "none": None, "size_max": 3}
def load(**environment):
    config = Config(defaults)
    config.add_layer("file", {"server": {"port": "text"}, "tags": "text"})
    config.add_environment("APP_", {"PATH": "/bin", "app_ratio": "x", "APP": "y", **environment})
    return config
good = {"APP_SERVER__HOST": " a,b ", "APP_SERVER__PORT": " -42 ", "APP_SERVER__TLS__ON": "Yes", "APP_RATIO": "1e3", "APP_TAGS": "a, b,,c ", "APP_size_MAX": "+7"}
config = load(**good)
out = [config.tree(), config.origin("server.port"), attempt(lambda: load(APP_TAGS=" ").get("tags")), load().get("ratio")]
out += [load(APP_SERVER__TLS__ON=text).get("server.tls.on") for text in ("1", "true", "YES", " no", "False", "0")]
wrong = dict(APP_SERVER__PORT="4.0", APP_RATIO="half", APP_SERVER__TLS__ON="maybe", APP_NONE="x", APP_SERVER="x", APP_SERVR__PORT="1", APP_PORT="1", APP_SERVER__PORT__X="1", APP_="1", APP_SIZE__MAX="1", APP_SIZE_MAX="1_0")
out += [attempt(lambda: load(**{name: text})) for name, text in wrong.items()]
config.remove_layer("environment")
out += [config.get("ratio"), attempt(lambda: config.add_environment("APP_", {"APP_NONE": "1"})), config.add_environment("X_", {}), attempt(lambda: config.add_environment("X_", {}))]
out
"""
    )
    tree = {
        "server": {"host": " a,b ", "port": -42, "tls": {"on": True}},
        "ratio": 1000.0,
        "tags": ["a", "b", "", "c"],
        "none": None,
        "size_max": 7,
    }
    wanted = [
        tree,
        "environment",
        [],
        0.5,
        True,
        True,
        True,
        False,
        False,
        False,
        *["ConfigError"] * 11,
        0.5,
        "ConfigError",
        None,
        "ConfigError",
    ]
    same(got, wanted, "settings from the environment")
