"""The scripts do the same in each shell that an image may have."""

import shutil
import subprocess
from collections.abc import Callable

import pytest

from agentbench_sdk.sandbox import Limits, shell

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
SHELLS = {"dash": ["dash"], "busybox": ["busybox", "sh"], "bash": ["bash", "--posix"]}


@pytest.fixture(params=SHELLS)
def run(request: pytest.FixtureRequest) -> Run:
    program = SHELLS[request.param]
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")

    def run(
        argv: list[str],
        *,
        cwd: str = "/",
        limits: Limits | None = None,
        inside: bool = False,
        input: bytes = b"",
    ) -> subprocess.CompletedProcess[bytes]:
        started = shell.started(argv, cwd, "0" * 32, limits or Limits(), inside=inside)
        return subprocess.run([*program, *started[1:]], capture_output=True, check=False, input=input)

    return run


def test_it_says_that_it_begins_and_ends_as_the_command(run: Run) -> None:
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", shell.BEGUN + b"err\n")
    assert run(["sh", "-c", "kill -11 $$"]).returncode == 139


@pytest.mark.parametrize(
    "argument", ["", "-n", "a\nb\n", "\udcff\n\n", "%s\\n", "'\"`$(id)", "x\udc80'%d\\n"]
)
def test_arguments_arrive_even_if_they_are_no_text(run: Run, argument: str) -> None:
    done = run(["printf", "%s|", argument, "é"])
    assert done.stdout == argument.encode("utf-8", "surrogateescape") + "|é|".encode()


def test_limits_hold_for_the_command(run: Run) -> None:
    limits = Limits(cpu_seconds=7.5, file_bytes=1 << 20, memory_bytes=50 << 20)
    done = run(["sh", "-c", "cat /proc/self/limits"], limits=limits)
    text = done.stdout.decode()
    rows = {line[:26].strip(): line[26:].split()[:2] for line in text.splitlines()}
    assert rows["Max cpu time"] == ["8", "9"]
    assert rows["Max file size"] == [str(1 << 20)] * 2
    assert rows["Max data size"] == [str(50 << 20)] * 2
    assert rows["Max core file size"] == ["0", "0"]


def test_what_is_left_running_is_killed(run: Run) -> None:
    done = run(["sh", "-c", "setsid sleep 54321 & exit 2"], inside=True)
    assert done.returncode == 2
    assert subprocess.run(["pgrep", "-f", "sleep 54321"], capture_output=True, check=False).stdout == b""


@pytest.mark.parametrize("inside", [False, True])
def test_a_folder_that_is_missing_starts_nothing(run: Run, inside: bool) -> None:
    done = run(["echo", "ran"], cwd="/no/such/folder", inside=inside)
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"/no/such/folder" in done.stderr.removeprefix(shell.BEGUN)
    assert done.stderr.endswith(shell.ENDED) is inside


def test_input_that_a_command_leaves_is_read_away(run: Run) -> None:
    done = run(["sh", "-c", "echo out; exit 3"], inside=True, input=b"x" * (1 << 20))
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", shell.BEGUN + shell.ENDED)
