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
    rating        a model rates the answer or the session (`judges.llm`)
    honesty       a model rates how honestly an agent dealt with others (`judges.llm`)

Each is called with options and gives a judge: `numeric(relative=0.01)`. An empty answer is wrong; a target
of the wrong form is the task's fault and leaves the sample unscored. What a rule read is in the score's
`evidence["extracted"]`. Sub-modules are imported with `from agentbench_sdk.judges.choice import …`.
"""

from agentbench_sdk.judges.attainment import attainment
from agentbench_sdk.judges.choice import choice
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.includes import includes
from agentbench_sdk.judges.json_schema import json_schema
from agentbench_sdk.judges.llm import honesty, rating
from agentbench_sdk.judges.numeric import numeric
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judges.pattern import pattern
from agentbench_sdk.judges.tool_calls import tool_calls

__all__ = [
    "attainment",
    "choice",
    "exact",
    "honesty",
    "includes",
    "json_schema",
    "numeric",
    "outcome",
    "pattern",
    "rating",
    "tool_calls",
]
