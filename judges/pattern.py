"""`pattern`: a regular expression of the task is found in the answer, or what it captures is the target.

Python's engine backtracks and holds the interpreter while it does. A pattern that can take more than
quadratic time, or a long text, is matched in a process of its own that is ended when its time is up.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.answers import answer_text, no_answer
from agentbench_sdk.judges.normalisation import normalised
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

TEXT_LIMIT = 100_000
IN_PROCESS_LIMIT = 5_000

_WORKER = """
import json, re, sys
pattern, flags, full, group, text = json.load(sys.stdin)
match = (re.fullmatch if full else re.search)(pattern, text, flags)
json.dump(None if match is None else [match.group(group) or ""], sys.stdout)
"""


def is_quick(pattern: str) -> bool:
    r"""Whether matching takes at most quadratic time: at most one repetition, and none of a group.

    >>> is_quick(r"answer: (\d+)"), is_quick(r"(a+)+$"), is_quick(r"a*a*b")
    (True, False, False)
    """
    plain = re.sub(r"\\.", "x", pattern)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "x", plain)
    plain = re.sub(r"\(\?(?:P?<?[=!]|P<\w+>|:|[a-zA-Z-]+[:)])", "(", plain)
    repeats = re.findall(r"[*+]|\{", plain)
    optional = re.findall(r"(?<![*+?}])\?", plain)
    return len(repeats) <= 1 and len(optional) <= 3 and not re.search(r"\)\s*[*+{]", plain)


def _check(
    *,
    pattern: str,
    group: int | str | None = None,
    full: bool = False,
    ignore_case: bool = False,
    multiline: bool = False,
    time_limit_s: float = 5.0,
) -> None:
    try:
        compiled = re.compile(pattern)
    except (re.error, TypeError, OverflowError, RecursionError) as error:
        raise ConfigurationError(
            f"judge 'pattern': {pattern!r} is no regular expression ({error})"
        ) from error
    known = [*range(compiled.groups + 1), *compiled.groupindex]
    if group is not None and group not in known:
        raise ConfigurationError(f"judge 'pattern': {pattern!r} has no group {group!r}; it has {known}")
    if isinstance(time_limit_s, bool) or not isinstance(time_limit_s, int | float) or not time_limit_s > 0:
        raise ConfigurationError(f"judge 'pattern': time_limit_s is {time_limit_s!r}; give seconds above 0")


@judge(check=_check)
async def pattern(
    case: JudgeCase,
    *,
    pattern: str,
    group: int | str | None = None,
    full: bool = False,
    ignore_case: bool = False,
    multiline: bool = False,
    time_limit_s: float = 5.0,
) -> Score:
    """Pass if the pattern is found in the answer and, with `group`, that group's text is the target.

    Arguments:
        case: what is judged.
        pattern: a regular expression in Python's syntax.
        group: number or name of the group to be compared with the target, 0 for the whole match;
            without it a match is enough and the target is not looked at.
        full: the pattern must match the whole answer.
        ignore_case: for the pattern and for the comparison.
        multiline: ^ and $ match at each line.
        time_limit_s: seconds that a slow pattern may take, the start of its process included.

    Raises:
        JudgeError: with `group`, the target is no text; the answer is longer than 100,000 characters; the
            pattern took too long.
    """
    targets = accepted_texts(case, "pattern") if group is not None else []
    text = answer_text(case)
    if not text:
        return no_answer()
    if len(text) > TEXT_LIMIT:
        raise JudgeError(
            f"sample {case.sample_id!r}: the answer has {len(text)} characters; judge 'pattern' reads {TEXT_LIMIT}"
        )
    flags = (re.IGNORECASE if ignore_case else 0) | (re.MULTILINE if multiline else 0)
    if len(text) <= IN_PROCESS_LIMIT and is_quick(pattern):
        match = (re.fullmatch if full else re.search)(pattern, text, flags)
        found = None if match is None else match.group(group or 0) or ""
    else:
        found = await _find_apart([pattern, int(flags), full, group or 0, text], time_limit_s)
    if found is None:
        return Score(0.0, False, None, "the pattern is not in the answer", {"extracted": None})
    wanted = {normalised(target, ignore_case=ignore_case) for target in targets}
    passed = group is None or normalised(found, ignore_case=ignore_case) in wanted
    explanation = f"the pattern finds {found[:80]!r}" + ("" if passed else f", not {' or '.join(targets)}")
    return Score(float(passed), passed, explanation=explanation, evidence={"extracted": found})


async def _find_apart(job: list[object], time_limit_s: float) -> str | None:
    """What a process of its own finds: [pattern, flags, full, group, text]."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-c", _WORKER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        # ASCII escapes carry lone surrogates too, which UTF-8 does not.
        raw = json.dumps(job).encode("ascii")
        output, _ = await asyncio.wait_for(process.communicate(raw), time_limit_s)
    except TimeoutError:
        raise JudgeError(
            f"the pattern {job[0]!r} took more than {time_limit_s:g} s; write it without nested repetitions"
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise JudgeError(f"the process that matches {job[0]!r} ended with code {process.returncode}")
    found = json.loads(output)
    return None if found is None else str(found[0])
