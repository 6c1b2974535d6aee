"""Hidden checks: what is a hit, what is a visit, how it is shown; random logs against an oracle."""

import json
import random
from datetime import datetime, timedelta

RUNNER = """
import os, shutil, subprocess

def run(number, case):
    folder = f"case-{number}"
    os.makedirs(folder)
    for path, text in case.get("files", {}).items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
    argv = [part.replace("{d}", folder) for part in case["argv"]]
    stdin = case.get("stdin", "").encode()
    env = {**os.environ, "LC_ALL": "C.UTF-8", **case.get("env", {})}
    done = subprocess.run(argv, input=stdin, capture_output=True, env=env, timeout=30)
    shutil.rmtree(folder)
    return (done.returncode, *(stream.decode("utf-8", "backslashreplace") for stream in (done.stdout, done.stderr)))

[run(number, case) for number, case in enumerate(CASES)]
"""


def run_all(candidate, cases):
    """Run each case with its files in a folder of its own, `{d}`; gives exit code, stdout and stderr of each."""
    return candidate.evaluate(RUNNER.replace("CASES", repr(cases)), timeout=60)

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def entry(time, target="/", *, zone=0, method="GET", status=200, address="192.0.2.1", agent="UA", size="12", referrer="-"):
    """A line of a log; `time` is UTC, `zone` minutes from it."""
    local = time + timedelta(minutes=zone)
    stamp = f"{local.day:02}/{MONTHS[local.month - 1]}/{local:%Y:%H:%M:%S} {'-' if zone < 0 else '+'}{abs(zone) // 60:02}{abs(zone) % 60:02}"
    agent = agent.replace("\\", "\\\\").replace('"', '\\"')
    return f'{address} - - [{stamp}] "{method} {target} HTTP/1.1" {status} {size} "{referrer}" "{agent}"'


def at(text, day="2024-03-10"):
    return datetime.fromisoformat(f"{day}T{text}")


def case(*logs, options=()):
    files = {f"{number}.log": "".join(line + "\n" for line in log) for number, log in enumerate(logs)}
    return {"argv": ["python3", "sessions.py", *options, *("{d}/" + name for name in files)], "files": files}


def results(candidate, *cases):
    """Visits and stderr of each case."""
    found = []
    for code, out, err in run_all(candidate, list(cases)):
        assert code == 0, f"expected exit code 0, got {code}: {err[-300:]}"
        found.append(([json.loads(line) for line in out.splitlines()], err.strip()))
    return found


def paths(visits):
    return [visit["pages"] for visit in visits]


def test_the_example(candidate):
    ((visits, err),) = results(candidate, {"argv": ["python3", "sessions.py", "logs/a.log", "logs/b.log"]})
    assert err == "1 broken lines", err
    tea, box = "Mozilla/5.0 (X11)", 'Tea "Box" 1.2'

    def visit(address, agent, start, end, hits, pages, last):
        return {
            "address": address, "agent": agent, "start": f"2024-03-{start}Z", "end": f"2024-03-{end}Z",
            "hits": hits, "pages": pages, "entry": pages[0], "exit": last,
        }  # fmt: skip

    expected = [
        visit("203.0.113.7", tea, "09T22:58:10", "09T23:20:00", 4, ["/shop/tea", "/shop", "/"], "/"),
        visit("203.0.113.7", tea, "10T00:05:00", "10T00:05:00", 1, ["/"], "/"),
        visit("198.51.100.20", box, "10T00:21:00", "10T00:51:00", 2, ["/cart", "/thanks"], "/thanks"),
    ]
    expected.sort(key=lambda entry: (entry["start"], entry["address"]))
    assert visits == expected, f"expected {expected}, got {visits}"


