"""What lmms-eval does to a reply before any of its scorers sees it."""

from __future__ import annotations

TAGS = (("<think>", "</think>"), ("<analysis>", "</analysis>"))


def lmms_text(reply: str) -> str:
    """A reply without its reasoning, as lmms-eval 0.7.2 strips it with the tags of its command line.

    Case counts, pair follows pair, and a block that was never closed stays.

    >>> lmms_text("<think>A?</think> B ")
    'B'
    >>> lmms_text("<think>A?")
    '<think>A?'
    """
    for start, end in TAGS:
        reply = _without(reply, start, end)
    return reply.strip()


def _without(text: str, start: str, end: str) -> str:
    while (begin := text.find(start)) >= 0:
        close = text.find(end, begin + len(start))
        if close < 0:
            break
        text = text[:begin] + text[close + len(end) :]
    if end in text and start not in text:
        text = text.rpartition(end)[2]
    return text.strip()
