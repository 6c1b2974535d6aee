"""Panels: what is counted, who is not asked any more, and what is kept of every vote."""

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import CacheMissError, ConfigurationError, ServerError
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.llm import binary, panel, rating, reference
from agentbench_sdk.judging import JudgeCase, Scale, Score, judge
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import ModelRequest, ModelResponse
from tests.judges.llm.every_judge import JudgeModel, answered, judged

CASE = answered("hello", target="hello")


class Voters:
    """Answers each model's name with what it votes; counts calls and the most at once."""

    def __init__(self, **votes: str | Exception | Sequence[str]) -> None:
        self.votes = votes
        self.asked: list[str] = []
        self.at_once = self.most = 0

    async def __call__(self, request: ModelRequest, *, model: str | None = None) -> ModelResponse:
        name = model or "own"
        self.asked.append(name)
        vote = self.votes[name]
        if not isinstance(vote, str | Exception):
            vote = vote[min(self.asked.count(name), len(vote)) - 1]
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if isinstance(vote, Exception):
            raise vote
        key = "rating" if vote.isdigit() else "verdict"
        said: Any = int(vote) if vote.isdigit() else vote
        text = json.dumps({"reasoning": f"{name} says {vote}", key: said}) if vote != "?" else "no idea"
        return ModelResponse(Message.assistant(text), usage=Usage(100, 10, cost_usd=0.5), model=name)


async def vote(voters: Voters, case: JudgeCase = CASE, **options: Any) -> Score:
    models = list(voters.votes) if "own" not in voters.votes else []
    options = {"judges": [binary(criteria="c")], "models": models, **options}
    return await panel(**options).judge(case.asking(voters))


async def test_the_majority_decides_and_the_rest_is_not_asked() -> None:
    voters = Voters(a="yes", b="yes", c="yes", d="no", e="no")
    score = await vote(voters)
    assert (score.value, score.passed, score.label) == (1.0, True, "yes")
    assert voters.asked == ["a", "b", "c"]
    assert (score.evidence["asked"], score.evidence["saved"]) == (3, 2)


async def test_only_as_many_more_are_asked_as_can_change_it() -> None:
    voters = Voters(a="yes", b="no", c="no", d="yes", e="no")
    score = await vote(voters)
    assert (score.label, voters.asked, voters.most) == ("no", ["a", "b", "c", "d", "e"], 3)
    voters = Voters(a="yes", b="no", c="yes", d="yes", e="no")
    assert (await vote(voters)).evidence["saved"] == 1


async def test_early_stop_can_be_switched_off_and_waves_be_smaller() -> None:
    voters = Voters(a="yes", b="yes", c="yes", d="no", e="no")
    score = await vote(voters, early_stop=False)
    assert (score.label, len(voters.asked), voters.most) == ("yes", 5, 5)
    voters = Voters(a="yes", b="yes", c="yes", d="no", e="no")
    assert (await vote(voters, at_once=1)).label == "yes"
    assert (len(voters.asked), voters.most) == (3, 1)


async def test_calls_saved_over_many_cases_are_as_many_as_can_be() -> None:
    """Five voters who agree cost three calls a case, and the verdict is that of all five."""
    for votes in range(32):
        words = {name: "yes" if votes >> n & 1 else "no" for n, name in enumerate("abcde")}
        quick, whole = Voters(**words), Voters(**words)
        assert (await vote(quick)).label == (await vote(whole, early_stop=False)).label
        needed = next(
            n for n in range(3, 6) if max(list(words.values())[:n].count(word) for word in ("yes", "no")) == 3
        )
        assert len(quick.asked) == needed


async def test_every_vote_is_kept_with_its_reason_and_what_it_cost() -> None:
    score = await vote(Voters(a="yes", b="no", c="yes"))
    assert [each["voted"] for each in score.evidence["votes"]] == ["yes", "no", "yes"]
    second = score.evidence["votes"][1]
    assert second["judge"] == "binary(criteria='c', model='b')"
    assert (second["value"], second["explanation"], second["calls"]) == (0.0, "b says no", 1)
    assert (second["usage"]["input_tokens"], second["usage"]["cost_usd"]) == (100, 0.5)
    assert second["evidence"]["judge_model"] == "b"


async def test_a_member_without_a_verdict_has_no_vote() -> None:
    score = await vote(Voters(a=ServerError("down"), b="yes", c="?", d="yes", e="yes"))
    assert score.label == "yes"
    assert [each["voted"] for each in score.evidence["votes"]] == [None, "yes", None, "yes", "yes"]
    assert score.evidence["votes"][2]["calls"] == 2  # its repair is booked to it
    assert "2 of 5 asked gave no vote, for example: server: down" in score.explanation


async def test_below_the_quorum_the_sample_is_unscored_and_the_rest_is_not_asked() -> None:
    voters = Voters(a=ServerError("down"), b=ServerError("down"), c="?", d="yes", e="yes")
    score = await vote(voters)
    assert (score.value, score.passed, score.label) == (None, None, None)
    assert voters.asked == ["a", "b", "c", "c"]
    assert score.explanation.startswith("0 votes, and 3 are needed; 3 of 3 asked gave no vote")
    assert (await vote(Voters(a="?", b="?", c="yes"), quorum=1)).label == "yes"


