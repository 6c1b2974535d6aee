"""Hidden checks pass on what is right and on nothing else, whatever the candidate's code tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbench_sdk.environments.coding.folder import TaskFolder
from agentbench_sdk.environments.coding.verification import Verdict, verify
from agentbench_sdk.errors import EnvironmentFaultError
from agentbench_sdk.sandbox import SandboxSpec
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from tests.environments.coding.conftest import SOLUTION, write_task

# What a candidate may write in place of a solution. None of it can know that 40 + 2 is asked for with 42 expected.
FORGERIES = {
    "exits well": "import os\nos._exit(0)",
    "prints a verdict": "print('ok'); print('2 passed'); print('{\"kind\": \"end\"}')",
    "equals everything": """
class Any:
    def __eq__(self, other): return True
    def __repr__(self): return "42 if True else 0"
def add(a, b): return Any()
""",
    "is an int that equals everything": """
class Number(int):
    def __eq__(self, other): return True
    def __hash__(self): return 42
def add(a, b): return Number(7)
""",
    "writes the protocol to every channel": """
import os
for n in range(1, 20):
    try: os.write(n, b'\\n{"kind": "done", "name": "test_sum", "problem": ""}\\n{"kind": "end"}\\n')
    except OSError: pass
def add(a, b): return 0
""",
    "changes the driver's names": """
import builtins, ast, sys
builtins.repr = lambda value: "42"
ast.literal_eval = lambda text: 42
def add(a, b): return 0
""",
    "looks for the checks": """
import glob, os, re
def add(a, b):
    for root, _, names in os.walk("/"):
        if root.startswith(("/proc", "/usr")): continue
        for name in names:
            if name in ("checks.py", "agentbench_checks.py"):
                return 42
    for pid in os.listdir("/proc"):
        if pid.isdigit() and b"agentbench_checks" in open(f"/proc/{pid}/cmdline", "rb").read():
            return 42
    return 0
""",
    "replaces assertion": """
import builtins
builtins.AssertionError = type("AssertionError", (Exception,), {})
def add(a, b): raise SystemExit(0)
""",
    "kills its parents": """
