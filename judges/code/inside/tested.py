"""Runs the code under test and does what the testing process asks; here everything may be as the code wants it.

Started by `python3 tested.py` in a sandbox of its own. Whatever it answers is data: the verdict is made elsewhere.
"""

import builtins
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

import wire  # type: ignore[import-not-found]  # it lies beside this file, in the sandbox

_objects: dict[int, Any] = {}


def _refer(value: Any) -> dict[str, Any]:
    if isinstance(value, Iterator):
        return {"iterator": [wire.encode(each, _refer) for each in wire.items_of(value)]}
    number = len(_objects)
    _objects[number] = value
    return {"ref": number, "type": type(value).__name__, "callable": callable(value)}


def _find(kind: str, data: dict[str, Any]) -> Any:
    return _objects[data["ref"]] if kind == "ref" else getattr(builtins, data["builtin"])


def _load(code: str) -> dict[str, Any]:
    module = types.ModuleType("candidate")
    sys.modules["candidate"] = module
    exec(compile(code, "candidate.py", "exec"), module.__dict__)  # noqa: S102 - this is what the sandbox is for
    names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("__")]
    return {"names": {name: _refer(vars(module)[name]) for name in names}}


def _call(asked: dict[str, Any]) -> dict[str, Any]:
    arguments = wire.decode(asked["arguments"], _find)
    named = {key: wire.decode(value, _find) for key, value in asked["named"].items()}
    result = _objects[asked["ref"]](*arguments, **named)
    # The arguments go back too, for a function may change them in place.
    return {
        "value": wire.encode(result, _refer),
        "arguments": [wire.encode(each, _refer) for each in arguments],
    }


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["do"] == "load":
        return _load(asked["code"])
    if asked["do"] == "call":
        return _call(asked)
    if asked["do"] == "get":
        return {"value": wire.encode(getattr(_objects[asked["ref"]], asked["name"]), _refer)}
    same = _objects[asked["ref"]] == _objects[asked["other"]]
    return {"value": bool(same)}


def main() -> None:
    """Answer until nobody asks."""
    channel_in = os.fdopen(os.dup(0), encoding="utf-8")
    channel_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    for line in channel_in:
        try:
            answer = _answer(wire.load(line))
        except BaseException as error:  # noqa: BLE001 - SystemExit too: the tests are told, and go on
            answer = {"error": type(error).__name__, "message": str(error)[:1000]}
        channel_out.write(wire.dump(answer))
        channel_out.flush()


if __name__ == "__main__":
    main()
