"""Hidden checks: random routes and requests against a search over all routes, and wrong routes."""

import random
import re

PIECES = ["a", "b", "7", "{x}", "{y}", "{n:int}", "{m:int}", "{r:rest}"]
TEXTS = ["a", "b", "7", "007", "42", "", "c", "-1", "1a", "{x}", "A"]


def kind(piece):
    if not piece.startswith("{"):
        return 0
    return 1 if ":int" in piece else 3 if ":rest" in piece else 2


def matches(route, path):
    """(how telling, parameters), or None."""
    pieces, texts = route[1:].split("/"), path[1:].split("/")
    values = {}
    for number, piece in enumerate(pieces):
        if kind(piece) == 3:
            tail = "/".join(texts[number:])
            if not tail:
                return None
            values["r"] = tail
            return [kind(p) for p in pieces], values
        if number >= len(texts):
            return None
        text = texts[number]
        if kind(piece) == 0 and text != piece:
            return None
        if kind(piece) == 1 and not re.fullmatch("[0-9]+", text):
            return None
        if kind(piece) == 2 and not text:
            return None
        if kind(piece):
            values[piece[1]] = int(text) if kind(piece) == 1 else text
    return ([kind(p) for p in pieces], values) if len(pieces) == len(texts) else None


def shape(route):
    return tuple(piece if kind(piece) == 0 else kind(piece) for piece in route[1:].split("/"))


def random_routes(rng):
    routes = {}
    for _ in range(rng.randrange(1, 14)):
        pieces = [rng.choice(PIECES[:-1]) for _ in range(rng.randrange(1, 4))]
        if rng.random() < 0.25:
            pieces[-1] = PIECES[-1]
        names = [piece for piece in pieces if kind(piece)]
        route = "/" + "/".join(pieces)
        if len(set(names)) == len(names):
            routes.setdefault((rng.choice(["GET", "POST", "PUT"]), shape(route)), route)
    routes = [(method, route) for (method, _), route in routes.items()]
    rng.shuffle(routes)
    return routes


def expected(routes, method, path):
    found = [(*matches(route, path), m, route) for m, route in routes if matches(route, path)]
    if not found:
        return (404, "not found")
    fitting = [row for row in found if row[2] == method]
    if not fitting:
        return (405, ", ".join(sorted({row[2] for row in found})))
    best = min(fitting, key=lambda row: row[0])
    return (200, (best[3], best[1]))


def test_random_routes(candidate):
    rng = random.Random(111)
    cases = []
    for _ in range(250):
        paths = ["/" + "/".join(rng.choice(TEXTS) for _ in range(rng.randrange(1, 5))) for _ in range(14)]
        cases.append((random_routes(rng), [(rng.choice(["GET", "POST"]), path) for path in paths]))
    got = candidate.evaluate(f"""
from app import respond
from router import Router
def play(routes, requests):
    router = Router()
    for method, route in routes:
        router.add(method, route, lambda route=route, **values: (route, values))
    return [respond(router, *request) for request in requests]
[play(*case) for case in {cases!r}]
""")
    for (routes, requests), results in zip(cases, got, strict=True):
        for request, result in zip(requests, results, strict=True):
            wanted = expected(routes, *request)
            assert result == wanted, f"routes {routes}, {request}: {result}, expected {wanted}"


def test_ways_back(candidate):
    got = candidate.evaluate("""
from app import respond
from router import Router
router = Router()
for route in ["/users/me", "/users/{id:int}/posts", "/users/{name}/likes", "/{area}/me/edit", "/files/{path:rest}", "/files/{one}", "/{all:rest}"]:
    router.add("get", route, lambda route=route, **values: (route, values))
router.add("DELETE", "/users/{user}", lambda user: user)
router.add("GET", "/", lambda: "home")
paths = ["/users/me", "/users/5/likes", "/users/5/posts", "/users/me/edit", "/files/a", "/files/a/b//c/", "/files/", "/", "//", "/users/6", "", "users/me", "/users/\\u0663/posts"]
[respond(router, "GET", path) for path in paths] + [respond(router, "delete", "/users/me"), respond(router, "PUT", "/users/me"), respond(router, "PUT", "/")]
""")
    wanted = [
        (200, ("/users/me", {})),
        (200, ("/users/{name}/likes", {"name": "5"})),
        (200, ("/users/{id:int}/posts", {"id": 5})),
        (200, ("/{area}/me/edit", {"area": "users"})),
        (200, ("/files/{one}", {"one": "a"})),
        (200, ("/files/{path:rest}", {"path": "a/b//c/"})),
        (200, ("/{all:rest}", {"all": "files/"})),
        (200, "home"),
        (200, ("/{all:rest}", {"all": "/"})),
        (200, ("/{all:rest}", {"all": "users/6"})),
        (404, "not found"),
        (404, "not found"),
        (200, ("/{all:rest}", {"all": "users/\u0663/posts"})),
        (200, "me"),
        (405, "DELETE, GET"),
        (405, "GET"),
    ]
    assert got == wanted, "\n".join(f"{g}, expected {w}" for g, w in zip(got, wanted, strict=True) if g != w)


def test_wrong_routes_are_refused(candidate):
    wrong = [
        "users",
        "",
        "{x}",
        "/{",
        "/a}",
        "/{x",
        "/{}",
        "/{1x}",
        "/{x:float}",
        "/{x:}",
        "/a{x}",
        "/{x}b",
        "/{x}{y}",
        "/{r:rest}/a",
        "/{x}/{x}",
        "/{x}/{x:int}",
        "/{a}/{b}/{a:rest}",
        "/{x y}",
        "/{\u00e9}",
    ]
    got = candidate.evaluate(f"""
from app import respond
from router import Router
router, out = Router(), []
for route in {wrong!r}:
    try:
        router.add("GET", route, None)
        out.append(route)
    except ValueError:
        pass
(out, [respond(router, "GET", path)[0] for path in ("/", "/a", "/a/b", "/1")])
""")
    assert got == ([], [404] * 4), f"routes that should raise ValueError and leave nothing behind: {got}"


def test_routes_that_match_the_same_paths(candidate):
    got = candidate.evaluate("""
from app import respond
from router import Router
router, out = Router(), []
pairs = [("GET", "/a/{x}"), ("get", "/a/{other}"), ("POST", "/a/{other}"), ("GET", "/a/{x:int}"), ("GET", "/a/{n:int}"),
         ("GET", "/a/{x:rest}"), ("GET", "/a/{y:rest}"), ("GET", "/a/b"), ("Get", "/a/b"), ("GET", "/a/b/"), ("GET", "/a/{x}/")]
for number, (method, route) in enumerate(pairs):
    try:
        router.add(method, route, lambda number=number, **values: (number, values))
        out.append(True)
    except ValueError:
        out.append(False)
out + [respond(router, "GET", "/a/q"), respond(router, "POST", "/a/q"), respond(router, "POST", "/a/3"), respond(router, "GET", "/a/q/")]
""")
    wanted = [True, False, True, True, False, True, False, True, False, True, True]
    wanted += [
        (200, (0, {"x": "q"})),
        (200, (2, {"other": "q"})),
        (200, (2, {"other": "3"})),
        (200, (10, {"x": "q"})),
    ]
    assert got == wanted, f"routes with other names for parameters: {got}, expected {wanted}"
