"""The `attainment` judge: a share of what reference agents reach, or nothing."""

from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.attainment import attainment
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.simulation import Outcome

FIGURES = {"idle": 44_000, "planner": 94_000}


async def score(reward: float | None, figures: object = FIGURES, **options: Any) -> Score:
    metadata = {} if figures is None else {"reference": figures}
    return await attainment(**options).judge(JudgeCase("s1", "", outcome=Outcome(reward), metadata=metadata))


@pytest.mark.parametrize(
    ("reward", "value"), [(44_000, 0.0), (94_000, 1.0), (69_000, 0.5), (0, -0.88), (119_000, 1.5)]
)
async def test_it_is_the_share_of_the_way_and_may_leave_it_at_both_ends(reward: float, value: float) -> None:
    verdict = await score(reward)
    assert verdict.value == value
    assert verdict.evidence == {"reward": reward, **FIGURES}
    assert attainment().scale == Scale(None, None)


async def test_other_references_can_be_named() -> None:
    verdict = await score(5, {"random": 0, "expert": 10}, floor="random", ceiling="expert")
    assert verdict.value == 0.5


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        (None, "no reference figure 'idle' nor 'planner' for this sample"),
        ({"idle": 1}, "no reference figure 'planner'"),
        ({"idle": 1, "planner": None}, "no reference figure 'planner'"),
        ("many", "no reference figure 'idle'"),
        ({"idle": 5, "planner": 5}, "nothing to attain"),
        ({"idle": 9, "planner": 5}, "nothing to attain"),
    ],
)
async def test_without_figures_there_is_no_score_and_a_sentence_why(figures: object, why: str) -> None:
    verdict = await score(5, figures)
    assert verdict.value is None
    assert why in verdict.explanation


async def test_without_a_reward_there_is_no_score() -> None:
    assert not (await score(None)).is_scored


@pytest.mark.parametrize("figure", ["5", True, float("nan"), [1]])
async def test_a_figure_that_is_no_number_is_an_error_that_names_it(figure: object) -> None:
    with pytest.raises(JudgeError, match="figure 'planner'"):
        await score(5, {"idle": 1, "planner": figure})


async def test_it_needs_an_environment() -> None:
    with pytest.raises(JudgeError, match="needs a task with an environment"):
        await attainment().judge(JudgeCase("s1", ""))


@pytest.mark.parametrize("options", [{"floor": ""}, {"floor": "planner"}, {"ceiling": "idle"}])
def test_references_that_are_none_are_refused_before_a_run(options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'attainment'"):
        attainment(**options)
