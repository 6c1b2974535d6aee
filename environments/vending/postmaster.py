"""The postmaster: mail that nobody takes comes back."""

from __future__ import annotations

from agentbench_sdk.environments.vending.mailroom import POSTMASTER, Draft, Mail, Mailroom


def bounce(mailroom: Mailroom, to: str, mail: Mail, day: int) -> None:
    """Let a mail come back on the morning of a day."""
    body = f"Your message {mail.id} to {to} could not be delivered: there is no such mailbox."
    mailroom.wait(day, Draft(POSTMASTER, "Undeliverable: " + mail.subject[:180], body, in_reply_to=mail.id))
