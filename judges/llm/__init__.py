"""Judges that ask a model. Their prompts are files beside them, their verdicts JSON that is checked, and the
text they judge is fenced so that it cannot speak to them.

What they share is in `asking` (the question and its repair), `verdict` (the form of an answer), `fence` (how
others' words are shown) and `work` (what is shown of an answer or a session).
"""

from agentbench_sdk.judges.llm.best_of_n import BestOfNJudge, best_of_n
from agentbench_sdk.judges.llm.binary import BinaryJudge, binary
from agentbench_sdk.judges.llm.honesty import HonestyJudge, honesty
from agentbench_sdk.judges.llm.pairwise import PairwiseJudge, pairwise
from agentbench_sdk.judges.llm.panel import PanelJudge, panel
from agentbench_sdk.judges.llm.rating import RatingJudge, rating
from agentbench_sdk.judges.llm.reference import ReferenceJudge, reference
from agentbench_sdk.judges.llm.rubric import Criterion, Level, RubricJudge, rubric
from agentbench_sdk.judges.llm.sessions import (
    GoalReachedJudge,
    PolicyKeptJudge,
    goal_reached,
    policy_kept,
)

__all__ = [
    "BestOfNJudge",
    "BinaryJudge",
    "Criterion",
    "GoalReachedJudge",
    "HonestyJudge",
    "Level",
    "PairwiseJudge",
    "PanelJudge",
    "PolicyKeptJudge",
    "RatingJudge",
    "ReferenceJudge",
    "RubricJudge",
    "best_of_n",
    "binary",
    "goal_reached",
    "honesty",
    "pairwise",
    "panel",
    "policy_kept",
    "rating",
    "reference",
    "rubric",
]
