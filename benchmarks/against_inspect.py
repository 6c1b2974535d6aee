"""CPU, wall time, memory and start-up beside the released Inspect AI, in one run on one machine.

Both ask the same server (a process of its own that answers at once) the same questions of about 1 kB, judge by
exact match, and write their own log: a run file and a response cache that is durable before an answer is used
here, an `.eval` file there, once as installed and once without its log in real time. Each evaluation is a fresh
process, warmed up by a smaller one, and both sides take turns; ratios are taken round by round. Start-up is the
commands from their start to the report of eight samples.

    python benchmarks/against_inspect.py [--rounds 3] [--quick]

Wants inspect-ai and openai (`pip install inspect-ai openai`) beside this package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from common import (
    HERE,
    QUESTION,
    WANTED,
    Server,
    in_fresh_process,
    median,
    mock_server,
    options,
    peak_mib,
    question,
    show,
)
from whole_path import ours

EIGHT = 8
AT_ONCE = (64, 256)
PEERS = {"inspect": True, "inspect, no realtime log": False}
OUR_COMMAND = "from agentbench_sdk.cli import main; main()"
THEIR_COMMAND = "from inspect_ai._cli.main import main; main()"


@dataclass(frozen=True)
class Took:
    """Seconds of CPU (user and system) and on the wall, and the peak of memory in MiB."""

    cpu_s: float
    wall_s: float
    peak_mib: float = 0.0


Figures = dict[str, list[Took]]


def our_evaluation(server: Server, count: int, at_once: int) -> Took:
    cost = ours(server, "questions", count, at_once)
    return Took(cost.cpu_s, cost.wall_s, peak_mib())


def their_evaluation(server: Server, count: int, at_once: int, *, realtime: bool) -> Took:
    given = {
        "base_url": server.base_url("fast"),
        "count": count,
        "at_once": at_once,
        "realtime": realtime,
        "question": f"{QUESTION}How many items are there? ",
        "wanted": WANTED,
    }
    command = [sys.executable, str(HERE / "inspect_side.py"), json.dumps(given)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def evaluations(server: Server, at_once: int, figures: Figures, *, rounds: int, count: int) -> None:
    for _ in range(rounds):
        figures.setdefault("ours", []).append(in_fresh_process(our_evaluation, server, count, at_once))
        for name, realtime in PEERS.items():
            figures.setdefault(name, []).append(their_evaluation(server, count, at_once, realtime=realtime))


# --- start-up -------------------------------------------------------------------------------------

OUR_TASK = """\
name: questions
samples_file: questions.jsonl
fields: {target: answer}
judges:
  - exact
"""
THEIR_TASK = """\
from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, json_dataset
from inspect_ai.scorer import exact


@task
def questions():
    return Task(json_dataset("questions.jsonl", FieldSpec("question", "answer")), scorer=exact())
"""


def commands(server: Server, folder: Path) -> dict[str, list[str]]:
    """What is timed, by name: imports, helps, and the way to the report of eight samples."""
    rows = [{"id": f"q{n}", "question": question(n), "answer": WANTED} for n in range(EIGHT)]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "questions.yaml").write_text(OUR_TASK)
    (folder / "questions.py").write_text(THEIR_TASK)
    run = ["run", "questions.yaml", "--model", server.model("fast")]
    evaluate = ["eval", "questions.py", "--model", "openai-api/mock/mock-1", "--display", "plain"]
    return {
        "import, ours": ["import agentbench_sdk"],
        "import, inspect": ["import inspect_ai"],
        "--help, ours": [OUR_COMMAND, "--help"],
        "--help, inspect": [THEIR_COMMAND, "--help"],
        "report of 8, ours": [OUR_COMMAND, *run],
        "report of 8, inspect": [THEIR_COMMAND, *evaluate],
    }


def timed(arguments: list[str], folder: Path, server: Server) -> Took:
    """A command from its start to its end."""
    theirs = {"MOCK_BASE_URL": server.base_url("fast"), "MOCK_API_KEY": "none"}
    environment = {**os.environ, "OPENAI_API_KEY": "none", **theirs}
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", *arguments],
        check=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wall, after = time.perf_counter() - start, os.times()
    user, system = after.children_user - before.children_user, after.children_system - before.children_system
    return Took(user + system, wall)


# --- tables ---------------------------------------------------------------------------------------


def show_evaluations(at_once: int, figures: Figures, count: int) -> None:
    rows = []
    for name, took in figures.items():
        ratios = [one.cpu_s / own.cpu_s for one, own in zip(took, figures["ours"], strict=True)]
        walls = [one.wall_s / own.wall_s for one, own in zip(took, figures["ours"], strict=True)]
        rows.append(
            [
                name,
                f"{1000 * median([each.cpu_s for each in took]) / count:.2f}",
                f"{1000 * median([each.wall_s for each in took]) / count:.2f}",
                f"{median([each.peak_mib for each in took]):.0f}",
                f"{median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})",
                f"{median(walls):.1f} ({min(walls):.1f}-{max(walls):.1f})",
            ]
        )
    header = ["", "CPU ms", "wall ms", "peak MiB", "CPU / ours", "wall / ours"]
    show(f"A sample of {count:,}, {at_once} at once", header, rows)


def show_commands(figures: Figures) -> None:
    rows = []
    for name, took in figures.items():
        own = figures[f"{name.rpartition(',')[0]}, ours"]
        ratios = [one.wall_s / mine.wall_s for one, mine in zip(took, own, strict=True)]
        cpu, wall = median([each.cpu_s for each in took]), median([each.wall_s for each in took])
        rows.append([name, f"{cpu:.2f}", f"{wall:.2f}", f"{median(ratios):.1f}"])
    show("Start-up", ["", "CPU s", "wall s", "wall / ours"], rows)


def main() -> None:
    given = options(__doc__, rounds=3)
    missing = [name for name in ("inspect_ai", "openai") if find_spec(name) is None]
    if missing:
        print(f"nothing measured: {' and '.join(missing)} not installed; pip install inspect-ai openai")
        return
    print(f"inspect-ai {version('inspect-ai')}, openai {version('openai')}")
    count = 200 if given.quick else 2_000
    with mock_server({"fast": {}}) as server:
        for at_once in AT_ONCE:
            figures: Figures = {}
            evaluations(server, at_once, figures, rounds=given.rounds, count=count)
            show_evaluations(at_once, figures, count)
        started: Figures = {}
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory() as folder:
                for name, arguments in commands(server, Path(folder)).items():
                    started.setdefault(name, []).append(timed(arguments, Path(folder), server))
        show_commands(started)


if __name__ == "__main__":
    main()
