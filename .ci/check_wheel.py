"""Check a built wheel and the clean environment that it was installed into.

    check_wheel.py WHEEL ENVIRONMENT

Nothing but `agentbench_sdk` and its metadata may come out of the wheel; package data, entry points and
the command must work away from the checkout; the import must stay light.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

IMPORT_LIMIT_S = 0.150  # CPU seconds of `import agentbench_sdk`, start of the interpreter left out

IMPORT = """
import time
start = time.process_time()
import agentbench_sdk
print(time.process_time() - start)
"""


def main(wheel: str, environment: str) -> None:
    check_top_level(Path(wheel))
    with tempfile.TemporaryDirectory() as away:
        check_installed(Path(environment) / "bin", Path(away))
    print(f"{Path(wheel).name}: top level, import, data, entry points and command are right")


def check_top_level(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    foreign = {name for name in names if name != "agentbench_sdk" and not name.endswith(".dist-info")}
    assert not foreign, f"the wheel puts {sorted(foreign)} into site-packages"


def check_installed(programs: Path, away: Path) -> None:
    def run(*command: str, code: int = 0) -> str:
        done = subprocess.run(command, cwd=away, capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    python, agentbench = str(programs / "python"), str(programs / "agentbench")
    seconds = min(float(run(python, "-c", IMPORT)) for _ in range(3))
    assert seconds < IMPORT_LIMIT_S, f"import agentbench_sdk takes {seconds:.3f} s"
    run(python, "-c", "from agentbench_sdk import *")
    listed = json.loads(run(agentbench, "list", "--json"))
    for kind in ("tasks", "environments", "judges", "models"):
        assert listed[kind], f"no {kind} are registered in the installed package"
    report = run(
        agentbench, "run", "vending", "-T", "scenario=tiny-7", "--model", "scripted/vending/idle", "--json"
    )
    assert json.loads(report)["status"] == "finished"
    run(agentbench, "replay")
    run(agentbench, "run", "vending", "--model", "nonsense", code=2)


if __name__ == "__main__":
    main(*sys.argv[1:])
