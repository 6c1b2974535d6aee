"""`either`: one of two words, as the reply settles on it: yes or no, true or false, valid or invalid.

"Yes and no" and "yes, but no" are undecided, which is wrong, as are "no idea" and "不知道"; "not true" is no plain
"true". "Yes." and then, as the last line, "No." is a no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import (
    READ_LIMIT,
    answer_text,
    is_foreign,
    json_answer,
    no_answer,
    sentences,
    statements,
)
from agentbench_sdk.judges.peers.pipeline import lmms_text
from agentbench_sdk.judges.peers.yes_no import READERS
from agentbench_sdk.judges.stated import plain_answer
from agentbench_sdk.judges.targets import bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

PAIRS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "yes/no": (("yes", "yeah", "yep", "да", "是", "是的", "对", "对的", "有", "sí", "oui", "ja"),
               ("no", "nope", "нет", "否", "不", "不是", "不对", "没有", "non", "nein")),
    "true/false": (("true", "correct", "right", "верно", "正确", "对", "对的"),
                   ("false", "incorrect", "wrong", "untrue", "неверно", "错误", "错", "错的", "不正确", "不对")),
    "valid/invalid": (("valid",), ("invalid",)),
    "plausible/implausible": (("plausible",), ("implausible",)),
}  # fmt: skip
"""Words for either side, by pair; the first of each side is its name."""

# What means a side only as a whole answer: "y = 3" is no yes, and "that is true" answers another question.
_ALONE: dict[str, dict[str, bool]] = {
    "yes/no": {"y": True, "n": False, "true": True, "false": False, "верно": True, "неверно": False},
    "true/false": {"t": True, "f": False, "yes": True, "no": False},
}


def pair_of(word: str) -> str | None:
    """The pair that a word names a side of, by its own name.

    >>> pair_of("False"), pair_of("maybe")
    ('true/false', None)
    """
    folded = word.strip().strip(".").casefold()
    return next((pair for pair in PAIRS if folded in pair.split("/")), None)


def read_side(text: str, pair: str = "yes/no") -> bool | None:
    """Whether a reply settles on the first side of a pair (True), the second (False) or none (None).

    >>> read_side("So the answer is **no**."), read_side("Yes and no."), read_side("Yes, it is.")
    (False, None, True)
    """
    text = unicodedata.normalize("NFKC", text)[-READ_LIMIT:].strip()
    if (content := json_answer(text)) is not None:
        return _lead(content, pair)
    found = statements(text)
    for statement in reversed(found):
        if plain_answer(statement.content):
            return _lead(statement.content, pair, inside=True)
    if found:
        return None
    return _unstated(text, pair)


def _unstated(text: str, pair: str) -> bool | None:
    """A reply without a marker: what its sentences begin with, or what the last one says."""
    parts = sentences(text)
    if not parts:
        return None
    sides = {side for side in (_lead(part, pair) for part in parts) if side is not None}
    if len(sides) == 1:
        return sides.pop()
    if sides:
        # Both were said: only a last line that is nothing but the word settles it.
        last = parts[-1]
        return _lead(last, pair) if len(plain_answer(last).split()) == 1 else None
    return _lead(parts[-1], pair, inside=True)


_NOT = re.compile(
    r"\b(?:not|n[o']t|never|cannot|hardly|neither|nor|unsure|whether|if|either|both|depends)\b|n['’]t\b|不确定|无法",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"^(?:[\s*_`\"'“”‘’«»$(\[{>#-]|\\[a-z]+\s*\{|(?:so|thus|therefore|hence|well|ok|okay|then|因此|所以|,|:)(?!\w))*",
    re.IGNORECASE,
)


def _lead(content: str, pair: str, *, inside: bool = False) -> bool | None:
    """The side that a content begins with; with `inside`, or the only one that it names at all."""
    content = sentences(content)[0] if sentences(content) else ""
    opening = _OPEN.match(content)
    rest = content[opening.end() if opening else 0 :]
    hits = [(match.start(), side) for side in (True, False) for match in _words(pair, side).finditer(rest)]
    first = min(hits) if hits else None
    if first is None:
        return _alone(rest, pair)
    if len({side for _, side in hits}) > 1 and not _denies(rest, hits):
        return None
    if first[0] == 0:
        return first[1]
    plain = not _NOT.search(rest) and not is_foreign(rest, first[0]) and "?" not in rest
    return first[1] if inside and plain else None


_FIRST_WORD = re.compile(r"([^\W\d_]+)[*_\"'`»”)\]}$]*\s*(?:[.,;:!。，；：！]|$)")
_GOES_BACK = re.compile(r"\b(?:or|but|and|wait|actually|maybe)\b", re.IGNORECASE)


def _alone(rest: str, pair: str) -> bool | None:
    """The side of a first word that stands alone: "Y.", "False, for it rains"."""
    word = _FIRST_WORD.match(rest)
    if word is None or _GOES_BACK.search(rest) or "?" in rest:
        return None
    return _ALONE.get(pair, {}).get(word[1].casefold())


def _denies(rest: str, hits: Sequence[tuple[int, bool]]) -> bool:
    """Whether the second word only goes on from the first, as in "No, that is not right"."""
    first = min(hits)
    between = rest[first[0] : sorted(hits)[1][0]]
    return (
        first[0] == 0
        and re.match(r"\w+[*_\"'`]*\s*[,.;:–—-]", between) is not None
        and not _GOES_BACK.search(rest)
    )


def _words(pair: str, side: bool) -> re.Pattern[str]:
    words = PAIRS[pair][0 if side else 1]
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(_whole(word) for word in longest_first), re.IGNORECASE)


_GOES_ON = (
    r"(?:it|its|they|there|the|this|these|that|he|she|because|since|as|in|at|not|i|we|you|a|an|but|and|or|"
    r"wait|so)\b"
)


_CJK = r"[\u3400-\u9fff]"


def _whole(word: str) -> str:
    if word == "no":
        # "No idea", "no way to tell", "no evidence": a word that belongs to the next one.
        return rf"(?<![\w-])no(?![\w-])(?!\s+(?!{_GOES_ON})[a-z])"
    if word in ("正确", "错误", "不正确"):
        return rf"(?<![不非否没]){word}"
    if word[0] >= "\u3000":
        # "不知道" is no "不", "这是一只狗" no "是" and "对于" no "对": the word is all that stands between marks.
        return rf"(?<!{_CJK}){word}(?!{_CJK})"
    return rf"(?<![\w-]){re.escape(word)}(?![\w-])"


def _figures(*, pair: str = "", compat: str = "") -> tuple[Mapping[str, Any], ...]:
    """Precision, recall and F1 of the first word of a pair that is named; else the mean F1 of both words."""
    positive = pair.partition("/")[0] or ("yes" if compat else None)
    return ({"name": "f_measure"} | ({"positive": positive} if positive else {}),)


def _check(*, pair: str = "", compat: str = "") -> None:
    if pair and pair not in PAIRS:
        raise ConfigurationError(f"judge 'either': pair is {pair!r}; give one of {', '.join(PAIRS)}")
    if compat and compat not in READERS:
        raise ConfigurationError(f"judge 'either': compat is {compat!r}; give one of {', '.join(READERS)}")
    if compat and pair not in ("", "yes/no"):
        raise ConfigurationError(f"judge 'either': {compat} reads yes and no; leave out pair {pair!r}")


@judge(check=_check, corpus=_figures)
def either(case: JudgeCase, *, pair: str = "", compat: str = "") -> Score:
    """Pass if the reply settles on the side that the target names.

    Arguments:
        case: what is judged.
        pair: which two words are meant, "yes/no", "true/false", "valid/invalid" or "plausible/implausible";
            by default the pair that the target belongs to.
        compat: read yes and no as a task of lmms-eval does: "lmms-eval/mme", "lmms-eval/pope" or
            "lmms-eval/tempcompass".

    The target is one of the two words, or a bool. The report has precision, recall and F1 of the first word of
    `pair`, or the mean F1 of both words where no pair is named.

    Raises:
        JudgeError: the target names no side.
    """
    wanted, known = _wanted(case, "yes/no" if compat else pair)
    names = known.split("/")
    expected = names[0] if wanted else names[1]
    if compat:
        return _verdict(READERS[compat](lmms_text(case.answer)), expected, known)
    text = answer_text(case)
    side = read_side(text, known) if text else None
    score = _verdict(None if side is None else names[0] if side else names[1], expected, known)
    return score if text else replace(no_answer(), evidence=score.evidence)


def _verdict(said: str | None, expected: str, pair: str) -> Score:
    evidence = {"extracted": said, "expected": expected}
    if said is None:
        why = "the reply settles on neither {} nor {}".format(*pair.split("/"))
        return Score(0.0, passed=False, label="undecided", explanation=why, evidence=evidence)
    return Score(float(said == expected), said == expected, said, f"the reply says {said}", evidence)


def _wanted(case: JudgeCase, pair: str) -> tuple[bool, str]:
    target = case.target
    if isinstance(target, bool):
        return target, pair or "yes/no"
    if isinstance(target, str):
        known = pair or pair_of(target)
        folded = target.strip().strip(".").casefold()
        for side in (True, False):
            if known and folded in PAIRS[known][0 if side else 1]:
                return side, known
    raise bad_target(case, "either", "one of the words " + ", ".join(PAIRS) + ", or a bool")
