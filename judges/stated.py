"""The short text that a reply gives as its answer: a name, a phrase, a word; for judges that compare texts.

The last explicit statement decides. Without one, a reply of one line is the answer, or the last line of
several; a sentence gives what it says after its verb. What is offered is a list of readings, from the whole
content to its front, because only the comparison can tell whether "Washington, D.C., as the passage says"
ends at the first comma or at the second.
"""

from __future__ import annotations

import re
import unicodedata

from agentbench_sdk.judges.answers import (
    READ_LIMIT,
    STATEMENT_LIMIT,
    is_foreign,
    is_negative,
    json_answer,
    statements,
)

_EDGE = " \t\r\n*_`\"'“”„‘’«»「」『』$"
_DECOR = re.compile(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf|boxed|fbox|emph)\s*\{([^{}]*)\}")
_SHELL = re.compile(r"^(?:\\[(\[]|\$\$?|\*\*|__)\s*(.*?)\s*(?:\\[)\]]|\$\$?|\*\*|__)\s*[.。]?$", re.DOTALL)


def plain_answer(content: str) -> str:
    r"""A content without the marks around it: bold, quotes, LaTeX text, the full stop of its sentence.

    >>> plain_answer(r'**"$\text{Danube}$"**.')
    'Danube'
    """
    text = unicodedata.normalize("NFC", content).strip()
    for _ in range(6):
        before = text
        text = _DECOR.sub(r"\1", text)
        text = _SHELL.sub(r"\1", text).strip(_EDGE)
        # An abbreviation keeps its point ("D.C."): what is compared drops points anyway.
        text = (
            re.sub(r"(?<=[^\s.])\s*[.。!！;；:：,，]+$", "", text)
            if not re.search(r"\.\w\.$", text)
            else text
        )
        if text == before:
            break
    return text.strip(_EDGE)


def stated_text(text: str) -> str | None:
    """The content of the answer that a reply states, unread; None when it states none.

    >>> stated_text("The text says so.\\nANSWER: the Danube")
    'the Danube'
    >>> stated_text("ANSWER:") is None
    True
    """
    text = text[-READ_LIMIT:].strip()
    if not text:
        return None
    if (content := json_answer(text)) is not None:
        return plain_answer(content) or None
    found = statements(text)
    for statement in reversed(found):
        if content := plain_answer(statement.content):
            return content
    return None if found else plain_answer(_free(text)) or None


def _free(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if plain_answer(line)]
    return lines[-1] if lines else ""


def answer_readings(text: str) -> list[str]:
    """The ways to read the answer of a reply, each a whole answer; none for a refusal or a hedge.

    >>> answer_readings("I think that the river is called the Danube.")[-1]
    'the Danube'
    >>> answer_readings("ANSWER: Danube or Rhine")
    ['Danube or Rhine']
    """
    text = text[-READ_LIMIT:].strip()
    content = stated_text(text)
    if content is None:
        return []
    content = content[:STATEMENT_LIMIT]
    stated = bool(statements(text)) or json_answer(text) is not None
    readings = [content, *_fronts(content)]
    if (named := _named(content, stated=stated)) is not None:
        readings += [named, *_fronts(named)]
    readings += [_DATED.sub("", each) for each in readings]
    return list(dict.fromkeys(filter(None, map(plain_answer, readings))))


_DATED = re.compile(r"^\W*(?:(?:in|on|at|by)\s+)?(?:the\s+)?(?:year\s+)?(?=\d)", re.IGNORECASE)  # "In 1969"
_BOUNDARY = re.compile(
    r"(?<=\S)\s*(?:[,;，；]\s|[(（]|\s[–—-]\s|\.\s|[。\n]|\s(?=because\b|since\b|as\b|not\b))"
)
_AFTERTHOUGHT = re.compile(
    r"\W*(?:as|because|since|which|who|that|whose|not|rather|according|based|per|see|source|from\s+the|it|this|"
    r"the\s+(?:text|passage|article|document|context)|i\b|i'm|hope|though|although|for|so|therefore|however|"
    r"confidence|explanation|reason|因为|根据|来源)(?!\w)",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(
    r"\b(?:or|and/or|maybe|perhaps|possibly|alternatively|either)\b|[或]", re.IGNORECASE
)


def _fronts(content: str) -> list[str]:
    """What stands before an afterthought: "Danube, as the passage says", "Danube (see page 3)"."""
    found = []
    for boundary in list(_BOUNDARY.finditer(content))[:12]:
        front, rest = content[: boundary.start()], content[boundary.start() :]
        if _AFTERTHOUGHT.match(rest) and not _ALTERNATIVE.search(rest):
            found.append(front)
    return found


_COPULA = re.compile(
    r"^(?P<lead>[^.!?。\n]{0,200}?)\s*(?:\b(?:is|was|are|were|equals)\b|(?<=\w)['’]s\b|[是为為])\s*"
    r"(?:(?:called|named|known\s+as|said\s+to\s+be|most\s+likely|probably|definitely|clearly|simply)\s+)?",
    re.IGNORECASE,
)
_MADE_BY = re.compile(
    r"^(?P<lead>[^.!?。\n]{0,200}?)\b(?:is|was|were|been)\s+(?:painted|written|composed|directed|discovered|invented|"
    r"created|made|founded|built|sung|performed|won|played|designed|developed)\s+by\s+",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:it|that|this|he|she|they|there|one|the\s+(?:\w+\s+){0,3}\w+|答案|那|这|它)$", re.IGNORECASE
)
_OTHER = re.compile(
    r"\b(?:other|second|rival|runner|opposite|former|previous|wrong|false|neither|near|next|student|pupil|"
    r"teacher|not|never|if|whether|than|or|some|many|others?|people|could|might|question|known)\b",
    re.IGNORECASE,
)


# A point behind one letter ("D. C.") ends no sentence.
_MORE = re.compile(r"\?|(?<=[^\W_]{2})[.!]\s+\S|[。\n]\s*\S")


def _named(content: str, *, stated: bool) -> str | None:
    """What a sentence names: "It is Danube", "The river that flows there is the Danube"."""
    if _MORE.search(content):
        return None
    found = _MADE_BY.match(content) or _COPULA.match(content)
    if found is None or is_foreign(content, found.end()) or _OTHER.search(found["lead"]):
        return None
    named = content[found.end() :]
    whole = not stated or _PRONOUN.search(found["lead"].strip())
    return named if whole and not is_negative(named) and not _ALTERNATIVE.search(named) else None