@pytest.mark.parametrize(
    ("tie", "value", "label"),
    [("unscored", None, None), ("low", 0.0, "no"), ("high", 1.0, "yes"), ("mean", 0.5, None)],
)
async def test_a_tie_goes_by_its_rule(tie: str, value: float | None, label: str | None) -> None:
    for first, second in (("yes", "no"), ("no", "yes")):
        score = await vote(Voters(a=first, b=second), tie=tie)
        assert (score.value, score.label) == (value, label)


async def test_means_and_medians_of_ratings() -> None:
    judges = [rating(criteria="c")]
    voters = Voters(a="1", b="2", c="5")
    mean = await vote(voters, judges=judges, how="mean", threshold=0.4)
    assert mean.value == pytest.approx(5 / 12)
    assert mean.passed is True
    assert len(voters.asked) == 3
    assert (await vote(Voters(a="1", b="2", c="5"), judges=judges, how="median")).value == 0.25
    weighted = await vote(Voters(a="1", b="5"), judges=judges, how="mean", weights=[1, 3])
    assert weighted.value == 0.75
    settled = Voters(a="4", b="4", c="4", d="1", e="1")
    assert (await vote(settled, judges=judges, how="median")).value == 0.75
    assert settled.asked == ["a", "b", "c"]


async def test_weights_can_outvote() -> None:
    voters = Voters(a="no", b="yes", c="yes")
    score = await vote(voters, weights=[3, 1, 1])
    assert (score.label, voters.asked) == ("no", ["a", "b"])  # a quorum of two is waited for


async def test_a_judge_can_be_asked_several_times() -> None:
    voters = Voters(own=["yes", "no", "yes"])
    score = await vote(voters, repeats=3)
    assert score.label == "yes"
    assert [each["repeat"] for each in score.evidence["votes"]] == [0, 1, 2]


async def test_different_kinds_vote_by_whether_they_pass() -> None:
    judges = [binary(criteria="c"), reference(), exact()]
    voters = Voters(own=["yes", "incorrect"])
    score = await vote(voters, judges=judges, on="passed")
    assert (score.value, score.passed, score.label) == (1.0, True, "passed")
    assert [each["voted"] for each in score.evidence["votes"]] == ["passed", "failed", "passed"]
    silent = await vote(Voters(own="3"), judges=[rating(criteria="c")], on="passed")
    assert silent.value is None


async def test_what_stops_the_run_passes_through() -> None:
    with pytest.raises(CacheMissError):
        await vote(Voters(a=CacheMissError("not recorded"), b="yes", c="yes"))


async def test_a_panel_may_sit_in_a_panel() -> None:
    inner = panel(judges=[binary(criteria="c")], repeats=3)
    outer = panel(judges=[inner, binary(criteria="d"), exact()], on="passed")
    score = await judged(outer, CASE, JudgeModel('{"reasoning": "r", "verdict": "yes"}'))
    assert (score.value, score.evidence["saved"]) == (1.0, 1)
    assert (
        outer.id
        == "panel([panel([binary(criteria='c')], repeats=3), binary(criteria='d'), exact], on='passed')"
    )


@judge(scale=(0, 10))
def of_ten(case: JudgeCase) -> float:
    return 3.0


GOOD = [binary(criteria="c")]


@pytest.mark.parametrize(
    "options",
    [
        {"judges": []},
        {"judges": ["exact"]},
        {"judges": [exact()], "models": ["a/b"]},
        {"judges": GOOD * 2},
        {"judges": GOOD, "repeats": 0},
        {"judges": GOOD, "repeats": 101},
        {"judges": GOOD, "repeats": True},
        {"judges": GOOD, "how": "vote"},
        {"judges": GOOD, "tie": "first"},
        {"judges": GOOD, "on": "value"},
        {"judges": GOOD, "quorum": 2},
        {"judges": GOOD, "quorum": 0},
        {"judges": GOOD, "at_once": 0},
        {"judges": GOOD, "threshold": 0.5},
        {"judges": GOOD, "how": "median", "weights": [1]},
        {"judges": GOOD, "how": "mean", "tie": "low"},
        {"judges": GOOD, "how": "mean", "on": "passed"},
        {"judges": GOOD, "weights": [1, 2]},
        {"judges": GOOD, "weights": [0]},
        {"judges": GOOD, "weights": [float("nan")]},
        {"judges": [*GOOD, of_ten()]},
    ],
    ids=range(21),
)
def test_a_panel_without_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'panel'"):
        panel(**options)


def test_the_scale_is_that_of_its_members() -> None:
    assert panel(judges=[of_ten()], how="mean").scale == Scale(0, 10)
    assert panel(judges=[of_ten(), exact()], on="passed").scale == Scale(0.0, 1.0)


def test_the_guides_task_file_can_be_loaded(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "judges.md").read_text(encoding="utf-8")
    (block,) = [each for each in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "panel" in each]
    (tmp_path / "task.yaml").write_text(block, encoding="utf-8")
    judges = Registry.discover().task(tmp_path / "task.yaml").judges
    assert [each.id.partition("(")[0] for each in judges] == ["reference", "rubric", "panel"]
