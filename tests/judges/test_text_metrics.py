"""`bleu`, `chrf`, `rouge`, `captions`, `wer` and `cer`, and the texts that they compare."""

import json
from typing import Any

import jiwer
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import ConfigurationError, JudgeError
from agentbench_sdk.judges.bleu import bleu
from agentbench_sdk.judges.captions import captions
from agentbench_sdk.judges.chrf import chrf
from agentbench_sdk.judges.corpus import bleu_corpus, captions_corpus, chrf_corpus, ratio
from agentbench_sdk.judges.english_text import whisper_english
from agentbench_sdk.judges.error_rate import cer, wer
from agentbench_sdk.judges.overlap import common_subsequence
from agentbench_sdk.judges.ptb_words import ptb_words
from agentbench_sdk.judges.rouge import rouge, rouge_f1
from agentbench_sdk.judges.speech_text import basic, chinese, chinese_number
from agentbench_sdk.judging import CorpusMetric, Judge, JudgeCase, Score

REFERENCES = [
    "The cat sat on the mat.",
    "It is a guide to action that ensures the military will forever heed Party commands.",
    "Der Hund läuft schnell über die Straße.",
    "No.",
]
CANDIDATES = [
    "the cat sat on a mat",
    "It is a guide to action which ensures that the military always obeys the commands of the party.",
    "Der Hund läuft über die Straße",
    "Yes, indeed",
]


async def score(judge: Judge, answer: str, target: Any) -> Score:
    return await judge.judge(JudgeCase("s1", answer, target))


async def figures(judge: Judge, metric: CorpusMetric, pairs: list[tuple[str, Any]]) -> list[float]:
    """The figures of a task, by way of evidence that was written to a file and read again."""
    scores = [await score(judge, answer, target) for answer, target in pairs]
    stored = [Score.from_dict(json.loads(json.dumps(each.to_dict()))) for each in scores]
    kept = [metric.keep(each, target, {}) for each, (_, target) in zip(stored, pairs, strict=True)]
    rows = metric.rows(kept)
    return [float(each) for each in metric.values(rows.sum(axis=0, keepdims=True))[0]]


# --- BLEU, chrF ---------------------------------------------------------------------------------


async def test_bleu_is_sacrebleus_of_sentences_and_of_the_task() -> None:
    peer = BLEU(effective_order=True)
    for candidate, reference in zip(CANDIDATES[:3], REFERENCES[:3], strict=True):
        wanted = peer.sentence_score(candidate, [reference]).score
        assert (await score(bleu(), candidate, reference)).value == pytest.approx(wanted)
    pairs = list(zip(CANDIDATES, REFERENCES, strict=True))
    found = await figures(bleu(), bleu_corpus(), pairs)
    assert found == [pytest.approx(BLEU().corpus_score(CANDIDATES, [REFERENCES]).score)]


@given(st.lists(st.text(alphabet="ab cd", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=5))
async def test_corpus_figures_agree_with_sacrebleu_on_any_texts(texts: list[str]) -> None:
    pairs = list(zip(texts, reversed(texts), strict=True))
    candidates, references = [each for each, _ in pairs], [[each for _, each in pairs]]
    (found,) = await figures(bleu(), bleu_corpus(), pairs)
    if any(len(each.split()) >= 4 for each in texts):
        wanted = BLEU(force=True).corpus_score(candidates, references).score
        assert found == pytest.approx(wanted, abs=1e-9)
    (found,) = await figures(chrf(), chrf_corpus(), pairs)
    assert found == pytest.approx(CHRF().corpus_score(candidates, references).score, abs=1e-9)


@pytest.mark.parametrize("words", [0, 2])
async def test_chrf_is_sacrebleus_of_sentences_and_of_the_task(words: int) -> None:
    peer = CHRF(word_order=words)
    for candidate, reference in zip(CANDIDATES, REFERENCES, strict=True):
        wanted = peer.sentence_score(candidate, [reference]).score
        assert (await score(chrf(word_order=words), candidate, reference)).value == pytest.approx(wanted)
    pairs = list(zip(CANDIDATES, REFERENCES, strict=True))
    found = await figures(chrf(word_order=words), chrf_corpus(), pairs)
    assert found == [pytest.approx(peer.corpus_score(CANDIDATES, [REFERENCES]).score)]


async def test_of_several_references_the_best_counts() -> None:
    assert (await score(chrf(), "a dog", ["a cat", "a dog"])).value == 100.0
    assert (await score(bleu(), "a red dog runs", ["a cat", "a red dog runs"])).value == pytest.approx(100.0)
    assert (await score(rouge(), "a dog", ["a cat", "a dog"])).value == 1.0


# --- ROUGE --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),  # of rouge-score 0.1.2 for the second pair above
    [("rouge1", 0.7272727272727272), ("rouge2", 0.3870967741935484), ("rougeL", 0.606060606060606)],
)
def test_rouge_has_the_figures_of_the_reference_package(kind: Any, value: float) -> None:
    assert rouge_f1(CANDIDATES[1], REFERENCES[1], kind) == pytest.approx(value)


