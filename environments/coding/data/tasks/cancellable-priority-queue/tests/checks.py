"""Hidden checks: random uses against a plain list, and large queues."""

import random


class Model:
    def __init__(self):
        self.rows, self.pushes = [], 0  # [priority, number, ticket]

    def step(self, kind, ticket, priority):
        row = next((row for row in self.rows if row[2] == ticket), None)
        self.rows.sort(key=lambda row: row[:2])
        self.pushes += 1
        if kind == "push":
            self.rows.append([priority, self.pushes, ticket])
            return None
        if kind == "cancel":
            if row:
                self.rows.remove(row)
            return row is not None
        if kind == "reprioritize":
            if row and row[0] != priority:
                row[:2] = [priority, self.pushes]
            return row is not None
        if kind == "snapshot":
            return [(row[0], {"job": row[2] % 3}) for row in self.rows]
        if not self.rows:
            return "IndexError"
        return {"job": (self.rows.pop(0) if kind == "pop" else self.rows[0])[2] % 3}


CODE = """
from jobs import JobQueue
def play(steps):
    queue, tickets, out = JobQueue(), {}, []
    for kind, ticket, priority in steps:
        try:
            if kind == "push":
                tickets[ticket] = queue.push(priority, {"job": ticket % 3})
                result = None
            elif kind == "cancel":
                result = queue.cancel(tickets[ticket])
            elif kind == "reprioritize":
                result = queue.reprioritize(tickets[ticket], priority)
            else:
                result = getattr(queue, kind)()
        except IndexError:
            result = "IndexError"
        out.append((result, len(queue)))
    return out, queue.popped
[play(steps) for steps in CASES]
"""


def test_random_uses(candidate):
    rng = random.Random(131)
    cases = []
    for _ in range(150):
        steps, pushed = [], 0
        for _ in range(40):
            kind = rng.choice(["push", "push", "push", "pop", "cancel", "reprioritize", "peek", "snapshot"])
            if kind in {"cancel", "reprioritize"} and not pushed:
                kind = "push"
            ticket = pushed if kind == "push" else rng.randrange(max(1, pushed))
            pushed += kind == "push"
            steps.append((kind, ticket, rng.randrange(-1, 3)))
        cases.append(steps)
    for steps, (results, popped) in zip(
        cases, candidate.evaluate(CODE.replace("CASES", repr(cases))), strict=True
    ):
        model = Model()
        for number, (step, result) in enumerate(zip(steps, results, strict=True)):
            wanted = (model.step(*step), len(model.rows))
            assert result == wanted, (
                f"after {steps[: number + 1]}: (result, length) {result}, expected {wanted}"
            )
        pops = [r[0] for s, r in zip(steps, results, strict=True) if s[0] == "pop"]
        assert popped == len(pops) - pops.count("IndexError"), f"popped is {popped} after {pops}"


def test_the_worker_and_drain(candidate):
    got = candidate.evaluate("""
from jobs import JobQueue
from worker import run_all
queue, done = JobQueue(), []
tickets = [queue.push(n % 3, f"j{n}") for n in range(9)]
queue.cancel(tickets[0]); queue.cancel(tickets[4]); queue.reprioritize(tickets[8], -5)
out = [queue.drain(3), queue.drain(0), len(queue), tickets[8].job, tickets[8].priority, tickets[8].waiting, tickets[5].waiting]
out += [run_all(queue, done.append), done, queue.drain(5), queue.popped, queue.cancel(tickets[1])]
out
""")
    wanted = [["j8", "j3", "j6"], [], 4, "j8", -5, False, True, 4, ["j1", "j7", "j2", "j5"], [], 7, False]
    assert got == wanted, f"drain and run_all with cancelled jobs: {got}, expected {wanted}"


def test_large_queues(candidate):
    got = candidate.evaluate(
        """
from jobs import JobQueue
queue = JobQueue()
tickets = [queue.push(n % 7, n) for n in range(60000)]
for ticket in tickets[:0:-1]:
    queue.reprioritize(ticket, 9)
for ticket in tickets[1:-1]:
    queue.cancel(ticket)
for n in range(60000):
    queue.peek()
(len(queue), queue.drain(9))
""",
        timeout=5,
    )
    assert got == (2, [0, 59999]), f"60,000 jobs, nearly all cancelled: {got}, expected (2, [0, 59999])"


def test_cancelled_jobs_are_let_go(candidate):
    got = candidate.evaluate("""
import weakref
from jobs import JobQueue
class Job:
    pass
queue = JobQueue()
queue.push(0, Job())
left = []
for n in range(3000):
    job = Job()
    left.append(weakref.ref(job))
    queue.cancel(queue.push(5, job))
    del job
import gc
gc.collect()
sum(ref() is not None for ref in left)
""")
    assert got <= 1500, f"of 3,000 cancelled jobs, {got} are still held by the queue, expected at most half"
