"""The state of the vending world: every noun in one place, and how it becomes bytes and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import orjson

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.vending.agenda import AWAKE, MIDNIGHT, SALES, Agenda
from agentbench_sdk.environments.vending.agenda import MAIL as MAIL_PRIORITY
from agentbench_sdk.environments.vending.calendar import DAWN, DAY, WAKE, day_of
from agentbench_sdk.environments.vending.customers import CASE, Case, Cases
from agentbench_sdk.environments.vending.demand import BLOCK_ENDS
from agentbench_sdk.environments.vending.diary import SALES as SALES_RECORD
from agentbench_sdk.environments.vending.diary import Diary
from agentbench_sdk.environments.vending.journal import KEY, Journal
from agentbench_sdk.environments.vending.ledger import POSTING, Ledger
from agentbench_sdk.environments.vending.machine import Machine
from agentbench_sdk.environments.vending.mailroom import MAIL, Mail, Mailroom, mail_from
from agentbench_sdk.environments.vending.memory import Memory
from agentbench_sdk.environments.vending.outages import plan_outages
from agentbench_sdk.environments.vending.reader import Reading
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.seams import Seams
from agentbench_sdk.environments.vending.storage import Storage
from agentbench_sdk.environments.vending.streams import DOMAIN
from agentbench_sdk.environments.vending.suppliers.account import ORDER, QUOTE, Account, Order, Papers, Quote
from agentbench_sdk.environments.vending.tally import Tally
from agentbench_sdk.environments.vending.tapes import Tapes
from agentbench_sdk.environments.vending.worker import Worker

PREAMBLE = b"vending-state/1\n"
START_GOODWILL = 1_000_000  # ppm


class _Noun(Protocol):
    def load(self, state: Any) -> None: ...


class Core:
    """Attributes:
    goodwill: ppm.
    streak: unpaid days in a row; card_pending: [day, cents] not banked yet.
    night: figures of the last midnight for the daily report.
    block_on_sale: blocks of this day in which something was on sale.
    impostors: look-alike addresses that have written, to the supplier in whose name.
    end_reason: "" while the run goes on.
    seams: functions of the host, no part of the state; said: what they gave since the last action.
    watchers: told of each day that has ended; they look and change nothing, and are no part of the state.
    """

    def __init__(self, scenario: VendingScenario, seed: int, tapes: Tapes) -> None:
        self.scenario, self.seed, self.tapes = scenario, seed, tapes
        self.journal = Journal(PREAMBLE)
        self.agenda = Agenda(WAKE)
        self.ledger = Ledger(self.journal)
        self.storage = Storage()
        self.machine = Machine(scenario.small_capacity, scenario.large_capacity)
        self.mailroom = Mailroom(self.journal)
        self.papers = Papers(self.journal)
        self.cases = Cases()
        self.memory = Memory()
        self.diary = Diary(self.journal)
        self.tally = Tally()
        self.worker = Worker()
        self.accounts = {name: Account(each.terms.patience) for name, each in tapes.roster.items()}
        self.goodwill, self.streak, self.block_on_sale = START_GOODWILL, 0, 0
        self.card_pending: list[list[int]] = []
        self.night: dict[str, Any] = {}
        self.tokens = 0
        self.surveys: dict[str, int] = {}
        self.impostors: dict[str, str] = {}
        self.end_reason = ""
        self.seams = Seams()
        self.said: list[Any] = []
        self.mailroom.wording = lambda draft: self.seams.write(draft, self.tally, self.said)
        self.watchers: list[Callable[[int], None]] = []

    @classmethod
    def begin(cls, scenario: VendingScenario, seed: int, tapes: Tapes) -> Core:
        """A world at 07:00 of day 0."""
        core = cls(scenario, seed, tapes)
        start = scenario.start_cents
        core.ledger.post(WAKE, "start", "", "start money", {"BANK": start, "EQUITY": -start})
        core.plan_day(0)
        return core

    @property
    def now(self) -> int:
        return self.agenda.now

    @property
    def day(self) -> int:
        """The current day. A run that ends at midnight ends in the day after its last: 30 in smoke-30."""
        return day_of(self.agenda.now)

    def plan_day(self, day: int) -> None:
        """Put the fixed events of a day into the queue."""
        start = day * DAY
        if day:
            self.agenda.add(start + DAWN, MAIL_PRIORITY, f"dawn|{day:04d}")
            self.agenda.add(start + WAKE, AWAKE, f"wake|{day:04d}")
        for block, end in enumerate(BLOCK_ENDS):
            self.agenda.add(start + end, SALES, f"sales|{day:04d}|{block}")
        self.agenda.add(start + DAY, MIDNIGHT, f"midnight|{day:04d}")
        if self.scenario.events:
            plan_outages(self.agenda, self.tapes.streams, day)

    def post(self, what: str, ref: str, memo: str, **entries: int) -> None:
        """Book a posting now; accounts are named in lower case."""
        self.ledger.post(self.now, what, ref, memo, {name.upper(): cents for name, cents in entries.items()})

    def read(self, mail: Mail, reading: Reading, *, joins: bool) -> Reading:
        """What a mail of the agent means: what the rules say, or the host's reader."""
        return self.seams.read(mail, reading, self.tally, self.said, joins=joins)

    def end(self, reason: str) -> None:
        """End the run."""
        self.end_reason = reason
        self.agenda.clear()

    # --- state --------------------------------------------------------------------------------

    def rest(self) -> dict[str, Any]:
        """The state without the journal; the live objects, not copies."""
        return {
            "suppliers": {name: vars(account) for name, account in self.accounts.items()},
            "events": self.agenda.state(),
            "cases": self.cases.state(),
            "goodwill": [self.goodwill, self.block_on_sale],
            "impostors": self.impostors,
            "ledger": self.ledger.state(),
            "machine": self.machine.state(),
            "mailroom": self.mailroom.state(),
            "memory": self.memory.state(),
            "money": {"streak": self.streak, "card_pending": self.card_pending, "tokens": self.tokens},
            "night": self.night,
            "orders": self.papers.state(),
            "run": {
                "version": DOMAIN,
                "scenario": self.scenario_fingerprint,
                "seed": str(self.seed),
                "end_reason": self.end_reason,
            },
            "storage": self.storage.state(),
            "surveys": self.surveys,
            "tally": self.tally.state(),
            "worker": self.worker.state(),
        }

    @property
    def scenario_fingerprint(self) -> str:
        if not hasattr(self, "_fingerprint"):
            self._fingerprint = self.scenario.fingerprint()
        return self._fingerprint

    def state_bytes(self) -> bytes:
        """Canonical bytes of the whole state."""
        return self.journal.join(canonical_json(self.rest()))

    def state_hash(self) -> str:
        """SHA-256 of the preamble and the canonical state."""
        return self.journal.hash(canonical_json(self.rest()))

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over a state; the object must not be used elsewhere."""
        self._load_rest(state)
        self.journal.load(state[KEY])
        index: dict[str, Callable[[list[Any]], None]] = {
            POSTING: self.ledger.remember,
            MAIL: lambda record: self.mailroom.remember(mail_from(record[1])),
            SALES_RECORD: self.diary.remember,
            QUOTE: lambda record: self.papers.remember_quote(Quote.of(record[1])),
            ORDER: lambda record: self.papers.closed.update({record[1]["id"]: Order(**record[1])}),
            CASE: lambda record: self.cases.closed.update({record[1]["id"]: Case(**record[1])}),
        }
        for record in state[KEY]:
            index[record[0]](record)

    def fork(self) -> Core:
        """An independent copy. What lies in the journal can no longer change, so its index is shared."""
        twin = Core(self.scenario, self.seed, self.tapes)
        twin.seams = self.seams
        twin._load_rest(orjson.loads(canonical_json(self.rest())))
        twin.journal.copy_from(self.journal)
        twin.ledger.bank_rows = list(self.ledger.bank_rows)
        twin.mailroom.by_id = dict(self.mailroom.by_id)
        twin.mailroom.boxes = {box: list(mails) for box, mails in self.mailroom.boxes.items()}
        twin.diary.days = {day: sales.copy() for day, sales in self.diary.days.items()}
        twin.papers.quotes = {name: list(quotes) for name, quotes in self.papers.quotes.items()}
        twin.papers.closed = dict(self.papers.closed)
        twin.cases.closed = dict(self.cases.closed)
        return twin

    def _load_rest(self, state: Mapping[str, Any]) -> None:
        nouns: tuple[tuple[_Noun, str], ...] = (
            (self.agenda, "events"),
            (self.cases, "cases"),
            (self.ledger, "ledger"),
            (self.machine, "machine"),
            (self.mailroom, "mailroom"),
            (self.memory, "memory"),
            (self.papers, "orders"),
            (self.storage, "storage"),
            (self.tally, "tally"),
            (self.worker, "worker"),
        )
        for noun, key in nouns:
            noun.load(state[key])
        self.accounts = {name: Account(**record) for name, record in state["suppliers"].items()}
        self.goodwill, self.block_on_sale = state["goodwill"]
        money = state["money"]
        self.streak, self.tokens = money["streak"], money["tokens"]
        self.card_pending = money["card_pending"]
        self.night, self.surveys, self.impostors = state["night"], state["surveys"], state["impostors"]
        self.end_reason = state["run"]["end_reason"]
