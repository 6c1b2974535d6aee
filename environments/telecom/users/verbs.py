"""What shall be done, apart from what with: verbs, directions, and turns of phrase that stand for a whole step."""

from __future__ import annotations

import re
from typing import Final

Verb = str
"""look, tell, nav, turn, end, reset, reseat, set, grant, connect, disconnect, pay, run, send, do; "" for none."""

_VERBS: Final = (
    ("reseat", r"re-?seat(?:ing)?|re-?insert(?:ing)?|take out|remov(?:e|ing)|eject(?:ing)?|pop(?:ping)? out|pull(?:ing)? out|re-?install|take .{0,30} out"),
    ("reset", r"reset(?:ting)?|restor(?:e|ing)|revert(?:ing)?|back to (?:the |their |its )?(?:default|factory)"),
    ("pay", r"pay(?:ing)?\b(?! attention)|(?:make|making|complete|completing|submit|process|finish|do|proceed with|go ahead with) (?:the |a |your |that |this )?payment|(?:accept|approv|authori[sz])\w* (?:it|(?:the |that |this |your )?þ)"),
    ("disconnect", r"disconnect(?:ing)?"),
    ("connect", r"(?:re)?connect(?:ing)? (?:to|it|your|the|with|þ)"),
    ("grant", r"grant(?:ing)?|giv(?:e|ing)(?! me\b| it a| us)|allow(?:ing)?|authori[sz](?:e|ing)"),
    ("turn", (r"turn(?:ing)?|switch(?:ing)? (?:it |them |that |this |þ )?(?:back )?(?:on|off)|toggl(?:e|ing)|enabl(?:e|ing)|disabl(?:e|ing)|"
             r"(?:de|re)?activat(?:e|ing)|make (?:sure|certain)|ensur(?:e|ing)|be sure|flip|shut|keep(?:ing)?|leave þ|leave it|put(?:ting)? (?:it|your|the|þ)")),
    ("end", r"exit(?:ing)?|leav(?:e|ing) þ|get(?:ting)? out of|quit|out of"),
    ("set", r"set(?:ting)?|chang(?:e|ing)|select(?:ing)?|choos(?:e|ing)|switch(?:ing)?|enter(?:ing)?|configur(?:e|ing)|adjust(?:ing)?|update|updating|pick|mov(?:e|ing)(?! on| forward| ahead)"),
    ("run", r"run(?:ning)?|re-?run|perform(?:ing)?|conduct|measur(?:e|ing)|repeat(?:ing)?|redo|start(?:ing)?"),
    ("look", (r"(?:re-?|double[- ])?check(?:ing)?|look(?:ing)?|see(?:ing)?|verify(?:ing)?|confirm(?:ing)?|find|inspect|examine|review|have a look|what|which|whether|"
             r"how|pull up|describe|view|know|glance|peek|need (?:the|your|þ)|read|test(?:ing)?")),
    ("tell", r"tell|share|report|let me know|let us know|provide|show|say|send me"),
    ("send", r"send(?:ing)?|text(?:ing)?|attempt|try(?:ing)?"),
    ("nav", r"open(?:ing)?|go|navigate|navigating|swip(?:e|ing)|tap|scroll|access|move on|bring|head|find|log"),
    ("do", r"do|use|execute|call|take|have"),
)  # fmt: skip
_PATTERNS: Final = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in _VERBS)

_ON = (
    r"on(?! (?:your|the|my|this|that|a|an|top|screen|here|there|our|his|her|both|its|which|and off|or off)\b)"
)
_VERB_FIRST = re.compile(
    r"\b(?:turn|switch|toggl|put|flip|set|shut|swap)\w*(?: (?:it|them|that|this|back|right|both|the|your))*\s+(on|off)\b"
)
_WORDS = re.compile(
    rf"\b(?:(?P<on>{_ON}|re-?enabl(?:e|ed|ing)|enabl(?:e|ed|ing)|activat(?:e|ed|ing)|re-?activated?|active|connected)|"
    r"(?P<off>off|disabl(?:e|ed|ing)|deactivat(?:e|ed|ing)|inactive|disconnected|out of|exit|leave))\b"
)
_NOT = re.compile(r"(?:\bnot|n't|\bnever|\bno longer)(?: \w+)?\s*$")

