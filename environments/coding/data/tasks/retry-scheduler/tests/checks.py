"""Hidden checks: delays, order, limits, cancelling and re-submitting, as the docstrings say."""

import random

SETUP = """
from retry import GiveUp, Policy, RetryAfter, Scheduler
log = []
def good(name):
    return lambda: log.append(name)
def bad(name, error=RuntimeError):
    def job():
        log.append(name)
        raise error() if isinstance(error, type) else error
    return job
"""


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got}, expected {wanted}"


def test_delays(candidate):
    got = candidate.evaluate(
        SETUP
        + """
p = Policy(base=0.5, factor=2.0, cap=10.0)
q = Policy(base=3, factor=10, cap=60)
[[p.delay(n) for n in (1, 2, 5, 6, 1000, 5000)], [q.delay(n) for n in (1, 2, 3, 400)],
 Policy(base=2.0, factor=1.0, cap=9.0).delay(50), Policy(base=70.0, factor=2.0, cap=60.0).delay(1)]
"""
    )
    same(got, [[0.5, 1.0, 8.0, 10.0, 10.0, 10.0], [3, 30, 60, 60], 2.0, 60.0], "delays")


def test_when_a_failing_job_runs(candidate):
    got = candidate.evaluate(
        SETUP
        + """
out = []
for attempts in (1, 2, 4):
    s = Scheduler(Policy(base=2.0, factor=3.0, cap=10.0, attempts=attempts))
    s.submit("a", bad("a"), at=1.0)
    trail = [s.next_due()]
    for now in (0.5, 1.0, 2.9, 3.5, 9.0, 10.0, 19.4, 19.5, 20.0, 50.0, 90.0):
        trail.append((now, s.run_due(now), s.state("a"), s.attempts("a"), s.next_due()))
    out.append(trail)
out
"""
    )
    for attempts, trail in zip((1, 2, 4), got, strict=True):
        due, made, state = 1.0, 0, "waiting"
        same(trail[0], 1.0, "next_due after submit")
        for now, ran, *rest in trail[1:]:
            runs = state == "waiting" and due <= now
            if runs:
                made += 1
                due = now + min(10.0, 2.0 * 3.0 ** (made - 1))
                state = "failed" if made == attempts else "waiting"
            wanted = [state, made, due if state == "waiting" else None]
            same((ran, rest), (["a"] if runs else [], wanted), f"{attempts} attempts, at {now}")


def test_order(candidate):
    rng = random.Random(61)
    names = [f"{rng.choice('abcxyz')}{n}" for n in range(40)]
    times = [rng.randrange(6) for _ in names]
    got = candidate.evaluate(
        SETUP
        + f"""
s = Scheduler(Policy())
for name, at in zip({names!r}, {times!r}):
    s.submit(name, good(name), at=at)
first = s.run_due(2)
(first, s.run_due(2), s.run_due(99), log == first + s.run_due(99) + log[len(first):])
"""
    )
    by_time = sorted(range(40), key=lambda n: times[n])
    early = [names[n] for n in by_time if times[n] <= 2]
    late = [names[n] for n in by_time if times[n] > 2]
    same(got[:3], (early, [], late), "order of 40 jobs")


def test_order_after_failures_is_that_of_submit(candidate):
    got = candidate.evaluate(
        SETUP
        + """
s = Scheduler(Policy(base=4.0, factor=1.0, attempts=9))
s.submit("late", bad("late"), at=1)
s.submit("early", bad("early"), at=0)
s.submit("third", good("third"), at=7)
[s.run_due(3), s.next_due(), s.run_due(7), s.run_due(11)]
"""
    )
    same(
        got, [["early", "late"], 7, ["late", "early", "third"], ["late", "early"]], "jobs due again together"
    )


def test_each_runs_once_a_call(candidate):
    got = candidate.evaluate(
        SETUP
        + """
s = Scheduler(Policy(base=0.0, attempts=3))
s.submit("again", bad("again"), at=0)
def adds():
    s.submit("new", good("new"), at=0)
s.submit("adds", adds, at=0)
[s.run_due(5), s.run_due(5), s.run_due(5), s.run_due(5), s.state("again"), s.state("new")]
"""
    )
    same(
        got, [["again", "adds"], ["new", "again"], ["again"], [], "failed", "done"], "jobs due again at once"
    )


