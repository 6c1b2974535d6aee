"""Readers of choice letters, each as a peer has it. They take (text, letters, option texts) and give a letter
or None. Bracketed names in the docstrings are those by which `peer_choice` knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Reader = Callable[[str, str, Sequence[str]], str | None]

_PHRASES = (
    *(
        f"{lead}{noun} is"
        for noun, leads in (
            ("answer", ("the ", "", "the correct ", "correct ", "the best ", "best ", "my ")),
            ("option", ("the correct ", "correct ", "the best ", "best ")),
            ("choice", ("the ", "", "the correct ", "correct ", "my ")),
        )
        for lead in leads
    ),
    *("i choose", "i select", "i pick"),
    *("옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは"),
)
_SHAPES = (("({})", 6), ("{}.", 5), ("{}:", 4), ("{})", 3), ("{} ", 2))


def stripped(text: str, marks: str) -> str:
    """Text without these marks at its ends, one mark after the other, with a blank at both sides."""
    text = text.strip()
    for mark in marks:
        text = text.strip(mark)
    return f" {text} "


def shared_letter(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[letter] The extractor that most of lmms-eval's tasks share: the candidate of the strongest form wins,
    of equal ones the one that stands last.

    >>> shared_letter("A dog runs; therefore B", "ABCD", ())
    'A'
    """
    if not text.strip():
        return None
    padded = stripped(text, ",.!?;:'\"")
    found = [
        (strength, at, letter)
        for shape, strength in _SHAPES
        for letter in letters
        if (at := padded.rfind(shape.format(letter))) >= 0
    ]
    found += _after_phrases(padded, letters)
    found += _at_the_ends(padded.strip(), letters)
    found = found or [(0, at, letter) for letter in letters if (at := padded.rfind(letter)) >= 0]
    return max(found, key=lambda each: each[:2])[2] if found else None


