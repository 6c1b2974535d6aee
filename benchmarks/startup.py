"""CPU of `import agentbench_sdk`, and of the command from its start to its first request.

Each is a fresh process, repeated; the median counts, beside that of an empty interpreter and of an import
of aiohttp. The first request is seen by the server, which stops the command there.

    python benchmarks/startup.py [--rounds 9] [--quick]
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from common import median, options, show

IMPORTS = {
    "empty interpreter": "pass",
    "import aiohttp": "import aiohttp",
    "import agentbench_sdk": "import agentbench_sdk",
}
COMMAND = "from agentbench_sdk.cli import main; main()"
EIGHT = 8


def cpu_of_script(script: str) -> float:
    """User and system seconds of a Python process that runs a script."""
    before = os.times()
    subprocess.run([sys.executable, "-c", script], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def cpu_to_first_request(folder: Path) -> float:
    """User and system seconds of the command until the endpoint has its first request in hand."""
    with socket.create_server(("127.0.0.1", 0)) as endpoint:
        address = f"http://127.0.0.1:{endpoint.getsockname()[1]}/v1"
        task = folder / "questions.yaml"
        if not task.exists():
            write_task(folder, task)
        arguments = ["run", str(task), "--model", "mock-1", "--base-url", address]
        arguments += ["--cache", str(folder / "cache.db"), "--runs", str(folder / "runs")]
        process = subprocess.Popen([sys.executable, "-c", COMMAND, *arguments], stderr=subprocess.DEVNULL)
        try:
            endpoint.settimeout(60)
            connection, _ = endpoint.accept()
            with connection:
                connection.recv(1)
                return cpu_so_far(process.pid)
        finally:
            process.kill()
            process.wait()


def cpu_so_far(pid: int) -> float:
    """User and system seconds of a process that is running (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def write_task(folder: Path, task: Path) -> None:
    rows = [{"id": f"q{number}", "question": "How many?", "answer": "144"} for number in range(EIGHT)]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
    task.write_text(TASK)


TASK = """\
name: questions
samples_file: questions.jsonl
fields: {target: answer}
judges:
  - exact
"""


def main() -> None:
    given = options(__doc__, rounds=9)
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(given.rounds):
            for name, script in IMPORTS.items():
                seconds.setdefault(name, []).append(cpu_of_script(script))
            seconds.setdefault("command to first request", []).append(cpu_to_first_request(Path(folder)))
    empty = median(seconds["empty interpreter"])
    rows = [
        [
            name,
            f"{median(values):.3f}",
            f"{median(values) - empty:.3f}",
            f"{median(values) / median(seconds['import aiohttp']):.2f}",
            f"{min(values):.3f}-{max(values):.3f}",
        ]
        for name, values in seconds.items()
    ]
    show("Start-up", ["", "CPU s", "less empty", "of aiohttp", "range"], rows)


if __name__ == "__main__":
    main()
