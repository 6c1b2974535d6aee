"""Reasoning that a model writes into its text, told apart from the answer."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


def split_reasoning(text: str, *, orphan_close: bool = True) -> tuple[str, str]:
    r"""Return (reasoning, answer) of a text that may begin with `<think>…</think>`.

    An opened block that never closes is all reasoning: the answer was cut off before it began. Some chat
    templates put the opening tag into the prompt, so that only the closing one is in the text: then what
    stands before it is reasoning too, unless `orphan_close` is False (because the endpoint has already
    delivered the reasoning apart, and the tag is part of the answer).

    >>> split_reasoning("<think>2 and 2</think>\n\n4")
    ('2 and 2', '4')
    >>> split_reasoning("2 and 2</think>4")
    ('2 and 2', '4')
    """
    start = text.lstrip()
    if start.startswith(_OPEN):
        reasoning, _, answer = start[len(_OPEN) :].partition(_CLOSE)
        return reasoning.strip(), answer.lstrip()
    if not orphan_close or _CLOSE not in text:
        return "", text
    reasoning, _, answer = text.partition(_CLOSE)
    if _OPEN in reasoning:  # the block stands in the middle of an answer: the model speaks about tags
        return "", text
    return reasoning.strip(), answer.lstrip()