def test_rouge_counts_words_of_any_script() -> None:
    assert rouge_f1("кошка спит", "кошка спит тут", "rouge1") == pytest.approx(0.8)
    assert rouge_f1("猫在睡", "猫在睡觉", "rougeL") == pytest.approx(6 / 7)


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_a_common_subsequence_is_one_of_both_and_symmetric(one: list[str], other: list[str]) -> None:
    length = common_subsequence(one, other)
    assert length == common_subsequence(other, one)
    assert length <= min(len(one), len(other))
    assert common_subsequence(one, one) == len(one)


# --- captions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A dog isn't here.", ["a", "dog", "is", "n't", "here"]),
        ("It's Tom's; they've gone!", ["it", "'s", "tom", "'s", "they", "'ve", "gone"]),
        ("clock-tower at 12:30 p.m.", ["clock-tower", "at", "12:30", "p.m."]),
        ("a (hard) kick", ["a", "hard", "kick"]),
        ("1,000 birds... wow", ["1,000", "birds", "wow"]),
        ("He cannot", ["he", "can", "not"]),
        ("", []),
    ],
)
def test_captions_are_cut_as_the_treebank_cuts_them(text: str, words: list[str]) -> None:
    assert ptb_words(text) == words


async def test_a_perfect_caption_has_perfect_figures_and_an_empty_one_none() -> None:
    pairs: list[tuple[str, Any]] = [
        ("A red kite flies over the sea.", ["A red kite flies over the sea.", "A kite."]),
        ("Two dogs play with a blue ball.", ["Two dogs play with a blue ball."]),
    ]
    found = await figures(captions(), captions_corpus(), pairs)
    assert found[:5] == pytest.approx([1.0] * 5, abs=1e-8)
    assert found[5] > 4
    empty = await figures(captions(), captions_corpus(), [("", each) for _, each in pairs])
    assert empty == pytest.approx([0.0] * 6)


# --- error rates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "reference", "rate"),
    [
        ("the cat sat", "the cat sat", 0.0),
        ("The cat, sat!", "the cat sat", 0.0),
        ("the cat", "the cat sat", 1 / 3),
        ("the hat sat down", "the cat sat", 2 / 3),
        ("", "the cat sat", 1.0),
        ("a b c d e f", "the cat sat", 2.0),
        ("(laughs) the cat sat", "the cat sat", 0.0),
        ("<think>hm</think>the cat sat", "the cat sat", 0.0),
    ],
)
async def test_a_word_error_rate_counts_edits_over_the_references_words(
    found: str, reference: str, rate: float
) -> None:
    verdict = await score(wer(), found, reference)
    assert verdict.value == pytest.approx(rate)
    assert verdict.passed is (rate == 0.0)


@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=8),
)
async def test_edits_are_jiwers(reference: list[str], found: list[str]) -> None:
    verdict = await score(wer(normaliser="none"), " ".join(found), " ".join(reference))
    assert verdict.value == pytest.approx(jiwer.wer(" ".join(reference), " ".join(found)))


async def test_the_rate_of_a_task_is_a_sum_over_a_sum_and_not_a_mean() -> None:
    pairs = [("a", "a b"), ("a b c d e f g h", "a b c d e f g h")]
    (spec,) = wer().corpus  # type: ignore[attr-defined]
    metric = Registry.discover().metric_from(spec)
    assert await figures(wer(), metric, list(pairs)) == [pytest.approx(10.0)]
    assert wer().scale.better == "lower"


