"""The judges of multimodal tasks in their compat modes against the recorded scores of lmms-eval 0.7.2.

The data lie outside the repository (AGENTBENCH_COMPAT_DATA or ../shared) and the tests skip without them. What the
peer guesses at random, asks a judge model, or raises, is left out. `pytest -rA` prints the share of each file.

Out of scope here: scores that come from a judge model (activitynetqa, air_bench_chat, clotho_asqa, mathverse,
mathvista, mmvet, hallusion_bench, tempcompass captioning, half of voicebench), from task code (mathvision's symbolic
clean-up, voicebench's template lists and BBH cascade, tempcompass caption matching), ANLS (docvqa, infovqa) and
METEOR.
"""

import ast
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.judging import Judge, JudgeCase, Score

DATA = (
    Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared"))
    / "golden"
    / "multimodal"
)
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no golden data beside the checkout")
REGISTRY = Registry.discover()
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """How a document is judged: by which judge, against what, and where the recorded score stands."""

    judge: Mapping[str, Any]
    target: Any
    choices: tuple[str, ...] = ()
    read: Callable[[Row], float | bool | None] = field(default=lambda result: None)


def letters(
    reader: str, target: Any, choices: Any = (), **more: Any
) -> tuple[dict[str, Any], Any, tuple[str, ...]]:
    return {"name": "peer_choice", "reader": reader} | more, target, tuple(map(str, choices))


def listed(doc: Row, *names: str) -> list[str]:
    return [doc[name] for name in names if doc.get(name) not in (None, "nan", "N/A", "")]


def first(name: str, scale: float = 1.0) -> Callable[[Row], float]:
    return lambda result: float(result[name]) / scale


def inside(name: str, key: str) -> Callable[[Row], float]:
    return lambda result: float(result[name][key])


def _mmmu(doc: Row) -> Case:
    options = ast.literal_eval(doc["options"])
    if doc.get("question_type") == "open":
        judge = {"name": "open_answer", "compat": "lmms-eval"}
        return Case(judge, doc["answer"], read=first("mmmu_acc"))
    return Case(*letters("mmmu", doc["answer"], options), first("mmmu_acc"))


def _video_mmmu(doc: Row) -> Case | None:
    kind = doc["question_type"]
    if kind == "perception":
        return None  # the peer compares a list with a text: never right
    if kind == "open":
        judge = {"name": "open_answer", "words": "video-mmmu", "compat": "lmms-eval"}
        return Case(judge, doc["answer"], read=first("mmmu_acc"))
    return Case(*letters("letter", doc["answer"], doc["options"]), first("mmmu_acc"))


def _mmmu_pro(doc: Row) -> Case:
    options = ast.literal_eval(doc["options"])
    reader = "mmmu" if "question" in doc else "whole"
    return Case(*letters(reader, doc["answer"], options), first("mmmu_acc"))


def _realworldqa(doc: Row) -> Case:
    if doc["answer"] in "ABCD":
        return Case(*letters("letter", doc["answer"]), first("exact_match"))
    return Case({"name": "peer_match", "rule": "no-final-stop"}, doc["answer"], read=first("exact_match"))


def _ocrbench(doc: Row) -> Case:
    rule = "contains-formula" if doc["dataset"] == "HME100k" else "contains"
    return Case({"name": "peer_match", "rule": rule}, doc["answer"], read=first("ocrbench_accuracy", 0.001))


def _vqa(form: str) -> Callable[[Row], Case]:
    judge = {"name": "vqa", "form": form, "compat": "lmms-eval"}
    return lambda doc: Case(judge, doc["answers"], read=first("exact_match"))


def _match(rule: str, metric: str = "exact_match", answer: str = "answer") -> Callable[[Row], Case]:
    return lambda doc: Case({"name": "peer_match", "rule": rule}, doc[answer], read=first(metric))


def _yes_no(peer: str, read: Callable[[Row], float]) -> Callable[[Row], Case]:
    return lambda doc: Case({"name": "either", "compat": f"lmms-eval/{peer}"}, doc["answer"], read=read)


def _speech(answer: str, language: str, peer: str = "lmms-eval") -> Callable[[Row], Case]:
    judge = {"name": "cer" if language == "chinese" else "wer", "normaliser": language, "compat": peer}
    return lambda doc: Case(judge, doc[answer], read=first("wer", 100))


def _boxes(prefix: str, metric: str) -> Callable[[Row], Case]:
    judge: dict[str, Any] = {"name": "box_iou", "compat": prefix}
    if metric.startswith("ACC"):
        judge["threshold"] = float(metric.partition("@")[2])
    elif metric == "Center_ACC":
        judge["center"] = True
    return lambda doc: Case(judge, doc["bbox"], read=first(f"{prefix}_{metric}"))


