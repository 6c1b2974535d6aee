"""How a final answer is read out of a reply: what is reasoning, what is stated, what is merely said.

The readers of letters and numbers share this: a reply often names many candidates on its way, and only an
explicit statement ("the answer is …", a box, a JSON member) tells which one it stands by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agentbench_sdk.judges.json_values import whole_json
from agentbench_sdk.judging import JudgeCase, Score

READ_LIMIT = 20_000
"""Characters from the end of a reply that are searched: a conclusion stands at the end, and time is bounded."""

STATEMENT_LIMIT = 600
"""Characters of a statement that are read."""

STATEMENTS_LIMIT = 30
"""Statements of a kind that are read, from the end."""

Kind = Literal["boxed", "tagged", "marked", "affirmed"]
_THINK = re.compile(r"<(/?)(?:think(?:ing)?|thought|reasoning)>", re.IGNORECASE)
_END_OF_TURN = (
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end|>",
    "<|end_of_text|>",
    "</s>",
    "<end_of_turn>",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a reply states as its answer; `content` is the text after the marker, to the end of its line."""

    start: int
    kind: Kind
    content: str


def strip_reasoning(text: str) -> str:
    """Remove `<think>` blocks; what was thought and never closed is not an answer.

    A lone closing tag ends reasoning whose opening tag stood in the prompt.

    >>> strip_reasoning("<think>B?</think>C")
    'C'
    >>> strip_reasoning("<think>B")
    ''
    """
    if "<" not in text:
        return text
    kept = ""
    position: int | None = 0  # where the text goes on; None inside a block
    for tag in _THINK.finditer(text):
        if tag[1]:
            kept = kept if position is None else ""
            position = tag.end()
        elif position is not None:
            kept += text[position : tag.start()]
            position = None
    return kept if position is None else kept + text[position:]


def final_text(case: JudgeCase) -> str:
    """The answer without reasoning and without the tokens that end a turn; its white space is as it was."""
    return said_text(case.answer)


def said_text(reply: str) -> str:
    """A reply without reasoning and without the tokens that end a turn; its white space is as it was."""
    text = strip_reasoning(reply)
    while (trimmed := text.rstrip()).endswith(_END_OF_TURN):
        text = trimmed[: trimmed.rindex("<")]
    return text


def answer_text(case: JudgeCase) -> str:
    """As `final_text`, without outer white space; "" when there is none."""
    return final_text(case).strip()


def no_answer() -> Score:
    """The verdict on an empty answer: wrong, for the model had its turn."""
    return Score(0.0, passed=False, explanation="no answer", evidence={"extracted": None})


def boxes(text: str) -> list[Statement]:
    r"""All LaTeX boxes with balanced braces, and `\boxed 7`; an unbalanced box is a cut-off reply, not a box.

    Boxes that are joined ("\boxed{2} and \boxed{3}") are one statement of several values.

    >>> [each.content for each in boxes(r"\boxed{2} and \boxed{3}, so \boxed{5}")]
    ['2, 3', '5']
    """
    found: list[Statement] = []
    end = -1  # of the box before
    openings = list(re.finditer(r"\\(?:boxed|fbox|framebox)\s{0,20}", text))
    for opening in openings[-STATEMENTS_LIMIT:]:
        box = _box(text, opening.end())
        if box is None:
            continue
        start, content = opening.start(), box[0]
        if end >= 0 and _JOINED.fullmatch(text, end, start):
            before = found.pop()
            start, content = before.start, f"{before.content}, {content}"
        found.append(Statement(start, "boxed", content))
        end = box[1]
    return found


def _box(text: str, start: int) -> tuple[str, int] | None:
    """What a box holds, and where it ends."""
    if (content := _braced(text, start)) is not None:
        return content, start + len(content) + 2
    bare = re.match(r"[^\s{}$\\]+", text[start : start + 100])
    return (bare.group(), start + bare.end()) if bare else None


_JOINED = re.compile(r"[\s$*]*(?:,|;|\band\b|\bor\b|,\s*(?:and|or)\b|和|或)[\s$*]*(?:[a-zA-Z]\s*=\s*)?")


