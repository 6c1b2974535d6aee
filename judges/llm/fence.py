"""What a judge model is shown of others' words: fenced, bounded, and never able to close the fence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from agentbench_sdk.messages import Media, Message, Text
from agentbench_sdk.sessions.transcript import Entry, MessageEntry, ToolEntry, Transcript

TEXT_LIMIT = 60_000
ENTRY_LIMIT = 4_000
TRANSCRIPT_LIMIT = 60_000
_NAME_LIMIT = 200
_NONE: Mapping[str, int] = {}


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


def shown_text(text: str) -> str:
    """A text as a judge is shown it: bounded, and such that it can be sent."""
    return valid_text(elided(text, TEXT_LIMIT))


def numbered_media(messages: Iterable[Message]) -> dict[str, tuple[int, Media]]:
    """The images, sounds and films of messages by content, each with its number among those of its kind."""
    found: dict[str, tuple[int, Media]] = {}
    for message in messages:
        for part in message.content:
            if not isinstance(part, Text) and part.sha256 not in found:
                number = 1 + sum(known.kind == part.kind for _, known in found.values())
                found[part.sha256] = (number, part)
    return found


def rendered_message(message: Message, numbers: Mapping[str, int] = _NONE) -> str:
    """A message's text, with a note in place of each image, sound or film.

    Arguments:
        message: the message.
        numbers: of those that are shown beside the text, by content.
    """
    parts = []
    for part in message.content:
        if isinstance(part, Text):
            parts.append(part.text)
        elif part.sha256 in numbers:
            parts.append(f"[{part.kind} {numbers[part.sha256]}]")
        else:
            parts.append(f"[{part.kind} not shown]")
    return "".join(parts)


def rendered_question(messages: Sequence[Message], numbers: Mapping[str, int] = _NONE) -> str:
    """What a sample asks: its one message, or several, each with its role."""
    if len(messages) == 1:
        return rendered_message(messages[0], numbers)
    return "\n\n".join(_block(f"{each.role}: {rendered_message(each, numbers)}") for each in messages)


def rendered_transcript(
    transcript: Transcript, limit: int = TRANSCRIPT_LIMIT, numbers: Mapping[str, int] = _NONE
) -> str:
    """A session as text, one paragraph an entry; the middle of a long one is left out, with a notice.

    Only the first line of an entry begins at the margin, the others after a bar: no text inside an entry can
    look like another entry.

    Arguments:
        transcript: the session.
        limit: characters in all; a single entry has at most 4,000, bars not counted.
        numbers: of the media that are shown beside the text, by content.
    """
    entries = [text for each in transcript if (text := _rendered_entry(each, numbers))]
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


def _rendered_entry(entry: Entry, numbers: Mapping[str, int]) -> str:
    if isinstance(entry, ToolEntry):
        state = "answered" if entry.ok else "failed"
        name = elided(" ".join(entry.name.split()), _NAME_LIMIT)
        call = f"{entry.actor} calls {name} with {elided(entry.arguments or '{}', ENTRY_LIMIT // 2)}"
        return f"{_block(call)}\n{_block(f'{state}: {elided(entry.content, ENTRY_LIMIT // 2)}')}"
    if isinstance(entry, MessageEntry):
        # Tool results are entries of their own, with their call beside them.
        text = rendered_message(entry.message, numbers) if entry.message.role != "tool" else ""
        who = "system" if entry.message.role == "system" else entry.speaker
        return _block(f"{who}: {elided(text, ENTRY_LIMIT)}") if text.strip() else ""
    return ""


def _block(text: str) -> str:
    """Its first line at the margin, all others after a bar; whatever a reader may take for a line's end."""
    return "\n| ".join(text.splitlines())
