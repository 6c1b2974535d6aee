"""The coding world in whole sessions: its tools, what is checked at the end, and what an agent may try."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from agentbench_sdk import Run, evaluate
from agentbench_sdk.environments.coding import Coding
from agentbench_sdk.errors import ConfigurationError, SandboxUnavailableError
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.sandbox.bubblewrap import Bubblewrap
from agentbench_sdk.sessions.transcript import ToolEntry
from agentbench_sdk.simulation import Act, Opening
from agentbench_sdk.tasks.agentic.coding import coding
from tests.environments.coding.conftest import SOLUTION, write_task


@pytest.fixture
async def tasks_dir(tmp_path: Path) -> Path:
    provider = Bubblewrap()
    try:
        await provider.check()
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    finally:
        await provider.close()
    write_task(tmp_path / "tasks" / "adding", {})
    return tmp_path / "tasks"


async def played(tasks_dir: Path, acts: Sequence[Act], **params: object) -> Run:
    """A session in which an agent does these things, judged."""

    def policy(opening: Opening) -> Generator[Act, str, None]:
        for act in acts:  # noqa: UP028 - a list takes nothing that is sent
            yield act

    task = coding(tasks_dir=str(tasks_dir), **params)
    return await evaluate(task, PolicyModel(policy, id="agent"), cache=None, runs=tasks_dir.parent / "runs")


def results(run: Run) -> list[ToolEntry]:
    return [entry for entry in run.reader.transcript("adding", 0) if isinstance(entry, ToolEntry)]


def solved(run: Run) -> float | None:
    (record,) = run.records()
    assert record.ending.scorable, record.ending
    return record.scores["solved"].value


SUBMIT = Act("submit")


async def test_an_agent_that_does_the_work_has_solved_it(tasks_dir: Path) -> None:
    write = Act("write_file", {"path": "adding.py", "content": SOLUTION})
    run = await played(tasks_dir, [write, Act("bash", {"command": "python3 adding.py 2 3"}), SUBMIT])
    assert solved(run) == 1.0
    wrote, ran, submitted = results(run)
    assert (wrote.content, ran.content, submitted.content) == ("wrote adding.py, 9 lines", "5", "submitted")
    (record,) = run.records()
    assert record.outcome is not None
    metrics = record.outcome.metrics
    assert (metrics["checks_passed"], metrics["checks"], metrics["commands"], metrics["edits"]) == (
        2,
        2,
        1,
        1,
    )
    assert record.outcome.components == {"share_of_checks": 1.0}


async def test_what_was_left_is_checked_when_a_limit_ends_the_session(tasks_dir: Path) -> None:
    write = Act("write_file", {"path": "adding.py", "content": SOLUTION})
    run = await played(tasks_dir, [write, *[Act("list_files")] * 9], max_turns=3)
    (record,) = run.records()
    assert record.ending.reason == "turns"
    assert solved(run) == 1.0


async def test_tools_say_what_happened(tasks_dir: Path) -> None:
    acts = [
        (Act("list_files"), "readme.txt"),
        (Act("read_file", {"path": "readme.txt"}), "     1\tNothing here yet."),
        (Act("read_file", {"path": "missing"}), "error: missing: cat: ./missing: No such file or directory"),
        (Act("write_file", {"path": "a/b.txt", "content": "one\ntwo\none\n"}), "wrote a/b.txt, 4 lines"),
        (Act("read_file", {"path": "a/b.txt", "first_line": 2, "lines": 1}), "     2\ttwo\n[1 more lines]"),
        (Act("edit_file", {"path": "a/b.txt", "old": "two", "new": "2"}), "changed a/b.txt, line 2"),
        (Act("edit_file", {"path": "a/b.txt", "old": "one", "new": "1"}), "error: the text to replace occurs 2 times in a/b.txt"),
        (Act("edit_file", {"path": "a/b.txt", "old": "x", "new": "1"}), "error: the text to replace does not occur in a/b.txt"),
        (Act("search", {"pattern": "^2$"}), "./a/b.txt:2:2"),
        (Act("search", {"pattern": "nowhere"}), "[nothing found]"),
        (Act("bash", {"command": "cat a/b.txt; echo oops >&2; exit 3"}), "one\n2\none\noops\n[exit code 3]"),
        (Act("bash", {"command": "true"}), "[no output]"),
        (Act("bash", {"command": "x=5; cd a; export y=6"}), "[no output]"),
        (Act("bash", {"command": "echo $x$y; pwd"}), "\n/work"),
        (Act("list_files"), "a/\na/b.txt\nreadme.txt"),
        (Act("list_files", {"path": "nowhere"}), "error: nowhere: find: ‘./nowhere’: No such file or directory"),
    ]  # fmt: skip
    run = await played(tasks_dir, [*(act for act, _ in acts), SUBMIT])
    told = [(entry.name, entry.content) for entry in results(run)[:-1]]
    assert told == [(act.tool, text) for act, text in acts]
    assert solved(run) == 0.0


async def test_a_python_session_keeps_its_variables_until_it_ends(tasks_dir: Path) -> None:
    codes = [
        ("x = 20", "[no output]"),
        ("def f(n):\n    return n + 1\nprint('hi')\nf(x) * 2", "hi\n42"),
        ("1 / 0", 'Traceback (most recent call last):\n  File "<input>", line 1, in <module>\nZeroDivisionError: division by zero'),
        ("x", "20"),
        ("import sys; sys.exit(3)", "[no output]"),
        ("x", "20"),
        ("input()", 'Traceback (most recent call last):\n  File "<input>", line 1, in <module>\nEOFError: EOF when reading a line'),
        ("import os; os._exit(1)", "[the session was ended: it exited; its variables are lost, the next call starts a new one]"),
        ("x", "Traceback (most recent call last):\n  File \"<input>\", line 1, in <module>\nNameError: name 'x' is not defined"),
        ("while True: pass", "[the session was ended: the call took longer than 1 s; its variables are lost, the next call starts a new one]"),
        ("'again'", "'again'"),
    ]  # fmt: skip
    acts = [*(Act("python", {"code": code}) for code, _ in codes), SUBMIT]
    run = await played(tasks_dir, acts, command_seconds=1.0)
    assert [entry.content for entry in results(run)[:-1]] == [text for _, text in codes]


async def test_limits_are_told_and_the_session_goes_on(tasks_dir: Path) -> None:
    acts = [
        Act("bash", {"command": "sleep 60"}),
        Act("bash", {"command": "yes"}),
        Act("bash", {"command": "seq 1 1000000"}),
        Act("bash", {"command": "echo alive"}),
        SUBMIT,
    ]
    slept, flooded, counted, alive, _ = results(await played(tasks_dir, acts, command_seconds=1.0))
    assert slept.content == "[killed: it took longer than 1 s]"
    assert (
        "[killed: it wrote more than 64 MiB of output]" in flooded.content or "longer than" in flooded.content
    )
    assert counted.content.startswith("1\n2\n")
    assert "bytes left out" in counted.content
    assert len(counted.content) < 17_000
    assert alive.content == "alive"


@pytest.mark.parametrize(
    "arguments",
    [
        {"command": "echo \0 a"},
        {"command": 5},
        {"command": ""},
        {},
        {"cmd": "ls"},
    ],
)
async def test_odd_arguments_never_break_a_session(tasks_dir: Path, arguments: dict[str, object]) -> None:
    run = await played(tasks_dir, [Act("bash", arguments), Act("bash", {"command": "echo alive"}), SUBMIT])
    assert results(run)[1].content == "alive"
    assert solved(run) == 0.0


SPY = r"""
find / \( -name 'checks.py' -o -name 'agentbench_checks.py' -o -name 'task.toml' -o -name 'readme.txt' \) -print 2>/dev/null
grep -rl 'test_sum' / --include='*' -s --exclude-dir=proc --exclude-dir=usr --exclude-dir=lib 2>/dev/null | head
"""


async def test_hidden_checks_are_nowhere_to_be_found(tasks_dir: Path) -> None:
    run = await played(tasks_dir, [Act("bash", {"command": SPY}), SUBMIT])
    assert "readme.txt" in results(run)[0].content, "what is there is found"
    assert "checks.py" not in results(run)[0].content
    assert "test_sum" not in results(run)[0].content


@pytest.mark.parametrize(
    "command",
    [
        "mkdir -p tests && printf 'def test_x(candidate): pass\n' > tests/checks.py",
        "printf 'import os\nos._exit(0)\n' | tee conftest.py sitecustomize.py usercustomize.py adding.py",
        "echo 'export PYTHONSTARTUP=/tmp/x.py PYTHONPATH=.' > ~/.bashrc; cp ~/.bashrc ~/.profile",
        "mkdir -p ~/.local/lib/python3.11/site-packages; echo 'import os; os._exit(0)' > ~/.local/lib/python3.11/site-packages/usercustomize.py",
        "(while :; do printf 'def add(a, b): return 42\n' > adding.py; done) & disown; nohup sleep 100 &",
        'rm -rf -- * .[!.]* ; rm -rf -- "$PWD"',
        "chmod 000 . ; chmod 000 readme.txt",
        "ln -s / everything; ln -s /etc/passwd adding.py; mkfifo pipe",
        "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); mkdir -p d$i; echo x > d$i/f; done",
    ],
)
async def test_no_trick_passes_a_check_or_breaks_the_run(tasks_dir: Path, command: str) -> None:
    run = await played(tasks_dir, [Act("bash", {"command": command}), SUBMIT])
    assert solved(run) == 0.0
    assert run.status == "finished"


async def test_a_task_that_needs_an_image_is_refused_before_the_run(tasks_dir: Path) -> None:
    write_task(tasks_dir / "adding", {"environment/Dockerfile": "FROM node:20\nRUN npm ci"})
    with pytest.raises(SandboxUnavailableError, match="container images"):
        await played(tasks_dir, [SUBMIT])


async def test_another_task_than_the_recorded_one_is_refused(tasks_dir: Path) -> None:
    sample = coding(tasks_dir=str(tasks_dir)).load()[0]
    write_task(tasks_dir / "adding", {"tests/checks.py": "def test_other(candidate): pass"})
    with pytest.raises(ConfigurationError, match="is not the one that was recorded"):
        Coding.create(sample.scenario or {}, 0)