def _after_phrases(text: str, letters: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    lowered = text.lower()
    for phrase in _PHRASES:
        start = lowered.find(phrase)
        found += [
            (7, at, letter)
            for letter in letters
            if start >= 0 and (at := text.find(letter, start + len(phrase))) >= 0
        ]
    return found


def _at_the_ends(text: str, letters: str) -> list[tuple[int, int, str]]:
    found = []
    for letter in letters:
        if text.startswith(letter) and not text[1:2].isalpha():
            found.append((10, 0, letter))
        if text.endswith(letter) and not text[-2:-1].isalpha():
            found.append((9, len(text) - 1, letter))
    return found


def mmmu(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[mmmu] lmms-eval's variant of MMMU's parser: `(B)`, else `B ` wherever, else `B.`, else option texts.

    >>> mmmu("(A) or (B)", "ABCD", ())
    'B'
    """
    padded = stripped(text, ",.!?;:'")
    for shape, place in (("({})", "({})"), ("{} ", " {} "), ("{}.", " {} ")):
        if found := [each for each in letters if shape.format(each) in padded]:
            return _last(found, [padded.rfind(place.format(each)) for each in found])
    return _by_option_text(padded, letters, texts)


def mmmu_official(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[mmmu-official] MMMU's own parser (eval_utils.py of the MMMU repository): `(B)`, else ` B `, else texts."""
    padded = stripped(text, ",.!?;:'")
    for shape in ("({})", " {} "):
        if found := [each for each in letters if shape.format(each) in padded]:
            return _last(found, [padded.rfind(shape.format(each)) for each in found])
    return _by_option_text(padded, letters, texts)


def _by_option_text(padded: str, letters: str, texts: Sequence[str]) -> str | None:
    lowered = padded.lower()
    if len(padded.split()) <= 5:
        return None
    found = [(letter, text.lower()) for letter, text in zip(letters, texts, strict=False)]
    found = [(letter, text) for letter, text in found if text in lowered]
    return _last([letter for letter, _ in found], [lowered.rfind(text) for _, text in found])


def _last(found: Sequence[str], places: Sequence[int]) -> str | None:
    """The candidate of the greatest place, the first of equal ones."""
    return found[max(range(len(found)), key=places.__getitem__)] if found else None


def audio(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[audio] The parser of AIR-Bench, MMAU and MuChoMusic: `(B)`, else ` B `, else `B.`; several: the one
    that stands last between blanks.
    """
    padded = stripped(text, ",.!?;:'")
    for shape in ("({})", " {} ", "{}."):
        if found := [each for each in letters if shape.format(each) in padded]:
            return _last(found, [padded.rfind(f" {each} ") for each in found])
    return None


def egoschema(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[egoschema] All of `(B)`, `B ` and `B.` at once, else option texts; the earliest of last occurrences."""
    padded = stripped(text, ",.!?;:'")
    shapes = [
        (letter, shape.format(letter))
        for shape in ("({})", "{} ", "{}.")
        for letter in letters
        if shape.format(letter) in padded
    ]
    haystack = padded
    if not shapes and len(padded.split()) > 5:
        haystack = padded.lower()
        shapes = [(letter, text.lower()) for letter, text in zip(letters, texts, strict=False)]
        shapes = [(letter, text) for letter, text in shapes if text in haystack]
    return min(shapes, key=lambda each: haystack.rfind(each[1]))[0] if shapes else None


_LEADS = (
    "The best answer is",
    "The correct answer is",
    "The answer is",
    "The answer",
    "The best option is",
    "The correct option is",
    "Best answer:",
    "Best option:",
)


def longvideobench(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[longvideobench] The first capital A to E anywhere, once some phrases are cut out: "Because" is B."""
    for lead in _LEADS:
        text = text.replace(lead, "")
    found = re.search("[ABCDE]", text)
    return found.group() if found else None


def alone(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[alone] The first capital that stands alone (Perception Test): "A person" is A."""
    found = re.search(rf"\b([{letters}])\b", text)
    return found[1] if found else None


def mvbench(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[mvbench] `B. text`, else the first letter that stands alone in either case, marks removed."""
    from agentbench_sdk.judges.vqa_text import punctuation

    if whole := re.match(r"^([A-E])\.\s*(.+)$", text, re.IGNORECASE):
        return whole[1].upper()
    plain = punctuation(text.replace("\n", " ").replace("\t", " ").strip())
    found = re.search(r"\b([A-E])\b", plain.strip("'\"()[]{}").lower(), re.IGNORECASE)
    return found[1].upper() if found else None


def first_letter(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[first-letter] What the reply begins with, brackets and blanks aside (CV-Bench, BLINK): "the" is T."""
    found = re.match(r"[(\s]*([A-Z])", text, re.IGNORECASE)
    return found[1].upper() if found else None


def first_character(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[first-character] The very first character (SEED-Bench): "Answer: B" is A."""
    return text[:1].upper() or None


def letter_or_point(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[letter-or-point] The reply is the letter, or begins with the capital and a full stop (ScienceQA)."""
    if len(text) == 1:
        return text.upper()
    return text[0] if re.match(r"[A-Z]\.", text) else None


def whole(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[whole] The reply is the letter and nothing else (MMMU-Pro vision)."""
    return text if len(text) == 1 else None


def tempcompass(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[tempcompass] A reply that is a capital, or begins with one and a full stop or bracket."""
    found = re.match(rf"([{letters}])(?:$|[.)])", text)
    return found[1] if found else None


_AFFIXES = (
    *(("", end) for end in (".", ",", ":", ")", ").")),
    *(("(", end) for end in (")", ").")),
    *((":", end) for end in ("", ",", ".", ")", ").")),
)


def mmbench(text: str, letters: str, texts: Sequence[str]) -> str | None:
    """[mmbench] The only letter among the reply's words, bare or with marks; else the only option text."""
    words = text.split()
    bare = [letter for letter in "ABCDE" if letter in words]
    if len(bare) == 1 and not ("A" in bare and len(words) > 3):
        return bare[0]
    for start, end in _AFFIXES:
        found = [letter for letter in "ABCDE" if f"{start}{letter}{end}" in words]
        if len(found) == 1:
            return found[0]
    named = [letter for letter, each in zip("ABCD", texts, strict=False) if each.lower() in text.lower()]
    return named[0] if len(named) == 1 else None


READERS: dict[str, Reader] = {
    "alone": alone,
    "audio": audio,
    "egoschema": egoschema,
    "first-character": first_character,
    "first-letter": first_letter,
    "letter": shared_letter,
    "letter-or-point": letter_or_point,
    "longvideobench": longvideobench,
    "mmbench": mmbench,
    "mmmu": mmmu,
    "mmmu-official": mmmu_official,
    "mvbench": mvbench,
    "tempcompass": tempcompass,
    "whole": whole,
}
