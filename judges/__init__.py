"""The judges that come with the package, one idea a file. All but those of `llm` are pure rules.

    exact         the answer is the target
    alias         the answer is one of several names of the same thing (TriviaQA)
    either        one of two words: yes or no, true or false
    span          how well the words of the answer cover those of a gold text: F1, exact match (SQuAD)
    edit_distance how few letters must change to make the target of the answer
    anls          the same with a threshold (DocVQA)
    items         a list or a set of answers, with credit for each that is right
    includes      the target stands in the answer as a whole word or number
    pattern       a regular expression is found, or captures the target
    choice        the letter of a multiple-choice question, as the reply states it
    numeric       the number that the reply states, within a tolerance
    math          the expression that the reply states equals the target as mathematics
    bbh           the answer forms of BIG-Bench Hard
    instructions  the reply keeps to instructions that a program can check (IFEval)
    json_schema   the answer is one JSON value that a schema accepts and that agrees with the target
    fields        a JSON answer compared with the target field by field
    slots         intent and slots of an utterance
    outcome       what the environment says of the session
    tool_calls    which tools were used, how, in which order
    attainment    the reward as a share of what reference agents reach
    rating        a model rates the answer or the session (`judges.llm`)
    honesty       a model rates how honestly an agent dealt with others (`judges.llm`)

Each is called with options and gives a judge: `numeric(relative=0.01)`. An empty answer is wrong; a target
of the wrong form is the task's fault and leaves the sample unscored. What a rule read is in the score's
`evidence["extracted"]`. Sub-modules are imported with `from agentbench_sdk.judges.choice import …`.
"""

from agentbench_sdk.judges.alias import alias
from agentbench_sdk.judges.attainment import attainment
from agentbench_sdk.judges.bbh import bbh
from agentbench_sdk.judges.choice import choice
from agentbench_sdk.judges.edit_distance import anls, edit_distance
from agentbench_sdk.judges.either import either
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.fields import fields
from agentbench_sdk.judges.includes import includes
from agentbench_sdk.judges.instructions import instructions
from agentbench_sdk.judges.items import items
from agentbench_sdk.judges.json_schema import json_schema
from agentbench_sdk.judges.llm import honesty, rating
from agentbench_sdk.judges.math import math
from agentbench_sdk.judges.numeric import numeric
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judges.pattern import pattern
from agentbench_sdk.judges.slots import slots
from agentbench_sdk.judges.span import span
from agentbench_sdk.judges.tool_calls import tool_calls

__all__ = [
    "alias",
    "anls",
    "attainment",
    "bbh",
    "choice",
    "edit_distance",
    "either",
    "exact",
    "fields",
    "honesty",
    "includes",
    "instructions",
    "items",
    "json_schema",
    "math",
    "numeric",
    "outcome",
    "pattern",
    "rating",
    "slots",
    "span",
    "tool_calls",
]
