"""Yes and no, references, rubrics and sessions: what each judge asks, and what its verdicts are worth."""

import json
from typing import Any

import pytest

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.llm import (
    Criterion,
    Level,
    binary,
    goal_reached,
    policy_kept,
    rating,
    reference,
    rubric,
)
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.messages import Audio, Image, Message, Text
from agentbench_sdk.models import ModelRequest
from agentbench_sdk.sessions.transcript import MessageEntry, Transcript
from tests.judges.llm.every_judge import (
    CRITERIA,
    SUBJECTS,
    JudgeModel,
    Subject,
    answered,
    in_session,
    judged,
    session,
)


def saying(verdict: str) -> JudgeModel:
    return JudgeModel(json.dumps({"reasoning": "Because.", "verdict": verdict}))


# --- binary ---------------------------------------------------------------------------------------


async def test_yes_passes_and_no_does_not() -> None:
    yes = await judged(binary(criteria="It is polite."), answered("hi"), saying("yes"))
    assert (yes.value, yes.passed, yes.label, yes.explanation) == (1.0, True, "yes", "Because.")
    no = await judged(binary(criteria="It is polite."), answered("hi"), saying("no"))
    assert (no.value, no.passed, no.label) == (0.0, False, "no")
    assert no.evidence["reasoning"] == "Because."


async def test_no_answer_meets_no_criteria_and_nobody_is_asked() -> None:
    model = JudgeModel()
    assert (await judged(binary(criteria="c"), answered(" "), model)).value == 0.0
    assert (await judged(binary(criteria="c", transcript=True), answered("x"), model)).value == 0.0
    assert model.requests == []


# --- reference ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "value", "passed"),
    [("correct", 1.0, True), ("partially_correct", 0.5, False), ("incorrect", 0.0, False)],
)
async def test_the_levels_of_agreement(verdict: str, value: float, *, passed: bool) -> None:
    model = saying(verdict)
    score = await judged(reference(), answered("a", target="b"), model)
    assert (score.value, score.passed, score.label) == (value, passed, verdict)
    assert "Reference answer" in model.prompts[0]


async def test_there_may_be_nothing_between_right_and_wrong() -> None:
    model = saying("partially_correct")
    assert (await judged(reference(partial=None), answered("a", target="b"), model)).value is None
    assert "partially" not in model.prompts[0]
    assert (await judged(reference(partial=0.25), answered("a", target="b"), model)).value == 0.25


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("b", "b"),
        (7, "7"),
        (["b"], "b"),
        (["b", 2.5], "1. b\n2. 2.5"),
        ({"n": 1}, '{"n":1}'),
        ([None, "b"], "b"),
        (0, "0"),
        (False, "false"),
    ],
)
async def test_any_target_is_shown_in_words(target: Any, shown: str) -> None:
    model = saying("correct")
    await judged(reference(), answered("a", target=target), model)
    assert f"begins]\n{shown}\n[Reference answer" in model.prompts[0]


@pytest.mark.parametrize("target", [None, "", [], [None], " ", float("nan")])
async def test_without_a_target_there_is_nothing_to_agree_with(target: Any) -> None:
    with pytest.raises(JudgeError, match="'s1'"):
        await judged(reference(), answered("a", target=target), JudgeModel())


@pytest.mark.parametrize("partial", [0, 1, 2.0, True, "half"])
def test_a_partial_value_is_between_the_ends(partial: Any) -> None:
    with pytest.raises(ConfigurationError, match="judge 'reference'"):
        reference(partial=partial)


# --- rubric ---------------------------------------------------------------------------------------


def levels(accuracy: str, tone: str) -> str:
    told = {"accuracy": accuracy, "tone": tone}
    return json.dumps({name: {"reasoning": f"{name}!", "level": level} for name, level in told.items()})


async def test_a_rubric_is_the_weighted_mean_of_its_criteria() -> None:
    model = JudgeModel(levels("partly", "kind"))
    score = await judged(rubric(criteria=CRITERIA, threshold=0.6), answered("hi"), model)
    assert (score.value, score.passed) == (0.625, True)  # (3 × 0.5 + 1 × 1) / 4
    assert score.evidence["criteria"]["accuracy"] == {
        "reasoning": "accuracy!", "level": "partly", "value": 0.5, "weight": 3.0,
    }  # fmt: skip
    schema = model.requests[0].params.response_format
    assert schema is not None
    assert schema["json_schema"]["schema"]["required"] == ["accuracy", "tone"]
    assert model.prompts[0].index("- wrong") < model.prompts[0].index("- right")