def _braced(text: str, start: int) -> str | None:
    if text[start : start + 1] != "{":
        return None
    depth = 0
    for position in range(start, min(len(text), start + STATEMENT_LIMIT)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[start + 1 : position]
    return None


_DECOR = r"[*_\"'`)\]】]{0,6}"
_VERB = (
    r"(?:is|was|are|would\s+be|should\s+be|must\s+be|will\s+be|has\s+to\s+be|"
    r"might\s+be|may\s+be|could\s+be|seems\s+to\s+be|appears\s+to\s+be|comes\s+to|equals)"
)
_MARKERS = re.compile(
    rf"""
    (?<![^\W_])(?<!-)(?:answers?|ans)(?:\s+(?:letter|key|choice|option|number)
      |\s+to\s+(?:the|this|that|your)\s+(?:question|problem|riddle|puzzle|exercise|task))?{_DECOR}(?:\s*[:：=＝]|\s*{_VERB}\b|\s+[–—-]\s)
  | ^\W{{0,4}}correct\s*[:：]
  | (?<![^\W_])(?<!-)(?:correct|best|right|final|chosen|my|total|final\s+count|the(?=\s+letter))\s+
      (?:options?|choices?|statements?|letters?|result|value|count|total){_DECOR}\s*(?:[:：=＝]|{_VERB}\b)
  | (?<![\w-])I\s*(?:'ll|\s+will|\s+would|'d)?\s*(?:choose|chose|pick|select|say|go\s+with|vote\s+for)\b
  | (?:答案|选项|選項)\s*(?:应该|应当|應該|應當)?\s*(?:[:：=＝]|是|为|為|选|選|(?=\(?[A-Z](?![A-Za-z])))
  | (?<![不未别別非])[选選](?:择|擇)?
  | (?<!\w)ответ{_DECOR}\s*(?:[:=—–-]|будет\b)
  | ^\s*\#{{4}}
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_FILLER = re.compile(
    r"""[\s*_]*[:：=＝]?[\s*_]*
    (?:(?:definitely|clearly|therefore|thus|simply|just|probably|most\s+likely|likely|indeed|surely|obviously
         |equal\s+to|(?:the\s+)?(?:option|choice|letter|number)|选项?|選項?|为|為|是(?!\s*\W*$))(?![^\W\u3040-\u9fff])[\s:]*)*""",
    re.IGNORECASE | re.VERBOSE,
)
# Somebody else's answer, or one that is only supposed: "the gold answer is", "if the answer is".
_FOREIGN = re.compile(
    r"(?:\b(?:gold|golden|reference|expected|wrong|incorrect|student's|user's|not\s+the|isn't\s+the)\s+"
    r"|\b(?:if|whether|unless|suppose|supposing|assume|assuming)\b[^.\n]{0,30}"
    r"|(?:如果|假设|假如)[^。\n]{0,10}|(?:错误|錯誤)的?)$",
    re.IGNORECASE,
)


def is_foreign(text: str, start: int) -> bool:
    """Whether what stands before a statement makes it somebody else's, or a mere supposition."""
    return _FOREIGN.search(text[max(0, start - 60) : start]) is not None


def statements(text: str) -> list[Statement]:
    """All explicit statements of an answer, in order of their place in the text."""
    found = boxes(text)
    tags = list(re.finditer(r"<(answer|final_answer)>([^<]{0,600})</\1>", text, re.IGNORECASE))
    found += [Statement(tag.start(), "tagged", tag.group(2)) for tag in tags[-STATEMENTS_LIMIT:]]
    markers = [each for each in _MARKERS.finditer(text) if not is_foreign(text, each.start())]
    for marker in markers[-STATEMENTS_LIMIT:]:
        found.append(Statement(marker.start(), "marked", _content(text, marker.end())))
    return sorted(found, key=lambda each: each.start)


def _content(text: str, start: int) -> str:
    """The rest of the line after a marker, or the next line that says something."""
    text = text[start : start + STATEMENT_LIMIT]
    filler = _FILLER.match(text)
    return text[filler.end() if filler else 0 :].lstrip().partition("\n")[0].strip()


_ANSWER_KEYS = ("answer", "final_answer", "choice", "option", "letter", "result", "value", "答案", "ответ")


def json_answer(text: str) -> str | None:
    """The answer member of a reply that is one JSON object, fenced or not; None for any other reply."""
    try:
        value = whole_json(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    lowered = {key.casefold(): item for key, item in value.items()}
    for key in _ANSWER_KEYS:
        item = lowered.get(key)
        if isinstance(item, str):
            return item
        if isinstance(item, int | float) and not isinstance(item, bool):
            return repr(item)
        if isinstance(item, list) and item and all(isinstance(each, str) for each in item):
            return ", ".join(item)
    return None


_NEGATIVE = re.compile(
    r"\b(?:not|neither|nor|never|except|cannot|unable|unsure|sorry|wrong|incorrect|false|eliminate|rule\s+out)\b"
    r"|n['\u2019]t\b|不|非|错|錯|\bне\b",
    re.IGNORECASE,
)


def is_negative(sentence: str) -> bool:
    """Whether a sentence denies, refuses or rules out: it may not be read as naming an answer."""
    return _NEGATIVE.search(sentence) is not None


def sentences(text: str) -> list[str]:
    """A rough split into sentences; a point inside a number does not end one."""
    parts = re.split(r"(?<=[.!?])\s+|[。！？\n]+", text)
    return [part.strip() for part in parts if part and part.strip()]
