"""Long and odd replies: every judge that reads text ends, on its scale, whatever a model writes."""

import math
from typing import Any

import pytest

from agentbench_sdk.judges import (
    alias,
    bbh,
    bleu,
    box_iou,
    captions,
    cer,
    choice,
    chrf,
    either,
    exact,
    includes,
    items,
    numeric,
    open_answer,
    peer_choice,
    peer_match,
    point_in_box,
    relaxed,
    rouge,
    slots,
    span,
    vqa,
    wer,
)
from agentbench_sdk.judges.peers.letters import READERS
from agentbench_sdk.judges.peers.matches import RULES
from agentbench_sdk.judging import Judge, JudgeCase

SIZE = 50_000
REPLIES = {
    "angles": "<" * SIZE,
    "rounds": "(" * SIZE,
    "squares": "[" * SIZE,
    "tags": "<|" * SIZE,
    "closed at the end": "([<" * SIZE + ">])",
    "blanks in a box": "[1" + " " * SIZE + ", 2, 3, 4]",
    "opened boxes": "[1," * SIZE,
    "pairs": "(1,2)" * SIZE,
    "digits": "9" * SIZE,
    "decimals": "9." * SIZE,
    "digit boxes": "[" + "9" * 400 + ", 1, 2, 3]",
    "powers": "one decillion " * 5_000,
    "points": "point five " * 5_000,
    "apostrophes": " '" * SIZE,
    "one word": "a" * SIZE,
    "words": "word " * SIZE,
    "letters": "A B C D " * 10_000,
    "answers": "The answer is yes. " * 5_000,
    "lines": "is x\n" * SIZE,
    "chinese digits": "９" * SIZE,
    "combining": "e\u0301" * SIZE,
    "halves": "x and a half " * 10_000,
    "number and blanks": "9" + " " * SIZE + "x",
    "surrogate": "\ud800 x",
    "nothing": "\0\u200b",
}
SLOTS: Any = {"intent": "play", "slots": [{"artist": "x"}]}
JUDGES: dict[str, tuple[Judge, Any]] = {
    "alias": (alias(), ["a word"]),
    "bbh": (bbh(), "] )"),
    "bbh lm-eval": (bbh(compat="lm-eval"), "a word"),
    "bleu": (bleu(), "a word"),
    "box_iou": (box_iou(), [0, 0, 1, 1]),
    "box_iou refcoco": (box_iou(compat="refcoco"), [0, 0, 1, 1]),
    "box_iou screenspot": (box_iou(compat="screenspot"), [0, 0, 1, 1]),
    "captions": (captions(), ["a word", "another"]),
    "cer": (cer(normaliser="chinese"), "一个词"),
    "choice": (choice(), "B"),
    "choice evalscope": (choice(compat="evalscope-1.14.1"), "B"),
    "chrf": (chrf(word_order=2), "a word"),
    "either": (either(), "yes"),
    "exact": (exact(ignore_punctuation=True), "a word"),
    "includes": (includes(), "a word"),
    "items": (items(credit="f1"), ["a", "word"]),
    "numeric": (numeric(), "14"),
    "open_answer": (open_answer(words="video-mmmu"), "24"),
    "point_in_box": (point_in_box(), [0, 0, 1, 1]),
    "relaxed": (relaxed(), "14"),
    "relaxed lmms-eval": (relaxed(compat="lmms-eval"), "14"),
    "rouge": (rouge(), "a word"),
    "slots": (slots(), SLOTS),
    "span": (span(), "a word"),
    "vqa": (vqa(form="evalai"), ["a word"] * 10),
    "wer": (wer(normaliser="english", compat="lmms-eval"), "a word"),
    **{f"peer_choice {reader}": (peer_choice(reader=reader), "B") for reader in READERS},
    **{f"peer_match {rule}": (peer_match(rule=rule), "word") for rule in RULES},
}


@pytest.mark.parametrize("name", sorted(JUDGES))
async def test_every_reply_has_a_score_on_the_scale(name: str) -> None:
    judge, target = JUDGES[name]
    for kind, reply in REPLIES.items():
        value = (await judge.judge(JudgeCase("s1", reply, target, ("a", "b", "c", "d")))).value
        assert value is not None, kind
        assert math.isfinite(value), kind
        assert value >= 0, kind
        assert judge.scale.high is None or value <= judge.scale.high, kind


async def test_brackets_that_nobody_closes_are_no_slots() -> None:
    for compat in ("", "mera"):
        judge = slots(compat=compat)
        assert (await judge.judge(JudgeCase("s1", "[" * SIZE, SLOTS))).value == 0.0