async def test_levels_may_have_values_of_their_own() -> None:
    steep = Criterion(name="a", levels=(Level(name="no"), Level(name="so", value=0.1), Level(name="yes")))
    score = await judged(
        rubric(criteria=[steep]), answered("x"), JudgeModel('{"a": {"reasoning": "", "level": "so"}}')
    )
    assert score.value == 0.1


async def test_a_criterion_that_is_left_out_is_unscored_and_no_zero() -> None:
    half = json.dumps({"accuracy": {"reasoning": "x", "level": "right"}})
    score = await judged(rubric(criteria=CRITERIA), answered("hi"), JudgeModel(half))
    assert score.value is None
    assert "no verdict on accuracy, tone; at last the object lacks tone" in score.explanation


def _each(accuracy: str, tone: str) -> JudgeModel:
    def reply(request: ModelRequest) -> str:
        name, level = ("accuracy", accuracy) if "- accuracy" in request.messages[0].text else ("tone", tone)
        return json.dumps({name: {"reasoning": "x", "level": level}})

    return JudgeModel(by=reply)


async def test_each_criterion_may_have_a_call_of_its_own() -> None:
    model = _each("right", "rude")
    score = await judged(rubric(criteria=CRITERIA, together=False), answered("hi"), model)
    assert (score.value, len(model.requests)) == (0.75, 2)
    assert all(("- tone" in prompt) != ("- accuracy" in prompt) for prompt in model.prompts)


async def test_one_call_without_a_verdict_leaves_the_whole_unscored_and_keeps_the_rest() -> None:
    score = await judged(rubric(criteria=CRITERIA, together=False), answered("hi"), _each("right", "so-so"))
    assert score.value is None
    assert score.explanation.startswith("no verdict on tone; at last level is so-so")
    assert score.evidence["criteria"]["accuracy"]["level"] == "right"


async def test_no_answer_gets_the_worst_levels() -> None:
    score = await judged(rubric(criteria=CRITERIA), answered(""), JudgeModel())
    assert (score.value, score.explanation) == (0.0, "no answer")


def one(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "a", "levels": [{"name": "low"}, {"name": "high"}], **changes}]


@pytest.mark.parametrize(
    "criteria",
    [
        [],
        "tone",
        one(levels=[{"name": "low"}]),
        one(levels=[{"name": "low"}, {"name": "low"}]),
        one(levels=[{"name": "low", "value": 0.9}, {"name": "high", "value": 0.1}]),
        one(levels=[{"name": "low", "value": -1}, {"name": "high"}]),
        one(levels=[{"name": ""}, {"name": "high"}]),
        one(weight=0),
        one(weight=float("inf")),
        one(surplus=1),
        one(name="a\nb"),
        one() + one(),
    ],
    ids=range(12),
)
def test_a_rubric_without_sense_is_refused(criteria: Any) -> None:
    with pytest.raises(ConfigurationError, match="judge 'rubric'"):
        rubric(criteria=criteria)
    with pytest.raises(ConfigurationError, match="threshold"):
        rubric(criteria=one(), threshold=2)  # type: ignore[arg-type]


def test_the_id_of_a_rubric_is_short_and_changes_with_each_word_of_it() -> None:
    first = rubric(criteria=one())  # type: ignore[arg-type]
    again = rubric(criteria=[Criterion(name="a", levels=(Level(name="low"), Level(name="high")))])
    other = rubric(criteria=one(description="x"), together=False)  # type: ignore[arg-type]
    assert first.id == again.id
    assert first.id.startswith("rubric(criteria='a#")
    assert other.id.endswith("together=False)")
    assert other.id.partition(",")[0] != first.id.partition(")")[0]


# --- sessions -------------------------------------------------------------------------------------


async def test_the_goal_is_the_judges_the_samples_or_the_sessions_own() -> None:
    model = saying("yes")
    assert (await judged(goal_reached(goal="The lamp burns."), in_session("ok"), model)).passed is True
    assert "Goal:\nThe lamp burns." in model.prompts[0]
    own = JudgeCase("s1", "", transcript=session("ok"), metadata={"goal": "It burns."})
    await judged(goal_reached(goal_field="goal"), own, model)
    assert "begins]\nIt burns.\n[Goal" in model.prompts[1]
    await judged(goal_reached(), in_session("ok"), model)
    assert "What the system prompt or the first words of the user ask" in model.prompts[2]
    with pytest.raises(JudgeError, match=r"metadata\['goal'\]"):
        await judged(goal_reached(goal_field="goal"), in_session("ok"), model)


