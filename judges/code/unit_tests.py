"""`unit_tests`: code that a model wrote passes the tests of its sample.

The code runs in one sandbox and the tests in another, and only data passes between them: code that exits,
prints a verdict, changes Python's own functions or returns objects that equal everything passes nothing.

Sources of the forms: HumanEval (Chen et al. 2021, arXiv:2107.03374), whose tests are a function `check` that is
given the function; MBPP (Austin et al. 2021, arXiv:2108.07732), whose tests are assertions that name it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import final_text
from agentbench_sdk.judges.code.relay import run_tests
from agentbench_sdk.judges.code.reply import code_of, evalscope_code
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.sandbox import Limits, SandboxSpec

COMPAT = ("evalscope-1.14.1",)
_MEBIBYTE = 1 << 20
_FORM = "a mapping with `test` and `entry_point` (HumanEval), or with `test_list` (MBPP)"


@dataclass(frozen=True)
class UnitTestsJudge:
    """See `unit_tests`."""

    seconds: float = 10.0
    memory_mb: int = 512
    compat: str = ""
    needs_sandbox: bool = True

    @property
    def id(self) -> str:
        options = {"seconds": self.seconds, "memory_mb": self.memory_mb, "compat": self.compat}
        return judge_id("unit_tests", options, {"seconds": 10.0, "memory_mb": 512, "compat": ""})

    @property
    def scale(self) -> Scale:
        return Scale()

    @property
    def limits(self) -> Limits:
        """Of each process."""
        return Limits(
            cpu_seconds=self.seconds,
            wall_seconds=2 * self.seconds,
            memory_bytes=self.memory_mb * _MEBIBYTE,
            processes=32,
            disk_bytes=64 * _MEBIBYTE,
        )

    async def judge(self, case: JudgeCase) -> Score:
        """Run the tests.

        Raises:
            JudgeError: the target has another form, or its tests are broken.
        """
        target = case.target
        if not isinstance(target, Mapping) or not (
            {"test", "entry_point"} <= set(target) or "test_list" in target
        ):
            raise bad_target(case, "unit_tests", _FORM)
        if self.compat:
            return await self._together(case, target)
        code = code_of(final_text(case))
        if not code.strip():
            return Score(0.0, passed=False, explanation="the reply holds no code")
        return _verdict(code, await run_tests(case, _job(code, target), self.limits), self.seconds)

    async def _together(self, case: JudgeCase, target: Mapping[str, Any]) -> Score:
        """One program of prompt, code and tests, as the peer runs it; it has to reach its end."""
        code = evalscope_code(_without_first_thought(case.answer))
        mark = secrets.token_hex(16)
        program = f"{target.get('prompt', '')}{code}\n{target['test']}\ncheck({target['entry_point']})\n"
        spec = SandboxSpec(files={"program.py": program.encode()}, limits=self.limits)
        async with await case.sandbox(spec) as sandbox:
            run = f"exec(compile(open('program.py').read(), 'program.py', 'exec'), {{}})\nprint('{mark}')"
            result = await sandbox.exec(["python3", "-c", run], timeout=self.seconds)
        passed = result.ok and result.stdout.text.rstrip().endswith(mark)
        why = (
            "it reached its end"
            if passed
            else (result.ended_by or result.stderr.text.strip()[-200:] or "it ended early")
        )
        return Score(
            float(passed), passed, explanation=f"as {self.compat} runs it: {why}", evidence={"code": code}
        )


def unit_tests(*, seconds: float = 10.0, memory_mb: int = 512, compat: str = "") -> UnitTestsJudge:
    """A judge that passes if the code in the reply passes the tests of the sample.

    The code is the first fenced block of the reply, else the whole reply; it is appended to the target's
    `prompt`, so both whole functions and mere bodies work.

    Arguments:
        seconds: processor time that code and tests may each take; twice as much by the clock.
        memory_mb: memory of each.
        compat: "evalscope-1.14.1" runs one program of prompt, code and tests, and reads replies as it does.

    The target is a mapping as HumanEval's documents are (`prompt`, `test`, `entry_point`), or as MBPP's
    (`test_list`, and `test_setup_code`).

    Raises:
        ConfigurationError: an option is not as above.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise ConfigurationError(f"judge 'unit_tests': seconds is {seconds!r}; give a number above 0")
    if isinstance(memory_mb, bool) or not isinstance(memory_mb, int) or memory_mb < 64:
        raise ConfigurationError(
            f"judge 'unit_tests': memory_mb is {memory_mb!r}; give a whole number from 64 on"
        )
    if compat and compat not in COMPAT:
        raise ConfigurationError(f"judge 'unit_tests': compat is {compat!r}; give one of {', '.join(COMPAT)}")
    return UnitTestsJudge(float(seconds), memory_mb, compat)


def _job(code: str, target: Mapping[str, Any]) -> dict[str, Any]:
    prompt = str(target.get("prompt", "")) if "entry_point" in target else ""
    tests = [target["test"]] if "test" in target else list(target["test_list"])
    return {
        "code": prompt + code,
        # Tests may use what the prompt defines beside the function itself.
        "setup": _complete(prompt) if prompt else str(target.get("test_setup_code") or ""),
        "tests": [str(test) for test in tests],
        "entry_point": str(target.get("entry_point") or ""),
    }


def _complete(prompt: str) -> str:
    """A prompt that ends in the head of a function, made whole; HumanEval's docstrings are bodies already."""
    try:
        compile(prompt, "prompt.py", "exec")
    except SyntaxError:
        return f"{prompt.rstrip()}\n    pass\n"
    return prompt


def _verdict(code: str, told: Mapping[str, Any], seconds: float) -> Score:
    if "unscored" in told:
        return Score.unscored(str(told["unscored"]), code=code)
    if "limit" in told:
        return Score(
            0.0, passed=False, explanation=f"not done after {2 * seconds:g} s", evidence={"code": code}
        )
    failed = [str(each) for each in told["failed"]]
    said = f"{told['passed']} of {told['passed'] + len(failed)} tests passed" + (
        f": {failed[0]}" if failed else ""
    )
    evidence = {"code": code, "passed": told["passed"], "failed": failed}
    return Score(float(not failed), not failed, explanation=said, evidence=evidence)


def _without_first_thought(text: str) -> str:
    head, found, rest = text.partition("</think>")
    return rest.lstrip() if found and "<think>" in head else text
