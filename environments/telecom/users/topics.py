"""What of a phone a clause speaks about."""

from __future__ import annotations

import re
from typing import Final

_PATTERNS: Final = (
    ("wifi_calling", r"wi-?fi[- ]?call(?:ing|s)?|vo-?wi-?fi|call(?:ing|s)? over wi-?fi"),
    (
        "saver",
        (r"data[- ]?sav(?:er|ing)s?(?:[- ]mode)?|low data mode|data[- ](?:usage )?restrictions?(?: (?:status|settings?))?|"
        r"(?:limit|restrict)(?:s|ing|ed)? (?:your |the |my )?(?:background |mobile )?data(?: usage)?|"
        r"data[- ](?:limiting|restricting)(?: \w+)?|background data"),
    ),
    ("roaming", r"(?:data |international )?roaming"),
    (
        "mode",
        (r"preferred (?:mobile |cellular )?network(?:[- ](?:mode|type))?(?: preference)?|"
        r"network(?:[- ](?:mode|type|technology|generation))? preferences?|"
        r"network[- ]mode(?: preference)?|preferred (?:network |mobile )?(?:mode|type|technology)(?: of network)?|"
        r"(?:mode|type) preference|(?:kind|type|mode) of (?:\w+ ){0,2}network (?:that )?(?:it|your phone|the phone|your device) prefers|"
        r"network (?:that )?(?:your|the) (?:phone|device) prefers|"
        r"\b[234]g[ _]only\b|\b4g ?[/_&+-] ?5g(?:[ _-]preferred)?\b|\b5g ?/ ?(?:4g|lte)(?: preferred)?\b|\b5g[ _-]preferred\b|"
        r"\b(?:lte|4g|5g) (?:mode|preferred|network mode|auto)\b|prefer(?:ring)? (?:4g|5g|lte)"),
    ),
    (
        "speed",
        (r"speed[- ]?(?:test|check|result)s?|(?:internet|connection|download|data|network|browsing|current) speeds?|"
        r"how fast|\bspeeds?\b|test (?:your|the) (?:mobile |internet |data )*connection"),
    ),
    ("airplane", r"(?:air ?plane|aeroplane|flight|plane|aircraft)[- ]?mode"),
    (
        "payment_request",
        r"payment[- ]requests?|requests? for (?:a |the )?payment|bill requests?|requested payment",
    ),
    (
        "mms",
        (r"\bmms\b(?: messages?| messaging)?|(?:picture|photo|multimedia|image|media|group)[- ](?:messag\w+|texts?)|"
        r"(?:send|text|sending|texting) (?:yourself |me |someone |a friend |anyone )?(?:out )?(?:a |an |the |another |one |any |that )?"
        r"(?:test |new |simple |quick )?(?:pictures?|photos?|images?|selfies?)|messages? with (?:a |an )?(?:picture|photo|image|attachment)"),
    ),
    ("apn", r"\bapns?\b(?: settings?| configuration)?|access[- ]point(?:[- ]name)?s?(?: settings?)?|\bmmsc\b(?: url)?"),
    ("vpn", r"\bvpns?\b|virtual private networks?"),
    ("sim", r"\be?sim\b(?:[- ]?cards?| tray)?"),
    (
        "app_status",
        (r"(?:status|details|information) (?:of|for|about) (?:the |your )?(?:default )?[\w-]+(?: messaging)? app|"
        r"\bapp(?:'s)? (?:status|details|info(?:rmation)?)|[\w-]+ app's status"),
    ),
    ("permission", r"\bpermissions?\b|access to (?:your |the )?(?:sms|storage|files|media|photos)|(?:sms|storage) access"),
    ("apps", r"installed apps?|apps? (?:that )?(?:are |is |you have |do you have |have you )?(?:currently )?installed|list of (?:your )?apps|(?:which|what) apps|apps? list|\bapps\b"),
    (
        "bar",
        (r"status[- ]?bar|(?:bar|icons?|symbols?|line) (?:at|across|along|on|in) the (?:very )?top|"
        r"(?:at|on|along) the (?:very )?top of (?:your|the) (?:phone's |phone |device's )?(?:screen|display|phone|device)|"
        r"top of your (?:phone'?s? )?(?:screen|display)|notification bar|signal[- ](?:bars?|icons?|strength|indicators?|level)|"
        r"how many bars|\bbars\b(?: of signal)?|what icons"),
    ),
    (
        "network",
        (r"network[- ](?:connection[- ])?(?:status|overview|information|info|details|summary|connection)|connection status|"
        r"(?:cellular|mobile)(?: network)? (?:status|connection)|network settings|(?:cellular|mobile) networks?|"
        r"(?:type|kind) of (?:\w+ )?network|network (?:type|technology)|connected to (?:the |a |any )?network|sim and network"),
    ),
    ("wifi", r"wi-?fi(?: radio)?|wireless lan|\bwlan\b"),
    ("data", r"(?:mobile|cellular|cell|phone|cell phone|network) data(?: connection| switch)?|data connection|\bdata\b(?! plan| usage| limit| allowance| cap| used| pack)"),
    ("signal", r"\bsignal\b|\breception\b|\bno service\b|(?:cell(?:ular)?|phone|mobile) (?:service|coverage)|\bservice\b"),
)  # fmt: skip
_TOPICS: Final = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)

SWITCHED: Final = frozenset({"airplane", "data", "roaming", "saver", "wifi", "wifi_calling", "vpn"})
"""What can be turned on and off."""


def topics(clause: str) -> list[str]:
    """The topics of a clause in the order in which they are named."""
    found: list[tuple[int, str]] = []
    rest = clause
    for name, pattern in _TOPICS:
        for match in pattern.finditer(rest):
            found.append((match.start(), name))
            rest = rest[: match.start()] + "\x00" * (match.end() - match.start()) + rest[match.end() :]
    return list(dict.fromkeys(name for _, name in sorted(found)))


def without_topics(clause: str) -> str:
    """The clause with its topics blanked out: what is left are verbs and states."""
    for _, pattern in _TOPICS:
        clause = pattern.sub(" þ ", clause)
    return re.sub(r"\s+", " ", clause)
