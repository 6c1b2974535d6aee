"""Runs `checks.py` in a sandbox of its own, and has the candidate's code executed in another one.

This process never imports or reads what the candidate wrote: it asks the host, by one line of JSON on a
channel that the checks do not see, to run a command where the candidate's files lie, and is told how it ended.
So nothing that the candidate does reaches the expected values, the checks or the verdicts.

The host puts this file beside checks.py and starts it with `python3 -I`.
"""

import ast
import json
import os
import secrets
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
# The value comes last, after a mark that is new for each call, and nothing may be written behind it.
_EVALUATE = """
import ast, os, sys
mark = sys.argv[1]
names = {"__name__": "__check__"}
try:
    tree = ast.parse(sys.stdin.read())
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<check>", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "<check>", "eval"), names) if last else None
    told = "value" + repr(value)
except BaseException as error:
    told = "error" + repr((type(error).__name__, str(error)))
sys.stderr.flush()
sys.stdout.write("\\n" + mark + told + "\\n")
sys.stdout.flush()
os._exit(0)
"""


class CandidateError(Exception):
    """The candidate's code raised, or gave no value that can be looked at.

    Attributes:
        type: name of the exception, or of the limit that ended the code.
        message: what it said.
    """

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(f"{type_}: {message}")
        self.type, self.message = type_, message


class Result:
    """How a command of the candidate ended; see `ExecResult` for the meaning of the figures."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.exit_code: int = told["exit_code"]
        self.stdout: str = told["stdout"]
        self.stderr: str = told["stderr"]
        self.cpu_seconds: float = told["cpu_seconds"]
        self.ended_by: str | None = told["ended_by"]

    def __repr__(self) -> str:
        ended = f", ended by limit on {self.ended_by}" if self.ended_by else ""
        return f"Result(exit_code={self.exit_code}, stdout={self.stdout[:300]!r}, stderr={self.stderr[-300:]!r}{ended})"


class Candidate:
    """The work folder as the agent left it, one copy for each check."""

    def __init__(self, channel: "Channel") -> None:
        self._channel = channel

    def run(
        self,
        argv: Sequence[str],
        stdin: str = "",
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        timeout: float = 10,
    ) -> Result:
        """Run a command in the work folder; `timeout` limits wall time and processor time, in seconds."""
        call = {"argv": list(argv), "stdin": stdin, "env": env or {}, "cwd": cwd, "timeout": timeout}
        return Result(self._channel.ask("run", call))

    def evaluate(self, code: str, timeout: float = 10) -> Any:
        """Run Python code in the work folder and return the value of its last expression.

        Raises:
            CandidateError: the code raised, was ended by a limit, or its value is no Python literal.
        """
        mark = secrets.token_hex(16)
        result = self.run(["python3", "-c", _EVALUATE, mark], stdin=code, timeout=timeout)
        if result.ended_by is not None:
            raise CandidateError(result.ended_by, f"limit reached after {timeout} s")
        _, found, told = result.stdout.rpartition(f"\n{mark}")
        if not found:
            raise CandidateError("Exit", f"exit code {result.exit_code}: {result.stderr[-500:]}")
        kind, literal = told[:5], told[5:].rstrip("\n")
        value = _literal(literal)
        if kind == "error":
            raise CandidateError(*value)
        return value

    def read(self, path: str) -> str:
        """Text of a file; CandidateError when it cannot be read."""
        told = self._channel.ask("read", {"path": path})
        if told["problem"]:
            raise CandidateError("FileNotFoundError", told["problem"])
        return str(told["text"])

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        told = self._channel.ask("write", {"path": path, "text": text})
        if told["problem"]:
            raise CandidateError("OSError", told["problem"])

    def files(self) -> list[str]:
        """Paths of all files, sorted; what Python compiled is left out."""
        return list(self._channel.ask("files", {})["files"])


class Channel:
    """Lines of JSON to and from the host."""

    def __init__(self) -> None:
        # Whatever the checks print goes to stderr; the channel is theirs no more.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._in = os.fdopen(os.dup(0), encoding="utf-8")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def tell(self, kind: str, content: dict[str, Any]) -> None:
        """Send a line."""
        self._out.write(json.dumps({"kind": kind, **content}) + "\n")
        self._out.flush()

    def ask(self, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Send a line and wait for the answer."""
        self.tell(kind, content)
        line = self._in.readline()
        if not line:
            sys.exit("the host is gone")
        answer: dict[str, Any] = json.loads(line)
        return answer


def main() -> None:
    """Run all checks, each on a fresh copy, and tell what came of each."""
    channel = Channel()
    sys.modules["agentbench_checks"] = sys.modules["__main__"]
    spec = spec_from_file_location("checks", _HERE / "checks.py")
    assert spec is not None
    assert spec.loader is not None
    checks = module_from_spec(spec)
    spec.loader.exec_module(checks)
    names = [name for name, value in vars(checks).items() if name.startswith("test_") and callable(value)]
    channel.tell("plan", {"names": names})
    for name in names:
        channel.ask("begin", {"name": name})
        try:
            getattr(checks, name)(Candidate(channel))
            problem = ""
        except Exception as error:  # noqa: BLE001 - whatever a check raises, it has failed
            problem = "".join(traceback.format_exception_only(error)).strip() or type(error).__name__
        channel.tell("done", {"name": name, "problem": problem[:2000]})
    channel.tell("end", {})


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise CandidateError("ValueError", f"the value is no Python literal: {text[:200]}") from None


if __name__ == "__main__":
    main()
