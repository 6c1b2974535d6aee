"""Letters of multiple-choice questions as EvalScope and lm-evaluation-harness read them.

Read from the replies that those projects' own code scored, and from their public definitions: EvalScope
1.14.1 (`multi_choices`), lm-eval 0.4.13 (the tasks' filters).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agentbench_sdk.judges.peers.signs import without_signs


def evalscope_text(reply: str) -> str:
    """A reply without its first closed block of reasoning; an unclosed one stays."""
    return re.sub(r"<think>.*?</think>", "", reply, count=1, flags=re.DOTALL).strip()


_MARKER = re.compile(r"answer\s*:\s*\**\s*", re.IGNORECASE)
_MARKER_ZH = re.compile(r"答案\s*[:：]\s*\**\s*")
_BRACKETED = re.compile(r"[(\[（【]\s*([A-Za-z\d](?:\s*[,，]\s*[A-Za-z\d])*)\s*[)\]）】]")
_PLAIN = re.compile(r"[A-Za-z\d][A-Za-z\d ,]*")
_PLAIN_ZH = re.compile(r"[A-Za-z\d][A-Za-z\d,，]*")


def _marked(text: str, marker: re.Pattern[str], plain: re.Pattern[str], letters: str) -> str | None:
    """The labels after the last marker that labels follow."""
    for found in reversed(list(marker.finditer(text))):
        rest = text[found.end() :]
        for pattern in (_BRACKETED, plain):
            label = pattern.match(rest)
            if label and (prefix := _labels(label[label.re.groups], letters)):
                return prefix
    return None


def _labels(capture: str, letters: str) -> str:
    """The front of a capture that is nothing but labels."""
    end = 0
    for word in re.finditer(r"[A-Za-z\d]+", capture):
        if not set(word.group()) <= set(letters):
            break
        end = word.end()
    return capture[:end]


def _last_capital(text: str, letters: str) -> set[str]:
    capital = next((each for each in reversed(text) if each.isupper()), "")
    return {capital} if capital and capital in letters else set()


def _evalscope(text: str, letters: str, *, chinese: bool, multiple: bool, joined: bool) -> set[str]:
    """`joined`: as 1.14.1 does, which takes in labels joined by a word; the version before stops there."""
    marker, plain = (_MARKER_ZH, _PLAIN_ZH) if chinese else (_MARKER, _PLAIN)
    marked = _marked(text, marker, plain, letters)
    if marked is None:
        return _last_capital(text, letters)
    if joined:
        marked += _others(text, marked, marker, letters)
    labels = set(re.sub(r"[ ,，]", "", marked.strip().rstrip(".。")))
    if multiple:
        return labels
    return labels if len(marked.strip()) == 1 else set()


def _others(text: str, marked: str, marker: re.Pattern[str], letters: str) -> str:
    """Labels that go on after a word or sign that joins: "C or A", "B、C", "A and B and C"."""
    starts = [found.end() for found in marker.finditer(text) if text.startswith(marked, found.end())]
    if not starts:  # in brackets: the list is closed
        return ""
    start = starts[-1]
    more = re.match(
        rf"(?:\s*(?:\band\b|\bor\b|[、/&和或])\s*[{letters}](?![A-Za-z]))+", text[start + len(marked) :]
    )
    return "".join(re.findall(rf"[{letters}](?![A-Za-z])", more.group())) if more else ""


def evalscope_letters(reply: str, letters: str, peer: str, *, multiple: bool = False) -> set[str]:
    """The letters that a version of EvalScope reads."""
    text = evalscope_text(reply)
    if peer == "evalscope-git-fde259d/ceval":
        found = re.findall(r"答案：([A-Z])", text)
        return {found[-1]} & set(letters) if found else set()
    chinese, joined = peer.endswith("/zh"), peer.startswith("evalscope-1.14.1")
    return _evalscope(text, letters, chinese=chinese, multiple=multiple, joined=joined)


def _bare(text: str) -> str:
    return without_signs(text.casefold()).strip()


def _arc(reply: str, target: str) -> bool:
    """arc_challenge_chat: the whole reply up to an empty line or full stop, without case and signs."""
    text = re.split(r"\n\n|\.", reply)[0]
    return _bare(text) == _bare(target)


def _mmlu_generative(reply: str, target: str) -> bool:
    """mmlu_generative: the first line is the letter, without case and signs."""
    return _bare(reply.split("\n", maxsplit=1)[0]) == _bare(target)


def _flan_strict(reply: str, target: str) -> bool:
    """mmlu_flan_cot, strict: what follows "The best answer is " or "answer is", up to a full stop."""
    found = re.search(
        r"((?<=The answer is )(.*)(?=.)|(?<=answer is )(.*)(?=.))", reply.split("Q:", maxsplit=1)[0]
    )
    return found is not None and _bare(found.group()) == _bare(target)


def _flan_flexible(reply: str, target: str) -> bool:
    """mmlu_flan_cot, flexible: the last letter in round brackets, else the last one behind a colon."""
    text = reply.split("Q:", maxsplit=1)[0]
    found = re.findall(r"\(([A-Z])\)", text) or re.findall(r":\s*([A-D])", text)
    return bool(found) and found[-1] == target


def _mmlu_pro(reply: str, target: str) -> bool:
    """mmlu_pro: the letter of "answer is (X)", in or without brackets."""
    found = re.search(r"answer is \(?([ABCDEFGHIJ])\)?", reply.split("Question:", maxsplit=1)[0])
    return found is not None and found[1] == target


LM_EVAL: dict[str, Callable[[str, str], bool]] = {
    "lm-eval/arc_challenge_chat": _arc,
    "lm-eval/mmlu_generative": _mmlu_generative,
    "lm-eval/mmlu_flan_cot/strict-match": _flan_strict,
    "lm-eval/mmlu_flan_cot/flexible-extract": _flan_flexible,
    "lm-eval/mmlu_pro": _mmlu_pro,
}
