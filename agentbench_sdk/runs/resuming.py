"""Going on with an earlier run: only the same run can be, and it is given that one's draws."""

from __future__ import annotations

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.run import Run

# What a run must have in common with the one that it resumes.
_REPEATED = (
    "task_fingerprint",
    "agent",
    "model",
    "user_model",
    "params",
    "user_params",
    "limits",
    "protocol",
    "epochs",
    "seed",
)


def continue_run(plan: Plan, earlier: Run) -> None:
    """Give a plan the draws of an earlier run, after checking that it is the same run."""
    then, now = earlier.manifest, plan.manifest
    if then.judged_from:
        raise ConfigurationError(
            f"{earlier.path} holds sessions that were judged again; what is missing there is judged by "
            "`agentbench judge` with the same judges, which asks for nothing twice"
        )
    for name in _REPEATED:
        if getattr(then, name) != getattr(now, name):
            raise ConfigurationError(
                f"{earlier.path} cannot be resumed: its {name.replace('_', ' ')} is "
                f"{getattr(then, name)!r}, now it is {getattr(now, name)!r}"
            )
    now.draws = then.draws
