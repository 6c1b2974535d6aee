"""`captions`: a caption against several references, as the COCO caption evaluation scores them.

Chen et al. 2015, "Microsoft COCO Captions", section 3; the report has BLEU-1 to BLEU-4, ROUGE-L and CIDEr-D of all
samples. METEOR and SPICE are not there: they need Java programs and their word lists.
"""

from __future__ import annotations

from agentbench_sdk.judges.answers import answer_text
from agentbench_sdk.judges.overlap import common_subsequence
from agentbench_sdk.judges.ptb_words import ptb_words
from agentbench_sdk.judges.targets import accepted_texts
from agentbench_sdk.judging import JudgeCase, Score, judge

_BETA = 1.2
WORDS_LIMIT = 1_000


def rouge_l(candidate: list[str], references: list[list[str]]) -> float:
    """ROUGE-L as the COCO evaluation has it: best precision and best recall over references, beta 1.2.

    >>> rouge_l(["a", "dog"], [["a", "dog"], ["the", "dog", "runs"]])
    1.0
    """
    shared = [common_subsequence(candidate, each) for each in references]
    precision = max((each / len(candidate) for each in shared if candidate), default=0.0)
    recall = max((each / len(of) for each, of in zip(shared, references, strict=True) if of), default=0.0)
    if not precision or not recall:
        return 0.0
    return (1 + _BETA**2) * precision * recall / (recall + _BETA**2 * precision)


@judge(corpus=({"name": "captions_corpus"},))
def captions(case: JudgeCase) -> Score:
    """ROUGE-L of the caption, 0 to 1, and what the figures of the whole task are made of.

    Raises:
        JudgeError: the target is neither a text nor a list of texts.
    """
    references = [ptb_words(each)[:WORDS_LIMIT] for each in accepted_texts(case, "captions")]
    candidate = ptb_words(answer_text(case))[:WORDS_LIMIT]
    value = rouge_l(candidate, references)
    evidence = {
        "words": " ".join(candidate),
        "references": [" ".join(each) for each in references],
        "rouge_l": value,
    }
    return Score(value, explanation=f"ROUGE-L is {value:.3f}", evidence=evidence)