_REWRITES: Final = (
    # Restarting a phone, whichever way it is put.
    ((r"\b(?:turn|switch|power|shut)(?:ing)?(?: (?:off|down))? (?:your |the )?(?:phone|device|handset|smartphone)(?: completely| all the way| fully)?"
     r"(?: off| down)?\b(?:[^.?!\n]|\.(?=\d)){0,60}?\b(?:back on|on again|on|again)\b(?! your| the)"), "restart the phone"),
    (r"\bpower(?:ing)?[- ](?:it |(?:the|your) (?:phone|device) )?(?:off|down)\b[^.?!\n]{0,60}?\b(?:back on|on again|back up)\b", "restart the phone"),
    (r"\bpower[- ]?cycl(?:e|ing)(?: (?:the|your) (?:phone|device))?", "restart the phone"),
    ((r"\bdo a (?:quick |simple |full )?(?:restart|reboot)\b|\bgive (?:the|your) (?:phone|device) a (?:quick |fresh |full )?(?:restart|reboot)\b|"
     r"\bperform a (?:quick |simple |full )?(?:restart|reboot)\b"), "restart the phone"),
    # Taking a SIM card out and putting it back.
    ((r"\b(?:take|remove|pull|pop|eject|slide|get|taking|removing|ejecting)(?: out)? (?:your |the )?sim(?:[- ]card| tray)?(?: out| from)?[^.?!\n]{0,90}?"
     r"\b(?:back in(?:to)?|re-?insert(?:ing)?(?: it)?|insert(?:ing)? it(?: again| back)?|again|replace it|put(?:ting)? it back|in again)\b"), "reseat the sim card"),
    # Leaving airplane mode.
    (r"\btak(?:e|ing) (?:your |the )?(?:phone|device) (?:out of|off) (?=(?:air ?plane|flight))", "turn off "),
    (r"\b(?:put|putting|place|switch) (?:your |the )?(?:phone|device) (?:in(?:to)?|to|on) (?=(?:air ?plane|flight))", "turn on "),
    (r"\bif so\b", "if that is the case"),
    (r"\b(helpful|great|good|useful|nice|best|it|appreciated|grateful|wonderful) if you (?:could|can|would|were to)\b", r"\1 please"),
    (r"\byour (?:sim |sim card )?(?:pin|puk)\b(?: code)?", "your code"),
    (r"\b(?:over|via|through) (?:your |the )?(?:mobile|cellular)(?: data| network)?\b", ""),
)  # fmt: skip
_REWRITING: Final = tuple((re.compile(pattern), plain) for pattern, plain in _REWRITES)

