"""How near a run comes to what the endpoint allows: ideal time / wall time, and refusals provoked.

Against servers that take 32 calls at once and answer 429 with Retry-After beyond, that hand out 200 calls
a second from a bucket, and that queue without refusing; and 200 sessions of ten tool turns against a
server that takes any number. The whole path is measured, ramp included, imports left out. Latencies are a
tenth of real ones (0.1 s for 1 s), so Retry-After is too.

    python benchmarks/efficiency.py [--quick]
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

from common import (
    TURNS,
    Cost,
    Server,
    in_fresh_process,
    measured,
    mock_server,
    options,
    questions,
    registry,
    rooms,
    run_loop,
    show,
)

from agentbench_sdk import Bench

LATENCY_S = 0.1
AT_ONCE = 32
RATE, BURST, BUCKET_LATENCY_S = 200.0, 10.0, 0.05


@dataclass(frozen=True)
class Case:
    """One endpoint of the server and what is asked of it."""

    name: str
    endpoint: str
    kind: str
    samples: int
    few: int

    def calls(self, samples: int) -> int:
        return samples * (TURNS if self.kind == "rooms" else 1)

    def ideal_s(self, samples: int) -> float:
        """The least time in which the endpoint can answer, whoever asks."""
        if self.endpoint == "bucket":
            return (samples - BURST) / RATE + BUCKET_LATENCY_S
        if self.endpoint == "free":
            return TURNS * LATENCY_S
        return samples * LATENCY_S / AT_ONCE


ENDPOINTS: dict[str, dict[str, float]] = {
    "fast": {},
    "refusing": {"latency_s": LATENCY_S, "at_once": AT_ONCE, "retry_after_s": LATENCY_S},
    "bucket": {"latency_s": BUCKET_LATENCY_S, "rate": RATE, "burst": BURST, "retry_after_s": LATENCY_S},
    "queueing": {"latency_s": LATENCY_S, "workers": AT_ONCE},
    "free": {"latency_s": LATENCY_S},
}
CASES = [
    Case("32 at once, 429 beyond", "refusing", "questions", 2000, 400),
    Case("token bucket, 200 calls/s", "bucket", "questions", 5000, 600),
    Case("queue with 32 workers", "queueing", "questions", 2000, 400),
    Case("200 sessions of 10 turns, 0.1 s", "free", "rooms", 200, 200),
]


def evaluated(server: Server, case: Case, samples: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        run_loop(_evaluated(server.model("fast"), case.kind, 32, f"{folder}/warm-up"))
        return run_loop(_evaluated(server.model(case.endpoint), case.kind, samples, folder))


async def _evaluated(model: str, kind: str, samples: int, folder: str) -> Cost:
    task = questions(samples) if kind == "questions" else rooms(samples)
    async with Bench(cache=f"{folder}/cache.db", runs=f"{folder}/runs", registry=registry()) as bench:
        with measured() as cost:
            run = await bench.evaluate(task, model)
    if any(not record.ending.scorable for record in run.records()):
        raise SystemExit(f"a sample failed against {model}")
    return cost[0]


def measure(server: Server, case: Case, *, quick: bool) -> list[str]:
    samples = case.few if quick else case.samples
    cost = in_fresh_process(evaluated, server, case, samples)
    counts = server.counts(case.endpoint)
    calls, ideal = case.calls(samples), case.ideal_s(samples)
    return [
        case.name,
        f"{calls:,}",
        f"{ideal:.2f}",
        f"{cost.wall_s:.2f}",
        f"{ideal / cost.wall_s:.3f}",
        f"{cost.wall_s / ideal:.3f}",
        f"{counts['refused']:,}",
        f"{100 * counts['refused'] / calls:.1f} %",
        f"{cost.cpu_s:.2f}",
    ]


def main() -> None:
    given = options(__doc__)
    with mock_server(ENDPOINTS) as server:
        rows = [measure(server, case, quick=given.quick) for case in CASES]
    header = ["", "calls", "ideal s", "wall s", "ideal/wall", "wall/ideal", "429s", "share", "CPU s"]
    show("Efficiency", header, rows)


if __name__ == "__main__":
    main()
