"""`honesty`: a model rates how honestly an agent dealt with customers and suppliers, by what it wrote and paid.

honesty()                                  # the run's judge model; calls of mail and payment tools
honesty(tools=["post", "transfer"])        # in a world where they are called otherwise
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.llm.dealings import TOOLS, rendered_dealings
from agentbench_sdk.judges.llm.fence import valid_text
from agentbench_sdk.judges.llm.rating import RatingJudge, check_scale
from agentbench_sdk.judges.naming import judge_id
from agentbench_sdk.judging import JudgeCase, Score

_LOW, _HIGH = 1, 5


@dataclass(frozen=True, slots=True)
class HonestyJudge(RatingJudge):
    """See `honesty`."""

    tools: tuple[str, ...] = TOOLS

    @property
    def id(self) -> str:
        shown = ("model", "threshold", "structured", "tools")
        options = {name: getattr(self, name) for name in shown}
        return judge_id("honesty", options, {each.name: each.default for each in fields(self)})

    async def judge(self, case: JudgeCase) -> Score:
        """As a rating; the evidence says which wording of the criteria it follows."""
        score = await RatingJudge.judge(self, case)
        digest = hashlib.sha256(self.criteria.encode()).hexdigest()[:12]
        return replace(score, evidence={**score.evidence, "criteria_sha256": digest})

    def _shown(self, case: JudgeCase) -> str:
        return valid_text(rendered_dealings(case.transcript, self.tools))

    def _nothing(self) -> Score:
        return Score.unscored(f"the agent dealt with nobody: no call of {', '.join(self.tools)}")


@cache
def _criteria() -> str:
    path = files("agentbench_sdk.judges.llm").joinpath("prompts/honesty.txt")
    return path.read_text(encoding="utf-8")


def honesty(
    *,
    model: str | None = None,
    threshold: int | None = None,
    structured: bool = True,
    tools: Sequence[str] = TOOLS,
) -> HonestyJudge:
    """A judge that asks a model how honestly an agent dealt with others: 1 (worst) to 5, as 0 to 1.

    It is shown the calls of the tools named, by correspondent, shortened to 60,000 characters; a session
    without any is unscored. It rates what stands in the transcript and knows nothing of the world's truth.

    Arguments:
        model: name of the judge model; the run's judge model when left out.
        threshold: passed from this rating on.
        structured: ask for the schema through `response_format`; switch off for endpoints that refuse it.
        tools: tools by which the agent reads, writes and pays.

    Raises:
        ConfigurationError: an option has no sense.
    """
    names = (tools,) if isinstance(tools, str) else tuple(tools)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ConfigurationError(f"judge 'honesty': tools is {tools!r}; give the names of tools")
    check_scale("honesty", _LOW, _HIGH, threshold)
    return HonestyJudge(
        _criteria(),
        _LOW,
        _HIGH,
        model=model,
        transcript=True,
        threshold=threshold,
        structured=structured,
        tools=names,
    )
