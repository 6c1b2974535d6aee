"""The agent's mail: what was sent and received, what is unread, and what is still under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agentbench_sdk.environments.vending.calendar import DAY, time_text
from agentbench_sdk.environments.vending.journal import Journal

OWN_ADDRESS = "operator@lobbyvend.example"
POSTMASTER = "postmaster@lobbyvend.example"
STOREKEEPER = "storeroom@lobbyvend.example"
MAIL = "mail"  # journal records: [kind, mail]
Box = Literal["inbox", "sent"]


@dataclass(frozen=True)
class Mail:
    """One mail. `minute` is absolute; `attachments` are plain JSON."""

    id: str
    box: Box
    sender: str
    to: str
    subject: str
    body: str
    minute: int
    in_reply_to: str | None = None
    attachments: tuple[Any, ...] = ()
    order_lines: tuple[Any, ...] | None = None

    def row(self, unread: bool) -> dict[str, Any]:
        """The line that a list of mails shows."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "day": self.minute // DAY,
            "time": time_text(self.minute),
            "unread": unread,
        }


@dataclass(frozen=True)
class Draft:
    """A mail to the agent that has not been delivered yet."""

    sender: str
    subject: str
    body: str
    attachments: list[Any] = field(default_factory=list)
    in_reply_to: str | None = None


class Mailroom:
    """Attributes:
    boxes: delivered mails by box, oldest first.
    unread: ids of received mails that were not opened, oldest first.
    waiting: what enters the inbox at a coming 06:00: [day, draft].
    wording: gives the text of a mail as it enters the inbox; the draft's own unless a host says otherwise.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.by_id: dict[str, Mail] = {}
        self.boxes: dict[Box, list[Mail]] = {"inbox": [], "sent": []}
        self.unread: list[str] = []
        self.waiting: list[tuple[int, Draft]] = []
        self.wording: Callable[[Draft], str] = lambda draft: draft.body

    def receive(self, minute: int, draft: Draft) -> Mail:
        """Put a mail into the inbox."""
        mail = Mail(
            self._next_id(),
            "inbox",
            draft.sender,
            OWN_ADDRESS,
            draft.subject,
            self.wording(draft),
            minute,
            draft.in_reply_to,
            tuple(draft.attachments),
        )
        self.unread.append(mail.id)
        return self._file(mail)

    def send(
        self, minute: int, to: str, subject: str, body: str, reply: str | None, lines: list[Any] | None
    ) -> Mail:
        """Note a mail that the agent writes."""
        order = None if lines is None else tuple(lines)
        return self._file(
            Mail(self._next_id(), "sent", OWN_ADDRESS, to, subject, body, minute, reply, (), order)
        )

    def wait(self, day: int, draft: Draft) -> None:
        """Let a mail enter the inbox at 06:00 of a day."""
        self.waiting.append((day, draft))

    def deliver(self, minute: int) -> None:
        """Fill the inbox with what has waited for this morning."""
        due = [draft for day, draft in self.waiting if day * DAY <= minute]
        self.waiting = [(day, draft) for day, draft in self.waiting if day * DAY > minute]
        for draft in due:
            self.receive(minute, draft)

    def sent_on(self, day: int) -> int:
        """How many mails the agent wrote on a day."""
        count = 0
        for mail in reversed(self.boxes["sent"]):
            if mail.minute // DAY != day:
                break
            count += 1
        return count

    def _next_id(self) -> str:
        return f"m{len(self.by_id) + 1:05d}"

    def _file(self, mail: Mail) -> Mail:
        self._journal.append([MAIL, vars(mail)])
        self.remember(mail)
        return mail

    def remember(self, mail: Mail) -> None:
        """Index a mail of the journal."""
        self.by_id[mail.id] = mail
        self.boxes[mail.box].append(mail)

    def state(self) -> dict[str, Any]:
        return {"unread": self.unread, "waiting": [[day, vars(draft)] for day, draft in self.waiting]}

    def load(self, state: Mapping[str, Any]) -> None:
        self.by_id, self.boxes = {}, {"inbox": [], "sent": []}
        self.unread = list(state["unread"])
        self.waiting = [(day, Draft(**draft)) for day, draft in state["waiting"]]


def mail_from(record: Mapping[str, Any]) -> Mail:
    """Read a mail back from its journal record."""
    lines = record["order_lines"]
    return Mail(
        **{
            **record,
            "attachments": tuple(record["attachments"]),
            "order_lines": None if lines is None else tuple(lines),
        }
    )
