"""`chrf`: overlap of character n-grams with a reference text; made for translations into any language.

Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation" (WMT), and 2017, "chrF++". Figures
equal sacrebleu's chrF2 and chrF2++.
"""

from __future__ import annotations

import string
from collections import Counter

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

LENGTH_LIMIT = 50_000  # characters


def ngram_counts(candidate: str, reference: str, characters: int = 6, words: int = 0) -> list[int]:
    """Candidate's, reference's and common n-grams of each order: characters first, then words.

    >>> ngram_counts("ab", "abc", 2)
    [2, 3, 2, 1, 2, 1]
    """
    pairs = [
        (Counter(_character_ngrams(candidate, n)), Counter(_character_ngrams(reference, n)))
        for n in range(1, characters + 1)
    ]
    split = [_words(candidate), _words(reference)]
    for n in range(1, words + 1):
        one, other = ([tuple(each[at : at + n]) for at in range(len(each) - n + 1)] for each in split)
        pairs.append((Counter(one), Counter(other)))  # type: ignore[arg-type]
    return [
        count
        for found, wanted in pairs
        for count in (found.total() if wanted else 0, wanted.total(), (found & wanted).total())
    ]


def _character_ngrams(text: str, n: int) -> list[str]:
    joined = "".join(text.split())
    return [joined[at : at + n] for at in range(len(joined) - n + 1)]


def _words(text: str) -> list[str]:
    """Words with one mark of punctuation at their ends split off, as chrF++ has it."""
    words: list[str] = []
    for word in text.split():
        if len(word) > 1 and word[-1] in string.punctuation:
            words += [word[:-1], word[-1]]
        elif len(word) > 1 and word[0] in string.punctuation:
            words += [word[0], word[1:]]
        else:
            words.append(word)
    return words


def _check(*, word_order: int = 0, beta: float = 2.0) -> None:
    if isinstance(word_order, bool) or word_order not in (0, 1, 2):
        raise ConfigurationError(f"judge 'chrf': word_order is {word_order!r}; give 0, 1 or 2")
    if isinstance(beta, bool) or not isinstance(beta, int | float) or not 0 < beta <= 10:
        raise ConfigurationError(f"judge 'chrf': beta is {beta!r}; give a number above 0, 10 at most")


def _corpus(*, word_order: int = 0, beta: float = 2.0) -> list[dict[str, object]]:
    return [{"name": "chrf_corpus", "beta": float(beta)}]


@judge(scale=(0.0, 100.0), check=_check, corpus=_corpus)
def chrf(case: JudgeCase, *, word_order: int = 0, beta: float = 2.0) -> Score:
    """Compare character n-grams of the answer with those of the target, 0 to 100; of several targets the best counts.

    Arguments:
        case: what is judged.
        word_order: 0 for chrF, 2 for chrF++.
        beta: weight of recall against precision.

    The report has the chrF of all samples together beside the mean of theirs.

    Raises:
        JudgeError: the target is no text.
    """
    import numpy as np

    from agentbench_sdk.judges.corpus.chrf import chrf_values

    answer = answer_text(case)[:LENGTH_LIMIT]
    counts = [ngram_counts(answer, each, words=word_order) for each in accepted_texts(case, "chrf")]
    values = [float(chrf_values(np.array([each], dtype=np.float64), beta)[0]) for each in counts]
    best = max(range(len(values)), key=values.__getitem__)
    return Score(values[best], explanation=f"chrF is {values[best]:.2f}", evidence={"counts": counts[best]})
