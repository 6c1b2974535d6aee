"""Words as the Penn Treebank tokenizer cuts them, as far as captions need it: lower case, no punctuation.

The COCO caption evaluation (Chen et al. 2015, "Microsoft COCO Captions", section 3.1) runs Stanford's
PTBTokenizer and drops the tokens that are punctuation. The rules here are those of the Penn Treebank
(contractions apart, brackets, abbreviations with points whole); rare ones (fractions, e-mail addresses) are left out.
"""

from __future__ import annotations

import re

_DROPPED = {*"'`.?!,:-;", "''", "``", "--", "...", "-lrb-", "-rrb-", "-lcb-", "-rcb-"}
_BRACKETS = {"(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-"}
_TOKEN = re.compile(
    r"""
    (?:[a-z]\.){2,}                                # u.s., p.m.
  | (?:mr|mrs|ms|dr|st|jr|sr|vs|etc|no|inc|co|corp|ltd|prof|gen|rep|sen|gov|ave|mt|ft)\.(?=\s|$)
  | \d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?(?:-\w+)*     # 12:30, 1,000, 3rd, 3-year-old
  | \.\.\.+ | --+
  | [^\W_]+(?:[-&/][^\W_]+)*?(?=n't\b)             # is|n't
  | n't\b
  | '(?:s|re|ve|ll|m|d)\b
  | [^\W_]+(?:(?:[-_&/]|(?<=o)'(?=[a-z]{2,}))[^\W_]+)*
  | \S
    """,
    re.VERBOSE,
)
_MERGED = re.compile(r"\b(can)(not)\b|\b(gon|wan)(na)\b|\b(got)(ta)\b|\b(gim|lem)(me)\b")


def ptb_words(text: str) -> list[str]:
    """The words of a caption.

    >>> ptb_words("The dog isn't on the ground - it's at 12:30 p.m.!")
    ['the', 'dog', 'is', "n't", 'on', 'the', 'ground', 'it', "'s", 'at', '12:30', 'p.m.']
    """
    text = text.lower().replace("\u2019", "'").replace("\u2018", "'").replace("\n", " ")
    text = _MERGED.sub(lambda each: " ".join(filter(None, each.groups())), text)
    tokens = [_BRACKETS.get(each, each) for each in _TOKEN.findall(text)]
    return [each for each in tokens if each not in _DROPPED]
