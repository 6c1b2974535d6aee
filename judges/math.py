"""`math`: the expression that a reply states equals the target as mathematics.

Numbers are read and compared exactly, texts after LaTeX's decorations are gone; what is left is decided by
the library math-verify (on SymPy), in a process of its own with a time limit, because simplification may
hang. `\\boxed{60}` then `\\boxed{20}` states 20; `\\boxed{2}` and `\\boxed{3}` in one breath state both.

Sources: Hendrycks et al. 2021 (arXiv:2103.03874), whose answers stand in `\\boxed`; Math-Verify's README.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agentbench_sdk.errors import ConfigurationError, JudgeError, MissingExtraError
from agentbench_sdk.judges.answers import answer_text, boxes, no_answer
from agentbench_sdk.judges.math_text import (
    comparable,
    latex_text,
    plain_latex,
    same_in_base,
    stated_expressions,
)
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judges.numbers import Number, close_to, parse_number, plain_number_text, shown
from agentbench_sdk.judges.numeric import extract_number, is_bound
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judges.workers import JobTimeoutError, WorkerPool, shared_pool
from agentbench_sdk.judging import JudgeCase, Scale, Score

COMPAT = ("evalscope-1.14.1", "lm-eval/gsm8k/strict-match", "lm-eval/gsm8k/flexible-extract",
          "lm-eval/hendrycks_math", "lm-eval/minerva_math")  # fmt: skip
WORKER = Path(__file__).with_name("math_worker.py")
EXPRESSION_LIMIT = 500
"""Characters of an expression that are compared; longer ones are no final answers."""


@dataclass(frozen=True)
class MathJudge:
    """See `math`."""

    time_limit_s: float = 10.0
    compat: str = ""
    pool: WorkerPool = field(default_factory=lambda: shared_pool(WORKER), repr=False, compare=False)

    @property
    def id(self) -> str:
        options = {"time_limit_s": self.time_limit_s, "compat": self.compat}
        return judge_id("math", options, {"time_limit_s": 10.0, "compat": ""})

    @property
    def scale(self) -> Scale:
        return Scale()

    async def judge(self, case: JudgeCase) -> Score:
        """Compare.

        Raises:
            JudgeError: the target is neither a text nor a number, nor a list of them.
        """
        golds = [_gold(each, case) for each in alternatives(case)]
        if not golds:
            raise bad_target(case, "math", "at least one expression")
        if self.compat:
            return await self._as_peer(case, golds)
        text = answer_text(case)
        if not text:
            return no_answer()
        stated = stated_expressions(text)
        if (read := _as_texts(stated, golds)) is not None:
            return _verdict(read, golds, passed=True)
        if stated and (based := [same_in_base(stated[0], gold) for gold in golds]) != [None] * len(golds):
            return _verdict(stated[0], golds, passed=True in based)
        if (number := _as_numbers(text, stated, golds)) is not None:
            return _verdict(number[0], golds, passed=number[1])
        if not stated:
            return _verdict(None, golds, passed=False)
        return await self._as_mathematics(stated, golds)

    async def _as_mathematics(self, stated: list[str], golds: list[str]) -> Score:
        index = await self._ask(_job(stated, golds))
        if isinstance(index, Score):
            return index
        return _verdict(stated[0 if index is None else index], golds, passed=index is not None)

    async def _as_peer(self, case: JudgeCase, golds: list[str]) -> Score:
        from agentbench_sdk.judges.peers import maths

        if self.compat == "evalscope-1.14.1":
            job: Mapping[str, object] = maths.evalscope_job(case.answer, golds)
        elif self.compat == "lm-eval/minerva_math":
            answer = maths.minerva_answer(case.answer)
            job = {"pairs": [(0, answer, gold) for gold in golds]}
        else:
            return maths.score(case.answer, golds[0], self.compat)
        index = await self._ask(job)
        return (
            index
            if isinstance(index, Score)
            else _verdict(case.answer[-80:], golds, passed=index is not None)
        )

    async def _ask(self, job: Mapping[str, object]) -> int | Score | None:
        try:
            answer = await self.pool.ask(job, self.time_limit_s)
        except JobTimeoutError as error:
            return Score.unscored(f"whether the expressions are equal could not be told: {error}")
        if "equal" not in answer:
            raise JudgeError(f"the worker for mathematics answered {str(answer)[:200]}")
        index = answer["equal"]
        return None if index is None else int(index)


def math(*, time_limit_s: float = 10.0, compat: str = "") -> MathJudge:
    """A judge that passes if the expression that the reply states equals the target.

    Arguments:
        time_limit_s: seconds that one comparison may take before the sample is left unscored.
        compat: score as a peer does: "evalscope-1.14.1" (Math-Verify over the whole reply, all boxes
            together), "lm-eval/gsm8k/strict-match" and "…/flexible-extract", "lm-eval/hendrycks_math",
            "lm-eval/minerva_math" (its answer format alone, compared by SymPy).

    The target is an expression in LaTeX or plain, a number, a whole solution whose last box or "####" line
    counts, or a list of accepted ones.

    Raises:
        ConfigurationError: an option is not as above.
        MissingExtraError: math-verify is not installed.
    """
    if isinstance(time_limit_s, bool) or not isinstance(time_limit_s, int | float) or not time_limit_s > 0:
        raise ConfigurationError(f"judge 'math': time_limit_s is {time_limit_s!r}; give seconds above 0")
    if compat and compat not in COMPAT:
        raise ConfigurationError(f"judge 'math': compat is {compat!r}; give one of {', '.join(COMPAT)}")
    if importlib.util.find_spec("math_verify") is None:
        raise MissingExtraError("judge 'math'", "math")
    return MathJudge(time_limit_s, compat)


def _gold(target: object, case: JudgeCase) -> str:
    if isinstance(target, int | float) and not isinstance(target, bool):
        return str(target)
    if isinstance(target, str) and target.strip():
        if found := boxes(target):
            return found[-1].content
        return target.rpartition("####")[2].strip() or target.strip()
    raise bad_target(case, "math", "an expression as text, a number, or a list of them")


@functools.lru_cache(maxsize=4096)
def _number(text: str) -> Number | None:
    return parse_number(text)


def _as_texts(stated: list[str], golds: list[str]) -> str | None:
    """The first reading that is a gold letter for letter, or names it ("C = 5" for C)."""
    wanted = {plain_latex(gold) for gold in golds}
    for index, each in enumerate(stated):
        plain = plain_latex(each)
        letter = index > 0 and re.fullmatch("[A-Z]", plain)  # "D = C" names neither
        if plain and plain in wanted and not letter:
            return each
        left, sign, right = plain.partition("=")
        if (
            sign
            and left in wanted
            and re.fullmatch(r"[A-Z]|[A-Za-z]{2,}", left)
            and not re.fullmatch("[A-Z]", right)
        ):
            return each
    return None


def _as_numbers(text: str, stated: list[str], golds: list[str]) -> tuple[str, bool] | None:
    """What was read and whether it is right, where golds and answer are plain numbers; None where not."""
    wanted = [_number(gold) for gold in golds]
    if None in wanted:
        return None
    found = extract_number(text)
    if found is None or (stated and _number(stated[0]) is None and _is_expression(stated[0])):
        return None
    passed = any(each is not None and close_to(found, each) for each in wanted)
    return shown(found), passed


def _is_expression(text: str) -> bool:
    return re.search(r"[\\^=+*/√π]|\d\s*-", plain_number_text(text)) is not None


def _job(stated: list[str], golds: list[str]) -> Mapping[str, object]:
    """Pairs for the library; "not 5" and "more than 5" are no 5, though it would drop the words."""
    pairs = [
        (index, latex_text(each), latex_text(gold))
        for index, each in enumerate(stated)
        for gold in golds
        if len(each) <= EXPRESSION_LIMIT and not is_bound(each) and comparable(each, gold)
        # "y = 2" is not "x = 2"; only a gold without a sign of equality is met by one side alone.
        if index == 0 or "=" not in gold
    ]
    return {"pairs": pairs}


def _verdict(read: str | None, golds: list[str], *, passed: bool) -> Score:
    if read is None:
        return Score(0.0, False, None, "the reply states no expression", {"extracted": None})
    why = f"{read[:80]} {'equals' if passed else 'does not equal'} {' or '.join(golds)[:80]}"
    return Score(float(passed), passed, explanation=why, evidence={"extracted": read})
