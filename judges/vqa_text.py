r"""Short answers brought to the form in which the VQA evaluation compares them.

The rules are those of vqaEval.py of the VQA repository (GT-Vision-Lab/VQA, Antol et al. 2015, section 3):
punctuation, digits, articles, contractions; and of the EvalAI processor that TextVQA and VizWiz use, which
first cuts commas, question marks and the possessive.
"""

from __future__ import annotations

import re

_MARKS = ';/[]"{}()=+\\_-><@`,?!'
_COMMA_IN_NUMBER = re.compile(r"\d,\d")
_FULL_STOP = re.compile(r"\.(?!\d)")
_MOST_STOPS = 32  # the official code passes a regex flag where the count stands, and so cuts 32 at most
_DIGITS = {
    word: str(value)
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
} | {"none": "0"}
_ARTICLES = ("a", "an", "the")
_CONTRACTED = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd
    he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've
    needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd
    somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's something'd something'd've
    something'll that's there'd there'd've there're there's they'd they'd've they'll they're they've 'twas wasn't
    we'd've we've weren't what'll what're what's what've when's where'd where's where've who'd who'd've who'll
    who's who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've
    you'll you're you've
"""


def _misspellings(word: str) -> list[str]:
    """The word with one of its apostrophes left out."""
    return [word[:at] + word[at + 1 :] for at, char in enumerate(word) if char == "'"]


_CONTRACTIONS = {wrong: right for right in _CONTRACTED.split() for wrong in _misspellings(right)}


def punctuation(text: str) -> str:
    """Drop or blank out marks: a mark beside a blank goes, as all do once a number has a comma in it.

    >>> punctuation("a red-blue, car.")
    'a red blue car'
    """
    result = text
    glued = _COMMA_IN_NUMBER.search(text) is not None
    for mark in _MARKS:
        goes = glued or f"{mark} " in text or f" {mark}" in text
        result = result.replace(mark, "" if goes else " ")
    return _FULL_STOP.sub("", result, count=_MOST_STOPS)


def digits_and_articles(text: str) -> str:
    """Lower case, number words to ten as digits, no articles, apostrophes where contractions have them.

    >>> digits_and_articles("The two dogs dont bark")
    "2 dogs don't bark"
    """
    words = (_DIGITS.get(word, word) for word in text.lower().split())
    return " ".join(_CONTRACTIONS.get(word, word) for word in words if word not in _ARTICLES)


def vqa_form(text: str) -> str:
    """The form of VQA v2's evaluation."""
    return digits_and_articles(punctuation(text.replace("\n", " ").replace("\t", " ").strip()))


def evalai_form(text: str) -> str:
    """The form of the EvalAI processor, for TextVQA, VizWiz and OK-VQA.

    >>> evalai_form("The man's hat, Red?")
    "man 's hat red"
    """
    text = text.lower().replace(",", "").replace("?", "").replace("'s", " 's").strip()
    return vqa_form(text)