def _tempcompass(doc: Row) -> Case | None:
    if "mc_question" in doc or doc["question"].startswith("Which one"):
        return None
    if doc["answer"] in ("yes", "no"):
        return Case(
            {"name": "either", "compat": "lmms-eval/tempcompass"},
            doc["answer"],
            read=first("avg_accuracy", 100),
        )
    return Case(*letters("tempcompass", doc["answer"][0]), first("avg_accuracy", 100))


def _air(doc: Row) -> Case:
    options = listed(doc, "choice_a", "choice_b", "choice_c", "choice_d")
    return Case(*letters("audio", doc["answer_gt"], options), first("accuracy"))


def _simple(reader: str, metric: str, scale: float = 1.0, **more: Any) -> Callable[[Row], Case]:
    return lambda doc: Case(
        *letters(reader, doc["answer"], doc.get("choices") or (), **more), first(metric, scale)
    )


SPLITS = {
    "common_voice_15_en": _speech("sentence", "english"),
    "common_voice_15_fr": _speech("sentence", "basic"),
    "common_voice_15_zh-CN": _speech("sentence", "chinese"),
    "fleurs_en": _speech("transcription", "english"),
    "fleurs_cmn_hans_cn": _speech("transcription", "chinese"),
    "gigaspeech_test": _speech("gt", "english", "lmms-eval/gigaspeech"),
    "librispeech_test_clean": _speech("gt", "english"),
}
FILES: dict[str, Callable[[Row], Case | None]] = {
    "ai2d": lambda doc: Case(
        {"name": "peer_match", "rule": "point-filter"},
        "ABCDEFGH"[int(doc["answer"])],
        read=first("exact_match"),
    ),
    "air_bench_foundation": _air,
    "blink": _simple("first-letter", "blink_acc"),
    "chartqa": lambda doc: Case(
        {"name": "relaxed", "compat": "lmms-eval"}, doc["answer"], read=first("relaxed_overall")
    ),
    "clotho_aqa": _match("exact"),
    "cv_bench": _simple("first-letter", "cv_bench_acc"),
    "egoschema_subset": lambda doc: Case(
        *letters("egoschema", int(doc["answer"]), doc["option"]), first("score")
    ),
    "gqa": _match("exact"),
    "longvideobench_val_v": lambda doc: Case(
        *letters("longvideobench", "ABCDE"[doc["correct_choice"]]), first("lvb_acc")
    ),
    "mlvu_dev": lambda doc: Case(
        *letters("letter", doc["answer"]),
        lambda result: result["mlvu_percetion_score"]["pred_answer"] == doc["answer"],
    ),
    "mmau": lambda doc: Case(
        *letters("audio", doc["answer"], json.loads(doc["choices"]), letters="ABCD"), first("accuracy", 100)
    ),
    "mme": _yes_no("mme", lambda result: next(iter(result.values()))["score"]),
    "mmmu_pro": _mmmu_pro,
    "mmmu_val": _mmmu,
    "mmstar": _simple("letter", "average"),
    "muchomusic": lambda doc: Case(*letters("audio", doc["answer"][1]), first("accuracy")),
    "mvbench": lambda doc: Case(
        *letters("mvbench", doc["answer"], doc["candidates"]), inside("mvbench_accuracy", "score")
    ),
    "nextqa_mc_test": lambda doc: Case(
        *letters("mmmu", int(doc["answer"]), listed(doc, "a0", "a1", "a2", "a3", "a4")), first("exact_match")
    ),
    "ocrbench": _ocrbench,
    "ok_vqa_val2014": _vqa("evalai"),
    "perceptiontest_val_mc": lambda doc: Case(
        *letters("alone", "ABCD"[int(doc["answer_id"])], letters="ABCD"), first("accuracy")
    ),
    "pope": _yes_no("pope", first("pope_accuracy")),
    "realworldqa": _realworldqa,
    "scienceqa_img": _simple("letter-or-point", "exact_match"),
    "seedbench": _simple("first-character", "seed_all"),
    "tempcompass": _tempcompass,
    "textvqa_val": _vqa("evalai"),
    "video_mmmu": _video_mmmu,
    "videomme": _simple("letter", "videomme_perception_score", 100),
    "vizwiz_vqa_val": _vqa("evalai"),
    "vocalsound_test": _match("first-sound", "accuracy"),
    "vqav2_val": _vqa("vqa"),
}
SPEECH = {"common_voice_15", "fleurs", "gigaspeech_test", "librispeech_test_clean"}
BOXES = {
    f"{prefix}:{metric}": (name, prefix, metric)
    for name, prefix in (("refcoco_bbox_rec_val", "refcoco"), ("screenspot_rec_test", "screenspot"))
    for metric in ("IoU", "ACC@0.1", "ACC@0.3", "ACC@0.5", "ACC@0.7", "ACC@0.9", "Center_ACC")
}


