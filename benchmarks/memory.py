"""Peak memory of a run of 10,000 and of 100,000 single-turn samples.

Once with a model in the same process and once through the whole path, with the mock server (512 at once)
and the response cache. Each run is a process of its own; its peak is the most that was resident. The samples
come from a function, as those of a data set do, and are part of the figure.

    python benchmarks/memory.py [--quick]
"""

from __future__ import annotations

import tempfile

from common import (
    Server,
    in_fresh_process,
    measured,
    mock_server,
    options,
    peak_mib,
    questions,
    registry,
    run_loop,
    show,
)

from agentbench_sdk import Bench
from agentbench_sdk.models.scripted import ConstantModel

QUICK = (1_000, 10_000)
COUNTS = (10_000, 100_000)


def evaluated(server: Server, count: int, where: str) -> tuple[float, float, float]:
    """Peak after the imports, peak at the end (MiB), wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        run_loop(_evaluated(server, 64, where, f"{folder}/warm-up"))
        start = peak_mib()
        with measured() as cost:
            run_loop(_evaluated(server, count, where, folder))
        return start, peak_mib(), cost[0].wall_s


async def _evaluated(server: Server, count: int, where: str, folder: str) -> None:
    model = ConstantModel("144", id="scripted/144") if where == "in process" else server.model("fast")
    async with Bench(
        cache=f"{folder}/cache.db", runs=f"{folder}/runs", max_connections=512, registry=registry()
    ) as bench:
        run = await bench.evaluate(questions(count), model)
        estimate = run.summary().primary
    if estimate is None or estimate.scored != count:
        raise SystemExit(f"not all of {count} samples were scored")


def main() -> None:
    given = options(__doc__)
    rows = []
    with mock_server({"fast": {}}) as server:
        for where in ("in process", "mock server"):
            for count in QUICK if given.quick else COUNTS:
                start, peak, wall = in_fresh_process(evaluated, server, count, where)
                rows.append(
                    [
                        f"{count:,} samples, {where}",
                        f"{start:.0f}",
                        f"{peak:.0f}",
                        f"{1024 * (peak - start) / count:.2f}",
                        f"{wall:.1f}",
                    ]
                )
    show("Memory", ["", "imports MiB", "peak MiB", "KiB a sample", "wall s"], rows)


if __name__ == "__main__":
    main()
