"""What a text says of a phone: facts read out of a tool's output, a quotation of it, or a customer's own words.

Two readers need this. An agent wants to hear as much as it can (`hearing`), and may ask again. The guard of a
simulated user may only act on what was said for certain (`claims`): it passes over questions, conditions,
wishes, memories and whatever else is no plain statement about the present.

    >>> claims("Airplane mode is off now, but there is still no signal.")
    {'airplane': False, 'signal': 'none'}
    >>> claims("Should I turn airplane mode off?")
    {}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Value = bool | str | float | frozenset[str]

SWITCHES: Final[dict[str, str]] = {
    "airplane": r"(?:air ?plane|aeroplane|flight)[- ]mode",
    "data_saver": r"(?:data[- ]?saver|data[- ]saving)(?: mode)?",
    "roaming": r"(?:data )?roaming(?: enabled)?",
    "wifi_calling": r"wi-?fi[- ]calling",
    "wifi": r"wi-?fi(?: radio)?(?! ?-?calling)",
    "vpn": r"(?:vpn|virtual private network)(?: connection)?",
    "data": r"(?:mobile|cellular|cell) data(?: connection)?(?: enabled)?",
}
LABELS: Final = ("very poor", "poor", "fair", "good", "excellent", "no connection")
PERMISSIONS: Final = ("sms", "storage", "phone", "network")

_ON = r"on|enabled|active|activated|connected(?!:)|yes"
_OFF = r"off|disabled|inactive|deactivated|disconnected|no"
_GLUE = (
    r"(?:[\s:=\"'*`“”‘’()\-–—]|\b(?:is|it's|now|currently|still|already|just|also|turned|switched|showing|shows|"
    r"says|reads|as|set to|status|the|my|phone|on my phone|setting|settings|in|in the settings|says it's|"
    r"completely|definitely|back|’s|'s|mode|icon|switch)\b){0,9}?"
)
_NOT = r"(?P<no>(?:is not|isn't|isn’t|not|never)\s+(?:currently\s+|even\s+|turned\s+|switched\s+)?)?"
_SAID_AFTER = {
    fact: re.compile(rf"\b{alias}{_GLUE}{_NOT}\b(?P<value>{_ON}|{_OFF})\b(?! (?:my|the|a) line)")
    for fact, alias in SWITCHES.items()
}
_TURNED = {
    fact: re.compile(
        rf"\b(?:(?:turned|switched|toggled|put)(?: back)? (?P<value>on|off)|(?P<verb>enabled|disabled|activated|"
        rf"deactivated|disconnected|connected))(?: from| to)? (?:the |my |that )?{alias}"
    )
    for fact, alias in SWITCHES.items()
}
_ONS = frozenset({"on", "enabled", "active", "activated", "connected", "yes"})

_UNSURE = re.compile(
    r"\b(?:if|whether|unless|until|before|once|after|when|should|shouldn't|would|could|will|want|wants|wanted|"
    r"need|needs|needed|going to|about to|gonna|try|tries|tried|trying|attempt|let me|let's|make sure|please|do i|"
    r"how|why|was|were|had|been|used to|earlier|previously|usually|normally|supposed|think|thought|guess|maybe|"
    r"perhaps|probably|might|may|hop(?:e|ing|eful|efully)|wish(?:ing)?|aim(?:ing)?|dream|assume|sure|know|you|your|remember|no longer|anymore|any more|"
    r"instead|gone|doesn't|don't|didn't|haven't|hasn't|won't|wasn't|without|than|rather|satisfied|accept|goal|"
    r"expect|looking for|line|account|plan|carrier|looks like|seems?|sometimes|either|or|always|keeps?|i'll|it'll|"
    r"must|cannot turn|can't turn|refuse|willing|mean|means|called|friend|wife|husband|other phone)\b|[’']ll\b"
)
_ADDRESS = re.compile(r"https?://[^\s\"')>]+")
_SENTENCES = re.compile(r"(?<=[.!?;])[\"”’']?\s+|\n+")
_PARTS = re.compile(
    r"\s*\|\s*|(?P<turn>;\s*|(?:\s*,)?(?<!anything)(?<!nothing)\s+(?:but|however|though|although)\s+)|"
    r",\s+|\s[–—-]+\s|(?:\s*,)?\s+(?:and|so(?! that)|while|yet|because|since)\s+"
)


def claims(text: str) -> dict[str, Value]:
    """The facts that a text states for certain, by name; the last statement about a fact counts."""
    found: dict[str, Value] = {}
    for sentence in _statements(text):
        if not _UNSURE.search(sentence):
            found.update(_whole(sentence))
        for part in _sure_parts(sentence):
            found.update(_stated(part))
    return found


def certain(text: str) -> Iterator[str]:
    """The parts of a text, in lower case, that say something for certain about the present."""
    for sentence in _statements(text):
        yield from _sure_parts(sentence)


def hearing(text: str) -> dict[str, Value]:
    """All facts that a text seems to state, however carefully it says so."""
    found: dict[str, Value] = {}
    for sentence in _sentences(text):
        for part, _ in _parts(sentence):
            found.update(_stated(part))
    found.update(_whole(_plain(text)))
    return found


def _parts(sentence: str) -> Iterator[tuple[str, bool]]:
    """The parts of a sentence, each with whether it turns against what came before ("but …")."""
    start, turns = 0, True
    for cut in _PARTS.finditer(sentence):
        yield sentence[start : cut.start()], turns
        start, turns = cut.end(), cut["turn"] is not None
    yield sentence[start:], turns


def _sure_parts(sentence: str) -> Iterator[str]:
    """Those that are said for certain: a doubt, a wish or a condition reaches on until a "but"."""
    sure = True
    for part, turns in _parts(sentence):
        sure = (sure or turns) and not _UNSURE.search(part)
        if sure:
            yield part


def _statements(text: str) -> Iterator[str]:
    return (part for part in _sentences(text) if not part.rstrip(" \"'”’)").endswith("?"))


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCES.split(_plain(text)) if part.strip()]


def _plain(text: str) -> str:
    return _ADDRESS.sub("http://…", text.replace("’", "'").replace("️", "").lower())


def _stated(part: str) -> Iterator[tuple[str, Value]]:
    """What one part of a sentence states."""
    yield from _switched(part)
    yield from _shown(part)
    yield from _fixed(part)
    if (value := _pictures(part)) is not None:
        yield "mms", value


def _switched(part: str) -> Iterator[tuple[str, Value]]:
    for fact, pattern in _SAID_AFTER.items():
        if said := pattern.search(part):
            yield fact, (said["value"] in _ONS) != bool(said["no"])
        elif turned := _TURNED[fact].search(part):
            yield fact, (turned["value"] or turned["verb"]) in _ONS


# --- what the status bar and the overview show ------------------------------------------------------------

_NO_SIGNAL = re.compile(
    r"\bno (?:cell(?:ular)? |mobile |network )?(?:signal|service)\b|\b(?:no|zero) (?:signal )?bars?\b|"
    r"\bsignal(?: strength)?(?: is|:| shows)* none\b|\bno_service\b"
)
_STRENGTH = re.compile(
    r"\bsignal(?: strength| level)?(?:[\s:*\"'()]|is|now|shows|at|as|says|looks|back to|back)*"
    r"\b(?P<a>poor|fair|good|excellent)\b|"
    r"\b(?P<b>poor|fair|good|excellent)(?: cell(?:ular)?| network| mobile| 5g| 4g| 3g| 2g)? signal\b|"
    r"📶[¹²³⁴]?\s*(?P<c>poor|fair|good|excellent)\b|"
    r"\b[2-5]g\W{1,3}(?:with )?(?P<d>poor|fair|good|excellent)\b(?! (?:speed|internet|connection|download))"
)
_TYPE = re.compile(
    r"\bnetwork type(?:[\s:*\"'()]|is|now|shows|as|says)*(?P<a>none|[2-5]g)\b|"
    r"\b(?:connected to|it is on|it's on|i'm on|phone is on) (?:the |a )?(?P<b>[2-5]g)\b(?! ?/)|"
    r"\b(?P<c>[2-5]g)\W{1,3}(?:with )?(?:poor|fair|good|excellent)\b|"
    r"\b(?:poor|fair|good|excellent) (?P<d>[2-5]g) signal\b"
)
_BAR_TYPE = re.compile(r"📶[¹²³⁴]?\s*(?:poor|fair|good|excellent)\s*\|\s*([2-5]g)\b")
_PREFERENCE = re.compile(
    r"\b(?:preferred network (?:mode|type)|network (?:mode|type) preference|network mode|preferred mode)"
    r"(?:[\s:*\"'()]|is|now|currently|set|to|still|shows|as|says|value)*"
    r"(?P<mode>4g[/_ ]5g[ _]preferred|[2-4]g[ _]only)\b"
)
_BATTERY = re.compile(r"🔋\s*(\d+)\s*%|\bbattery(?: level)?(?:[\s:*]|is|at|shows|now)*(\d+)\s*(?:%|percent)")


def _shown(part: str) -> Iterator[tuple[str, Value]]:
    if "prefer" not in part and "mode" not in part:
        if _NO_SIGNAL.search(part):
            yield "signal", "none"
        elif strength := _STRENGTH.search(part):
            yield "signal", _first(strength)
        if (kind := _TYPE.search(part)) and "only" not in part:
            yield "technology", _first(kind)
    if preference := _PREFERENCE.search(part):
        yield "mode", re.sub(r"[/ ]", "_", preference["mode"])
    if battery := _BATTERY.search(part):
        yield "battery", float(_first(battery))
    if re.fullmatch(r".*✈ ?airplane mode\W*", part):
        yield "airplane", True
    if re.search(r"(?:📱 ?|^\W*)data (?:is )?enabled", part):
        yield "bar_data", True
    elif re.search(r"(?:📵 ?|^\W*)data (?:is )?disabled", part):
        yield "bar_data", False
    if re.search(r"🔽 ?data saver", part):
        yield "data_saver", True


def _first(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


# --- card, access point, speed, permissions -----------------------------------------------------------------

_CARD = r"\bsim(?: card)?(?: status)?(?:[\s:*]|is|shows|as|still|now|card)*"
_SIM = {
    "missing": rf"\bno sim(?: card)?\b|{_CARD}(?:missing|(?:is )?not (?:detected|found|recogni[sz]ed|inserted))\b",
    "locked_puk": r"\bsim\b.*\b(?:locked_puk|locked\b.*\bpuk|puk[- ]locked)\b",
    "locked_pin": r"\bsim\b.*\b(?:locked_pin|locked\b.*\bpin|pin[- ]locked)\b",
    "active": rf"{_CARD}(?:active|working|detected|fine|ok)\b",
}
_SIM_STATES = tuple((state, re.compile(pattern)) for state, pattern in _SIM.items())
_APN = re.compile(
    r"\bapn(?: name)?(?:[\s:*\"'“”]|is|now|shows|as|says|current|currently|name|set to)*(internet|broken)\b"
)
_NO_MMSC = re.compile(r"\bmmsc\b.*\b(?:not set|missing|empty|blank|isn't set)\b")
_MMSC = re.compile(r"\bmmsc\b.*(?:https?://|\bis set\b)")
_MBPS = re.compile(r"(\d+(?:\.\d+)?) ?(?:mbps|mb/s|mbit/s|megabits?)")
_QUALITY = re.compile(
    r"\b(?:speed(?: ?test)?|mbps|result|it)\b[^.?!]{0,45}?\b(very poor|poor|fair|good|excellent)\b(?! signal)|"
    r"\b(?:have|has|got|getting|gives?|shows?|says?|see|seeing|is|it's)\b[^.?!]{0,15}"
    r"\b(very poor|poor|fair|good|excellent) (?:internet |download |data |connection )?speed\b"
)
_NO_CONNECTION = re.compile(r"\bspeed ?test\b.*\b(?:no connection|failed)\b|\bno connection\b")
_ABOUT_SPEED = re.compile(r"^(?!.*signal).*(?:speed|mbps|result)")
_NOT_THIS = re.compile(r"\b(?:not|isn't|only|nothing)\b")
_CANNOT_SEND = re.compile(
    r"\b(?:can't|cannot|can not|unable to|not able to|couldn't)(?: \w+){0,2} send\b.*\b(?:mms|pictures?|photos?|multimedia)\b"
)
_CAN_SEND = re.compile(
    r"\b(?:can|able to)(?: now| finally| successfully| again| indeed| actually)* send\b.*\b(?:mms|pictures?|photos?|multimedia)\b"
)
_MMS_WORKS = re.compile(
    r"\b(?:mms|picture messag\w+|picture message \(mms\))(?: messages?| messaging| sending)?(?: is| are)?(?: now| finally)? work(?:s|ing)\b"
)


def _fixed(part: str) -> Iterator[tuple[str, Value]]:
    for state, pattern in _SIM_STATES:
        if pattern.search(part):
            yield "sim", state
            break
    if "mmsc" not in part and (name := _APN.search(part)):
        yield "apn", name[1]
    if speed := _MBPS.search(part):
        yield "speed", float(speed[1])
    if _NO_CONNECTION.search(part):
        yield "speed_label", "no connection"
    elif _ABOUT_SPEED.search(part) and (quality := _QUALITY.search(part)) and not _NOT_THIS.search(part):
        yield "speed_label", _first(quality)


def _pictures(part: str) -> bool | None:
    if _CANNOT_SEND.search(part):
        return False
    if _CAN_SEND.search(part) or (_MMS_WORKS.search(part) and not _NOT_THIS.search(part)):
        return True
    return None


# --- what is quoted as a whole ------------------------------------------------------------------------------

_PERMITTED = re.compile(
    r"\b(?:has permissions? for|permissions?(?: granted)?)[:\s]+((?:[-•*\s,]|and\b)*(?:(?:sms|storage|phone|network)\b(?:[-•*\s,]|and\b)*)+)"
)
_NONE_PERMITTED = re.compile(r"\bno permissions? (?:are |were |is )?granted\b|permissions: none granted")
_REQUESTED = re.compile(r"payment request for bill (b\w+)(?: of| for)? \$?(\d+(?:\.\d+)?)")
_MADE = re.compile(r"payment of \$?(\d+(?:\.\d+)?)(?: usd| dollars)? has been made for bill (b\w+)")
_LABELLED = re.compile(r"mbps \((very poor|poor|fair|good|excellent)\)")
_VPN_QUALITY = re.compile(
    r"server_performance.{0,40}?'(unknown|poor|fair|good|excellent)'|vpn.*\b(poor|fair|good|excellent)\b"
)


def _whole(text: str) -> Iterator[tuple[str, Value]]:
    if kind := _BAR_TYPE.search(text):
        yield "technology", kind[1]
    if _NO_MMSC.search(text):
        yield "mmsc", False
    elif _MMSC.search(text):
        yield "mmsc", True
    if permitted := _PERMITTED.search(text):
        yield "permissions", frozenset(re.findall(r"sms|storage|phone|network", permitted[1]))
    elif _NONE_PERMITTED.search(text):
        yield "permissions", frozenset()
    if requested := _REQUESTED.search(text):
        yield "requested", requested[1].upper()
        yield "amount", float(requested[2])
    if made := _MADE.search(text):
        yield "paid", made[2].upper()
    if labelled := _LABELLED.search(text):
        yield "speed_label", labelled[1]
    if quality := _VPN_QUALITY.search(text):
        yield "vpn_quality", _first(quality)
