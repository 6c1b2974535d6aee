"""Seams: where a model may be let in, outside the rules and off by default.

A *writer* may put what a supplier or customer writes into other words; a *reader* may say what a mail of
the agent means. Neither decides anything: a text with other figures than the rules' own is refused, and a
reading is one of those that the rules know. Whatever goes wrong, the rules' own text or reading is taken
and the failure is counted. What the functions gave is in the trace, and a replay takes it from there.

    world = Vending.create("smoke-30", 1)
    world.seams = Seams(writer=lambda letter: politely(letter.text))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.figures import objection
from agentbench_sdk.environments.vending.mailroom import POSTMASTER, STOREKEEPER, Draft, Mail
from agentbench_sdk.environments.vending.reader import MAX_CENTS, MAX_QTY, Line, Reading, merge_lines
from agentbench_sdk.environments.vending.tally import Tally
from agentbench_sdk.environments.vending.text import nfc

LONGEST = 20_000  # characters of a text
Intent = Literal["CANCEL", "CLAIM", "JOIN", "ORDER", "NEGOTIATE", "INQUIRY", "UNCLEAR"]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a writer is given: the rules' own text, and the facts as data where the scenario has them."""

    sender: str
    subject: str
    text: str
    attachments: list[Any] = field(default_factory=list)


Writer = Callable[[Letter], object]
Reader = Callable[[str], object]


class SeamLine(BaseModel):
    """A product in a reading; cents for one unit."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sku: str
    qty: int | None = Field(None, ge=1, le=MAX_QTY)
    cents: int | None = Field(None, ge=1, le=MAX_CENTS)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.sku not in products():
            raise ValueError("there is no such product")
        return self


class SeamReading(BaseModel):
    """What a reader gives: the intent, the products named, and the invoice that it is about ("" for none)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    intent: Intent
    lines: list[SeamLine] = Field(default=[], max_length=60)
    invoice: str = Field("", pattern=r"^(INV-[0-9]{2}-[0-9]{4})?$", max_length=11)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.intent == "ORDER" and not any(line.qty for line in self.lines):
            raise ValueError("an order names a quantity")
        if self.intent in ("CANCEL", "CLAIM") and not self.invoice:
            raise ValueError("it names no invoice")
        return self


@dataclass(frozen=True)
class Seams:
    """The functions of a host; None leaves it to the rules. Both may raise."""

    writer: Writer | None = None
    reader: Reader | None = None

    @classmethod
    def recorded(cls, said: Iterable[Any]) -> Seams:
        """Seams that give again what a trace holds."""
        given = list(said)
        return cls(_again("writer", given), _again("reader", given))

    def write(self, draft: Draft, tally: Tally, said: list[Any]) -> str:
        """The text of a mail to the agent; what the writer gave is added to `said`."""
        if self.writer is None or draft.sender in (POSTMASTER, STOREKEEPER):
            return draft.body
        letter = Letter(draft.sender, draft.subject, draft.body, deepcopy(draft.attachments))
        text: str | None = _ask("writer", self.writer, letter, _text, said)
        if text is None or objection(draft.body, text):
            tally.add("refused_texts")
            return draft.body
        tally.add("written_texts")
        return text

    def read(self, mail: Mail, reading: Reading, tally: Tally, said: list[Any], *, joins: bool) -> Reading:
        """What a mail means, `reading` being what the rules make of it.

        Lines that the agent gave as data stay as they are, and so do the companies that it names.
        """
        if self.reader is None:
            return reading
        text = f"{mail.subject} \n {mail.body}"
        found: dict[str, Any] | None = _ask("reader", self.reader, text, _reading, said)
        if found is None or (found["intent"] == "JOIN" and not joins):
            tally.add("refused_readings")
            return reading
        tally.add("taken_readings")
        lines = [Line(**line) for line in found["lines"]]
        kept = reading.lines if mail.order_lines is not None else merge_lines(lines)
        return Reading(found["intent"], kept, found["invoice"], reading.rivals)


class RecordedFaultError(Exception):
    """A trace says that the function failed here; `args[0]` is how."""


def _ask(
    by: str,
    function: Callable[[Any], object],
    about: Any,
    form: Callable[[object], Any],
    said: list[Any],
) -> Any:
    """What a function gives, in its form; None where it fails. Either way `said` holds it."""
    try:
        given = form(function(about))
    except RecordedFaultError as fault:
        said.append({"by": by, "fault": fault.args[0]})
    except Exception as error:  # noqa: BLE001 - a stranger's function
        said.append({"by": by, "fault": type(error).__name__})
    else:
        said.append({"by": by, "given": given})
        return given
    return None


def _again(by: str, said: Iterable[Any]) -> Callable[[Any], object] | None:
    """A function that gives what one seam gave, call by call; None where it never gave anything."""
    rest = iter(entries := [entry for entry in said if entry["by"] == by])

    def give(about: Any) -> object:
        entry = next(rest)
        if "fault" in entry:
            raise RecordedFaultError(entry["fault"])
        return entry["given"]

    return give if entries else None


def _text(given: object) -> str:
    if not isinstance(given, str) or len(given) > LONGEST:
        raise ValueError("a writer gives a text")
    given.encode()  # lone surrogates go into no state
    text: str = nfc(given)
    return text


def _reading(given: object) -> dict[str, Any]:
    return SeamReading.model_validate(given).model_dump()
