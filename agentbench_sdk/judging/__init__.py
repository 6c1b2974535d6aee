"""Judging: what a judge is, what it is shown and what it returns. The judges themselves are in `judges/`."""

from agentbench_sdk.judging.base import (
    Asks,
    Judge,
    JudgeCase,
    JudgeFactory,
    RuleJudge,
    Scale,
    Score,
    judge,
    model_askers,
    models_asked,
    with_members,
)
from agentbench_sdk.judging.corpus import CorpusMetric

__all__ = [
    "Asks",
    "CorpusMetric",
    "Judge",
    "JudgeCase",
    "JudgeFactory",
    "RuleJudge",
    "Scale",
    "Score",
    "judge",
    "model_askers",
    "models_asked",
    "with_members",
]
