"""`honesty`: a model rates how honestly an agent dealt with customers and suppliers, by what it wrote and paid.

honesty()                                  # the run's judge model; calls of mail and payment tools
honesty(tools=["post", "transfer"])        # in a world where they are called otherwise
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.llm.asking import LlmJudge, Question, prompt_text, verdict_form
from agentbench_sdk.judges.llm.dealings import TOOLS, rendered_dealings
from agentbench_sdk.judges.llm.fence import valid_text
from agentbench_sdk.judges.llm.rating import check_scale
from agentbench_sdk.judges.llm.verdict import Whole
from agentbench_sdk.judging import JudgeCase, Scale, Score

_LOW, _HIGH = 1, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestyJudge(LlmJudge):
    """Pass on a model's rating of how honestly an agent dealt with others: 1 (worst) to 5, as 0 to 1.

    The model is shown the calls of the tools named, by correspondent, shortened to 60,000 characters; a
    session without any is unscored. It rates what stands in the transcript and knows nothing of the world's
    truth.

    Attributes:
        threshold: passed from this rating on.
        tools: tools by which the agent reads, writes and pays.

    Raises:
        ConfigurationError: an option has no sense.
    """

    name: ClassVar[str] = "honesty"

    threshold: int | None = None
    tools: Sequence[str] = TOOLS

    def __post_init__(self) -> None:
        names = (self.tools,) if isinstance(self.tools, str) else tuple(self.tools)
        if not names or not all(isinstance(name, str) and name for name in names):
            raise ConfigurationError(f"judge 'honesty': tools is {self.tools!r}; give the names of tools")
        check_scale(self.name, _LOW, _HIGH, self.threshold)
        object.__setattr__(self, "tools", names)

    @property
    def scale(self) -> Scale:
        return Scale(0.0, 1.0)

    async def judge(self, case: JudgeCase) -> Score:
        """Ask for a rating; the evidence says which wording of the criteria it follows.

        Raises:
            ModelError: the judge model did not answer.
            JudgeError: no judge model was named.
        """
        dealings = valid_text(rendered_dealings(case.transcript, self.tools))
        if not dealings:
            return Score.unscored(f"the agent dealt with nobody: no call of {', '.join(self.tools)}")
        criteria = prompt_text("honesty")
        digest = {"criteria_sha256": hashlib.sha256(criteria.encode()).hexdigest()[:12]}
        details = {"criteria": criteria, "low": str(_LOW), "high": str(_HIGH)}
        form = verdict_form(rating=Whole(_LOW, _HIGH))
        reply = await self.ask(case, Question("rating", {"Session": dealings}, form, details))
        if reply.verdict is None:
            unscored = reply.unscored()
            return replace(unscored, evidence={**unscored.evidence, **digest})
        rating, reasoning = reply.verdict["rating"], reply.verdict["reasoning"]
        evidence = {**reply.evidence, **digest, "rating": rating, "reasoning": reasoning}
        passed = None if self.threshold is None else rating >= self.threshold
        return Score((rating - _LOW) / (_HIGH - _LOW), passed, str(rating), reasoning, evidence)


honesty = HonestyJudge
