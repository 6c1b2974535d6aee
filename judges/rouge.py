"""`rouge`: overlap with a reference summary in n-grams or in the longest common subsequence.

Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", sections 2 and 3, as F1 of precision and recall.
On ASCII texts the figures equal those of the rouge-score package (google-research) without stemming; that package
drops every other letter, so that a Russian or Chinese summary is always worth 0 there. Here words are runs of
letters and digits of any script, and each character of a script without blanks is a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.normalisation import UNSPACED
from agentbench_sdk.judges.overlap import common_subsequence, f1
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

Kind = Literal["rouge1", "rouge2", "rougeL"]
_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+")
WORDS_LIMIT = 20_000  # of each side


def words_of(text: str) -> list[str]:
    """Words in lower case.

    >>> words_of("The cat's 2 Катя 猫が")
    ['the', 'cat', 's', '2', 'катя', '猫', 'が']
    """
    return _WORD.findall(text.lower())


def _ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + n]) for at in range(len(words) - n + 1))


def rouge_f1(candidate: str, reference: str, kind: Kind = "rougeL") -> float:
    """ROUGE-1, ROUGE-2 or ROUGE-L as F1.

    >>> round(rouge_f1("police kill the gunman", "police killed the gunman"), 3)
    0.75
    """
    one, other = words_of(candidate)[:WORDS_LIMIT], words_of(reference)[:WORDS_LIMIT]
    if kind == "rougeL":
        return f1(common_subsequence(one, other), len(one), len(other))
    n = int(kind[-1])
    found, wanted = _ngrams(one, n), _ngrams(other, n)
    return f1((found & wanted).total(), found.total(), wanted.total())


def _check(*, kind: str = "rougeL") -> None:
    if kind not in ("rouge1", "rouge2", "rougeL"):
        raise ConfigurationError(f"judge 'rouge': kind is {kind!r}; give 'rouge1', 'rouge2' or 'rougeL'")


@judge(check=_check)
def rouge(case: JudgeCase, *, kind: Kind = "rougeL") -> Score:
    """ROUGE of the answer against the target, 0 to 1; of several targets the one that fits best.

    Arguments:
        case: what is judged.
        kind: "rouge1" or "rouge2" for words or pairs of them, "rougeL" for the longest common subsequence.

    Raises:
        JudgeError: the target is no text.
    """
    answer = answer_text(case)
    values = [rouge_f1(answer, each, kind) for each in accepted_texts(case, "rouge")]
    return Score(
        max(values), explanation=f"{kind} is {max(values):.3f}", evidence={"references": len(values)}
    )