def test_errors_that_say_more(candidate):
    got = candidate.evaluate(
        SETUP
        + """
s = Scheduler(Policy(base=5.0, factor=2.0, cap=6.0, attempts=3))
s.submit("long", bad("long", RetryAfter(100)), at=0)
s.submit("short", bad("short", RetryAfter(1)), at=0)
s.submit("never", bad("never", GiveUp("no such address")), at=0)
s.run_due(2)
first = [s.state("never"), s.attempts("never"), s.next_due()]
second = [s.run_due(7), s.next_due(), s.run_due(101), s.next_due(), s.run_due(102)]
s.run_due(500)
first + second + [s.run_due(900), s.state("long"), s.attempts("long")]
"""
    )
    wanted = ["failed", 1, 7.0, ["short"], 13.0, ["short"], 102, ["long"], [], "failed", 3]
    same(got, wanted, "RetryAfter and GiveUp")


def test_cancelling(candidate):
    got = candidate.evaluate(
        SETUP
        + """
s = Scheduler(Policy(base=1.0, attempts=5))
out = [s.cancel("nobody")]
try:
    s.state("nobody")
except KeyError:
    out.append("KeyError")
s.submit("a", good("a"), at=1)
s.submit("b", good("b"), at=2)
out += [s.cancel("a"), s.cancel("a"), s.state("a"), s.next_due(), s.run_due(2), s.cancel("b"), s.state("b"), s.next_due()]
s.submit("killer", lambda: s.cancel("victim"), at=3)
s.submit("victim", good("victim"), at=3)
def suicide():
    s.cancel("self")
    raise ValueError
s.submit("self", suicide, at=3)
s.submit("calm", lambda: s.cancel("calm"), at=3)
out += [s.run_due(3), s.state("victim"), s.attempts("victim"), s.state("self"), s.state("calm"), s.attempts("self"), s.next_due(), s.run_due(99)]
out
"""
    )
    wanted = [False, "KeyError", True, False, "cancelled", 2, ["b"], False, "done", None]
    wanted += [["killer", "self", "calm"], "cancelled", 0, "cancelled", "cancelled", 1, None, []]
    same(got, wanted, "cancelling")


def test_names_are_used_again(candidate):
    got = candidate.evaluate(
        SETUP
        + """
s = Scheduler(Policy(base=1.0, attempts=2))
s.submit("a", bad("old"), at=0)
out = []
try:
    s.submit("a", good("twice"), at=0)
except ValueError:
    out.append("ValueError")
s.cancel("a")
s.submit("a", good("new"), at=5)
out += [s.run_due(2), s.attempts("a"), s.state("a"), s.next_due(), s.run_due(6), log[:], s.attempts("a")]
s.submit("a", bad("third"), at=7)
out += [s.attempts("a"), s.run_due(7), s.state("a"), s.run_due(8), s.state("a"), log[:]]
def again():
    s.cancel("x")
    s.submit("x", good("x2"), at=9)
s.submit("x", again, at=9)
out += [s.run_due(9), s.state("x"), s.attempts("x"), s.run_due(9), s.state("x"), s.attempts("x")]
out
"""
    )
    wanted = [
        "ValueError",
        [],
        0,
        "waiting",
        5,
        ["a"],
        ["new"],
        1,
        0,
        ["a"],
        "waiting",
        ["a"],
        "failed",
        ["new", "third", "third"],
    ]
    wanted += [["x"], "waiting", 0, ["x"], "done", 1]
    same(got, wanted, "names used again")


def test_interruptions_go_through(candidate):
    got = candidate.evaluate(
        SETUP
        + """
s = Scheduler(Policy(base=1.0, attempts=2))
armed = [True]
def interrupted():
    log.append("i")
    if armed[0]:
        raise KeyboardInterrupt
s.submit("before", good("before"), at=0)
s.submit("i", interrupted, at=1)
s.submit("after", good("after"), at=2)
out = []
try:
    s.run_due(4)
except KeyboardInterrupt:
    out.append("through")
out += [s.state("before"), s.state("i"), s.attempts("i"), s.state("after"), s.next_due()]
armed[0] = False
out + [s.run_due(4), s.attempts("i"), log]
"""
    )
    wanted = ["through", "done", "waiting", 0, "waiting", 1, ["i", "after"], 1, ["before", "i", "i", "after"]]
    same(got, wanted, "KeyboardInterrupt in a job")
