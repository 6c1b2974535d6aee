"""What goes wrong in a call as far as the world is concerned; nothing of it leaves `TelecomCore.call`."""

from __future__ import annotations


class TelecomError(Exception):
    """A tool, a hidden function or an assertion refuses; the text is shown to the caller."""


class SignatureError(TelecomError):
    """A call has an argument too many or too few."""


class UnknownToolError(TelecomError):
    """There is no such tool for this side."""
