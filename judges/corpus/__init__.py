"""Figures of whole tasks that judges name by `corpus`; registered as entry points `agentbench.metrics`.

    ratio        a sum over a sum: word error rate, share of checks that hold
    f_measure    precision, recall and F1 of one label, or the mean F1 of all
    macro_mean   the mean over groups (a category of the samples) of the groups' means
    bleu_corpus  BLEU of all samples together
    chrf_corpus  chrF of all samples together
    captions_corpus  BLEU-1 to BLEU-4, ROUGE-L and CIDEr-D of captions

The contract is `agentbench_sdk.judging.CorpusMetric`. They need no library that their judges need: a report is
made wherever the run file is.
"""

from agentbench_sdk.judges.corpus.bleu import bleu_corpus
from agentbench_sdk.judges.corpus.captions import captions_corpus
from agentbench_sdk.judges.corpus.chrf import chrf_corpus
from agentbench_sdk.judges.corpus.f_measure import f_measure
from agentbench_sdk.judges.corpus.macro_mean import macro_mean
from agentbench_sdk.judges.corpus.ratio import ratio

__all__ = ["bleu_corpus", "captions_corpus", "chrf_corpus", "f_measure", "macro_mean", "ratio"]
