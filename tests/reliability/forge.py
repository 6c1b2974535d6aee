"""Starts processes that need no start: everything is imported once, and each order is a fork of it.

Reads one order a line on standard input, as JSON; answers with the process id, and with the exit code when
the process has ended (negative for a signal). Nothing here starts a thread, so a fork is as good as a start.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PRELOADED = (
    "httptools",
    "scipy.stats",
    "uvloop",
    "agentbench_sdk.bench",
    "agentbench_sdk.cli.cache",
    "agentbench_sdk.cli.export",
    "agentbench_sdk.cli.report",
    "agentbench_sdk.cli.resume",
    "agentbench_sdk.cli.run",
    "agentbench_sdk.judges.exact",
    "agentbench_sdk.judges.outcome",
    "agentbench_sdk.models.providers",
    "agentbench_sdk.reporting.summary",
    "agentbench_sdk.reporting.terminal",
    "agentbench_sdk.cache.explain",
    "agentbench_sdk.cache.maintenance",
    "agentbench_sdk.testing.counter",
)


def main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    sys.path.append(str(Path(__file__).parents[2]))  # for `tests.…`, behind the package that is installed
    gc.collect()
    gc.freeze()
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(json.loads(line))
        say(child)
        say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def become(order: Mapping[str, Any]) -> None:
    """Do an order in this process and exit the ordinary way, so that what is left open is seen."""
    folder = order["folder"]
    os.chdir(folder)
    os.environ.update(order["environment"])
    sys.path[:0] = order["path"]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, opened in enumerate((nothing, *(_written(order[name]) for name in ("output", "errors")))):
        os.dup2(opened, number)
        os.close(opened)
    if order["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    module, _, function = order["function"].partition(":")
    sys.argv = [module, *order["arguments"]]
    getattr(importlib.import_module(module), function)(order["arguments"])
    gc.collect()
    sys.exit(0)


def _written(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)


if __name__ == "__main__":
    main()
