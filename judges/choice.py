"""`choice`: the letter of a multiple-choice question, as the reply states it.

The last explicit statement decides, whatever letters stood in the reasoning before it. The article "A" and
the pronoun "I" are no choices, and a reply that names several letters without settling on one is undecided,
which is wrong. Peers take the last capital of the reply, or the first letter of "Because".
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import (
    READ_LIMIT,
    Statement,
    answer_text,
    is_foreign,
    is_negative,
    json_answer,
    no_answer,
    sentences,
    statements,
)
from agentbench_sdk.judges.includes import find_word
from agentbench_sdk.judges.targets import alternatives, bad_target
from agentbench_sdk.judging import JudgeCase, Score, judge

DEFAULT_LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of a reply.

    Attributes:
        letters: none when nothing was settled on, several when several were stated at once.
        rule: which way of stating an answer it was: "json", "boxed", "tagged", "marked", "affirmed",
            "line", "bold", "option_text", "mention"; "" when none.
        why: for the reader, when it is undecided.
    """

    letters: tuple[str, ...] = ()
    rule: str = ""
    why: str = "the reply states no choice"


@dataclass(frozen=True, slots=True)
class _Options:
    letters: str
    texts: tuple[str, ...]

    def by_text(self, content: str) -> str | None:
        """The letter of the option whose whole text this is."""
        plain = _plain(content)
        hits = [
            letter for letter, text in zip(self.letters, self.texts, strict=False) if _plain(text) == plain
        ]
        return hits[0] if plain and len(hits) == 1 else None

    def named_in(self, sentence: str) -> set[str]:
        """Letters of the options whose texts stand in a sentence; a longer text covers one inside it."""
        rest, found = _plain(sentence), set()
        pairs = [(_plain(text), letter) for letter, text in zip(self.letters, self.texts, strict=False)]
        for text, letter in sorted(pairs, key=lambda pair: -len(pair[0])):
            at = 0
            while (at := find_word(rest, text, at)) >= 0:
                found.add(letter)
                rest = rest[:at] + "\0" + rest[at + len(text) :]
                at += 1
        return found

    def text_of(self, letter: str) -> str:
        index = self.letters.find(letter)
        return _plain(self.texts[index]) if 0 <= index < len(self.texts) else ""


def extract_choice(text: str, letters: str = DEFAULT_LETTERS, choices: Sequence[str] = ()) -> str | None:
    """The one letter that a reply settles on, or None.

    Arguments:
        text: the reply, reasoning removed.
        letters: the letters that there are, in upper case.
        choices: texts of the options, in the letters' order; a reply may give one in place of its letter.

    >>> extract_choice("A good question. Not B, so the answer is (c).", "ABCD")
    'C'
    >>> extract_choice("ANSWER: A or B", "ABCD") is None
    True
    """
    found = read_choice(text, letters, choices).letters
    return found[0] if len(found) == 1 else None


def read_choice(text: str, letters: str = DEFAULT_LETTERS, choices: Sequence[str] = ()) -> Reading:
    """As `extract_choice`, with the rule that applied and with all letters when several are stated at once."""
    # NFKC makes the full-width letters, colons and brackets of East Asian text plain.
    text = unicodedata.normalize("NFKC", text)[-READ_LIMIT:].strip()
    options = _Options(letters, tuple(choices))
    if not text:
        return Reading(why="no answer")
    for rule in (
        *(_from_json, _from_statements, _from_conclusion),
        *(_from_lines, _from_bold, _from_option_text, _from_mentions),
    ):
        reading = rule(text, options)
        if reading is not None:
            return reading
    return Reading()


def _from_json(text: str, options: _Options) -> Reading | None:
    content = json_answer(text)
    if content is None:
        return None
    return _read(content, options, "json") or Reading(rule="json", why=f"{content[:80]!r} is no choice")


