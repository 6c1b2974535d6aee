"""Whether a clause asks for something now: only what is said for certain counts.

A clause is a statement unless its first words make it a request or a question. That a text speaks of airplane
mode, or of a restart, is no reason to touch the phone.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Mood = Literal["request", "question", "hint", "no", "statement"]

_LEAD = re.compile(
    r"^(?:[\s\"'\-•.!:]|(?:ok(?:ay)?|alright|all right|great|perfect|thanks?(?: you)?(?: so much| very much)?(?: for [^,.]{0,60})?|"
    r"now|next(?: up)?|first(?:ly)?|to (?:begin|start)(?: with)?|second(?:ly)?|third(?:ly)?|fourth|finally|lastly|also|again|so|"
    r"well|just|simply|only|instead|afterwards?|additionally|meanwhile|in that case|for now|at this point|this time|"
    r"once (?:again|more)|got it|understood|i see|no problem|no worries|sure|good|excellent|wonderful|hello|hi|hey|sorry|"
    r"step (?:\w+)|as (?:a|the|our) (?:first|next|last|final|quick) (?:step|check|test)|for (?:the|our) (?:next|first) (?:step|check)|"
    r"when(?:ever)? (?:you're|you are) ready|when(?:ever)? you can|one (?:more|last) (?:thing|time|step|check)|quick question|"
    r"quickly|still|and|but|then|while you're at it|on your (?:phone|device)|if you (?:would|could)|from there|here|"
    r"mr \w+|mrs \w+|ms \w+|before (?:we|i) (?:continue|go on|proceed|go any further|begin|start|do that|transfer you))\b)+"
)
_VERBS: Final = (
    r"check|re-?check|double[- ]check|look|see (?:if|whether|what)|open|go|turn|switch|toggle|enable|disable|activate|deactivate|"
    r"restart|reboot|power|reset|restore|remove|take|reseat|re-seat|run|rerun|re-run|perform|do(?! (?:you|i|we|your|it|they)\b)|try|send|set|change|select|choose|"
    r"grant|give|allow|disconnect|connect|pay|make|tell|let me know|let us know|read|verify|confirm|ensure|be sure|put|swipe|use|"
    r"call|execute|navigate|review|attempt|share|describe|report|test|complete|approve|accept|insert|re-?insert|eject|pull|push|"
    r"start|begin|proceed|have a look|take a look|find|view|provide|pop|leave|keep|exit|enter|configure|update|flip|shut|measure|"
    r"repeat|retry|redo|show|tap|press|scroll|access|note|inspect|examine|reload|authori[sz]e|revert|adjust|pick|say|head|"
    r"follow|log|bring|clear|install|uninstall|delete|move|walk|dial|forget|unlock|plug|charge|wait|hold|factory"
)
_IMPERATIVE = re.compile(
    rf"^(?:go ahead and |try to |please )?(?:{_VERBS})\b(?! (?:is|are|was|will|would|can|has|should|may|might|mode|does)\b)"
)
_REQUESTS = re.compile(
    r"^(?:(?:please|kindly)\b|"
    r"(?:can|could|would|will|might|won't|cannot|couldn't) (?:you|we)\b(?! (?:like|prefer|rather|be (?:ok|okay|fine|willing|happy|interested)|agree))|"
    r"(?:(?:would|do) you )?mind (?!if)|are you able to|"
    r"(?:can|could|may|might) i (?:please |just )?(?:ask|have|get|trouble|request)\b|"
    r"i(?:'d| would)(?: also| really| now| just)* (?:like|love|want|need|appreciate|ask)\b.{0,12}\b(?:you|know|see|hear|ask)\b|"
    r"would you be (?:able|so kind as) to|would it be possible (?:for you )?to|"
    r"i(?:'ll| will)?(?: also| now| just| still)* (?:(?:need|want|require) (?:for )?you\b|(?:need|require) (?:the|your)\b)|i (?:kindly |politely )?(?:ask|request) (?:that )?you\b|i(?:'m| am) going to need you\b|"
    r"i(?:'d| would)? (?:suggest|recommend|propose|advise|encourage)\b|i(?:'ll| will) have you\b|"
    r"let'?s(?! not)\b|let us\b(?! know)|why don't (?:you|we)\b|how about\b|what about\b|shall we\b|what if (?:you|we)\b|"
    r"you(?:'ll| will| would|'d|'re going to)?(?: also| now| just| first| then| still| next| may| might)* "
    r"(?:can|could|should|must|need to|want to|have to|ought to)\b"
    r"(?! (?:now |then |also |soon |still |start to |simply )*(?:see|have|notice|be|get|find|receive|hear|expect|feel|experience|know|continue|use|enjoy|worry|do\b))|"
    r"we(?:'ll| will|'d)?(?: also| now| just| first| then| still)* (?:need to|should|have to|must|want to)\b(?! (?:see|be|have|know|wait)\b)|"
    r"(?:the |your |our |my )?(?:next|first|second|third|last|final|best|only|quickest|easiest) (?:step|thing|action|move|option|fix|check)s?"
    r"(?: i'd like you to (?:do|try)| to do| to try| for you| here| now| i need| i'd suggest| we'll try)* ?(?:is|would be|will be)?\b|"
    r"i(?:'d| would) like to have (?:your|the)\b|it(?:'s| is) time to|it (?:would|might|may) be (?:good|great|helpful|best|worth|useful)|what i need(?: from you)? (?:now )?is|"
    r"all you (?:need|have) to do is|your turn)"
)
_HINTS = re.compile(
    r"^(?:you|we) (?:may|might|could)(?: also| still| first)* (?:need to|have to|want to|wish to|try)\b|"
    r"^(?:a|another|a quick) (?:restart|reboot|reset|toggle)\b.{0,20} (?:may|might|could|sometimes|often|usually)|^it (?:may|might|could) help to"
)
_OFFERS = re.compile(
    r"^(?:would you (?:like|prefer|rather|want|agree|care|be (?:ok|okay|fine|willing|happy|interested|open))|do you (?:want|agree|wish|accept|prefer|consent|authori[sz]e)|"
    r"are you (?:willing|ok|okay|fine|happy|interested|open|comfortable|agreeable)|shall i|should i|"
    r"(?:may|can|could|might) i (?!(?:please |just )?(?:ask|have|get|trouble|request) you)|how (?:much|many) (?:data|gb|gigabytes?|gigs?|more))\b"
)
_QUESTIONS = re.compile(
    r"^(?:what(?!ever)|which|how|is|are|does|do|did|has|have|any|where|who|was|were|isn't|aren't|doesn't|whether|am)\b"
)
_OPEN_QUESTIONS = re.compile(r"^(?:what|which|how(?: many| fast)?)(?: \w+){0,3}? (?:does|do|is|are|can)\b")
_NEVER = re.compile(
    r"^(?:please )?(?:do not|don't|dont|never|no need|avoid|refrain|there'?s no need|there is no need|hold off|not yet|nothing|not)\b|"
    r"^(?:you|we|i) (?:do not|don't|needn't|shouldn't|should not|must not|mustn't|won't|will not|cannot|didn't|did not|haven't)\b|"
    r"^(?:let'?s not|it(?:'s| is) not necessary|it isn't necessary|there'?s nothing)"
)
_WAITING = re.compile(r"^(?:please |then |just )*(?:wait|hold on|hold)\b")
_DENIED = re.compile(r"\b(?:do not|don't|never|without|avoid|no need to|not to|refrain from|hold off)\b")
_LATER = re.compile(
    r"\b(?:whenever(?! you(?:'re| are) ready| you can| convenient)|later(?: on)?|in the future|any ?time|at any point|in a (?:moment|minute|bit|second)|shortly|eventually|next time|"
    r"from now on|for the future|when you get home|tomorrow|in general|generally|normally|usually|typically|always|"
    r"afterwards you|once you(?:'re| are) (?:back )?home)\b"
)
_SUBORDINATE = frozenset(
    {"because", "since", "so that", "when", "once", "after", "before", "until", "while", "without", "instead of",
     "rather than", "in order to", "if", "unless", "in case", "as soon as", "as", "which"}
)  # fmt: skip
_ALWAYS_ASIDE = frozenset(
    {"without", "instead of", "rather than", "before", "until", "which", "so that", "in order to", "as"}
)


def mood_of(lead: str, clause: str, before: Mood, *, asks: bool) -> tuple[Mood, str]:
    """The mood of a clause, and the clause without its opening words.

    Arguments:
        clause: in lower case.
        lead: the word or sign that leads to the clause; see `clauses`.
        before: mood of the main clause before it.
        asks: its sentence ends with a question mark.
    """
    rest = _LEAD.sub("", clause).strip()
    connector = lead.lstrip(", ")
    if connector in _ALWAYS_ASIDE:
        return "statement", rest
    if _WAITING.search(rest):
        return "statement", rest
    if _NEVER.search(rest) and not rest.startswith(("don't you", "do you not")):
        return "no", rest
    mood = _explicit(rest, asks=asks)
    if mood in {"request", "hint"} and _LATER.search(rest) and not asks:
        return "statement", rest
    if mood == "request" and _IMPERATIVE.search(rest) and not _plainly_asked(rest):
        return _bare_command(connector, rest != clause, before), rest
    if mood == "statement" and connector not in _SUBORDINATE and before in {"request", "question"}:
        return (before if _fragment(rest) else "statement"), rest
    return mood, rest


def is_subordinate(lead: str) -> bool:
    """Whether the word leads to a clause that hangs on another."""
    return lead.lstrip(", ") in _SUBORDINATE


def denied_before(clause: str, place: int) -> bool:
    """Whether a "not" stands before this place of a clause."""
    denial = _DENIED.search(clause)
    return denial is not None and denial.start() < place


def _explicit(rest: str, *, asks: bool) -> Mood:
    if _OFFERS.search(rest):
        return "no"
    if _HINTS.search(rest) and not asks:
        return "hint"
    if _REQUESTS.search(rest) or _IMPERATIVE.search(rest):
        return "request"
    if _QUESTIONS.search(rest) and (asks or _OPEN_QUESTIONS.search(rest)):
        return "question"
    return "statement"


def _plainly_asked(rest: str) -> bool:
    return _REQUESTS.search(rest) is not None


def _bare_command(connector: str, introduced: bool, before: Mood) -> Mood:
    """A bare verb: a command, but in the wake of a "don't" it is one more thing not to do."""
    if connector in _SUBORDINATE:
        return "statement"
    if before == "no" and not introduced and connector in {",", "or", "and"}:
        return "no"
    return "request"


_SUBJECTS = re.compile(
    r"^(?:i|i'\w+|we|we'\w+|you|you'\w+|it|it'\w+|this|that|that'\w+|these|they|there|your|my|our|the \w+ (?:is|are|was|has|will|can))\b"
)


def _fragment(rest: str) -> bool:
    """Whether it has no subject of its own, as the second half of "turn on data and roaming"."""
    return not _SUBJECTS.search(rest) or bool(re.search(r"^your [\w\s-]+$", rest))
