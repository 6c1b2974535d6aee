"""`vqa`, `relaxed`, `either`, `open_answer`, and the readers of named peers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.either import either, read_side
from agentbench_sdk.judges.open_answer import open_answer
from agentbench_sdk.judges.peers import peer_choice, peer_match
from agentbench_sdk.judges.peers.letters import READERS
from agentbench_sdk.judges.peers.matches import RULES
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.peers.yes_no import READERS as YES_NO
from agentbench_sdk.judges.relaxed import relaxed
from agentbench_sdk.judges.vqa import vqa, vqa_accuracy
from agentbench_sdk.judges.vqa_text import evalai_form, vqa_form
from agentbench_sdk.judging import Judge, JudgeCase, Score


async def score(judge: Judge, answer: str, target: Any, choices: tuple[str, ...] = ()) -> Score:
    return await judge.judge(JudgeCase("s1", answer, target, choices))


# --- vqa ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("matches", "value"), [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0), (10, 1.0)])
def test_vqa_accuracy_of_ten_annotators_has_its_closed_form(matches: int, value: float) -> None:
    assert vqa_accuracy("red", ["red"] * matches + ["blue"] * (10 - matches)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("The two dogs!", "2 dogs"),
        ("Dont walk.", "don't walk"),
        ("red-blue", "red blue"),
        ("red - blue", "red blue"),
        ("1,000", "1000"),
        ("3.5 m.", "3.5 m"),
        ("none", "0"),
        ("an apple\n", "apple"),
        ("couldntve couldn'tve", "couldntve couldn't've"),
    ],
)
def test_answers_are_brought_to_the_form_of_the_vqa_evaluation(text: str, form: str) -> None:
    assert vqa_form(text) == form


def test_the_evalai_form_splits_the_possessive_and_joins_at_commas() -> None:
    assert evalai_form("the dog's bone, red?") == "dog 's bone red"


async def test_annotators_may_be_texts_or_objects_and_all_agreeing_counts_as_one() -> None:
    annotators = [{"answer": "Yes", "answer_id": n} for n in range(10)]
    assert (await score(vqa(), "yes.", annotators)).value == 1.0
    assert (await score(vqa(compat="official"), "yes.", annotators)).value == 0.0
    assert (await score(vqa(compat="official"), "Yes", annotators)).value == 1.0


async def test_an_answer_of_which_nothing_is_left_is_wrong() -> None:
    for answer in ("", "a", "the", "!?"):
        assert (await score(vqa(), answer, ["a"] * 10)).value == 0.0


# --- relaxed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "target", "passed"),
    [
        ("14", "14", True),
        ("14.7", "14", True),
        ("14.71", "14", False),
        ("13.3", "14", True),
        ("The answer is 1,250.", "1250", True),
        ("67%", "67", True),
        ("0.67", "67%", True),
        ("67", "67%", True),
        ("0", "0", True),
        ("0.01", "0", False),
        ("Germany.", "germany", True),
        ("The answer is Germany.", "Germany", True),
        ("Germany and France", "Germany", False),
        ("", "0", False),
        ("no idea", "5", False),
        ("nan", "5", False),
        ("-14", "14", False),
    ],
)
async def test_numbers_may_be_off_by_a_twentieth_and_words_may_not(
    answer: str, target: str, passed: bool
) -> None:
    assert (await score(relaxed(), answer, target)).passed is passed


async def test_the_peers_form_reads_only_whole_floats() -> None:
    judge = relaxed(compat="lmms-eval")
    for answer, passed in (
        ("14", True),
        ("The answer is 14", False),
        ("1,4", False),
        ("1400%", True),
        ("14 ", True),
    ):
        assert (await score(judge, answer, "14")).passed is passed


# --- either -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        ("Yes", "yes"), ("no.", "no"), ("**Yes**, there is", "yes"), ("No, there isn't one", "no"), ("Y", "yes"),
        ("The answer is no.", "no"), ("I see a dog.\nYes", "yes"), ("Да.", "yes"), ("不是", "no"), ("False", "no"),
        ("Not sure", None), ("No idea", None), ("Yes or no", None), ("yes/no", None), ("Maybe", None), ("", None),
        ("Yesterday", None), ("None", None), ("Noon", None), ("n of them", None), ("y = 3", None),
        ("Yes.\nOn second thought:\nNo", "no"), ("Yes, but no", None), ("True or False", None),
        ("There is a dog", None), ("True, there is one.", "yes"), ("The answer is False.", "no"), ("T", None),
        ("不知道", None), ("这是一只狗。", None), ("对于这个问题，我没有答案", None), ("没有。", "no"), ("是的，图中有狗。", "yes"),
        ("答案：否", "no"), ("答案是：是", "yes"), ("N", "no"), ('{"answer": false}', "no"), ("No, that is not true", "no"),
    ],
)  # fmt: skip
def test_a_reply_says_yes_or_no_only_where_it_settles_on_one(reply: str, meaning: str | None) -> None:
    assert {True: "yes", False: "no", None: None}[read_side(reply)] == meaning


async def test_a_target_may_be_a_word_or_a_truth_value() -> None:
    assert (await score(either(), "Yes", True)).passed is True
    assert (await score(either(), "Yes", "No.")).passed is False
    assert (await score(either(), "Maybe", "no")).label == "undecided"
    with pytest.raises(JudgeError, match="yes/no"):
        await score(either(), "Yes", "perhaps")


async def test_figures_are_those_of_the_named_pair_or_of_both_words() -> None:
    for options, figures in (
        ({"pair": "true/false"}, {"name": "f_measure", "positive": "true"}),
        ({"compat": "lmms-eval/pope"}, {"name": "f_measure", "positive": "yes"}),
        ({}, {"name": "f_measure"}),
    ):
        (spec,) = either(**options).corpus  # type: ignore[attr-defined]
        assert spec == figures
    for answer in ("Yes", "", "Maybe"):
        assert (await score(either(), answer, False)).evidence["expected"] == "no"


# --- open_answer --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "target", "passed"),
    [
        ("24", "24", True),
        ("So R = 24", "24", True),
        ("24.001", "24", True),
        ("x = 7, therefore 24 ohms", "24", True),
        ("The result is 1,200.", "1200", True),
        ("It is 3.5e3", "3500", True),
        ("The answer is a red kite", "red kite", True),
        ("paris", ["London", "Paris"], True),
        ("0.667", "['2/3', '0.667']", True),
        ("240", "24", False),
        ("no idea", "24", False),
        ("", "24", False),
        ("", "", False),
        ("cab", "a", False),
    ],
)
async def test_the_conclusion_of_a_reply_is_what_counts(reply: str, target: Any, passed: bool) -> None:
    assert (await score(open_answer(), reply, target)).passed is passed


# --- peers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>a</think> B", "B"),
        ("<analysis>x</analysis><think>y</think>C", "C"),
        ("reason</think>D", "D"),
        ("<think>open", "<think>open"),
        ("<THINK>a</THINK>b", "<THINK>a</THINK>b"),
        ("a<think>b</think>c<think>d</think>e", "ace"),
        ("</think>a<think>b", "</think>a<think>b"),
    ],
)
def test_reasoning_is_cut_as_the_peer_cuts_it(text: str, left: str) -> None:
    assert lmms_text(text) == left


@pytest.mark.parametrize(
    ("reader", "reply", "letter"),
    [
        ("letter", "BANANA is", "A"),
        ("letter", "b", None),
        ("letter", "The answer is D (not C)", "C"),
        ("mmmu", "(A) and (B)", "B"),
        ("mmmu", "xB y", "B"),
        ("mmmu-official", "xB y", None),
        ("mmmu-official", "So B it is", "B"),
        ("audio", "(C)(B)", "B"),
        ("egoschema", "B. or (A)", "B"),
        ("longvideobench", "The answer is Both", "B"),
        ("alone", "A person", "A"),
        ("mvbench", "a dog is b", "A"),
        ("first-letter", "((the", "T"),
        ("first-character", "answer: B", "A"),
        ("letter-or-point", "B. x", "B"),
        ("letter-or-point", "(B)", None),
        ("whole", "B", "B"),
        ("whole", "B.", None),
        ("mmbench", "The answer is B.", "B"),
        ("mmbench", "A dog barks loudly", None),
        ("tempcompass", "C) x", "C"),
    ],
)
def test_peers_read_letters_as_they_do(reader: str, reply: str, letter: str | None) -> None:
    assert READERS[reader](reply, "ABCD", ("one", "two", "three", "four")) == letter


def test_bad_options_are_refused_before_a_run() -> None:
    for make, options in (
        (vqa, {"form": "x"}), (vqa, {"compat": "x"}), (relaxed, {"tolerance": 1}), (relaxed, {"compat": "x"}),
        (either, {"compat": "x"}), (either, {"compat": "lmms-eval/pope", "pair": "true/false"}), (open_answer, {"words": "x"}), (open_answer, {"compat": "x"}),
        (peer_choice, {"reader": "x"}), (peer_choice, {"reader": "mmmu", "letters": "AA"}), (peer_match, {"rule": "x"}),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            make(**options)


@pytest.mark.parametrize("make", [vqa, relaxed, open_answer])
@pytest.mark.parametrize("target", [None, {"a": 1}, [{"b": 1}]])
async def test_a_target_of_another_form_is_the_tasks_fault(make: Any, target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score(make(), "x", target)


JUDGES: list[tuple[Judge, Any]] = [
    (vqa(), ["red"] * 10),
    (vqa(form="evalai"), ["red", "blue"]),
    (relaxed(), "14"),
    (relaxed(), "Paris"),
    (either(), "yes"),
    (open_answer(), "24"),
    (open_answer(words="video-mmmu"), "a word"),
]
PEERS: list[tuple[Judge, Any]] = [
    *((peer_choice(reader=reader), "B") for reader in READERS),
    *((peer_match(rule=rule), "word") for rule in RULES),
    *((either(compat=peer), "no") for peer in YES_NO),
    (vqa(compat="lmms-eval"), ["red"]),
    (relaxed(compat="lmms-eval"), "14"),
]


@given(st.text(max_size=80))
async def test_no_text_makes_a_judge_raise(text: str) -> None:
    for judge, target in (*JUDGES, *PEERS):
        value = (await score(judge, text, target, ("one", "two", "three", "four"))).value
        assert value is not None
        assert 0.0 <= value <= 1.0


@pytest.mark.parametrize("answer", ["", " \n", "<think>B", "…", "I do not know."])
async def test_in_default_mode_what_says_nothing_is_worth_nothing(answer: str) -> None:
    for judge, target in JUDGES:
        assert (await score(judge, answer, target)).value == 0.0
