"""Whatever a judge model replies: what is no verdict is asked for once more and then unscored, never guessed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.judging.stage import verdict_of
from tests.judges.llm.every_judge import (
    SUBJECTS,
    JudgeModel,
    Subject,
    accepted_replies,
    broken_replies,
    judged,
)

by_name = pytest.mark.parametrize("subject", SUBJECTS, ids=repr)


@by_name
def test_the_suite_is_as_large_as_it_should_be(subject: Subject) -> None:
    assert len(broken_replies(subject)) >= 150


@by_name
async def test_no_broken_reply_becomes_a_verdict(subject: Subject) -> None:
    wrong = {}
    for name, reply in broken_replies(subject).items():
        model = JudgeModel(reply)
        score = await judged(subject.make(), subject.case("We refund within 14 days."), model)
        asked = len(model.requests)
        if score.value is not None or score.passed is not None or score.label is not None:
            wrong[name] = score.value
        assert score.explanation, name
        assert asked == 2 * subject.questions, name
    assert not wrong


@by_name
async def test_a_broken_reply_that_is_repaired_counts_as_repaired(subject: Subject) -> None:
    repaired = json.dumps(subject.other)
    for name, reply in broken_replies(subject).items():

        def answer(request: Any, reply: str = reply) -> str:
            return repaired if len(request.messages) > 1 else reply

        model = JudgeModel(by=answer)
        score = await judged(subject.make(), subject.case("We refund within 14 days."), model)
        assert score.value == subject.other_value, name
        first, second = model.requests[0], model.requests[-1]
        assert [message.role for message in second.messages] == ["user", "assistant", "user"]
        assert second.messages[0] == first.messages[0]
        assert second.params == first.params
        second.messages[2].text.encode()
        assert len(second.messages[2].text) < 3_000, name
        assert "not a verdict" in second.messages[2].text


@by_name
async def test_a_well_formed_verdict_is_taken_at_the_first_attempt(subject: Subject) -> None:
    for verdict, value in ((subject.good, subject.value), (subject.other, subject.other_value)):
        for name, reply in accepted_replies(verdict):
            model = JudgeModel(reply)
            score = await verdict_of(subject.make(), _asking(subject, model))
            assert score.value == value, name
            assert len(model.requests) == subject.questions, name


def _asking(subject: Subject, model: JudgeModel) -> Any:
    return subject.case("We refund within 14 days.").asking(model)


@by_name
@pytest.mark.parametrize("finish", ["length", "refusal"])
async def test_a_reply_that_was_cut_off_or_is_a_refusal_is_no_verdict(subject: Subject, finish: Any) -> None:
    model = JudgeModel(json.dumps(subject.good), finish=finish)
    assert (await judged(subject.make(), subject.case("x"), model)).value is None


@by_name
async def test_the_last_broken_reply_is_kept_for_the_reader(subject: Subject) -> None:
    score = await judged(
        subject.make(), subject.case("x"), JudgeModel("I'd rather not say. \ud800" + "y" * 9_999)
    )
    assert "I'd rather not say. ?" in json.dumps(dict(score.evidence))
    assert len(json.dumps(dict(score.evidence))) < 12_000


@by_name
@settings(max_examples=40, deadline=None)
@given(data=st.data())
async def test_no_mutation_of_a_verdict_is_read_as_another(subject: Subject, data: st.DataObject) -> None:
    """One character more, less or other: either the same verdict is read, or a neighbouring one that it says."""
    good = json.dumps(subject.good)
    place = data.draw(st.integers(0, len(good) - 1))
    put = data.draw(st.sampled_from(["", "{", "}", '"', "\\", ",", ":", "x", " ", "0", "\n", "é"]))
    reply = good[:place] + put + good[place + data.draw(st.integers(0, 1)) :]
    score = await judged(subject.make(), subject.case("We refund."), JudgeModel(reply))
    try:
        says = json.loads(reply)
    except ValueError:
        assert score.value is None
        return
    if score.value is not None:
        value: Any = says
        for name in subject.path:
            value = value[name]
        assert value == subject.good_value or score.value != subject.value
