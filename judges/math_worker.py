"""The process in which two mathematical texts are compared; see `workers` and `math`.

A script: it reads one JSON object a line, {"pairs": [[index, answer, gold], …]}, and writes {"equal": index or
null}, the index of the first pair that is equal. With "whole" an answer is a whole reply, from which the library
takes what is boxed. Nothing that a library prints can get between the lines.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

MEMORY_BYTES = 4 * 2**30


def main() -> None:
    """Answer jobs until the input ends."""
    sys.path[:] = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit_memory()
    try:
        equal = _comparer()
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(equal, json.loads(line))), file=answers, flush=True)


def _limit_memory() -> None:
    """A tower of powers must not take the machine with it."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (ImportError, ValueError, OSError):  # no such limit here: the time limit stands alone
        return


Comparer = Callable[[str, str, bool], bool]


def _comparer() -> Comparer:
    import logging

    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

    logging.disable(logging.CRITICAL)
    # How EvalScope 1.14.1 reads a whole reply: what is boxed comes before what stands last.
    boxed_first = {
        "extraction_config": [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()],
        "extraction_mode": "first_match",
    }

    def equal(gold: str, answer: str, whole: bool) -> bool:
        # The library's own time limits need signals; ours is outside this process.
        left = parse(_wrapped(gold), parsing_timeout=None)
        right = parse(
            answer if whole else _wrapped(answer), parsing_timeout=None, **(boxed_first if whole else {})
        )
        if whole:  # only what was parsed counts there, never equal strings
            left, right = ([each for each in side if not isinstance(each, str)] for side in (left, right))
        return bool(left and right and verify(left, right, timeout_seconds=None))

    return equal


def _wrapped(text: str) -> str:
    """A text as LaTeX mathematics; a whole reply (with boxes) is read as it is."""
    return text if "\\boxed" in text or "$" in text.replace("\\$", "") else f"${text}$"


def _answer(equal: Comparer, job: dict[str, Any]) -> dict[str, Any]:
    for index, answer, gold in job["pairs"]:
        try:
            if equal(gold, answer, job.get("whole", False)):
                return {"equal": index}
        except (Exception, RecursionError):  # noqa: BLE001, S112 - what cannot be parsed is not equal
            continue
    return {"equal": None}


if __name__ == "__main__":
    main()
