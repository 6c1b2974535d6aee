"""Arguments that an agent names: network modes, apps, permissions, access point settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

_MODES: Final = (
    ("4g_5g_preferred", r"4g_5g_preferred|4g ?[/&+_-] ?5g|5g ?[/&+_-] ?(?:4g|lte)|lte ?/ ?5g|4g (?:and|or) 5g|5g (?:and|or) 4g"),
    ("4g_only", r"4g[_ -]only|lte[_ -]only|only (?:to |use )?(?:4g|lte)"),
    ("3g_only", r"3g[_ -]only|only (?:to |use )?3g"),
    ("2g_only", r"2g[_ -]only|only (?:to |use )?2g"),
    ("4g_5g_preferred", r"\b5g\b|\bauto(?:matic)?\b|fastest|newest|highest"),
    ("4g_only", r"\b4g\b|\blte\b"),
    ("3g_only", r"\b3g\b"),
    ("2g_only", r"\b2g\b"),
)  # fmt: skip
_MODE_PATTERNS: Final = tuple((mode, re.compile(pattern)) for mode, pattern in _MODES)
_PERMISSIONS: Final = (
    ("sms", r"\bsms\b|\btext(?: messag\w+|s)?\b(?! me)"),
    ("storage", r"\bstorage\b|\bfiles?\b|\bmedia\b"),
    ("phone", r"\bphone (?:permission|access)|permission \W?phone\b|\bphone\W+(?:and|permission)"),
    ("network", r"\bnetwork (?:permission|access)|permission \W?network\b"),
)
_APP = re.compile(
    r"\bapp_name ([\w-]{1,30})|\"([\w -]{2,30})\" app|\b([\w-]{1,30})(?:'s)? app(?:lication)?\b(?!s| store)|\bapp (?:called |named )?\"([\w -]{2,30})\""
)
_NO_APP: Final = frozenset(
    {"the", "your", "this", "that", "my", "a", "an", "any", "which", "what", "default", "each", "every", "text", "message",
     "messages", "messaging", "texting", "sms", "mms", "of", "for", "another", "same", "new", "specific", "certain",
     "picture", "photo", "our", "both", "its", "phone"}
)  # fmt: skip
_JSON = re.compile(r"\{[^{}]{0,2000}\}")
_KEYS: Final[Mapping[str, str]] = {
    "apn_name": r"(?:apn|access point) ?_?name",
    "mmsc_url": r"mmsc(?:[ _]url)?",
    "mms_proxy": r"mms[ _]proxy",
    "mms_port": r"mms[ _]port",
    "mms_apn": r"mms[ _]apn",
}


def mode_named(clause: str) -> str:
    """The network mode that is to be set: the one after the last "to", if there is one; "" for none."""
    for part in (clause.rpartition(" to ")[2], clause):
        for mode, pattern in _MODE_PATTERNS:
            if pattern.search(part):
                return mode
    return ""


def permissions_named(clause: str) -> list[str]:
    """Permissions in the order in which a phone lists them."""
    return [name for name, pattern in _PERMISSIONS if re.search(pattern, clause)]


def app_named(clause: str) -> str:
    """The app that is meant; the messaging app where none, or a vague one, is named."""
    for match in _APP.finditer(clause):
        name = next(group for group in match.groups() if group).strip()
        if name not in _NO_APP:
            return name
    return "browser" if re.search(r"\bbrowser\b", clause) and "messag" not in clause else "messaging"


def apn_settings(text: str) -> dict[str, Any] | None:
    """Access point settings that a text tells, as JSON or as `name: value`; None for none."""
    for match in _JSON.finditer(text):
        try:
            found = orjson.loads(match[0])
        except ValueError:
            continue
        if isinstance(found, dict):
            inner = found.get("apn_settings", found)
            return dict(inner) if isinstance(inner, dict) else None
    told: dict[str, Any] = {}
    for key, pattern in _KEYS.items():
        if value := re.search(
            rf"\b{pattern}\W{{0,4}}(?:is |to |as |= ?|: ?)+[\"'`*]*([\w.:/-]+[\w/])", text, re.IGNORECASE
        ):
            told[key] = value[1]
    return told or None
