"""Runs the tests. What they call is done by another process, in another sandbox; only data comes back.

Started by `python3 -I testing.py` beside `job.json`: {"code", "setup", "tests": [text, …], "entry_point"}.
Lines to and from the other process go over standard output and input; the last line is the verdict.
"""

import ast
import builtins
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
import wire  # type: ignore[import-not-found]  # it lies beside this file, in the sandbox


class RemoteError(Exception):
    """The code under test raised something that is no exception of Python's own."""


class Remote:
    """An object of the code under test. Equal only to another such object, and only if that code says so."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.__dict__["_told"] = told

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        asked = {
            "do": "call",
            "ref": self._told["ref"],
            "arguments": [wire.encode(each, _refer) for each in arguments],
            "named": {key: wire.encode(value, _refer) for key, value in named.items()},
        }
        answer = _ask(asked)
        for mine, theirs in zip(arguments, wire.decode(answer["arguments"], _find), strict=True):
            _update(mine, theirs)
        return wire.decode(answer["value"], _find)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return wire.decode(_ask({"do": "get", "ref": self._told["ref"], "name": name})["value"], _find)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Remote):
            return False
        return bool(_ask({"do": "equal", "ref": self._told["ref"], "other": other._told["ref"]})["value"])

    def __hash__(self) -> int:
        return hash(self._told["ref"])

    def __repr__(self) -> str:
        return f"<an object of type {self._told['type']}>"


def _refer(value: Any) -> dict[str, Any]:
    if isinstance(value, Remote):
        return {"ref": value._told["ref"]}  # noqa: SLF001 - nothing of it is public: that is its code's
    name = getattr(value, "__name__", "")
    if name and getattr(builtins, name, None) is value:
        return {"builtin": name}
    raise wire.CannotSendError(f"the tests pass a value of type {type(value).__name__}, which cannot be sent")


def _find(kind: str, data: dict[str, Any]) -> Any:
    if kind != "ref":
        raise wire.CannotSendError(f"not a value: {kind}")
    return Remote(data)


def _update(mine: Any, theirs: Any) -> None:
    """Change an argument as the code under test changed its copy."""
    if (type(mine) is list and type(theirs) is list) or (
        type(mine) is bytearray and type(theirs) is bytearray
    ):
        mine[:] = theirs
    elif (type(mine) is dict and type(theirs) is dict) or (type(mine) is set and type(theirs) is set):
        mine.clear()
        mine.update(theirs)


def _ask(asked: dict[str, Any]) -> dict[str, Any]:
    _out.write(wire.dump(asked))
    _out.flush()
    line = _in.readline()
    if not line:
        raise RemoteError("the code under test ended")
    answer: dict[str, Any] = wire.load(line)
    if "error" in answer:
        raise _error(answer)
    return answer


def _error(answer: dict[str, Any]) -> Exception:
    kind = getattr(builtins, str(answer["error"]), None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(answer["message"])
        except TypeError:  # it wants more than a message, as UnicodeDecodeError does
            pass
    return RemoteError(f"{answer['error']}: {answer['message']}")


def _run(job: dict[str, Any]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "tests"}
    exec(compile(job["setup"], "setup.py", "exec"), names)  # noqa: S102 - the task's own
    try:
        found = _ask({"do": "load", "code": job["code"]})["names"]
    except Exception as error:  # noqa: BLE001 - whatever it is, the code does not load
        return {"passed": 0, "failed": [_said(error)]}
    remotes = {name: Remote(told) for name, told in found.items()}
    if job["entry_point"] and job["entry_point"] not in remotes:
        return {"passed": 0, "failed": [f"there is no function {job['entry_point']}"]}
    offered = _offered(remotes, names, job)
    names |= offered
    failed = []
    for text in job["tests"]:
        try:
            exec(compile(text, "tests.py", "exec"), names)  # noqa: S102 - the task's own
            if job["entry_point"] and "check" in names:
                names["check"](remotes[job["entry_point"]])
        except wire.CannotSendError:
            raise
        except Exception as error:  # noqa: BLE001 - the test failed, however
            failed.append(_said(error))
    return {"passed": len(job["tests"]) - len(failed), "failed": failed}


def _offered(remotes: dict[str, Remote], names: dict[str, Any], job: dict[str, Any]) -> dict[str, Remote]:
    """What the tests see of the code under test.

    A helper of the task's own stays the task's own, and Python's own functions stay what they are: code that
    defines a `set` of its own does not compare its results. Only where the tests name nothing else of the code
    is a function like `sum` the one that is tested.
    """
    if job["entry_point"]:
        return {name: each for name, each in remotes.items() if name == job["entry_point"]}
    trees = [ast.parse(text) for text in job["tests"]]
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    candidates = {name: each for name, each in remotes.items() if name not in names}
    own = {name: each for name, each in candidates.items() if not hasattr(builtins, name)}
    return own if used & own.keys() else candidates


def _said(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "tests.py"]
    where = f"line {frames[-1].lineno} of the tests: " if frames else ""
    return f"{where}{type(error).__name__}: {error}"[:500].rstrip(": ")


if __name__ == "__main__":
    _out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _in = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        verdict = _run(json.loads((Path(__file__).resolve().parent / "job.json").read_text(encoding="utf-8")))
    except wire.CannotSendError as problem:
        verdict = {"unscored": str(problem)}
    _out.write(wire.dump({"verdict": verdict}))
    _out.flush()
    os._exit(0)
