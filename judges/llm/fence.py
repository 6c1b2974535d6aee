"""What a judge model is shown of others' words: fenced, bounded, and never able to close the fence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from agentbench_sdk.messages import Message, Text
from agentbench_sdk.sessions.transcript import Entry, MessageEntry, ToolEntry, Transcript

ENTRY_LIMIT = 4_000
TRANSCRIPT_LIMIT = 60_000


def nonce_of(texts: Iterable[str]) -> str:
    """A mark that looks random, is the same for the same texts, and stands in none of them.

    Whoever wrote one of the texts would have had to know all of them, the hash included, to guess it.
    """
    texts = list(texts)
    state = hashlib.sha256(b"agentbench.fence/1")
    for text in texts:
        raw = text.encode()
        state.update(len(raw).to_bytes(8, "big") + raw)
    while any(state.hexdigest()[:16] in text for text in texts):
        state.update(b"again")
    return state.hexdigest()[:16]


def fenced(label: str, text: str, nonce: str) -> str:
    """The text between two lines that only someone who knows the mark can write."""
    return f"[{label} {nonce} begins]\n{text}\n[{label} {nonce} ends]"


def valid_text(text: str) -> str:
    """Text that can be sent: lone surrogates, which UTF-8 cannot carry, become question marks."""
    return text.encode("utf-8", "replace").decode()


def elided(text: str, limit: int) -> str:
    """The beginning and the end of a long text, with a notice of how much is left out between them."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"


def rendered_message(message: Message) -> str:
    """A message's text, with a note in place of each image, sound or video."""
    parts = [part.text if isinstance(part, Text) else f"[{part.kind} not shown]" for part in message.content]
    return "".join(parts)


def rendered_transcript(transcript: Transcript, limit: int = TRANSCRIPT_LIMIT) -> str:
    """A session as text, one paragraph an entry; the middle of a long one is left out, with a notice.

    Arguments:
        transcript: the session.
        limit: characters in all; a single entry has at most 4,000.
    """
    entries = [text for text in map(_rendered_entry, transcript) if text]
    if sum(map(len, entries)) + 2 * len(entries) <= limit:
        return "\n\n".join(entries)
    head = _taken(entries, limit // 2)
    tail = _taken(entries[: head - 1 if head else None : -1], limit - limit // 2)
    notice = f"[… {len(entries) - head - tail} of {len(entries)} entries left out …]"
    return "\n\n".join([*entries[:head], notice, *entries[len(entries) - tail :]])


def _taken(entries: list[str], limit: int) -> int:
    """How many entries from the front fit."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry) + 2
        if size > limit:
            return count
    return len(entries)


def _rendered_entry(entry: Entry) -> str:
    if isinstance(entry, ToolEntry):
        state = "answered" if entry.ok else "failed"
        call = f"{entry.actor} calls {entry.name} with {elided(entry.arguments or '{}', ENTRY_LIMIT // 2)}"
        return f"{call}\n{state}: {elided(entry.content, ENTRY_LIMIT // 2)}"
    if isinstance(entry, MessageEntry):
        # Tool results are entries of their own, with their call beside them.
        text = rendered_message(entry.message) if entry.message.role != "tool" else ""
        return f"{entry.speaker}: {elided(text, ENTRY_LIMIT)}" if text.strip() else ""
    return ""
