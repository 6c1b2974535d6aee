"""The readers of letters and numbers against synthetic replies whose intent their author noted.

The data lie outside the repository (AGENTBENCH_COMPAT_DATA or ../shared) and the tests skip without them.
Only cases whose intent is correct, wrong or none count; what is called ambiguous is left to the reader.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.judges.choice import choice
from agentbench_sdk.judges.numbers import parse_number
from agentbench_sdk.judges.numeric import numeric
from agentbench_sdk.judging import Judge, JudgeCase

DATA = (
    Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared")) / "golden" / "text"
)
CHOICE = ["arc", "ceval", "cmmlu", "gpqa_diamond", "hellaswag", "mmlu", "mmlu_pro", "race", "truthful_qa"]
NUMERIC = ["gsm8k", "competition_math", "bbh"]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no golden data beside the checkout")


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        for case in document["cases"]:
            if case["intent"] in ("correct", "wrong", "none"):
                yield document, case


async def misjudged(judge: Judge, name: str, *, numbers: bool) -> tuple[list[str], int]:
    """Cases scored against their intent, and how many there were."""
    wrong, total = [], 0
    for document, case in cases(name):
        target = document["target"]
        if numbers and parse_number(target) is None:
            continue
        options = tuple(document["choices"] or ())
        score = await judge.judge(JudgeCase(str(document["doc_id"]), case["output"], target, options))
        total += 1
        if score.passed is not (case["intent"] == "correct"):
            wrong.append(f"{case['intent']}: {case['output']!r} for {target!r}: {score.explanation}")
    return wrong, total


@pytest.mark.parametrize("name", CHOICE)
async def test_choices_are_read_as_intended(name: str) -> None:
    wrong, total = await misjudged(choice(), name, numbers=False)
    assert total > 20
    assert wrong == []


@pytest.mark.parametrize("name", NUMERIC)
async def test_numbers_are_read_as_intended(name: str) -> None:
    wrong, total = await misjudged(numeric(), name, numbers=True)
    assert total >= 15
    assert wrong == []


async def test_sets_of_choices_earn_their_share_and_a_wrong_one_spoils_it() -> None:
    judge = choice(multiple=True)
    for line in (DATA / "truthful_qa_mc2.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        for case in document["cases"]:
            given = JudgeCase("s", case["output"], document["target"], tuple(document["choices"]))
            value = (await judge.judge(given)).value
            assert value is not None
            if case["intent"] == "correct":
                assert value == 1.0, case
            elif case["intent"] in ("wrong", "none"):
                assert value == 0.0, case
            elif case["intent"] == "partial":
                assert 0.0 < value < 1.0, case
