"""Every text answer of the golden data: scored as its author meant it, and as the recorded peers scored it.

The data lie outside the repository (AGENTBENCH_COMPAT_DATA or ../shared) and the tests skip without them. In
default mode the intent decides ("correct", "wrong", "none"; what is ambiguous is left out); a named compat
mode must give the peer's own score. A failure lists the cases.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from agentbench_sdk.judges import alias, bbh, choice, exact, instructions, math, numeric, pattern, slots
from agentbench_sdk.judges.numbers import parse_number
from agentbench_sdk.judging import Judge, JudgeCase, Score
from agentbench_sdk.messages import Message

DATA = (
    Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared")) / "golden" / "text"
)
LETTERS = ["arc", "ceval", "cmmlu", "gpqa_diamond", "hellaswag", "mmlu", "mmlu_pro", "race", "truthful_qa"]
Record = dict[str, Any]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no golden data beside the checkout")


def records(name: str) -> Iterator[Record]:
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def case_of(document: Record, output: str, target: Any = None) -> JudgeCase:
    prompt = Message.user(document["messages"][-1]["content"])
    return JudgeCase(
        str(document["doc_id"]),
        output,
        document["target"] if target is None else target,
        tuple(document["choices"] or ()),
        input=(prompt,),
        metadata=document["doc"],
    )


# In default mode --------------------------------------------------------------------------------------------


async def misjudged(
    judge: Judge, name: str, target: Callable[[Record], Any], *, numbers: bool = False
) -> tuple[list[str], int]:
    """Cases scored against their intent, and how many there were; with `numbers` those whose target is one."""
    wrong, total = [], 0
    for document in records(name):
        if numbers and parse_number(target(document)) is None:
            continue
        for case in document["cases"]:
            if case["intent"] not in ("correct", "wrong", "none"):
                continue
            total += 1
            score = await judge.judge(case_of(document, case["output"], target(document)))
            right = score.value == 1.0 if case["intent"] == "correct" else score.value == 0.0
            if not right:
                shown = (case["case_id"], case["kind"], case["intent"], case["output"], score.explanation)
                wrong.append(f"{score.value}: {shown}")
    return wrong, total


def own_target(document: Record) -> Any:
    return document["target"]


def bbh_target(document: Record) -> Any:
    return document["doc"]["target"]  # EvalScope drops round brackets, which are answers in one of the tasks


def no_target(document: Record) -> Any:
    return None


DEFAULTS: dict[str, tuple[Callable[[], Judge], Callable[[Record], Any]]] = {
    **dict.fromkeys(LETTERS, (choice, own_target)),
    "truthful_qa_mc2": (partial(choice, multiple=True), own_target),
    "gsm8k": (math, own_target),
    "competition_math": (math, own_target),
    "trivia_qa": (alias, own_target),
    "bbh": (bbh, bbh_target),
    "ifeval": (instructions, no_target),
}


@pytest.mark.parametrize("name", sorted(DEFAULTS))
async def test_every_answer_is_scored_as_it_was_meant(name: str) -> None:
    make, target = DEFAULTS[name]
    wrong, total = await misjudged(make(), name, target)
    assert total >= 15
    assert not wrong, f"{len(wrong)} of {total} cases:\n" + "\n".join(wrong)


@pytest.mark.parametrize("name", ["gsm8k", "competition_math", "bbh"])
async def test_answers_that_are_numbers_need_no_symbolic_mathematics(name: str) -> None:
    wrong, total = await misjudged(numeric(), name, own_target, numbers=True)
    assert total >= 15
    assert not wrong, f"{len(wrong)} of {total} cases:\n" + "\n".join(wrong)


async def test_a_part_of_several_letters_earns_a_part_of_the_value() -> None:
    for document in records("truthful_qa_mc2"):
        for case in document["cases"]:
            if case["intent"] == "partial":
                score = await choice(multiple=True).judge(case_of(document, case["output"]))
                assert score.value is not None
                assert 0 < score.value < 1, case["output"]


# As peers score ----------------------------------------------------------------------------------------------

Setting = tuple[Callable[[], Judge], Callable[[Record], Any], str]


def _letters(name: str, peer: str) -> Judge | None:
    multiple = name == "truthful_qa_mc2"
    if peer.startswith("evalscope"):
        chinese = {"cmmlu": "/zh", "ceval": "/ceval" if "git" in peer else "/zh"}.get(name, "")
        return choice(compat=peer + chinese, multiple=multiple)
    tasks = {
        "arc_challenge_chat/remove_whitespace": "arc_challenge_chat",
        "get_response": "mmlu_generative",
        "strict-match": "mmlu_flan_cot/strict-match",
        "flexible-extract": "mmlu_flan_cot/flexible-extract",
        "custom-extract": "mmlu_pro",
    }
    return next(
        (choice(compat=f"lm-eval/{known}") for end, known in tasks.items() if peer.endswith(end)), None
    )


@cache  # workers are shared by the judges there are, and end with the last
def _maths(name: str, peer: str) -> Judge | None:
    if peer == "evalscope-1.14.1":
        return math(compat=peer)
    if "git" in peer or "cot" in peer:  # an older parser of its own; a filter that expects another wording
        return None
    if name == "gsm8k":
        return math(compat="lm-eval/gsm8k/" + peer.rpartition("/")[2])
    return math(compat="lm-eval/hendrycks_math" if "hendrycks" in peer else "lm-eval/minerva_math")


def _trivia(name: str, peer: str) -> Judge | None:
    return alias(compat=peer if peer.startswith("evalscope") else "lm-eval")


def _bbh(name: str, peer: str) -> Judge | None:
    if peer.startswith("evalscope"):
        return bbh(compat=peer)
    return bbh(compat="lm-eval/strict-match" if peer.endswith("strict-match") else "lm-eval")


PEERS: dict[str, Callable[[str, str], Judge | None]] = {
    **dict.fromkeys([*LETTERS, "truthful_qa_mc2"], _letters),
    "gsm8k": _maths,
    "competition_math": _maths,
    "trivia_qa": _trivia,
    "bbh": _bbh,
}


def _peer_target(name: str, document: Record, peer: str) -> Any:
    if name == "trivia_qa" and peer.startswith("lm-eval"):
        return document["lm_eval_prompts"]["triviaqa"]["target"]
    return bbh_target(document) if name == "bbh" else document["target"]


@pytest.mark.parametrize("name", sorted(PEERS))
async def test_a_compat_mode_gives_the_peers_own_score(name: str) -> None:
    wrong, total = [], 0
    for document in records(name):
        for case in document["cases"]:
            for peer, recorded in case["peers"].items():
                judge = PEERS[name](name, peer)
                if judge is None or "score" not in recorded:
                    continue
                wanted = next(iter(recorded["score"].values()))
                target = _peer_target(name, document, peer)
                score = await judge.judge(case_of(document, case["output"], target))
                total += 1
                if score.value != pytest.approx(wanted):
                    wrong.append(
                        f"{peer} gave {wanted}, not {score.value}: {case['case_id']} {case['output']!r}"
                    )
    assert total >= 30
    # A peer's code is not ours to read: what its recorded scores do not show may differ in a few forms.
    assert len(wrong) <= 0.02 * total, f"{len(wrong)} of {total} scores:\n" + "\n".join(wrong)


@pytest.mark.parametrize("variant", ["strict", "loose"])
@pytest.mark.parametrize(("level", "prefix"), [("prompt", "prompt_level"), ("instruction", "inst_level")])
async def test_all_figures_of_the_instruction_benchmark_are_the_peers(
    variant: str, level: str, prefix: str
) -> None:
    judge = instructions(variant=variant, level=level)
    wrong = []
    for document in records("ifeval"):
        for case in document["cases"]:
            score = await judge.judge(case_of(document, case["output"]))
            wanted = case["peers"]["evalscope-1.14.1"]["score"][f"{prefix}_{variant}"]
            if score.value != pytest.approx(wanted):
                wrong.append(f"{wanted}, not {score.value}: {case['case_id']} {case['output']!r}")
    assert not wrong, "\n".join(wrong)


# MERA, which has no intents ----------------------------------------------------------------------------------


async def _mera_exact(record: Record) -> list[str]:
    settings = record["settings"]
    judge = exact(
        compat="lm-eval",
        ignore_case=settings.get("ignore_case", False),
        ignore_punctuation=settings.get("ignore_punctuation", False),
    )
    wrong = []
    for case in record["cases"]:
        score = await judge.judge(JudgeCase("s", case["output"], record["reference"]))
        if score.value != case["mera"]["exact_match"]:
            wrong.append(f"{record['task']}: {case['output']!r} for {record['reference']!r}: {score.value}")
    return wrong


async def _mera_slots(record: Record) -> list[str]:
    wrong = []
    for case in record["cases"]:
        given = JudgeCase("s", case["output"], record["reference"])
        for metric, figure in (("intent", "intent_EM"), ("slot_f1", "slot_f1")):
            score = await slots(metric=metric, compat="mera").judge(given)
            wanted = case["mera"].get(figure)  # none where MERA's scorer crashed
            if score.value != (None if wanted is None else pytest.approx(wanted)):
                wrong.append(f"{metric} {score.value}, not {wanted}: {case['output']!r}")
    return wrong


async def _mera_history(record: Record) -> list[str]:
    wrong = []
    for case in record["cases"]:
        judge = pattern(pattern=record["regex"], group=1)
        score: Score = await judge.judge(JudgeCase("s", case["output"], "A"))
        if (score.evidence["extracted"] or record["fallback"]) != case["mera"]["stored"]:
            wrong.append(f"{case['output']!r}: {score.evidence}")
    return wrong


async def test_mera_scores_are_reproduced() -> None:
    wrong: list[str] = []
    kinds = set()
    for record in records("mera"):
        metric = record["metric"]
        kinds.add(metric)
        if metric == "exact_match":
            wrong += await _mera_exact(record)
        elif metric == "intent_EM,slot_f1":
            wrong += await _mera_slots(record)
        elif metric == "history answer filter":
            wrong += await _mera_history(record)
    assert {"exact_match", "intent_EM,slot_f1"} <= kinds
    assert not wrong, "\n".join(wrong)


async def test_a_perfect_answer_scores_by_default_where_meras_scorer_cannot_match_it() -> None:
    for record in records("mera"):
        if record["metric"] == "intent_EM,slot_f1":
            (perfect,) = [case["output"] for case in record["cases"] if case["kind"] == "exact"]
            score = await slots(metric="both").judge(JudgeCase("s", perfect, record["reference"]))
            assert score.value == 1.0


# Every form for every document -------------------------------------------------------------------------------

TEMPLATES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("reply_templates.yaml").read_text(encoding="utf-8")
)


async def misread(judge: Judge, kind: str, case: JudgeCase, words: dict[str, str]) -> list[str]:
    """The templates that are scored otherwise than meant, filled with the words of a document."""
    wrong = []
    for intent, value in (("right", 1.0), ("wrong", 0.0)):
        for template in TEMPLATES[kind][intent]:
            reply = template.format(**words)
            score = await judge.judge(replace(case, answer=reply))
            if score.value != value:
                wrong.append(
                    f"{case.sample_id}: {reply!r} for {case.target!r} is {score.value}: {score.explanation}"
                )
    return wrong


@pytest.mark.parametrize("name", LETTERS)
async def test_letters_are_read_in_every_form(name: str) -> None:
    wrong: list[str] = []
    for document in records(name):
        case = case_of(document, "")
        right = str(document["target"][0])
        texts = dict(zip("ABCDEFGHIJ", case.choices, strict=False))
        for other in texts.keys() - {right}:
            words = {"L": right, "l": right.lower(), "T": texts[right], "W": other, "WT": texts[other]}
            wrong += await misread(choice(), "choice", case, words)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:50])


async def test_names_are_read_in_every_form() -> None:
    documents = list(records("trivia_qa"))
    wrong: list[str] = []
    for document, other in zip(documents, [*documents[1:], documents[0]], strict=True):
        for name in dict.fromkeys(document["doc"]["answer"]["aliases"]):
            words = {
                "A": name,
                "l": name.lower(),
                "u": name.upper(),
                "W": other["target"][0],
                "sub": name[1:-1],
            }
            wrong += await misread(alias(), "alias", case_of(document, ""), words)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:50])


async def test_answers_of_hard_tasks_are_read_in_every_form() -> None:
    wrong: list[str] = []
    for document in records("bbh"):
        (other,) = [case["output"] for case in document["cases"] if case["kind"] == "wrong"]
        words = {"A": bbh_target(document), "W": other.removeprefix("So the answer is ").removesuffix(".")}
        wrong += await misread(bbh(), "bbh", case_of(document, "", bbh_target(document)), words)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:50])


@pytest.mark.parametrize("make", [numeric, math])
async def test_numbers_are_read_in_every_form(make: Callable[[], Judge]) -> None:
    wrong: list[str] = []
    judge = make()
    for document in records("gsm8k"):
        number = document["target"]
        (other,) = [case["output"] for case in document["cases"] if case["kind"] == "wrong_boxed"]
        grouped = f"{int(number):,}" if number.lstrip("-").isdigit() else number
        words = {"A": number, "W": other[len("Therefore \\boxed{") : -1], "S": grouped,
                 "LS": grouped.replace(",", "{,}")}  # fmt: skip
        wrong += await misread(judge, "number", case_of(document, ""), words)
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:50])
