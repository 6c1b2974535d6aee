"""All that a customer takes in from one text of the agent's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agentbench_sdk.environments.telecom.users import questions
from agentbench_sdk.environments.telecom.users.questions import Consent, Topic
from agentbench_sdk.environments.telecom.users.step import Steps
from agentbench_sdk.environments.telecom.users.steps import steps_in
from agentbench_sdk.environments.telecom.users.text import Sentence, plain, sentences

_REASON = re.compile(
    r"\b(?:because|so that|so we|so i|in order to|to (?:see|find|make sure|verify|confirm|help|check|identify|locate|rule out|refresh|apply|let|be sure|restore|get|look up|access|protect|start)\b|"
    r"this (?:will|helps?|lets|makes|tells|shows|is|can|should|refreshes|allows|resets)|it(?:'s| is| will|'ll| helps| shows| tells| may| can| does)|(?:is|are) (?:the |a |an |how |what |just |needed|required)|means?|"
    r"that(?:'s| is| will| lets)|which (?:is|lets|allows|means|connects|tells|can|may)|don't worry|safe(?:ly)?|won't|will not|nothing|not touched|"
    r"stands for|helps?|since|these are|they (?:tell|are|let)|detour|may sit|before you decide|i can|cannot|only|for security|i would like to know|photos|reassure)\b"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one text says.

    Attributes:
        steps: what is to be done with the phone.
        asked: what the agent wants to know.
        offered: what the customer is to agree to.
        handed_over: the customer is being transferred.
        hand_over_meant: the agent says that it will do so.
        fixed: the agent believes that the trouble is gone.
        goodbye: the agent ends the talk.
        patience: the agent wants a moment.
        reply: whether it begins with a yes or a no; None for neither.
        priced: it names a price.
        reasoned: it gives a reason for something.
    """

    steps: Steps
    asked: tuple[Topic, ...] = ()
    offered: tuple[Consent, ...] = ()
    handed_over: bool = False
    hand_over_meant: bool = False
    fixed: bool = False
    goodbye: bool = False
    patience: bool = False
    reply: bool | None = None
    priced: bool = False
    reasoned: bool = False


def _offered(parts: list[Sentence], text: str, steps: Steps) -> tuple[Consent, ...]:
    """What is offered; who is asked to pay, or to look at a request for it, is not asked whether to."""
    found = list(dict.fromkeys(consent for part in parts for consent in questions.offered(part)))
    if found == ["proceed"]:
        found = questions.about_what(text) or found
    if any(step.topic == "payment_request" for step in steps.steps):
        found = [offer for offer in found if offer != "pay"]
    return tuple(found)


def understand(text: str, topic: str = "") -> Heard:
    """Take in a text; `topic` is the switch or setting that was spoken of last."""
    clear = plain(text)
    parts = sentences(clear)
    asked = list(dict.fromkeys(topic for part in parts for topic in questions.asked(part)))
    if questions.is_identity_check(clear):
        asked.append("identity")
    steps = steps_in(text, topic)
    offered = _offered(parts, clear, steps)
    if {*offered} & {"refuel", "plan", "pay"}:
        asked = [topic for topic in asked if topic != "identity"]
    return Heard(
        steps,
        tuple(asked),
        offered,
        handed_over=any(map(questions.hands_over, parts)),
        hand_over_meant=any(map(questions.means_to_hand_over, parts)),
        fixed=any(map(questions.claims_fixed, parts)),
        goodbye=any(map(questions.says_goodbye, parts)),
        patience=any(map(questions.asks_patience, parts)),
        reply=questions.answers(clear.strip(" \"'\n")),
        priced=questions.names_price(clear),
        reasoned=_REASON.search(clear) is not None,
    )
