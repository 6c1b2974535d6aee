"""The judges that come with the package, one idea a file. All but those of `code` and `llm` are pure rules.

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
    tool_calls    which tools were used, how, in which order, and which were left alone
    limits        what the session used, against limits: tokens, cost, turns, calls, seconds
    attainment    the reward as a share of what reference agents reach
    open_answer   a short answer or number in the conclusion of a reply, as MMMU scores it
    vqa           agreement with ten annotators
    relaxed       numbers may be off by 5 %, words must be the same
    bleu          n-grams shared with references, as sacrebleu counts them
    chrf          overlap of character n-grams with a reference
    rouge         overlap with a reference summary
    captions      a caption against references, with BLEU, ROUGE-L and CIDEr-D of the task
    wer           word error rate of a transcript
    cer           character error rate
    box_iou       how well a box on a picture covers the right one
    point_in_box  whether a point on a picture lies in the right box
    all_of        every part says yes
    any_of        one part says yes
    weighted      the weighted mean of the parts
    negate        the opposite of a judge
    first_decided  the first part that decides: a cheap rule, then a model
    with_figures  a judge with further figures of the whole task
    peer_choice   the letter as a named peer's parser reads it (`judges.peers`)
    peer_match    a short answer as a named peer compares it (`judges.peers`)

those that run code which a model wrote, in a sandbox, in `judges.code`:

    unit_tests    the code passes the tests of its sample (HumanEval, MBPP)
    program_output  the program gives the right output for each input

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
`evidence["extracted"]`. The figures of whole tasks that some name are in `judges.corpus`.
Sub-modules are imported with `from agentbench_sdk.judges.choice import …`.
"""

from agentbench_sdk.judges.alias import alias
from agentbench_sdk.judges.attainment import attainment
from agentbench_sdk.judges.bbh import bbh
from agentbench_sdk.judges.bleu import bleu
from agentbench_sdk.judges.boxes import box_iou, point_in_box
from agentbench_sdk.judges.captions import captions
from agentbench_sdk.judges.choice import choice
from agentbench_sdk.judges.chrf import chrf
from agentbench_sdk.judges.code import program_output, unit_tests
from agentbench_sdk.judges.combined import all_of, any_of, first_decided, negate, weighted, with_figures
from agentbench_sdk.judges.edit_distance import anls, edit_distance
from agentbench_sdk.judges.either import either
from agentbench_sdk.judges.error_rate import cer, wer
from agentbench_sdk.judges.exact import exact
from agentbench_sdk.judges.fields import fields
from agentbench_sdk.judges.includes import includes
from agentbench_sdk.judges.instructions import instructions
from agentbench_sdk.judges.items import items
from agentbench_sdk.judges.json_schema import json_schema
from agentbench_sdk.judges.limits import limits
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
from agentbench_sdk.judges.math import math
from agentbench_sdk.judges.numeric import numeric
from agentbench_sdk.judges.open_answer import open_answer
from agentbench_sdk.judges.outcome import outcome
from agentbench_sdk.judges.pattern import pattern
from agentbench_sdk.judges.peers import peer_choice, peer_match
from agentbench_sdk.judges.relaxed import relaxed
from agentbench_sdk.judges.rouge import rouge
from agentbench_sdk.judges.slots import slots
from agentbench_sdk.judges.span import span
from agentbench_sdk.judges.tool_calls import tool_calls
from agentbench_sdk.judges.vqa import vqa

__all__ = [
    "alias",
    "all_of",
    "anls",
    "any_of",
    "attainment",
    "bbh",
    "best_of_n",
    "binary",
    "bleu",
    "box_iou",
    "captions",
    "cer",
    "choice",
    "chrf",
    "edit_distance",
    "either",
    "exact",
    "fields",
    "first_decided",
    "goal_reached",
    "honesty",
    "includes",
    "instructions",
    "items",
    "json_schema",
    "limits",
    "math",
    "negate",
    "numeric",
    "open_answer",
    "outcome",
    "pairwise",
    "panel",
    "pattern",
    "peer_choice",
    "peer_match",
    "point_in_box",
    "policy_kept",
    "program_output",
    "rating",
    "reference",
    "relaxed",
    "rouge",
    "rubric",
    "slots",
    "span",
    "tool_calls",
    "unit_tests",
    "vqa",
    "weighted",
    "wer",
    "with_figures",
]
