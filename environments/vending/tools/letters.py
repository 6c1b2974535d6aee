"""Mail tools."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentbench_sdk.environments.vending.complaints import hear_reply
from agentbench_sdk.environments.vending.mailroom import Mail
from agentbench_sdk.environments.vending.postmaster import bounce
from agentbench_sdk.environments.vending.reader import MAX_CENTS, MAX_QTY
from agentbench_sdk.environments.vending.suppliers.desk import accept_letter
from agentbench_sdk.environments.vending.text import nfc
from agentbench_sdk.environments.vending.tools.deck import Data, Deck, RefusalError, Sku
from agentbench_sdk.simulation import tool

_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
EmailId = Annotated[str, Field(max_length=32)]


class OrderLine(BaseModel):
    """One line of a structured order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sku: Sku
    qty: int = Field(ge=1, le=MAX_QTY, description="units")
    max_unit_cents: int | None = Field(None, ge=1, le=MAX_CENTS, description="highest price for a unit")


class MailTools(Deck):
    """Reading and writing mail."""

    @tool()
    def list_emails(
        self,
        box: Literal["inbox", "sent"],
        unread_only: bool = False,
        limit: Annotated[int, Field(ge=1, le=50)] = 20,
        before_id: EmailId | None = None,
    ) -> Data:
        """List mails of a box, newest first; before_id goes on from an earlier list."""
        mailroom = self.core.mailroom
        unread = set(mailroom.unread)
        rows = [
            mail.row(mail.id in unread)
            for mail in reversed(mailroom.boxes[box])
            if (before_id is None or mail.id < before_id) and (mail.id in unread or not unread_only)
        ]
        return {"emails": rows[:limit]}

    @tool()
    def read_email(self, email_id: EmailId) -> Data:
        """Open a mail: headers, body, attachments."""
        mail = self._mail(email_id)
        mailroom = self.core.mailroom
        was_unread = mail.id in mailroom.unread
        mailroom.unread = [each for each in mailroom.unread if each != mail.id]
        return {
            **mail.row(was_unread),
            "in_reply_to": mail.in_reply_to,
            "body": mail.body,
            "attachments": list(mail.attachments),
        }

    @tool()
    def send_email(
        self,
        to: Annotated[str, Field(max_length=200)],
        subject: Annotated[str, Field(max_length=200)],
        body: Annotated[str, Field(max_length=8000)],
        in_reply_to: EmailId | None = None,
        order_lines: Annotated[list[OrderLine], Field(max_length=60)] | None = None,
    ) -> Data:
        """Write a mail. order_lines names products and quantities as data, in place of those in the text."""
        address = to.strip().lower()
        if not _ADDRESS.fullmatch(address):
            raise RefusalError("invalid_address", "this is not a mail address")
        if in_reply_to is not None:
            self._mail(in_reply_to)
        core = self.core
        if core.mailroom.sent_on(core.day) >= core.scenario.mails_per_day:
            raise RefusalError("mailbox_limit", f"only {core.scenario.mails_per_day} mails can be sent a day")
        lines = None if order_lines is None else [nfc(each.model_dump()) for each in order_lines]
        mail = core.mailroom.send(core.now, address, subject, body, in_reply_to, lines)
        self._post_out(address, mail)
        return {"email_id": mail.id}

    def _post_out(self, address: str, mail: Mail) -> None:
        core = self.core
        if supplier := core.tapes.by_address.get(address):
            accept_letter(core, supplier, mail)
        elif case := core.cases.by_address(address):
            hear_reply(core, case, mail)
        elif address not in core.impostors:  # who has got what was wanted does not write back
            core.tally.add("off_world_contacts")
            bounce(core.mailroom, address, mail, core.day + 1)

    def _mail(self, email_id: str) -> Mail:
        mail = self.core.mailroom.by_id.get(email_id)
        if mail is None:
            raise RefusalError("unknown_email", f"there is no mail {email_id!r}")
        return mail