async def test_a_reference_of_nothing_makes_every_word_an_error() -> None:
    assert (await score(wer(), "hm", "(noise)")).value == 1.0
    assert (await score(wer(), "", "(noise)")).value == 0.0


async def test_characters_are_counted_without_blanks() -> None:
    assert (await score(cer(), "我 爱北京", "我爱南京")).value == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("It's TWENTY FIVE dollars and fifty cents", "it is $25.50"),
        ("Dr. Smith's been there, um, since 1,000 B.C.", "doctor smith has been there since 1000 b c"),
        ("three hundred and sixty five days", "365 days"),
        ("one oh one point five percent", "101.5%"),
        ("the twenty-first of May", "the 21st of may"),
        ("two and a half hours", "2.5 hours"),
        ("double five", "55"),
        ("minus ten degrees", "-10 degrees"),
        ("one of the ones", "one of the ones"),
        ("naïve café [noise] <unk>", "naive cafe"),
        ("I organised the centre's colourful programme, advised and surprised", "i organized the center is colorful program advised and surprised"),
        ("rock and roll", "rock and roll"),
        ("", ""),
    ],
)  # fmt: skip
def test_english_is_brought_to_whispers_form(text: str, form: str) -> None:
    assert whisper_english(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("今天是2024年5月3日。", "今天是二零二四年五月三日"),
        ("他有３个苹果，很好吃！", "他有三个苹果很好吃"),
        ("增长了12.5%", "增长了百分之十二点五"),
        ("约3/4的人", "约四分之三的人"),
        ("电话13812345678", "电话幺三八幺二三四五六七八"),
        ("房间10086", "房间幺零零八六".replace("幺", "一")),
        ("-5度", "负五度"),
        ("我爱 北京", "我爱北京"),
    ],
)
def test_chinese_numbers_are_written_as_they_are_read(text: str, form: str) -> None:
    assert chinese(text) == form


@given(st.integers(0, 10**16 - 1))
def test_chinese_numbers_can_be_read_back(value: int) -> None:
    digits = {char: at for at, char in enumerate("零一二三四五六七八九")} | {"两": 2}
    total = section = number = 0
    for char in chinese_number(str(value)):
        if char in digits:
            number = digits[char]
        elif char in "十百千":
            section += (number or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            number = 0
        else:
            total += (section + number) * {"万": 10**4, "亿": 10**8, "兆": 10**12}[char]
            section = number = 0
    assert total + section + number == value


@given(st.text(max_size=60))
def test_normal_forms_are_stable(text: str) -> None:
    assert basic(basic(text)) == basic(text)
    assert chinese(chinese(text)) == chinese(text)


@given(st.text(max_size=80), st.text(min_size=1, max_size=30).filter(str.strip))
async def test_no_text_makes_a_judge_raise(answer: str, target: str) -> None:
    for judge in (
        bleu(),
        chrf(word_order=2),
        rouge(),
        captions(),
        wer(),
        wer(normaliser="english"),
        cer(normaliser="chinese"),
        wer(compat="lmms-eval", normaliser="english"),
    ):
        value = (await score(judge, answer, target)).value
        assert value is not None
        assert np.isfinite(value)
        assert value >= 0


@pytest.mark.parametrize("make", [bleu, chrf, rouge, captions])
@pytest.mark.parametrize("answer", ["", " ", "<think>the cat", "…"])
async def test_what_says_nothing_is_worth_nothing(make: Any, answer: str) -> None:
    assert (await score(make(), answer, "the cat")).value == 0.0


@pytest.mark.parametrize("make", [bleu, chrf, rouge, captions, wer, cer])
@pytest.mark.parametrize("target", [None, 5, "", []])
async def test_a_target_that_is_no_text_is_the_tasks_fault(make: Any, target: Any) -> None:
    with pytest.raises(JudgeError, match="sample 's1'"):
        await score(make(), "x", target)


def test_bad_options_are_refused_before_a_run() -> None:
    for make, options in (
        (bleu, {"tokenizer": "x"}), (chrf, {"word_order": 3}), (chrf, {"beta": 0}), (rouge, {"kind": "rouge9"}),
        (wer, {"normaliser": "x"}), (cer, {"compat": "x"}),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError):
            make(**options)


def test_a_ratio_of_nothing_is_undefined() -> None:
    metric = ratio(over="a", under="b")
    assert np.isnan(metric.values(np.array([[1.0, 0.0]]))[0, 0])
