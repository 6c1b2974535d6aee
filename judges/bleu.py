"""`bleu`: n-grams shared with reference texts, as sacrebleu counts them (Papineni et al. 2002; Post 2018).

Needs `pip install 'agentbench-sdk[metrics]'`.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

from agentbench_sdk.errors import ConfigurationError, MissingExtraError
from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

Tokenizer = Literal["13a", "intl", "char", "zh", "none"]
_TOKENIZERS = ("13a", "intl", "char", "zh", "none")
LENGTH_LIMIT = 50_000  # characters


def _check(*, tokenizer: str = "13a", ignore_case: bool = False) -> None:
    if tokenizer not in _TOKENIZERS:
        raise ConfigurationError(
            f"judge 'bleu': tokenizer is {tokenizer!r}; give one of {', '.join(_TOKENIZERS)}"
        )
    _scorer(tokenizer, ignore_case=ignore_case)


@functools.cache
def _scorer(tokenizer: str, *, ignore_case: bool) -> Any:
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError as error:
        raise MissingExtraError("judge 'bleu'", "metrics") from error
    return BLEU(tokenize=tokenizer, lowercase=ignore_case, effective_order=True)


@judge(scale=(0.0, 100.0), check=_check, corpus=({"name": "bleu_corpus"},))
def bleu(case: JudgeCase, *, tokenizer: Tokenizer = "13a", ignore_case: bool = False) -> Score:
    """BLEU of the answer against the target or targets, 0 to 100.

    Arguments:
        case: what is judged.
        tokenizer: sacrebleu's: "13a" for most languages, "zh" for Chinese, "char" for characters, "intl" by
            Unicode classes, "none" for texts that are tokens with blanks between them.
        ignore_case: texts are put into lower case.

    A sentence's BLEU counts only the orders that it has (sacrebleu's effective order). The report has BLEU of
    all samples together beside the mean; that is the figure that is published, and the two differ.

    Raises:
        JudgeError: the target is no text.
        MissingExtraError: sacrebleu is not installed.
    """
    answer = answer_text(case)[:LENGTH_LIMIT]
    found = _scorer(tokenizer, ignore_case=ignore_case).sentence_score(answer, accepted_texts(case, "bleu"))
    evidence = {
        "matches": list(map(int, found.counts)),
        "ngrams": list(map(int, found.totals)),
        "length": int(found.sys_len),
        "reference_length": int(found.ref_len),
    }
    value = min(float(found.score), 100.0) if answer and found.counts[0] else 0.0
    return Score(value, explanation=f"BLEU is {value:.2f}", evidence=evidence)
