"""The supplier's desk: reads what the agent wrote when its reply day has come, and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from agentbench_sdk.environments.vending.calendar import day_of
from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.mailroom import Draft, Mail
from agentbench_sdk.environments.vending.postmaster import bounce
from agentbench_sdk.environments.vending.reader import Line, Reading, read_mail
from agentbench_sdk.environments.vending.suppliers import claims, letters, orders
from agentbench_sdk.environments.vending.suppliers.account import (
    QUOTE_DAYS,
    RIVAL_DAYS,
    Quote,
    QuoteLine,
)
from agentbench_sdk.environments.vending.suppliers.bargaining import Step, bargain, thaw
from agentbench_sdk.environments.vending.suppliers.lifecycle import ailing, trades
from agentbench_sdk.environments.vending.suppliers.pricing import tier
from agentbench_sdk.environments.vending.suppliers.roster import Supplier
from agentbench_sdk.environments.vending.web.pages import money


def accept_letter(core: Core, supplier: Supplier, mail: Mail) -> None:
    """Take a mail in; it is read and answered some mornings later, or comes back."""
    account = core.accounts[supplier.id]
    account.messages += 1
    if not trades(supplier, core.day):
        bounce(core.mailroom, supplier.address, mail, core.day + 1)
        return
    low, high = supplier.terms.reply_days
    delay = core.tapes.streams.between(low, high, "sup.reply", supplier.id, account.messages)
    delay += ailing(supplier, core.day)
    account.letters.append([core.day + delay, account.messages, mail.id])


def answer_letters(core: Core) -> None:
    """Answer all mails that are due this morning."""
    for supplier in core.tapes.roster.values():
        account = core.accounts[supplier.id]
        due = sorted(letter for letter in account.letters if letter[0] <= core.day)
        account.letters = [letter for letter in account.letters if letter[0] > core.day]
        for _, ordinal, mail_id in due:
            _Answer(core, supplier, ordinal, core.mailroom.by_id[mail_id]).write()


class _Answer:
    """One answer to one mail."""

    def __init__(self, core: Core, supplier: Supplier, ordinal: int, mail: Mail) -> None:
        self.core, self.supplier, self.ordinal, self.mail = core, supplier, ordinal, mail
        self.account = core.accounts[supplier.id]
        self.terms = supplier.terms_when(joined=self.account.joined)

    def write(self) -> None:
        reading = self.core.read(self.mail, self._read(), joins=self.supplier.archetype == "member")
        thaw(self.account, self.terms, self.core.day)
        handlers: dict[str, Callable[[Reading], None]] = {
            "ORDER": self._order,
            "NEGOTIATE": self._negotiate,
            "INQUIRY": self._inquiry,
            "CANCEL": self._cancel,
            "CLAIM": self._claim,
            "JOIN": lambda _: self._join(),
            "UNCLEAR": lambda _: self._send("unclear", "Your message"),
        }
        handlers[reading.intent](reading)

    def _read(self) -> Reading:
        others = [each for each in self.core.tapes.roster.values() if each.id != self.supplier.id]
        rivals = {name: each.id for each in others for name in (each.name, each.address)}
        given = self.mail.order_lines
        lines = None
        if given is not None:
            lines = [Line(line["sku"], line["qty"], line.get("max_unit_cents")) for line in given]
        text = f"{self.mail.subject} \n {self.mail.body}"
        joinable = bool(self.terms.joining_fee)
        return read_mail(text, rivals=rivals, order_lines=lines, sells_membership=joinable)

    def _send(self, what: str, subject: str, attachment: Any = None, **facts: str | int) -> None:
        body = letters.write(what, self.supplier, self.ordinal, **facts)
        structured = self.core.scenario.structured_attachments and attachment is not None
        self._reply(Draft(self.supplier.address, subject, body, [attachment] if structured else []))

    def _reply(self, draft: Draft) -> None:
        self.core.mailroom.receive(self.core.now, replace(draft, in_reply_to=self.mail.id))

    # --- prices -------------------------------------------------------------------------------

    def _price(self, line: Line, concessions: int) -> int:
        account = self.account
        return self.core.tapes.prices.price(
            self.supplier,
            line.sku,
            line.qty or 1,
            self.core.day,
            concessions,
            account.paid_orders,
            joined=account.joined,
        )

    def _floor(self, sku: str) -> int:
        return self.core.tapes.prices.floor(self.supplier, sku, self.core.day, joined=self.account.joined)

    def _carried(self, lines: Sequence[Line]) -> list[Line]:
        return [line for line in lines if line.sku in self.supplier.carries]

    def _inquiry(self, reading: Reading) -> None:
        wanted = reading.lines or tuple(Line(sku) for sku in products())
        self._quote("quote", self._carried(wanted), Step({}), reading.lines)

    def _negotiate(self, reading: Reading) -> None:
        named = reading.lines or tuple(Line(sku) for sku in self.account.last_quoted or products())
        lines = self._carried(named)
        frozen = self.account.frozen_until is not None
        if lines:
            step = bargain(
                self.account,
                self.core.day,
                lines,
                self._price,
                self._floor,
                rival_claim=self._rival_claim(reading),
                large=self._is_large(lines),
            )
            self._quote("final" if frozen else "counter", lines, step, reading.lines)
        else:
            self._quote("counter", lines, Step({}), reading.lines)

    def _is_large(self, lines: Sequence[Line]) -> bool:
        minimum = self.terms.minimum
        worth = sum((line.qty or 0) * self._price(line, self.account.concessions) for line in lines)
        return bool(minimum) and worth >= 2 * minimum

    def _rival_claim(self, reading: Reading) -> bool | None:
        """Whether a rival named in the mail really quoted what is claimed; counts a bluff."""
        claims = [line for line in reading.lines if line.cents is not None]
        if not reading.rivals or not claims:
            return None
        true = all(self._was_quoted(line, reading.rivals) for line in claims)
        if not true:
            self.core.tally.add("bluffs")
        return true

    def _was_quoted(self, line: Line, rivals: Sequence[str]) -> bool:
        limit = (line.cents or 0) * 103
        since = self.core.day - RIVAL_DAYS
        return any(
            price * 100 <= limit
            for rival in rivals
            for price in self.core.papers.quoted(rival, line.sku, since)
        )

    def _quote(self, what: str, lines: Sequence[Line], step: Step, asked: Sequence[Line]) -> None:
        missing = [line.sku for line in asked if line.sku not in self.supplier.carries]
        note = f"Not in our assortment: {', '.join(missing)}." if missing else ""
        if not lines:
            self._send("nothing", "Your request", missing=note)
            return
        quote = self._new_quote(lines, step)
        self._send(
            what,
            f"Quote {quote.id}",
            self._quote_data(quote) | {"final": step.final, "not_carried": missing},
            lines="\n".join(letters.quote_line(line) for line in quote.lines),
            terms=" ".join(part for part in (letters.terms_text(self.supplier), note) if part),
            quote=quote.id,
            until=quote.valid_until,
        )

    def _quote_data(self, quote: Quote) -> dict[str, Any]:
        return {"kind": "quote", **quote.to_dict(), "binding": self.terms.says_binding}

    def _new_quote(self, lines: Sequence[Line], step: Step) -> Quote:
        core, account = self.core, self.account
        account.quotes += 1
        account.last_quoted = [line.sku for line in lines]
        rows = []
        for line in lines:
            accepted = step.accepted.get(line.sku)
            least = tier(line.sku, line.qty or 1)[1]
            price = accepted if accepted is not None else self._price(line, account.concessions)
            rows.append(QuoteLine(line.sku, price, least))
        number = self.supplier.id.removeprefix("sup")
        quote = Quote(
            f"Q-{number}-{account.quotes:04d}",
            self.supplier.id,
            core.day,
            core.day + QUOTE_DAYS,
            self.terms.binding,
            tuple(rows),
        )
        core.papers.add_quote(quote)
        return quote

    # --- orders -------------------------------------------------------------------------------

    def _unit_price(self, line: Line) -> int:
        """The lowest of what is asked now and what valid binding quotes name."""
        prices = [self._price(line, self.account.concessions)]
        for quote in self.core.papers.since(self.supplier.id, self.core.day - QUOTE_DAYS):
            if quote.binding:
                prices += [
                    named.unit_cents
                    for named in quote.lines
                    if named.sku == line.sku and named.min_qty <= (line.qty or 0)
                ]
        return min(prices)

    def _order(self, reading: Reading) -> None:
        wanted = [line for line in reading.lines if line.qty]
        priced = [(line, self._unit_price(line)) for line in self._carried(wanted)]
        reason, text = orders.objection(self.supplier, self.terms, wanted, priced)
        if reason:
            attachment = {"kind": "refusal", "reason": reason, "text": text}
            self._send("refusal", "Your order", attachment, reason=text)
            return
        order = orders.open_order(self.core, self.supplier, priced)
        self._reply(
            orders.invoice_draft(self.core, self.supplier, order, self.supplier.address, self.ordinal)
        )
        orders.settle(self.core, order)

    def _join(self) -> None:
        order = orders.open_fee(self.core, self.supplier)
        fee, subject = money(order.total), f"Invoice {order.id}"
        self._send("fee", subject, orders.fee_data(order), invoice=order.id, fee=fee, due=order.due)

    def _cancel(self, reading: Reading) -> None:
        outcome, text = orders.cancel(self.core, self.supplier, reading.invoice)
        facts = {"money": text} if outcome == "cancelled" else {"reason": text}
        self._send(outcome, f"Your message about {reading.invoice}", None, invoice=reading.invoice, **facts)

    def _claim(self, reading: Reading) -> None:
        written = day_of(self.mail.minute)
        outcome, facts = claims.claim(self.core, self.supplier, reading.invoice, written)
        self._send(outcome, f"Your message about {reading.invoice}", None, invoice=reading.invoice, **facts)
