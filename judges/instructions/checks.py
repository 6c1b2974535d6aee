"""The 25 instructions of IFEval, each a function of the reply and its arguments, under its official id.

What an instruction demands is the official scorer's reading, odd as it is in places: bullets are lines that
begin with "*" or "-", paragraphs are parted by "***" in one instruction and by an empty line in another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agentbench_sdk.errors import JudgeError
from agentbench_sdk.judges.instructions.language import is_language
from agentbench_sdk.judges.instructions.sentences import count_capital_words, count_sentences, count_words

Arguments = Mapping[str, Any]
Check = Callable[[str, Arguments], bool]
CHECKS: dict[str, Check] = {}
"""Every instruction by its id."""


def _instruction(name: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


def _number(arguments: Arguments, name: str) -> int:
    value = arguments.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise JudgeError(f"the instruction's argument {name!r} is {value!r}; it must be a number from 0 up")
    return int(value)


def _text(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value.strip():
        raise JudgeError(f"the instruction's argument {name!r} is {value!r}; it must be a text")
    return value


def _texts(arguments: Arguments, name: str) -> Sequence[str]:
    value = arguments.get(name)
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise JudgeError(f"the instruction's argument {name!r} is {value!r}; it must be a list of texts")
    return [str(each) for each in value]


def _compared(count: int, arguments: Arguments, number: str, relation: str = "relation") -> bool:
    wanted = arguments.get(relation)
    if wanted == "less than":
        return count < _number(arguments, number)
    if wanted == "at least":
        return count >= _number(arguments, number)
    raise JudgeError(f"the instruction's argument {relation!r} is {wanted!r}; give 'less than' or 'at least'")


def _finds(pattern: str, text: str, flags: int = re.IGNORECASE) -> list[str]:
    """What a keyword finds; keywords are patterns in the official scorer."""
    try:
        return [match.group() for match in re.finditer(pattern, text, flags)]
    except re.error as error:
        raise JudgeError(f"the instruction's keyword {pattern!r} is no pattern: {error}") from error


@_instruction("keywords:existence")
def _existence(text: str, arguments: Arguments) -> bool:
    return all(_finds(word, text) for word in _texts(arguments, "keywords"))


@_instruction("keywords:frequency")
def _frequency(text: str, arguments: Arguments) -> bool:
    return _compared(len(_finds(_text(arguments, "keyword").strip(), text)), arguments, "frequency")


@_instruction("keywords:forbidden_words")
def _forbidden(text: str, arguments: Arguments) -> bool:
    return not any(_finds(rf"\b{word}\b", text) for word in _texts(arguments, "forbidden_words"))


@_instruction("keywords:letter_frequency")
def _letter_frequency(text: str, arguments: Arguments) -> bool:
    letter = _text(arguments, "letter").strip().lower()
    return _compared(text.lower().count(letter), arguments, "let_frequency", "let_relation")


@_instruction("language:response_language")
def _response_language(text: str, arguments: Arguments) -> bool:
    return is_language(text, _text(arguments, "language"))


@_instruction("length_constraints:number_sentences")
def _sentences(text: str, arguments: Arguments) -> bool:
    return _compared(count_sentences(text), arguments, "num_sentences")


@_instruction("length_constraints:number_words")
def _words(text: str, arguments: Arguments) -> bool:
    return _compared(count_words(text), arguments, "num_words")


@_instruction("length_constraints:number_paragraphs")
def _paragraphs(text: str, arguments: Arguments) -> bool:
    """Paragraphs are parted by "***"; an empty one may stand only at either end."""
    parts = [part.strip() for part in re.split(r"\s?\*\*\*\s?", text)]
    inner_empty = any(not part for part in parts[1:-1])
    return not inner_empty and sum(map(bool, parts)) == _number(arguments, "num_paragraphs")


@_instruction("length_constraints:nth_paragraph_first_word")
def _nth_paragraph(text: str, arguments: Arguments) -> bool:
    """Paragraphs are parted by an empty line; so many there must be, the nth beginning with the word."""
    nth, wanted = _number(arguments, "nth_paragraph"), _text(arguments, "first_word").strip().lower()
    parts = text.split("\n\n")
    filled = sum(1 for part in parts if part.strip())
    if not 1 <= nth <= filled or not parts[nth - 1].strip():
        return False
    word = re.split(r"[.,?!'\"]", parts[nth - 1].split()[0].lstrip("'").lstrip('"'))[0].lower()
    return filled == _number(arguments, "num_paragraphs") and word == wanted


@_instruction("detectable_content:number_placeholders")
def _placeholders(text: str, arguments: Arguments) -> bool:
    return sum(map(_brackets, text.split("\n"))) >= _number(arguments, "num_placeholders")


def _brackets(line: str) -> int:
    """How many square brackets close one after the other; a pattern would take quadratic time on "[[[["."""
    count, position = 0, line.find("[")
    while position >= 0 and (end := line.find("]", position)) >= 0:
        count, position = count + 1, line.find("[", end)
    return count


@_instruction("detectable_content:postscript")
def _postscript(text: str, arguments: Arguments) -> bool:
    marker = _text(arguments, "postscript_marker").strip()
    known = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
    return bool(_finds(known.get(marker, re.escape(marker.lower())), text.lower()))


@_instruction("detectable_format:number_bullet_lists")
def _bullets(text: str, arguments: Arguments) -> bool:
    stars = re.findall(r"^\s*\*[^\*].*$", text, re.MULTILINE)
    dashes = re.findall(r"^\s*-.*$", text, re.MULTILINE)
    return len(stars) + len(dashes) == _number(arguments, "num_bullets")


@_instruction("detectable_format:constrained_response")
def _constrained(text: str, arguments: Arguments) -> bool:
    return any(f"My answer is {word}." in text for word in ("yes", "no", "maybe"))


@_instruction("detectable_format:number_highlighted_sections")
def _highlights(text: str, arguments: Arguments) -> bool:
    single = re.findall(r"\*[^\n*]*\*", text)
    double = re.findall(r"\*\*[^\n*]*\*\*", text)
    count = sum(1 for each in [*single, *double] if each.strip("*").strip())
    return count >= _number(arguments, "num_highlights")


@_instruction("detectable_format:multiple_sections")
def _sections(text: str, arguments: Arguments) -> bool:
    splitter = _text(arguments, "section_spliter").strip()
    return len(_finds(rf"\s?{splitter}\s?\d+\s?", text, 0)) >= _number(arguments, "num_sections")


@_instruction("detectable_format:json_format")
def _json(text: str, arguments: Arguments) -> bool:
    text = text.strip()
    for fence in ("```json", "```Json", "```JSON", "```"):
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


@_instruction("detectable_format:title")
def _title(text: str, arguments: Arguments) -> bool:
    lines = [(line, line.find("<<"), line.rfind(">>")) for line in text.split("\n")]
    return any(line[start:end].strip("<>").strip() for line, start, end in lines if 0 <= start < end - 2)


@_instruction("combination:two_responses")
def _two_responses(text: str, arguments: Arguments) -> bool:
    parts = [part.strip() for part in text.split("******")]
    if any(not part for part in parts[1:-1]):
        return False
    filled = [part for part in parts if part]
    return len(filled) == 2 and filled[0] != filled[1]


@_instruction("combination:repeat_prompt")
def _repeat_prompt(text: str, arguments: Arguments) -> bool:
    return text.strip().lower().startswith(_text(arguments, "prompt_to_repeat").strip().lower())


@_instruction("startend:end_checker")
def _end(text: str, arguments: Arguments) -> bool:
    return text.strip().strip('"').lower().endswith(_text(arguments, "end_phrase").strip().lower())


@_instruction("startend:quotation")
def _quotation(text: str, arguments: Arguments) -> bool:
    text = text.strip()
    return len(text) > 1 and text[0] == text[-1] == '"'


@_instruction("change_case:capital_word_frequency")
def _capital_words(text: str, arguments: Arguments) -> bool:
    return _compared(count_capital_words(text), arguments, "capital_frequency", "capital_relation")


@_instruction("change_case:english_capital")
def _all_capitals(text: str, arguments: Arguments) -> bool:
    return text.isupper() and is_language(text, "en")


@_instruction("change_case:english_lowercase")
def _all_small(text: str, arguments: Arguments) -> bool:
    return text.islower() and is_language(text, "en")


@_instruction("punctuation:no_comma")
def _no_comma(text: str, arguments: Arguments) -> bool:
    return "," not in text