async def test_the_policy_is_the_judges_the_samples_or_the_system_prompt() -> None:
    model = saying("no")
    score = await judged(policy_kept(), in_session("ok"), model)
    assert (score.value, score.label) == (0.0, "no")
    assert "begins]\nNever refund more than 10 dollars.\n[Policy" in model.prompts[0]
    await judged(policy_kept(policy="Be brief."), in_session("ok"), model)
    assert "Policy:\nBe brief." in model.prompts[1]
    bare = Transcript([MessageEntry("agent", Message.assistant("hi"))])
    with pytest.raises(JudgeError, match="no system prompt"):
        await judged(policy_kept(), JudgeCase("s1", "", transcript=bare), model)


async def test_an_agent_that_did_nothing_reached_nothing_and_kept_nothing() -> None:
    idle = JudgeCase("s1", "", transcript=session())
    assert (await judged(goal_reached(goal="g"), idle, JudgeModel())).value == 0.0
    assert (await judged(policy_kept(), idle, JudgeModel())).value is None


@pytest.mark.parametrize("make", [goal_reached, policy_kept])
def test_one_source_of_a_goal_or_policy_is_enough(make: Any) -> None:
    name = "goal" if make is goal_reached else "policy"
    with pytest.raises(ConfigurationError, match="both given"):
        make(**{name: "x", f"{name}_field": "y"})


# --- media ----------------------------------------------------------------------------------------

PICTURE = Image(data=b"png", media_type="image/png")
SOUND = Audio(data=b"wav", media_type="audio/wav")


def pictured() -> JudgeCase:
    question = Message("user", (Text("What is "), PICTURE, Text(" and "), SOUND, PICTURE, Text("?")))
    return JudgeCase("s1", "A cat.", target="a cat", input=(question,))


async def test_a_judge_is_shown_the_media_of_the_question_with_their_names() -> None:
    model = JudgeModel('{"reasoning": "", "rating": 5}')
    await judged(rating(criteria="c"), pictured(), model)
    content = model.requests[0].messages[0].content
    assert [part for part in content if not isinstance(part, Text)] == [PICTURE, SOUND]
    text = model.requests[0].messages[0].text
    assert "What is [image 1] and [audio 1][image 1]?" in text
    assert "that come with this message are material too" in text
    mark = text.partition("[image 1 ")[2][:16]
    assert f"[Question {mark} begins]" in text
    assert f"[audio 1 {mark}]" in text


@pytest.mark.parametrize(
    "judge", [rating(criteria="c", media=False), reference(media=False)], ids=lambda j: j.name
)
async def test_a_judge_may_judge_without_the_media(judge: Any) -> None:
    model = JudgeModel("none")
    await judged(judge, pictured(), model)
    assert "What is [image not shown] and [audio not shown]" in model.prompts[0]
    assert len(model.requests[0].messages[0].content) == 1


async def test_media_that_are_not_at_hand_leave_it_unscored() -> None:
    lost = Message("user", (Image(sha256="ab" * 32), Text("?")))
    with pytest.raises(JudgeError, match="bytes of image abab"):
        await judged(rating(criteria="c"), JudgeCase("s1", "x", input=(lost,)), JudgeModel())


# --- all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", SUBJECTS, ids=repr)
async def test_each_judge_asks_its_own_model_deterministically_with_a_schema(subject: Subject) -> None:
    one, two = JudgeModel(json.dumps(subject.good)), JudgeModel(json.dumps(subject.good))
    judge = subject.make(model="openai/judge")
    await judged(judge, subject.case("hi"), one)
    await judged(subject.make(model="openai/judge"), subject.case("hi"), two)
    assert one.requests == two.requests
    assert set(one.models) == {"openai/judge"}
    params = one.requests[0].params
    assert params.temperature == 0.0
    assert params.response_format is not None
    assert params.response_format["json_schema"]["strict"] is True
    assert "model='openai/judge'" in judge.id
    bare = JudgeModel(json.dumps(subject.good))
    await judged(subject.make(structured=False, temperature=None), subject.case("hi"), bare)
    assert bare.requests[0].params.to_dict() == {}


@pytest.mark.parametrize("subject", SUBJECTS, ids=repr)
async def test_the_evidence_says_who_judged_by_which_wording(subject: Subject) -> None:
    score = await judged(
        subject.make(), subject.case("hi"), JudgeModel(json.dumps(subject.good), name="small")
    )
    evidence = score.evidence["votes"][0]["evidence"] if subject.name == "panel" else score.evidence
    assert evidence["judge_model"] == "small"
    assert evidence["self_judged"] is True
    assert len(evidence["prompt"].split()[-1]) == 12