_RESTART = re.compile(r"\b(?:re-?start(?:ing)?|re-?boot(?:ing)?)\b")
_NO_PHONE = re.compile(
    r"\b(?:re-?start|re-?boot)(?:ing)? (?:the |your |this |our )?(?:router|modem|app|messaging|browser|speed|test|conversation|chat|process|computer|"
    r"laptop|wi-?fi|tv|line|service|troubleshooting|account|connection|vpn)"
)
_GOAL = re.compile(
    r"\b(?:(?:is|are|was|has|does|did|do|whether|if|that|see|check|know)\b.{0,60}\b(?:work(?:s|ing|ed)?(?: now| again| properly| correctly)?|"
    r"resolved?|fix(?:ed|es)?|solved?|back to normal|gone away|persists?|improve(?:d|s|ment)?|better|help(?:ed|s)?|any (?:change|difference|better)|"
    r"made (?:a|any) difference|able to (?:use|access|browse|connect|make|get)|make (?:a|any) difference|restored|faster)|"
    r"how (?:is|are|does) (?:it|things|everything|your (?:phone|connection|internet))(?: look| looking| working| now| doing)*\b|"
    r"(?:try|test|check) (?:it |this |that |things |everything )?(?:again|now|once more|out)$|"
    r"any (?:change|improvement|luck|difference)|did (?:that|it|this) (?:work|help|do|fix)|"
    r"(?:access|browse|open|load|use) (?:the |a |any |your )?(?:internet|web|website|web ?page|page|browser|online)|"
    r"(?:make|place|receive) (?:a |an |any )?(?:test |phone )?calls?)\b"
)
_OUGHT = re.compile(
    r"\b(?:needs? to|have to|has to|must|should|necessary|required|recommend|suggest|would help|best to|ought to)\b"
)
_NOT_YET = re.compile(r"\b(?:not|never|n't|i|we|line|account|later)\b")
_BASES: Final = {
    "turned": "turn",
    "switched": "turn",
    "enabled": "enable",
    "disabled": "disable",
    "activated": "activate",
    "reset": "reset",
    "restarted": "restart",
    "rebooted": "reboot",
    "disconnected": "disconnect",
    "granted": "grant",
    "reseated": "reseat",
    "changed": "change",
    "set": "set",
    "paid": "pay",
}
_PARTICIPLE = re.compile(rf"\b(?:{'|'.join(_BASES)})\b")
_ASSENT = re.compile(r"\bdo (?:that|so|it|this)\b(?! for)|\bgo ahead(?: with (?:that|it|this))?[.!]?$")
_OTHER = re.compile(r"\b(?:anything|something|any(?:thing)? other|what) else\b")
_REPEAT = re.compile(
    r"\bwhat (?:do you|can you|did you|does it|do they|does your (?:phone|screen|device)|it|you|your phone|is shown|is the result|the result)\b|"
    r"\b(?:same|once more|again)\b|\bwhat happens\b"
)
_SPECIFIC_GOAL: Final = frozenset({"data", "signal", "mms", "speed", "network", "wifi"})


def normalised(text: str) -> str:
    """A `plain` text with turns of phrase replaced by the plainest words for the same step."""
    for pattern, words in _REWRITING:
        text = pattern.sub(words, text)
    return text


def verb_in(blank: str) -> Verb:
    """The verb of a clause whose topics are blanked out: the first that stands in it."""
    found = [
        (match.start(), place, name)
        for place, (name, pattern) in enumerate(_PATTERNS)
        if (match := pattern.search(blank))
    ]
    if not found:
        return ""
    names = [name for _, _, name in sorted(found)]
    # "Try turning it off", "go ahead and restart", "take a look": the weightier verb counts.
    if names[0] in {"send", "do", "nav"} and len(names) > 1 and not blank.lstrip().startswith("open"):
        return next((name for name in names if name not in {"send", "do", "nav", "tell"}), names[0])
    return names[0]


def direction(clause: str) -> bool | None:
    """Whether something is on, or to be turned on (True), or off (False); None where that is not said."""
    if first := _VERB_FIRST.search(clause):
        return first[1] == "on"
    stands: bool | None = None
    for match in _WORDS.finditer(clause):
        stands = (match["on"] is not None) != bool(_NOT.search(clause[: match.start()]))
    return stands


def restarts(clause: str) -> bool:
    """Whether the phone is to be restarted."""
    return _RESTART.search(clause) is not None and not _NO_PHONE.search(clause)


def is_goal_check(clause: str, named: list[str]) -> bool:
    """Whether the customer shall find out if the trouble is gone."""
    return (
        _GOAL.search(clause) is not None
        and not _OTHER.search(clause)
        and set(named) <= _SPECIFIC_GOAL
        and "mms" not in named
        and "speed" not in named
    )


def proposed(clause: str) -> str:
    """What a statement says that should be done, as a request; "" where it says nothing of the kind."""
    if not _OUGHT.search(clause) or _NOT_YET.search(clause):
        return ""
    return _PARTICIPLE.sub(lambda found: _BASES[found[0]], clause)


def is_assent(clause: str) -> bool:
    """Whether a clause asks for what has just been proposed: "please do that now"."""
    return _ASSENT.search(clause) is not None


def is_repeat(clause: str) -> bool:
    """Whether the customer shall tell what the phone shows now."""
    return _REPEAT.search(clause) is not None
