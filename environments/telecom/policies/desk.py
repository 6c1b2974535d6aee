"""How an agent reaches the back office and the phone: through a customer, or alone on a ticket.

With a customer, the phone is worked by asking, and what it shows is what the customer says of it. On a ticket
the tools of the phone are the agent's own, and the ticket is all that the customer has said. The reference
agents are written once for both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agentbench_sdk.environments.telecom.claims import Value, hearing
from agentbench_sdk.environments.telecom.requests import REASONS, REPAIRING, request_for
from agentbench_sdk.simulation import Act, Opening

Readings = Mapping[str, Value]

TRANSFER_NOTICE: Final = "YOU ARE BEING TRANSFERRED TO A HUMAN AGENT. PLEASE HOLD ON."
TICKET: Final = re.compile(r"<ticket>(.*?)</ticket>", re.DOTALL)
PATIENCE: Final = 3

SHOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "check_status_bar": ("signal", "airplane"),
    "check_network_status": ("airplane", "sim", "data", "signal"),
    "check_network_mode_preference": ("mode",),
    "set_network_mode_preference": ("mode",),
    "run_speed_test": ("speed_label",),
    "toggle_data": ("data",),
    "toggle_roaming": ("roaming",),
    "check_data_restriction_status": ("data_saver",),
    "toggle_data_saver_mode": ("data_saver",),
    "toggle_airplane_mode": ("airplane",),
    "toggle_wifi": ("wifi",),
    "check_sim_status": ("sim",),
    "check_apn_settings": ("apn", "mmsc"),
    "check_wifi_calling_status": ("wifi_calling",),
    "toggle_wifi_calling": ("wifi_calling",),
    "check_vpn_status": ("vpn",),
    "disconnect_vpn": ("vpn",),
    "check_app_permissions": ("permissions",),
    "can_send_mms": ("mms",),
    "check_payment_request": ("requested",),
    "make_payment": ("paid",),
}
"""Which facts the report of a tool should tell; any of them shows that the customer has looked."""

_OPENING = (
    r"^\W*(?:(?:it|that|this)(?:'s| is| says| shows| reads)? |still |now |currently |already |says |\W)*"
)
_YES = re.compile(
    _OPENING
    + r"(?:on|yes|yeah|yep|enabled|active|works|worked|went through|was sent|goes through|succeeded)\b"
)
_NO = re.compile(
    _OPENING
    + r"(?:off|no|nope|disabled|inactive|not|none|failed|fails|didn't|doesn't|won't|isn't|wasn't|can't)\b"
)


class HandOver(Exception):  # noqa: N818 - not an error: the case belongs to somebody else
    """A case that this desk cannot solve; the message is the summary for the human colleague."""


@dataclass(slots=True)
class Desk:
    """One case.

    Attributes:
        alone: whether there is a ticket in place of a customer.
        heard: all that the customer has said, or the ticket.
        seen: the latest that is known of the phone, by fact; see `claims`.
    """

    alone: bool
    heard: str
    seen: dict[str, Value] = field(default_factory=dict)

    @classmethod
    def at(cls, opening: Opening) -> Desk:
        """The desk at the beginning of a session."""
        ticket = TICKET.search(opening.observation) or TICKET.search(opening.system)
        if ticket is not None:
            return cls(True, ticket[1].strip())
        return cls(False, opening.observation)

    def office(self, tool: str, **arguments: Any) -> Generator[Act, str, Any]:
        """Call a tool of the back office; returns its record, its text, or None for an error."""
        content = yield Act(tool, arguments)
        if content.startswith("Error"):
            return None
        try:
            return json.loads(content)
        except ValueError:
            return content

    def ask(self, question: str, about: str = "") -> Generator[Act, str, str]:
        """What the customer answers; on a ticket, the parts of it that mention `about`, a pattern."""
        if self.alone:
            parts = re.split(r"(?<=\.)\s+|\s+but\s+", self.heard)
            return " ".join(part for part in parts if re.search(about, part, re.IGNORECASE))
        answer = yield Act(text=question)
        self.heard += "\n" + answer
        return answer

    def phone(
        self, tool: str, arguments: Mapping[str, Any] | None = None, *, before: str = ""
    ) -> Generator[Act, str, Readings]:
        """Have a tool of the phone used; returns what is told of the phone.

        Arguments:
            tool: its name.
            arguments: what it is called with.
            before: what the customer is told first.
        """
        found: Readings
        if self.alone:
            found = hearing((yield Act(tool, arguments or {})))
        else:
            found = yield from self._asked(tool, arguments, before)
        self.seen.update(found)
        return found

    def hand_over(self, summary: str) -> Generator[Act, str, None]:
        """Transfer to a human colleague, and say so as long as anybody listens."""
        yield Act("transfer_to_human_agents", {"summary": summary})
        yield from self.close(TRANSFER_NOTICE)

    def close(self, farewell: str) -> Generator[Act, str, None]:
        """Nothing is left to be done: never returns."""
        while True:
            yield Act("done") if self.alone else Act(text=farewell)

    def _asked(
        self, tool: str, arguments: Mapping[str, Any] | None, before: str
    ) -> Generator[Act, str, Readings]:
        """Ask until the answer tells what was asked for, with the reason from the second time on."""
        request = request_for(tool, arguments)
        found: dict[str, Value] = {}
        question = f"{before} {request}".strip()
        for _ in range(PATIENCE):
            answer = yield from self.ask(question)
            found |= _understood(tool, answer)
            if _tells(tool, answer, found):
                break
            question = f"{REASONS[tool]} {request}"
        if tool in REPAIRING:
            found.setdefault(SHOWS[tool][0], REPAIRING[tool])  # "done", said in whatever words
        return found


def _understood(tool: str, answer: str) -> dict[str, Value]:
    """Facts in an answer; where one switch was asked for, its bare "on" or "no" counts as well."""
    found = hearing(answer)
    wanted = SHOWS.get(tool, ())
    if len(wanted) == 1 and wanted[0] not in found and wanted[0] in _SWITCHES:
        bare = [value for part in _SENTENCES.split(answer) if (value := _bare(part)) is not None]
        if bare:
            found[wanted[0]] = bare[-1]
    return found


def _bare(sentence: str) -> bool | None:
    text = sentence.lower().replace("’", "'")
    if _NO.search(text):
        return False
    return True if _YES.search(text) else None


_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_SWITCHES = frozenset({"data", "roaming", "data_saver", "airplane", "wifi_calling", "vpn", "mms"})


def _tells(tool: str, answer: str, found: Readings) -> bool:
    """Whether an answer settles the request: a check told something, a change went the right way."""
    wanted = SHOWS.get(tool, ())
    told = [fact for fact in wanted or found if fact in found]
    if tool in REPAIRING:
        turned = REPAIRING[tool]
        return found[told[0]] == turned if told else not _is_question(answer)
    if tool.startswith(("check_", "run_", "can_")):
        return bool(told) or not wanted
    return bool(told) or not _is_question(answer)


_DONE = re.compile(
    r"\b(?:done|did (?:it|that)|(?:i've|i have|i) (?:just )?\w+ed (?:it|that))\b", re.IGNORECASE
)


def _is_question(answer: str) -> bool:
    """Whether the customer wants to know something first, instead of having done it."""
    return "?" in answer and not _DONE.search(answer)