def records(name: str, kind: str) -> Iterator[Row]:
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] == kind:
            yield record


def usable(output: Row) -> bool:
    """Whether the score is the rule's own: no guess, no judge model, no exception of the peer's."""
    broken = "$error" in json.dumps(output.get("result"))
    return not (output.get("random") or "judge_calls" in output or broken)


def recorded(output: Row, case: Case) -> float | None:
    alone = output.get("aggregate_of_this_item_alone")
    for place in (alone, output["result"]):
        try:
            if place is not None:
                return float(case.read(place))  # type: ignore[arg-type]
        except (KeyError, TypeError):
            continue
    raise AssertionError(f"no score in {output}")


async def scored(judge: Judge, case: Case, output: str) -> Score:
    return await judge.judge(JudgeCase("s", output, case.target, case.choices))


async def differences(name: str, plan: Callable[[Row], Case | None]) -> tuple[list[str], int]:
    wrong, total = [], 0
    for record in records(name, "doc"):
        case = plan(record["doc"])
        if case is None:
            continue
        judge = REGISTRY.judge_from(dict(case.judge))
        for output in filter(usable, record["outputs"]):
            want = recorded(output, case)
            score = await scored(judge, case, output["output"] or "")
            total += 1
            assert want is not None
            if score.value is None or abs(score.value - want) > 1e-6:
                wrong.append(f"{output['output']!r} for {case.target!r}: {score.value}, recorded {want}")
    return wrong, total


def report(name: str, wrong: list[str], total: int) -> None:
    print(f"{name}: {total - len(wrong)} of {total} scores reproduced")  # noqa: T201 - what the test is for
    assert total > 0
    assert wrong == []


@pytest.mark.parametrize("name", sorted(FILES))
async def test_recorded_scores_are_reproduced(name: str) -> None:
    report(name, *await differences(name, FILES[name]))


@pytest.mark.parametrize("name", sorted(BOXES))
async def test_recorded_scores_of_boxes_are_reproduced(name: str) -> None:
    file, prefix, metric = BOXES[name]
    report(name, *await differences(file, _boxes(prefix, metric)))


def _speech_of(record: Row) -> Callable[[Row], Case | None]:
    return SPLITS.get(record["task"], lambda doc: None)


@pytest.mark.parametrize("name", sorted(SPLITS))
async def test_recorded_error_rates_are_reproduced(name: str) -> None:
    """Cantonese is left out: it needs a table of traditional characters."""
    file = next(each for each in SPEECH if name.startswith(each))
    wrong, total = [], 0
    for record in records(file, "doc"):
        if record["task"] != name:
            continue
        case = SPLITS[name](record["doc"])
        assert case is not None
        judge = REGISTRY.judge_from(dict(case.judge))
        for output in filter(usable, record["outputs"]):
            alone = output.get("aggregate_of_this_item_alone") or {}
            if not isinstance(alone.get("wer"), float):
                continue  # the peer fails on an empty reference
            score = await scored(judge, case, output["output"] or "")
            total += 1
            if abs((score.value or 0.0) - alone["wer"] / 100) > 1e-6:
                wrong.append(
                    f"{output['output']!r} for {case.target!r}: {score.value}, recorded {alone['wer']}"
                )
    report(name, wrong, total)


@pytest.mark.parametrize(
    ("name", "prefix", "field_"),
    [
        ("coco2017_cap_val", "coco", "answer"),
        ("flickr30k_test", "flickr", "caption"),
        ("nocaps_val", "nocaps", "annotations_captions"),
    ],
)
async def test_recorded_figures_of_captions_are_reproduced(name: str, prefix: str, field_: str) -> None:
    judge = REGISTRY.judge("captions")
    metric = REGISTRY.metric_from({"name": "captions_corpus"})
    docs = {record["doc_index"]: record for record in records(name, "doc")}
    names = [*(f"{prefix}_Bleu_{n}" for n in (1, 2, 3, 4)), f"{prefix}_ROUGE_L", f"{prefix}_CIDEr"]
    compared = 0
    for aggregate in records(name, "aggregate"):
        kept = []
        for doc_index, output_index in aggregate["items"]:
            record = docs[doc_index]
            case = Case({}, record["doc"][field_])
            score = await scored(judge, case, record["outputs"][output_index]["output"])
            kept.append(metric.keep(score, case.target, {}))
        found = metric.values(metric.rows(kept).sum(axis=0, keepdims=True))[0]
        wanted = [aggregate["values"][each] for each in names]
        assert found.tolist() == pytest.approx(wanted, abs=1e-6)
        compared += 1
    assert compared