_AFFIRMED = re.compile(
    r"""(?<![\w'-])(?:(?:option|choice|answer|选项|選項)\s*)?[*_(\[]{0,6}(?P<letter>[A-Z])[*_)\]]{0,6}
    (?:\s*(?:项|選項|选项))?\s*
    (?:(?:is|seems|looks|must\s+be)\s+(?:clearly\s+|definitely\s+)?(?:the\s+)?(?:most\s+|only\s+)?
         (?:correct|right|best|true|answer|accurate)(?!\s+(?:for|if|only)\b)\b
     |(?:是|为|為)?\s*(?:正确|正確))""",
    re.VERBOSE,
)
_OPTION_FITS = re.compile(
    r"(?<!\w)(?:[Oo]ption|[Cc]hoice)\s+[*_(\[]{0,6}(?P<letter>[A-Z])[*_)\]]{0,6}\s+(?:fits|works)\b"
)
_IT_IS = re.compile(
    r"(?<!\w)(?:[Ii]t|[Tt]hat)(?:'s|\s+(?:is|must\s+be|should\s+be|has\s+to\s+be))\s+(?:option\s+)?"
    r"[*_(\[]{0,6}(?P<letter>[A-Z])[*_)\]]{0,6}(?=\s*(?:[.!\n]|$))"
)


def _from_statements(text: str, options: _Options) -> Reading | None:
    found = statements(text)
    for pattern in (_AFFIRMED, _OPTION_FITS, _IT_IS):
        for match in pattern.finditer(text):
            if not is_foreign(text, match.start()):
                found.append(Statement(match.start(), "affirmed", match.group("letter")))
    for statement in sorted(found, key=lambda each: -each.start):
        reading = _read(statement.content, options, statement.kind)
        if reading is not None:
            return reading
    return None


def _read(content: str, options: _Options, rule: str) -> Reading | None:
    """Read a statement's content: option text, letters, option text inside a sentence."""
    content = content.strip()
    if len(content) > 1 and (letter := options.by_text(content)):
        return Reading((letter,), rule, "")
    if stated := _leading_letters(content, options):
        strange = [letter for letter in stated if letter not in options.letters]
        if strange:
            return Reading(rule=rule, why=f"{strange[0]} is not among the choices")
        return Reading(stated, rule, _several(stated))
    first = sentences(content)[0] if sentences(content) else ""
    named = options.named_in(first)
    if len(named) == 1 and not is_negative(_without_texts(first, options)):
        return Reading(tuple(named), rule, "")
    return None


