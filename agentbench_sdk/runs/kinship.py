"""Whether a run's judges are kin of the model under test, which a reader of its scores has to know.

Models rate texts of their own, and of their family, higher than others do (Panickssery, Bowman and Feng 2024,
"LLM Evaluators Recognize and Favor Their Own Generations"; Wataoka, Takahashi and Ri 2024, "Self-Preference
Bias in LLM-as-a-Judge").
"""

from __future__ import annotations

from collections.abc import Iterable

from agentbench_sdk.judging import Judge
from agentbench_sdk.models import Model
from agentbench_sdk.models.family import families, same_model


class KinshipWarning(UserWarning):
    """A judge model is the model under test, or of its family."""


def kinship_warnings(
    under_test: Model, judge_model: Model | None, askers: Iterable[tuple[Judge, Model]]
) -> list[str]:
    """One sentence for each judge model that is the model under test or of the same family.

    Arguments:
        under_test: the model under test.
        judge_model: the run's judge model, which judges that declare nothing may ask as well.
        askers: the judges that ask a model, each with its own.
    """
    by_model = {judge_model.id: judge_model} if judge_model is not None else {}
    by_model |= {model.id: model for _, model in askers}
    return [told for each in by_model.values() if (told := _told(under_test.id, each.id))]


def _told(under_test: str, judge: str) -> str:
    if same_model(under_test, judge):
        return f"judge model {judge} is the model under test: it favours its own answers; name another one"
    shared = families(under_test) & families(judge)
    if shared:
        return (
            f"judge model {judge} is of the same family ({', '.join(sorted(shared))}) as the model under test, "
            f"{under_test}: it may favour its kin; name one of another family"
        )
    return ""