def test_what_is_a_hit(candidate):
    time = at("12:00:00")
    counted = [
        entry(time, "/a.css/"), entry(time, "/b?x=.png"), entry(time, "/c#d.js"), entry(time, "/e", status=299),
        entry(time, "/f", status=304, size="-"), entry(time, "/g", referrer='\\"q\\" bot'), entry(time, "/h.json"),
        entry(time, "/bot/spider"), entry(time, "/i%20j?"), entry(time, "/k.jpeg"), entry(time, "/?utm=1"),
    ]  # fmt: skip
    ignored = [
        entry(time, "/x.css?v=3"), entry(time, "/x.PNG"), entry(time, "/x.Woff2#a"), entry(time, "/x", status=302),
        entry(time, "/x", status=404), entry(time, "/x", status=199), entry(time, "/x", method="HEAD"),
        entry(time, "/x", agent="Googlebot/2.1"), entry(time, "/x", agent="a SPIDER"), entry(time, "/x", agent="xCrawlerx"), "",
    ]  # fmt: skip
    ((visits, err),) = results(candidate, case(counted + ignored))
    expected = [["/a.css/", "/b", "/c", "/e", "/f", "/g", "/h.json", "/bot/spider", "/i%20j", "/k.jpeg", "/"]]
    assert paths(visits) == expected, f"expected {expected}, got {paths(visits)}"
    assert err == "", f"nothing here is broken, but stderr is {err!r}"


def test_broken_lines(candidate):
    good = entry(at("12:00:00"), "/ok")
    broken = [
        "nonsense", good.replace("10/Mar", "31/Feb"), good.replace("12:00:00", "24:00:00"), good.replace("12:00:00", "12:60:00"),
        good.replace("GET /ok HTTP/1.1", "-"), good.replace("GET /ok HTTP/1.1", "GET http://x.example/ HTTP/1.1"),
        good.replace("/Mar/", "/Mär/"), good.replace("GET /ok HTTP/1.1", "GET /ok"), good.replace('"UA"', '"UA'), good + " tail",
        good.replace(" 200 ", " 20x "), good.replace("Mar", "Foo"), good.replace("192.0.2.1 - - ", "192.0.2.1 - "),
        good.replace("GET /ok HTTP/1.1", "POST /ok"),
    ]  # fmt: skip
    ((visits, err), (none, quiet)) = results(candidate, case([*broken, good, ""]), case([broken[0]]))
    assert paths(visits) == [["/ok"]], paths(visits)
    assert err == f"{len(broken)} broken lines", err
    assert (none, quiet) == ([], "1 broken lines"), (none, quiet)


def test_where_visits_begin(candidate):
    gap = [entry(at("10:00:00"), "/1"), entry(at("10:30:00"), "/2"), entry(at("11:00:01"), "/3")]
    passed = [entry(at("10:00:00"), "/1"), entry(at("10:20:00"), "/x.css"), entry(at("10:25:00"), "/x", status=500), entry(at("10:40:00"), "/2")]
    midnight = [entry(at("23:59:59"), "/1"), entry(at("00:00:00", "2024-03-11"), "/2")]
    zones = [
        entry(at("23:50:00", "2024-03-09"), "/1", zone=60), entry(at("23:59:00", "2024-03-09"), "/2", zone=-330),
        entry(at("04:00:00"), "/3", zone=-300), entry(at("04:10:00"), "/4", zone=-240),
    ]  # fmt: skip
    agents = [entry(at("10:00:00"), "/1"), entry(at("10:01:00"), "/2", agent="other"), entry(at("10:02:00"), "/3", address="192.0.2.9")]
    expected = [
        (gap, (), [["/1", "/2"], ["/3"]]),
        (gap, ("--gap", "31"), [["/1", "/2", "/3"]]),
        (gap, ("--gap", "5"), [["/1"], ["/2"], ["/3"]]),
        (passed, (), [["/1"], ["/2"]]),
        (midnight, (), [["/1"], ["/2"]]),
        (zones, (), [["/1", "/2"], ["/3", "/4"]]),
        (agents, (), [["/1"], ["/2"], ["/3"]]),
    ]
    got = results(candidate, *(case(lines, options=options) for lines, options, _ in expected))
    for (lines, options, pages), (visits, _) in zip(expected, got, strict=True):
        assert paths(visits) == pages, f"{options} {lines}: expected {pages}, got {paths(visits)}"


