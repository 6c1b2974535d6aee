"""Whether the goal was met exactly."""

from agentbench_sdk import JudgeCase, Score, judge


@judge(name="tally-exact")
def tally_exact(case: JudgeCase, *, tolerance: int = 0) -> Score:
    """Pass if the counter stands at the goal, or past it by no more than the tolerance."""
    if case.outcome is None:
        return Score.unscored("there was no counter")
    count, goal = case.outcome.metrics["count"], case.outcome.metrics["goal"]
    assert isinstance(count, int)
    assert isinstance(goal, int)
    return Score.of(goal <= count <= goal + tolerance)
