"""Comparing answers: both orders, flips that are ties, and what needs no judge."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Bench, Sample, Task
from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.llm import best_of_n, pairwise
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.messages import Message
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.testing import ScriptedModel
from tests.judges.llm.every_judge import JudgeModel, judged

QUESTION = (Message.user("When do you refund?"),)


def case(answer: str = "ours", target: Any = "theirs", **metadata: Any) -> JudgeCase:
    return JudgeCase("s1", answer, target=target, input=QUESTION, metadata=metadata)


def fenced_texts(request: ModelRequest) -> list[str]:
    """What stands behind the fences, in order, the question left out."""
    lines = request.messages[0].text.splitlines()
    begins = [n for n, line in enumerate(lines) if line.endswith(" begins]") and "nswer" in line]
    return [lines[n + 1] for n in begins]


def preferring(text: str) -> JudgeModel:
    """A judge that knows what it wants, wherever it stands."""

    def reply(request: ModelRequest) -> str:
        first, _ = fenced_texts(request)
        return f'{{"reasoning": "r", "verdict": "{"first" if first == text else "second"}"}}'

    return JudgeModel(by=reply)


def always(verdict: str) -> JudgeModel:
    return JudgeModel(f'{{"reasoning": "r", "verdict": "{verdict}"}}')


@pytest.mark.parametrize(("text", "value", "label"), [("ours", 1.0, "win"), ("theirs", 0.0, "loss")])
async def test_a_preference_that_survives_the_exchange_of_places_counts(
    text: str, value: float, label: str
) -> None:
    model = preferring(text)
    score = await judged(pairwise(), case(), model)
    assert (score.value, score.label, score.evidence["flipped"]) == (value, label, False)
    assert [fenced_texts(each) for each in model.requests] == [["ours", "theirs"], ["theirs", "ours"]]


@pytest.mark.parametrize("verdict", ["first", "second"])
async def test_a_preference_for_a_place_is_a_tie_and_recorded(verdict: str) -> None:
    score = await judged(pairwise(), case(), always(verdict))
    assert (score.value, score.label, score.evidence["flipped"]) == (0.5, "tie", True)
    assert {each["result"] for each in score.evidence["orders"]} == {"win", "loss"}
    assert [each["answer_is"] for each in score.evidence["orders"]] == ["first", "second"]


async def test_a_tie_may_be_called_or_forbidden() -> None:
    score = await judged(pairwise(), case(), always("tie"))
    assert (score.value, score.label, score.evidence["flipped"]) == (0.5, "tie", False)
    assert (await judged(pairwise(ties=False), case(), always("tie"))).value is None
    model = always("first")
    await judged(pairwise(ties=False), case(), model)
    assert '"tie"' not in model.prompts[0]


async def test_a_win_and_a_tie_are_a_tie_that_did_not_flip() -> None:
    def reply(request: ModelRequest) -> str:
        verdict = "first" if fenced_texts(request)[0] == "ours" else "tie"
        return f'{{"reasoning": "r", "verdict": "{verdict}"}}'

    score = await judged(pairwise(), case(), JudgeModel(by=reply))
    assert (score.label, score.evidence["flipped"]) == ("tie", False)
    assert score.explanation == "win in one order and tie in the other"


async def test_one_order_without_a_verdict_leaves_it_undecided() -> None:
    def reply(request: ModelRequest) -> str:
        good = fenced_texts(request)[0] == "ours"
        return '{"reasoning": "r", "verdict": "first"}' if good else "no idea"

    assert (await judged(pairwise(), case(), JudgeModel(by=reply))).value is None


@pytest.mark.parametrize(
    ("answer", "target", "label"),
    [
        ("", "theirs", "loss"),
        ("ours", "", "win"),
        ("same", "same", "tie"),
        ("", "", "tie"),
        ("<think>x", "t", "loss"),
    ],
)
async def test_what_needs_no_judge_asks_none(answer: str, target: str, label: str) -> None:
    model = JudgeModel()
    assert (await judged(pairwise(), case(answer, target), model)).label == label
    assert model.requests == []


async def test_one_order_is_drawn_evenly_over_samples_and_the_same_each_time() -> None:
    firsts = 0
    for number in range(200):
        model = preferring("ours")
        given = dataclasses.replace(case(), sample_id=f"s{number}")
        score = await judged(pairwise(both_orders=False), given, model)
        assert (score.label, len(model.requests)) == ("win", 1)
        firsts += score.evidence["orders"][0]["answer_is"] == "first"
    assert 70 < firsts < 130


async def test_a_missing_baseline_is_the_tasks_fault() -> None:
    with pytest.raises(JudgeError, match=r"'s1'.*text in target"):
        await judged(pairwise(), case(target=None), JudgeModel())
    with pytest.raises(JudgeError, match=r"metadata\['old'\]"):
        await judged(pairwise(baseline="old"), case(), JudgeModel())


async def test_the_baseline_may_be_another_run(tmp_path: Path) -> None:
    samples = [Sample("s1", "When?"), Sample("s2", "Why?")]
    async with Bench(cache=None, runs=tmp_path) as bench:
        model = ScriptedModel(lambda request: "<think>hm</think>theirs")
        run = await bench.evaluate(Task("t", samples, judges=[exact()]), model)
    judge = pairwise(baseline_run=str(run.path))
    assert (await judged(judge, case(target=None), preferring("ours"))).label == "win"
    later = dataclasses.replace(case(target=None), epoch=3)
    assert (await judged(judge, later, preferring("theirs"))).label == "loss"
    with pytest.raises(JudgeError, match="no answer to sample 'other'"):
        await judged(judge, dataclasses.replace(case(), sample_id="other"), JudgeModel())
    best = best_of_n(other_runs=[str(run.path)])
    assert (await judged(best, case(target=None), choosing("ours"))).label == "best"


@pytest.mark.parametrize(
    "options",
    [
        {"criteria": ""},
        {"baseline": ""},
        {"baseline_run": "nowhere.db"},
        {"baseline": "a", "baseline_run": "b"},
    ],
)
def test_bad_options_of_pairwise_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'pairwise'"):
        pairwise(**options)


def choosing(text: str) -> JudgeModel:
    def reply(request: ModelRequest) -> str:
        return f'{{"reasoning": "r", "best": {fenced_texts(request).index(text) + 1}}}'

    return JudgeModel(by=reply)


OTHERS: dict[str, Any] = {"others": ["one", "two", "three"]}


async def test_the_best_of_several_is_asked_in_orders_that_begin_with_others() -> None:
    model = choosing("ours")
    score = await judged(best_of_n(orders=4), case(**OTHERS), model)
    assert (score.value, score.label) == (1.0, "best")
    assert [fenced_texts(each)[0] for each in model.requests] == ["ours", "one", "two", "three"]
    score = await judged(best_of_n(orders=9), case(**OTHERS), choosing("two"))
    assert (score.value, score.label, len(score.evidence["orders"])) == (0.0, "not_best", 4)
    assert {each["chosen"] for each in score.evidence["orders"]} == {2}


async def test_a_choice_of_a_place_is_undecided_and_shared_out() -> None:
    score = await judged(best_of_n(orders=4), case(**OTHERS), JudgeModel('{"reasoning": "r", "best": 1}'))
    assert (score.value, score.label) == (0.25, "undecided")


async def test_an_equal_answer_that_is_chosen_is_ours_too() -> None:
    given = case("one", **OTHERS)
    score = await judged(best_of_n(orders=1), given, JudgeModel('{"reasoning": "r", "best": 2}'))
    assert score.label == "best"


async def test_best_of_n_without_answers_asks_nobody() -> None:
    model = JudgeModel()
    assert (await judged(best_of_n(), case("", **OTHERS), model)).value == 0.0
    assert (await judged(best_of_n(), case(others=["", " "]), model)).value == 1.0
    assert model.requests == []
    bad: list[dict[str, Any]] = [{}, *({"others": each} for each in ("one", [], [1], ["x"] * 20))]
    for wrong in bad:
        with pytest.raises(JudgeError, match="'s1'"):
            await judged(best_of_n(), case(**wrong), model)


@pytest.mark.parametrize(
    "options", [{"orders": 0}, {"orders": True}, {"other_runs": ["nowhere.db"]}, {"criteria": " "}]
)
def test_bad_options_of_best_of_n_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="judge 'best_of_n'"):
        best_of_n(**options)