def test_order(candidate):
    late = [entry(at("10:20:00"), "/c"), entry(at("10:00:00"), "/a")]
    early = [entry(at("10:10:00"), "/b1"), entry(at("10:10:00"), "/b2"), entry(at("10:00:00"), "/a2")]
    (one, _), (two, _) = results(candidate, case(late, early), case(early, late))
    assert paths(one) == [["/a", "/a2", "/b1", "/b2", "/c"]], paths(one)
    assert paths(two) == [["/a2", "/a", "/b1", "/b2", "/c"]], paths(two)
    assert [visit["entry"] for visit in two] == ["/a2"]
    time = at("10:00:00")
    same = [entry(time, address=address, agent=agent) for address in ("9.9.9.9", "10.0.0.1") for agent in ("b", "a", "B")]
    ((visits, _),) = results(candidate, case(same))
    order = [(visit["address"], visit["agent"]) for visit in visits]
    assert order == sorted(order), order


def test_agents_and_bytes(candidate):
    time = at("10:00:00")
    agents = ['a "quoted" one', "back\\slash", '\\"', "plain", "\u00fcber", "-", ""]
    lines = [entry(time, f"/{number}", agent=agent) for number, agent in enumerate(agents)]
    raw = "\n".join(lines).encode() + b"\r\n" + entry(time, "/z", agent="X").encode().replace(b'"X"', b'"\xff"')
    special = {"argv": ["python3", "sessions.py", "{d}/x.log"], "files": {"x.log": raw}}
    ((visits, err),) = results(candidate, special)
    assert sorted(visit["agent"] for visit in visits) == sorted([*agents, "\ufffd"]), visits
    assert err == ""


def test_a_log_that_is_not_there(candidate):
    ((code, out, err),) = run_all(candidate, [{"argv": ["python3", "sessions.py", "logs/a.log", "logs/none.log"]}])
    assert (code, out) == (2, ""), f"expected exit code 2 and no output, got {code} and {out[:200]!r}"
    assert "none.log" in err, err
    assert "Traceback" not in err, err


def oracle(hits):
    visits = []
    by_visitor = {}
    for number, hit in enumerate(hits):
        by_visitor.setdefault(hit[1:3], []).append((hit[0], number, hit[3]))
    for (address, agent), mine in by_visitor.items():
        mine.sort()
        starts = [0] + [
            place for place in range(1, len(mine))
            if (mine[place][0] - mine[place - 1][0]).total_seconds() > 1800 or mine[place][0].date() != mine[place - 1][0].date()
        ] + [len(mine)]  # fmt: skip
        for first, after in zip(starts, starts[1:], strict=False):
            part = mine[first:after]
            pages = []
            for _, _, page in part:
                pages += [page] if page not in pages else []
            visits.append({
                "address": address, "agent": agent, "start": f"{part[0][0]:%Y-%m-%dT%H:%M:%SZ}", "end": f"{part[-1][0]:%Y-%m-%dT%H:%M:%SZ}",
                "hits": len(part), "pages": pages, "entry": part[0][2], "exit": part[-1][2],
            })  # fmt: skip
    return sorted(visits, key=lambda visit: (visit["start"], visit["address"], visit["agent"]))


def test_random_logs(candidate):
    rng = random.Random(31)
    cases, expected = [], []
    for size in (40, 300, 2000):
        hits, logs = [], [[], [], []]
        for _ in range(size):
            time = at("00:00:00") + timedelta(seconds=rng.randrange(size * 240) // 60 * 60)
            hit = (time, f"192.0.2.{rng.randrange(size // 20)}", rng.choice(["A", "B"]), rng.choice("/ /a /b /c/d".split()))
            logs[rng.randrange(3)].append(hit)
        hits = [hit for log in logs for hit in log]
        expected.append(oracle(hits))
        cases.append(case(*([entry(t, p, zone=rng.choice([0, 60, -480, 345]), address=a, agent=u) for t, a, u, p in log] for log in logs)))
    for wanted, (visits, err) in zip(expected, results(candidate, *cases), strict=True):
        assert err == ""
        assert len(visits) == len(wanted), f"expected {len(wanted)} visits, got {len(visits)}"
        for mine, theirs in zip(wanted, visits, strict=True):
            assert mine == theirs, f"expected {mine}, got {theirs}"
