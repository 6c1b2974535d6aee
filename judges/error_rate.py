"""`wer` and `cer`: edits to make the transcript the reference, over the reference's length (RapidFuzz counts them).

(substitutions + deletions + insertions) / words of the reference. The rate of a task is the sum of its errors over
the sum of its words, which the report has beside the mean of the samples' rates. Lower is better; a rate can pass 1.

Needs `pip install 'agentbench-sdk[metrics]'`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.edit_distance import need_rapidfuzz
from agentbench_sdk.judges.english_text import whisper_english
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.speech_text import basic, chinese
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

Normaliser = Literal["none", "basic", "english", "chinese"]
Peer = Literal["", "lmms-eval", "lmms-eval/gigaspeech"]
_NORMALISERS: dict[str, Callable[[str], str]] = {
    "none": lambda text: text,
    "basic": basic,
    "english": whisper_english,
    "chinese": chinese,
}
_PEERS = ("lmms-eval", "lmms-eval/gigaspeech")
UNITS_LIMIT = 20_000


def _check(*, normaliser: str = "basic", compat: str = "") -> None:
    if normaliser not in _NORMALISERS:
        raise ConfigurationError(
            f"judge of error rates: normaliser is {normaliser!r}; give one of {', '.join(_NORMALISERS)}"
        )
    if compat and compat not in _PEERS:
        raise ConfigurationError(
            f"judge of error rates: compat is {compat!r}; give {' or '.join(map(repr, _PEERS))}, or nothing"
        )
    need_rapidfuzz("an error rate")


def _figure(label: str) -> tuple[dict[str, Any], ...]:
    spec = {"name": "ratio", "over": "errors", "under": "units", "label": label}
    return (spec | {"times": 100, "unit": "%", "better": "lower"},)


@judge(scale=(0.0, None), better="lower", check=_check, corpus=_figure("WER of the task"))
def wer(case: JudgeCase, *, normaliser: Normaliser = "basic", compat: Peer = "") -> Score:
    """Word error rate: 0 is a perfect transcript, an empty one is 1.

    Arguments:
        case: what is judged; the target is the reference.
        normaliser: both sides are brought to this form: "basic" for any language (case, punctuation, brackets),
            "english" as Whisper's evaluation, "chinese" with numbers read aloud, or "none".
        compat: "lmms-eval" cleans before, applies "basic" once more after "english" ("$25.50" is then two
            words) and drops words of punctuation; "lmms-eval/gigaspeech" leaves out the second pass.

    Raises:
        JudgeError: the target is no text.
        MissingExtraError: RapidFuzz is not installed.
    """
    return _rate(case, "wer", normaliser, compat, str.split)


@judge(scale=(0.0, None), better="lower", check=_check, corpus=_figure("CER of the task"))
def cer(case: JudgeCase, *, normaliser: Normaliser = "basic", compat: Peer = "") -> Score:
    """Character error rate, for languages that write no blanks; blanks are no characters.

    Arguments:
        case: what is judged; the target is the reference.
        normaliser: see `wer`.
        compat: see `wer`.

    Raises:
        JudgeError: the target is no text.
        MissingExtraError: RapidFuzz is not installed.
    """
    return _rate(case, "cer", normaliser, compat, lambda text: list("".join(text.split())))


def _rate(
    case: JudgeCase, name: str, normaliser: str, compat: str, units: Callable[[str], list[str]]
) -> Score:
    form = _form(normaliser, compat)
    answer = lmms_text(case.answer) if compat else answer_text(case)
    found = units(form(answer))[:UNITS_LIMIT]
    counted = [_counts(units(form(each))[:UNITS_LIMIT], found) for each in accepted_texts(case, name)]
    best = min(counted, key=lambda each: each["errors"] / max(each["units"], 1))
    errors, length = best["errors"], best["units"]
    value = errors / length if length else float(errors > 0)
    said = f"{errors} errors in {length} {'words' if name == 'wer' else 'characters'}"
    return Score(value, errors == 0, explanation=said, evidence=best | {"extracted": " ".join(found[:200])})


def _form(normaliser: str, compat: str) -> Callable[[str], str]:
    normalise = _NORMALISERS[normaliser]
    if not compat:
        return normalise
    twice = normaliser == "english" and compat == "lmms-eval"

    def peers(text: str) -> str:
        text = normalise(_cleaned(text))
        text = basic(text) if twice else text
        return " ".join(word for word in text.lower().split() if not _is_punctuation(word))

    return peers


def _cleaned(text: str) -> str:
    """What lmms-eval does before any normaliser: tags out, no blank before a mark."""
    text = re.sub(r"<\|[^>]{0,200}?\|>", " ", text)
    return re.sub(r" ([!,.?;:])", r"\1", re.sub(r"\s+", " ", text)).lstrip()


def _is_punctuation(word: str) -> bool:
    return all(unicodedata.category(char)[0] == "P" for char in word)


def _counts(reference: Sequence[str], found: Sequence[str]) -> dict[str, int]:
    from rapidfuzz.distance import Levenshtein

    tags = Counter(each.tag for each in Levenshtein.editops(reference, found))
    return {
        "errors": tags.total(),
        "units": len(reference),
        "substitutions": tags["replace"],
        "deletions": tags["delete"],
        "insertions": tags["insert"],
    }
