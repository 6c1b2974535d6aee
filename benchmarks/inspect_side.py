"""One evaluation by Inspect AI, in a process that has nothing of ours in it; `against_inspect.py` starts it.

    python benchmarks/inspect_side.py '{"base_url": …, "count": 2000, "at_once": 64, "realtime": true, "question": …}'

Prints what the evaluation took as JSON: CPU and wall seconds, and the peak of memory in MiB.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import inspect_ai
from inspect_ai.dataset import Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import exact

WARM_UP = 256


def evaluate(given: dict[str, Any], count: int, folder: str) -> None:
    """Ask, judge by exact match, and write the log, with as many samples and requests at once as are given.

    Raises:
        SystemExit: not every sample was right.
    """
    samples = [
        Sample(f"{given['question']}(question {number})", target=given["wanted"], id=f"q{number}")
        for number in range(count)
    ]
    config = GenerateConfig(max_connections=given["at_once"], temperature=0)
    model = get_model("openai-api/mock/mock-1", base_url=given["base_url"], api_key="none", config=config)
    (log,) = inspect_ai.eval(
        inspect_ai.Task(samples, scorer=exact()),
        model,
        max_samples=given["at_once"],
        log_dir=folder,
        log_realtime=given["realtime"],
        display="none",
    )
    if log.results is None or log.results.scores[0].metrics["mean"].value != 1.0:
        raise SystemExit(f"inspect: not all {count} samples were scored as they should be ({log.status})")


def peak_mib() -> float:
    """The most memory that this process has had resident, in MiB (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    given = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        evaluate(given, WARM_UP, f"{folder}/warm-up")
        cpu, wall = time.process_time(), time.perf_counter()
        evaluate(given, given["count"], f"{folder}/logs")
        took = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    print(json.dumps({**took, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    main()