@pytest.mark.parametrize("name", sorted({*FILES} - {"tempcompass", "vocalsound_test"}))
async def test_in_default_mode_no_empty_answer_scores(name: str) -> None:
    """The default judge of each kind, and what a model that says nothing is worth with it."""
    defaults = {"peer_choice": "choice", "peer_match": "exact", "vqa": "vqa"}
    record = next(records(name, "doc"))
    case = FILES[name](record["doc"])
    assert case is not None
    kind = defaults.get(case.judge["name"], case.judge["name"])
    judge = REGISTRY.judge(kind)
    for answer in ("", " \n", "<think>B", "…"):
        assert (await scored(judge, case, answer)).value == 0.0


async def test_questions_of_mmbench_count_where_every_copy_is_right() -> None:
    """Circular copies have the question's index plus a million. Of the variant that asks a judge model only
    those aggregates count in which it was not asked.
    """
    compared = 0
    docs = {(each["task"], each["doc_index"]): each for each in records("mmbench_en_dev", "doc")}
    for aggregate in records("mmbench_en_dev", "aggregate"):
        if aggregate.get("judge") or aggregate["random_involved"]:
            continue
        reader = "letter" if aggregate["task"].endswith("static") else "mmbench"
        judge = REGISTRY.judge("peer_choice", reader=reader, letters="ABCD")
        right: dict[int, bool] = {}
        for doc_index, output_index in aggregate["items"]:
            record = docs[aggregate["task"], doc_index]
            doc = record["doc"]
            case = Case({}, doc["answer"], tuple(doc[letter] for letter in "ABCD"))
            score = await scored(judge, case, record["outputs"][output_index]["output"])
            question = doc["index"] % 1_000_000
            right[question] = right.get(question, True) and score.value == 1.0
        value = 100 * sum(right.values()) / len(right)
        assert value == pytest.approx(aggregate["values"]["gpt_eval_score"]), aggregate["name"]
        compared += 1
    assert compared >= 4


async def test_error_rates_of_a_whole_task_are_reproduced() -> None:
    compared = 0
    for file in sorted(SPEECH):
        docs = {(each["task"], each["doc_index"]): each for each in records(file, "doc")}
        for aggregate in records(file, "aggregate"):
            plan = SPLITS.get(aggregate["task"])
            if plan is None or not isinstance(aggregate["values"].get("wer"), float):
                continue
            kept = []
            for doc_index, output_index in aggregate["items"]:
                record = docs[aggregate["task"], doc_index]
                case = plan(record["doc"])
                assert case is not None
                judge = REGISTRY.judge_from(dict(case.judge))
                (spec,) = judge.corpus  # type: ignore[attr-defined]
                metric = REGISTRY.metric_from(spec)
                score = await scored(judge, case, record["outputs"][output_index]["output"] or "")
                kept.append(metric.keep(score, case.target, {}))
            found = metric.values(metric.rows(kept).sum(axis=0, keepdims=True))[0, 0]
            assert found == pytest.approx(aggregate["values"]["wer"], abs=1e-6), aggregate["name"]
            compared += 1
    assert compared > 10


async def test_precision_recall_and_f1_of_pope_are_reproduced_but_for_its_recall() -> None:
    """The peer's recall leaves out replies that say neither; ours counts them as missed."""
    docs = {each["doc_index"]: each for each in records("pope", "doc")}
    judge = REGISTRY.judge("either", compat="lmms-eval/pope")
    metric = REGISTRY.metric_from({"name": "f_measure", "positive": "yes"})
    for aggregate in records("pope", "aggregate"):
        kept, missed = [], False
        for doc_index, output_index in aggregate["items"]:
            record = docs[doc_index]
            case = Case({}, record["doc"]["answer"])
            score = await scored(judge, case, record["outputs"][output_index]["output"])
            missed = missed or (score.label == "undecided" and case.target == "yes")
            kept.append(metric.keep(score, case.target, {}))
        precision, recall, f1 = metric.values(metric.rows(kept).sum(axis=0, keepdims=True))[0]
        assert precision == pytest.approx(aggregate["values"]["pope_precision"])
        assert missed or recall == pytest.approx(aggregate["values"]["pope_recall"])
        assert missed or f1 == pytest.approx(aggregate["values"]["pope_f1_score"])
        assert np.isfinite(f1)


def test_the_tables_name_every_file_once() -> None:
    """What is in no table is named in this module's docstring."""
    here = {path.stem for path in DATA.glob("*.jsonl")}
    boxes = {file for file, _, _ in BOXES.values()}
    captions = {"coco2017_cap_val", "flickr30k_test", "nocaps_val"}
    out = {
        *("activitynetqa", "air_bench_chat", "docvqa_val", "hallusion_bench_image", "infovqa_val"),
        *(
            "mathverse_testmini",
            "mathvision_testmini",
            "mathvista_testmini",
            "mmbench_en_dev",
            "mmvet",
            "voicebench",
        ),
    }
    assert {*FILES, *SPEECH, *boxes, *captions, "mmbench_en_dev", *out} == here