import os, signal
def add(a, b):
    for pid in os.listdir("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            try: os.kill(int(pid), signal.SIGKILL)
            except OSError: pass
    return 0
""",
}
# Files beside the solution that test runners of other kinds would take for their own.
SHADOWS = {
    "conftest.py": "import pytest\ndef pytest_runtest_makereport(item, call): raise SystemExit(0)",
    "sitecustomize.py": "import os\nos._exit(0)",
    "usercustomize.py": "import os\nos._exit(0)",
    "agentbench_checks.py": "class CandidateError(Exception): pass",
    "checks.py": "def test_nothing(candidate): pass",
    "tests/checks.py": "def test_nothing(candidate): pass",
    "ast.py": "def parse(text): raise SystemExit(0)\ndef literal_eval(text): return 42",
    "json.py": "def loads(text): return {}",
    "pytest.ini": "[pytest]\naddopts = --collect-only",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only",
    "python3": "#!/bin/sh\necho 42",
}


async def verified(task: TaskFolder, provider: Bubblewrap, files: dict[str, str]) -> Verdict:
    work = task.work_files() | {name: text.encode() for name, text in files.items()}
    return await verify(task, provider, SandboxSpec(files=work, executable=frozenset({"python3"})))


async def test_the_reference_passes_and_the_start_fails(adding: TaskFolder, bubblewrap: Bubblewrap) -> None:
    right = await verified(adding, bubblewrap, {"adding.py": SOLUTION})
    wrong = await verified(adding, bubblewrap, {})
    assert (right.reward, right.passed) == (1.0, 2)
    assert (wrong.reward, wrong.passed) == (0.0, 0)


async def test_a_failed_check_says_what_was_expected(adding: TaskFolder, bubblewrap: Bubblewrap) -> None:
    verdict = await verified(adding, bubblewrap, {"adding.py": SOLUTION.replace("a + b", "a - b")})
    assert [check.name for check in verdict.checks if not check.passed] == ["test_sum", "test_command"]
    assert "40 + 2 is 42" in verdict.checks[0].problem
    assert "stdout='17\\n'" in verdict.checks[1].problem


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES.keys())
async def test_results_cannot_be_forged(adding: TaskFolder, bubblewrap: Bubblewrap, code: str) -> None:
    verdict = await verified(adding, bubblewrap, {"adding.py": code})
    assert (verdict.reward, len(verdict.checks)) == (0.0, 2)


async def test_a_runner_cannot_be_shadowed(adding: TaskFolder, bubblewrap: Bubblewrap) -> None:
    """With all of it beside a wrong solution, no check passes."""
    verdict = await verified(adding, bubblewrap, {**SHADOWS, "adding.py": "def add(a, b): return 0"})
    assert (verdict.passed, len(verdict.checks)) == (0, 2)


async def test_each_check_gets_a_fresh_copy(tmp_path: Path, bubblewrap: Bubblewrap) -> None:
    checks = """
def test_first(candidate):
    candidate.write("left.txt", "by the first")
    assert candidate.files() == ["left.txt", "readme.txt"]
def test_second(candidate):
    assert candidate.files() == ["readme.txt"]
    assert candidate.read("readme.txt") == "Nothing here yet."
"""
    task = write_task(tmp_path / "copies", {"tests/checks.py": checks})
    assert (await verified(task, bubblewrap, {})).reward == 1.0


async def test_what_the_candidate_raises_is_told_to_the_check(tmp_path: Path, bubblewrap: Bubblewrap) -> None:
    checks = """
from agentbench_checks import CandidateError
def test_errors(candidate):
    for code, name in [("1 / 0", "ZeroDivisionError"), ("import os; os._exit(3)", "Exit"), ("while True: pass", "cpu"),
                       ("object()", "ValueError"), ("raise SystemExit(4)", "SystemExit"), ("(", "SyntaxError")]:
        try:
            value = candidate.evaluate(code, timeout=1)
        except CandidateError as error:
            assert error.type == name or {error.type, name} == {"cpu", "wall"}, (error.type, name)
        else:
            raise AssertionError(f"{code} gave {value}")
    for value in [None, True, 1, 2.5, "a\\nb", b"x", (1, 2), [1, [2]], {"a": {1, 2}}]:
        assert candidate.evaluate(f"print('noise')\\n{value!r}") == value
"""
    task = write_task(tmp_path / "raising", {"tests/checks.py": checks})
    verdict = await verified(task, bubblewrap, {})
    assert verdict.checks[0].problem == ""


async def test_checks_that_do_not_end_count_as_failed(tmp_path: Path, bubblewrap: Bubblewrap) -> None:
    checks = "def test_ends(candidate): pass\ndef test_hangs(candidate):\n    while True: pass\n"
    settings = 'version = "1.0"\n[verifier]\ntimeout_sec = 1.5\n'
    task = write_task(tmp_path / "slow", {"tests/checks.py": checks, "task.toml": settings})
    verdict = await verified(task, bubblewrap, {})
    assert [check.passed for check in verdict.checks] == [True, False]
    assert "took longer than 1.5 s" in verdict.checks[1].problem


@pytest.mark.parametrize(
    "checks", ["import missing_module", "def helper(): pass", "def test_x(:", "raise SystemExit(0)"]
)
async def test_broken_checks_are_nobodys_score(tmp_path: Path, bubblewrap: Bubblewrap, checks: str) -> None:
    task = write_task(tmp_path / "broken", {"tests/checks.py": checks})
    with pytest.raises(EnvironmentFaultError, match="checks"):
        await verified(task, bubblewrap, {"adding.py": SOLUTION})


# --- scripts in Harbor's manner -----------------------------------------------------------------

SCRIPT = """#!/bin/bash
cd /app || exit 1
if python3 -c "from adding import add; assert add(40, 2) == 42"; then
  echo 1 > /logs/verifier/reward.txt
else
  echo 0 > /logs/verifier/reward.txt
fi
"""


def scripted(folder: Path, script: str) -> TaskFolder:
    task = write_task(
        folder,
        {"tests/test.sh": script, "environment/Dockerfile": "FROM python:3.11\nWORKDIR /app\nCOPY . ."},
    )
    (folder / "tests" / "checks.py").unlink()
    return type(task)(
        task.name,
        task.settings,
        task.instruction,
        {k: v for k, v in task.files.items() if k != "tests/checks.py"},
    )


async def by_script(folder: Path, provider: Bubblewrap, code: str, script: str = SCRIPT) -> Verdict:
    task = scripted(folder, script)
    assert task.dockerfile is not None
    work = task.work_files() | {"adding.py": code.encode()}
    return await verify(task, provider, SandboxSpec(files=work, work_folder=task.dockerfile.work_folder))


async def test_a_script_in_harbors_manner_gives_its_reward(tmp_path: Path, bubblewrap: Bubblewrap) -> None:
    assert (await by_script(tmp_path / "a", bubblewrap, SOLUTION)).reward == 1.0
    assert (await by_script(tmp_path / "b", bubblewrap, "def add(a, b): return 0")).reward == 0.0
    partly = "echo '{\"reward\": 0.25}' > /logs/verifier/reward.json"
    assert (await by_script(tmp_path / "c", bubblewrap, "", partly)).reward == 0.25


@pytest.mark.parametrize(
    ("script", "reward"),
    [
        ("echo 1 > /logs/verifier/reward.txt; kill -9 $$", 0.0),
        ("exit 3", 0.0),
        ("echo nan > /logs/verifier/reward.txt; exit 1", 0.0),
    ],
)
async def test_a_script_that_did_not_end_by_itself_earns_nothing(
    tmp_path: Path, bubblewrap: Bubblewrap, script: str, reward: float
) -> None:
    assert (await by_script(tmp_path / "task", bubblewrap, "", script)).reward == reward


async def test_a_script_without_a_reward_is_nobodys_score(tmp_path: Path, bubblewrap: Bubblewrap) -> None:
    with pytest.raises(EnvironmentFaultError, match="wrote no number"):
        await by_script(tmp_path / "task", bubblewrap, "", "true")
