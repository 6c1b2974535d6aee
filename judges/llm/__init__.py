"""Judges that ask a model. Their prompts are files beside them, their verdicts JSON that is checked, and the
text they judge is fenced so that it cannot speak to them.
"""

from agentbench_sdk.judges.llm.honesty import HonestyJudge, honesty
from agentbench_sdk.judges.llm.rating import RatingJudge, rating

__all__ = ["HonestyJudge", "RatingJudge", "honesty", "rating"]
