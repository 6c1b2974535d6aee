"""The judges that come with the package, one idea a file. All but those of `llm` are pure rules.

    exact         the answer is the target
    includes      the target stands in the answer as a whole word or number
    pattern       a regular expression is found, or captures the target
    choice        the letter of a multiple-choice question, as the reply states it
    numeric       the number that the reply states, within a tolerance
    json_schema   the answer is one JSON value that a schema accepts and that agrees with the target
    outcome       what the environment says of the session
    tool_calls    which tools were used, how, in which order
    attainment    the reward as a share of what reference agents reach

and those that ask a model, all in `judges.llm`:

    rating        a model rates the answer or the session
    binary        a model says whether the answer or the session meets criteria
    reference     a model says whether the answer agrees with the reference
    rubric        a model assesses the answer or the session by named criteria with levels
    pairwise      a model compares the answer with a baseline's, in both orders
    best_of_n     a model chooses the best of several answers
    goal_reached  a model says whether a session reached its goal
    policy_kept   a model says whether an agent kept to its policy
    honesty       a model rates how honestly an agent dealt with others
    panel         several judges, or repeats of one, whose votes are counted

Each is called with options and gives a judge: `numeric(relative=0.01)`. An empty answer is wrong; a target
of the wrong form is the task's fault and leaves the sample unscored. What a rule read is in the score's
`evidence["extracted"]`. Sub-modules are imported with `from agentbench_sdk.judges.choice import …`.
"""

from agentbench_sdk.judges.attainment import attainment
from agentbench_sdk.judges.choice import choice
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.includes import includes
from agentbench_sdk.judges.json_schema import json_schema
from agentbench_sdk.judges.llm import (
    best_of_n,
    binary,
    goal_reached,
    honesty,
    pairwise,
    panel,
    policy_kept,
    rating,
    reference,
    rubric,
)
from agentbench_sdk.judges.numeric import numeric
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judges.pattern import pattern
from agentbench_sdk.judges.tool_calls import tool_calls

__all__ = [
    "attainment",
    "best_of_n",
    "binary",
    "choice",
    "exact",
    "goal_reached",
    "honesty",
    "includes",
    "json_schema",
    "numeric",
    "outcome",
    "pairwise",
    "panel",
    "pattern",
    "policy_kept",
    "rating",
    "reference",
    "rubric",
    "tool_calls",
]