_OPEN = re.compile(
    r"""(?:[\s*_$"'`(\[{<“‘「『【〔]|\\(?:mathrm|mathbf|mathit|text(?:bf|rm|it)?|boxed|fbox|bf|rm|\(|\[)
        |(?:option|choice|letter|选项|選項)(?![A-Za-z]))*""",
    re.IGNORECASE | re.VERBOSE,
)
_SPACED = re.compile(r"([A-Z](?: +[A-Z])+)[\s*_)\].]*$")  # "A C"
_TOKEN = re.compile(r"[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_END = re.compile(r"[\s*_$\"'`)\]}>”’」』】〕.:;,!。，；！\\]*$")
_POINT = re.compile(r"[*_\"'`”’]*\s*[)\].:,}】〕]|\s*[-–—]\s")  # "B) …", "B. …", "B: …", "B — …"
_GOES_ON = re.compile(
    r"\s+(?:because|since|as|is|was|and|or|for|with|due|which|but|not|rather|instead|given|after|seems|option|choice)\b"
)
_ANOTHER = re.compile(
    r"""[*_\"'`)\]}]*\s*(?:[,;/&+、]\s*(?:(?:and|or|or\s+maybe)\s+)?|\b(?:and|or)\b\s*|[和或与與及跟])\s*
        (?P<open>[*_"'`(\[{]*)(?P<letter>[A-Za-z])(?![^\W\u3040-\u9fff])(?P<rest>.?.?)""",
    re.VERBOSE,
)


def _leading_letters(content: str, options: _Options) -> tuple[str, ...] | None:
    """The letter or letters that a content begins with; None when it begins with prose."""
    opening = _OPEN.match(content)
    start = opening.end() if opening else 0
    if spaced := _SPACED.match(content, start):
        return tuple(dict.fromkeys(spaced[1].split()))
    token = _TOKEN.match(content, start)
    if token is None:
        return None
    word, rest = token.group(), content[token.end() :]
    if len(word) > 1:
        joined = len(word) <= len(options.letters) and set(word) <= set(options.letters)
        return tuple(dict.fromkeys(word)) if joined and len(set(word)) == len(word) else None
    if not word.isalpha() or not _is_choice(word, content[:start].strip(), rest, options):
        return None
    return _with_others(word, rest)


def _is_choice(word: str, before: str, rest: str, options: _Options) -> bool:
    """Whether a single letter is meant as a choice; "a" and "I" are words more often than not."""
    if rest.startswith("'") and rest[1:2].isalpha():  # "I'm", "A's"
        return False
    if _END.match(rest):
        return True
    marked = before[-1:] in ("(", "[", "{", "*") and _POINT.match(rest) is not None
    if marked:
        return True
    if text := options.text_of(word.upper()):
        plain = _plain(rest)
        # "A goat is small" begins with an article, whatever option A says.
        if plain == text or (word not in "aAI" and plain.startswith(text)):
            return True
    if word.islower():
        goes_on = word not in "ai" and _GOES_ON.match(rest)
        return bool(goes_on or _POINT.match(rest))
    if word in "AI" and re.match(r"\s+\w", rest):
        return word == "A" and _GOES_ON.match(rest) is not None
    return True


def _with_others(word: str, rest: str) -> tuple[str, ...]:
    """The first letter and those joined to it: "C or A", "C, A", "C、A"."""
    found = [word]
    while (other := _ANOTHER.match(rest)) is not None:
        letter = other["letter"]
        prose = re.match(r"\s+\w", rest[other.end("letter") :]) and not other["open"]
        # "B and a lamp", "B, I think": a word, not a second choice.
        if letter.islower() != word.islower() or (prose and letter in "aAI"):
            break
        found.append(letter)
        rest = rest[other.end("letter") :]
    return tuple(dict.fromkeys(letter.upper() for letter in found))


_CONCLUSION = re.compile(
    r"\s*(?:(?:so|thus|therefore|hence|answer|final\s+answer|finally|conclusion|option|choice|所以|因此|故)(?!\w)"
    r"[\s,:，]*)+",
    re.IGNORECASE,
)


def _from_conclusion(text: str, options: _Options) -> Reading | None:
    """A last sentence that concludes with a letter and nothing else: "… So B."."""
    last = sentences(text)[-1] if sentences(text) else ""
    if _CONCLUSION.match(last) is None:
        return None
    read = _bare_line(last, options)
    return _settled(read[0], options) if read and read[1] else None


_ONLY_LETTERS = re.compile(
    r"(?:[\s*_()\[\]{}<>,;/&+、.\"'`和或与與及跟]|and\b|or\b|[A-Za-z](?![A-Za-z])|[A-Z]+\b)+"
)


def _from_lines(text: str, options: _Options) -> Reading | None:
    """A line that is a letter, or a letter with its option's text; a list of all options is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    read = [_bare_line(line, options) for line in lines]
    if read[-1] is None and read[0] is None:
        return None
    letters = {letter for each in read if each for letter in each[0]}
    last = read[-1]
    if last is not None and (last[1] or len(letters) == 1):
        return _settled(last[0], options)
    if read[0] is not None and len(letters) == 1:
        return _settled(read[0][0], options)
    return Reading(why=f"several choices are named: {', '.join(sorted(letters))}")


def _several(letters: Sequence[str]) -> str:
    return f"several choices are stated: {', '.join(letters)}" if len(letters) > 1 else ""


def _settled(letters: tuple[str, ...], options: _Options) -> Reading:
    if strange := [letter for letter in letters if letter not in options.letters]:
        return Reading(rule="line", why=f"{strange[0]} is not among the choices")
    return Reading(letters, "line", _several(letters))


def _bare_line(line: str, options: _Options) -> tuple[tuple[str, ...], bool] | None:
    """The letters of a line that is an answer, and whether it holds nothing else."""
    conclusion = _CONCLUSION.match(line)
    content = line[conclusion.end() :] if conclusion else line
    if len(content) > 1 and (letter := options.by_text(content)):
        return (letter,), True
    letters = _leading_letters(content, options)
    if letters is None:
        return None
    opening = _OPEN.match(content)
    rest = content[(opening.end() if opening else 0) + 1 :]
    if len(letters) > 1:
        return (letters, True) if _ONLY_LETTERS.fullmatch(content) else None
    if _END.match(rest):
        return letters, True
    others = set(re.findall(r"(?<!\w)([A-Z])[).:]", rest)) - set(letters)
    if others:
        return tuple(sorted({*letters, *others})), False
    goes_with = options.text_of(letters[0])
    if _POINT.match(rest) or (goes_with and _plain(rest).startswith(goes_with)):
        return letters, False
    return None


def _from_bold(text: str, options: _Options) -> Reading | None:
    """One letter, or option with its letter, set in bold."""
    found = {_bare_line(bold, options) for bold in re.findall(r"\*\*([^*\n]{1,200})\*\*", text)} - {None}
    letters = {letter for each in found if each for letter in each[0]}
    if len(letters) > 1:
        return Reading(rule="bold", why=f"several choices are in bold: {', '.join(sorted(letters))}")
    return _known(letters, "bold", options)


_MENTION = re.compile(
    r"\(([A-Z])\)|\[([A-Z])\]|(?<!\w)(?:[Oo]ption|[Cc]hoice|选项|選項)\s*\"?([A-Z])(?![^\W\u3040-\u9fff])"
    r"|(?<![^\W\u3040-\u9fff])([A-Z])\s*(?:项|選項|选项)"
)


def _from_mentions(text: str, options: _Options) -> Reading | None:
    """The only letter that is named as an option anywhere, unless its sentence denies or refuses."""
    letters: set[str] = set()
    denied = False
    for sentence in sentences(text):
        named = {letter for groups in _MENTION.findall(sentence) for letter in groups if letter}
        letters |= named
        denied = denied or bool(named and is_negative(sentence))
    if len(letters) > 1:
        return Reading(why=f"several choices are named: {', '.join(sorted(letters))}")
    return None if denied else _known(letters, "mention", options)


def _from_option_text(text: str, options: _Options) -> Reading | None:
    """The only option whose text stands in a reply of one sentence."""
    if len(sentences(text)) != 1 or is_negative(_without_texts(text, options)):
        return None
    named = options.named_in(text)
    if len(named) > 1:
        return Reading(why=f"several options are named: {', '.join(sorted(named))}")
    marked = {letter for groups in _MENTION.findall(text) for letter in groups if letter}
    return _known(named, "option_text", options) if marked <= named else None


def _known(letters: set[str], rule: str, options: _Options) -> Reading | None:
    inside = letters & set(options.letters)
    return Reading(tuple(inside), rule, "") if inside else None


def _without_texts(sentence: str, options: _Options) -> str:
    """A sentence without the options' own words, so that "No, not at all" as an option denies nothing."""
    rest = _plain(sentence)
    for text in sorted(map(_plain, options.texts), key=len, reverse=True):
        at = 0
        while (at := find_word(rest, text, at)) >= 0:
            rest = f"{rest[:at]} {rest[at + len(text) :]}"
            at += 1
    return rest


def _plain(text: str) -> str:
    """Text for comparison: folded, without decoration, a leading article and a closing full stop."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf|boxed)\s*|[*_$`\"“”{}]", "", text)
    text = " ".join(text.split()).strip(" .,:;!()[]'。，；！")
    return re.sub(r"^(?:it\s+is|it's|they\s+are)\s+", "", re.sub(r"^(?:the|an|a)\s+", "", text))


COMPAT = ("evalscope-1.14.1", "evalscope-1.14.1/zh", "evalscope-git-fde259d", "evalscope-git-fde259d/zh",
          "evalscope-git-fde259d/ceval", "lm-eval/arc_challenge_chat", "lm-eval/mmlu_generative",
          "lm-eval/mmlu_flan_cot/strict-match", "lm-eval/mmlu_flan_cot/flexible-extract", "lm-eval/mmlu_pro")  # fmt: skip


def _check(*, letters: str = "", multiple: bool = False, compat: str = "") -> None:
    if compat and compat not in COMPAT:
        raise ConfigurationError(f"judge 'choice': compat is {compat!r}; give one of {', '.join(COMPAT)}")
    if not isinstance(letters, str) or len(set(letters)) < len(letters) or letters != letters.upper():
        raise ConfigurationError(
            f"judge 'choice': letters is {letters!r}; give different capitals, like 'ABCD'"
        )


@judge(check=_check)
def choice(case: JudgeCase, *, letters: str = "", multiple: bool = False, compat: str = "") -> Score:
    """Pass if the letter that the reply settles on is the target.

    Arguments:
        case: what is judged.
        letters: the letters of the options; by default from A on, as many as the sample has choices,
            or A to J when it lists none.
        multiple: the target is a set of letters, all to be named: the value is the share that is named,
            and 0 once a wrong one is.
        compat: read the letter as a peer does: EvalScope (its Chinese tasks with "/zh", C-Eval before 1.14
            with "/ceval") or a task of lm-eval; see `agentbench_sdk.judges.peers.letters_text`.

    The target is a letter ("B", "(b)"), the text of a choice, the 0-based index of a choice as an integer,
    or a list of accepted ones.

    Raises:
        JudgeError: the target is none of this.
    """
    known = letters or (string.ascii_uppercase[: len(case.choices)] if case.choices else DEFAULT_LETTERS)
    targets = {_target_letter(each, known, case) for each in alternatives(case)}
    if not targets:
        raise bad_target(case, "choice", "at least one letter")
    if compat:
        return _as_peer(case, known, targets, multiple=multiple, compat=compat)
    text = answer_text(case)
    if not text:
        return no_answer()
    reading = read_choice(text, known, case.choices)
    return _score_set(reading, targets) if multiple else _score_one(reading, targets)


def _as_peer(case: JudgeCase, letters: str, targets: set[str], *, multiple: bool, compat: str) -> Score:
    from agentbench_sdk.judges.peers import letters_text

    if compat in letters_text.LM_EVAL:
        passed = any(letters_text.LM_EVAL[compat](case.answer, target) for target in targets)
        return Score(float(passed), passed, explanation=f"as {compat} reads it")
    found = letters_text.evalscope_letters(case.answer, letters, compat, multiple=multiple)
    reading = Reading(tuple(sorted(found)), compat, "no letter is read")
    return _score_set(reading, targets) if multiple else _score_one(reading, targets)


def _score_one(reading: Reading, targets: set[str]) -> Score:
    if len(reading.letters) != 1:
        evidence = {"extracted": None, "rule": reading.rule, "letters": list(reading.letters)}
        return Score(0.0, passed=False, label="undecided", explanation=reading.why, evidence=evidence)
    letter = reading.letters[0]
    passed = letter in targets
    explanation = f"chose {letter}" if passed else f"chose {letter}, not {' or '.join(sorted(targets))}"
    evidence = {"extracted": letter, "rule": reading.rule}
    return Score(float(passed), passed, letter, explanation, evidence)


def _score_set(reading: Reading, targets: set[str]) -> Score:
    chosen = set(reading.letters)
    value = len(chosen & targets) / len(targets) if chosen <= targets else 0.0
    explanation = f"chose {', '.join(sorted(chosen))}" if chosen else reading.why
    evidence = {"extracted": sorted(chosen), "rule": reading.rule}
    return Score(value, chosen == targets, "".join(sorted(chosen)) or "undecided", explanation, evidence)


def _target_letter(target: object, letters: str, case: JudgeCase) -> str:
    if isinstance(target, int) and not isinstance(target, bool) and 0 <= target < len(case.choices):
        return letters[target]
    if isinstance(target, str):
        bare = target.strip().strip("().[] ").upper()
        if len(bare) == 1 and bare in letters:
            return bare
        if letter := _Options(letters, case.choices).by_text(target):
            return letter
    raise bad_target(
        case, "choice", f"one of the letters {letters}, the text of a choice or its index from 0"
    )
