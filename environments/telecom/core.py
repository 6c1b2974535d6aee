"""The telecom world as a state machine: two databases, the calls of two sides, and the sync between them.

    core = TelecomCore(database)
    core.initialise(task)
    answer = core.call("user", "toggle_airplane_mode", {})
    core.user_hash(), core.met(assertion)

The rules are those of tau2-bench 1.0.1; `README.md` in this folder says where they are kept and where not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from pydantic import ValidationError

from agentbench_sdk.environments.telecom.assertions import OFFICE_ASSERTIONS, USER_ASSERTIONS
from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.errors import SignatureError, TelecomError, UnknownToolError
from agentbench_sdk.environments.telecom.hidden import OFFICE_FUNCTIONS, USER_FUNCTIONS
from agentbench_sdk.environments.telecom.history import replay_messages
from agentbench_sdk.environments.telecom.phone import PaymentRequest, Surroundings
from agentbench_sdk.environments.telecom.records import plain
from agentbench_sdk.environments.telecom.task import EnvAssertion, Side, TelecomTask
from agentbench_sdk.environments.telecom.tool_facts import ToolFacts
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.simulation import Actor

CallOutcome = Literal["ok", "domain", "unknown_tool", "signature", "type", "validation"]
Functions = Mapping[str, Callable[..., Any]]

_HIDDEN: Mapping[Side, Functions] = {
    "assistant": {**OFFICE_FUNCTIONS, **OFFICE_ASSERTIONS},
    "user": {**USER_FUNCTIONS, **USER_ASSERTIONS},
}
_ACTORS: Mapping[Side, Actor] = {"assistant": "agent", "user": "user"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave.

    Attributes:
        content: the text that the caller sees.
        error: whether it is flagged as an error. Some failures are plain texts without the flag.
        outcome: "ok", or who raised the error: "domain" the tool's own checks, "unknown_tool" and "signature"
            the dispatcher, "type" the interpreter, "validation" the check of a settings object.
    """

    content: str
    error: bool = False
    outcome: CallOutcome = "ok"


class TelecomCore:
    """One world.

    Arguments:
        database: what it starts from; shared with other worlds, and never changed.
        seed: decides the ids of bills that tools create.
        solo: no user is there; the agent's calls are looked up among both sides' tools, the user's first.
    """

    def __init__(self, database: Database, *, seed: int = 0, solo: bool = False) -> None:
        self.database, self.seed, self.solo = database, seed, solo
        self.generated_bill_ids: list[str] = []
        self.office = database.office(self._new_bill_id)
        self.handset = database.handset()
        self._office_hash = (-1, "")
        self._user_hash = ""  # of the phone; "" when it may have changed
        self.sync()

    # --- what happens -------------------------------------------------------------------------

    def initialise(self, task: TelecomTask) -> None:
        """Bring the world to where a task starts: data, then actions, then the calls of its history.

        Raises:
            TelecomError: an action cannot be done in this world, or a call of the history gives what is not
                recorded.
            ConfigurationError: `initialization_data` does not fit the databases.
        """
        initial = task.initial_state
        if initial is None:
            return
        if initial.initialization_data:
            self._merge(initial.initialization_data)
        for step in initial.initialization_actions or []:
            self.run(step.env_type, step.func_name, step.arguments)
        replay_messages(self, initial.message_history or [])
        self.sync()

    def run(self, side: Side, function: str, arguments: Mapping[str, Any]) -> object:
        """Run a hidden function, an assertion or a public tool by its name, then sync.

        Returns:
            What it gave, as plain JSON.

        Raises:
            TelecomError: there is no such function, or it refuses.
        """
        self._user_hash = ""
        given = plain(self._function(side, function, arguments)(self._database_of(side), **arguments))
        self.sync()
        return given

    def met(self, assertion: EnvAssertion) -> bool:
        """Whether an assertion gives what its task expects."""
        holds = self.run(assertion.env_type, assertion.func_name, assertion.arguments)
        return holds is assertion.assert_value

    def call(self, actor: Actor, name: str, arguments: Mapping[str, Any]) -> Answer:
        """Call a tool; never raises, whatever the arguments."""
        try:
            given = self._execute(actor, name, arguments)
            self.sync()
            return Answer(_content(given))
        except Exception as error:  # noqa: BLE001 - as in the original, whatever a tool raises is its answer
            return Answer(f"Error: {error}", True, _outcome(error))

    def attempt_unsynced(self, side: Side, name: str, arguments: Mapping[str, Any]) -> None:
        """Call a tool without the sync after it, and pass over what it raises: how references are executed."""
        with suppress(Exception):
            self._execute(_ACTORS[side], name, arguments)

    def sync(self) -> None:
        """Carry over what one side's state means for the other; searches no network.

        Raises:
            TelecomError: the phone has a number that no line has.
        """
        around = self.handset.surroundings
        if around.phone_number is None:
            return
        before = _synced(around)
        office = self.office
        line = office.line_by_phone(around.phone_number)
        plan = office.plan(line.plan_id)
        around.line_active = line.status == "Active"
        around.roaming_allowed = line.roaming_enabled
        around.mobile_data_usage_exceeded = line.data_used_gb >= plan.data_limit_gb + line.data_refueling_gb
        request = around.payment_request
        if request is not None and request.paid:
            office.put_bill(replace(office.bill(request.bill_id), status="Paid"))
            around.payment_request = None
        if around.payment_request is None:
            self._request_payment()
        if _synced(around) != before:
            self._user_hash = ""

    # --- what is ------------------------------------------------------------------------------

    def agent_state(self) -> dict[str, Any]:
        """The agent's database as plain JSON."""
        return self.office.shown()

    def user_state(self) -> dict[str, Any]:
        """The user's database as plain JSON."""
        return self.handset.shown()

    def agent_hash(self) -> str:
        """SHA-256 of the agent's database, as tau2-bench makes it."""
        stamp, known = self._office_hash
        if stamp != self.office.stamp:
            known = sha256(self.office.sorted_json().encode()).hexdigest()
            self._office_hash = (self.office.stamp, known)
        return known

    def user_hash(self) -> str:
        """SHA-256 of the user's database, as tau2-bench makes it."""
        if not self._user_hash:
            text = json.dumps(self.handset.shown(), sort_keys=True)
            self._user_hash = sha256(text.encode()).hexdigest()
        return self._user_hash

    def fork(self) -> TelecomCore:
        """An independent copy."""
        twin = object.__new__(TelecomCore)
        twin.database, twin.seed, twin.solo = self.database, self.seed, self.solo
        twin.generated_bill_ids = list(self.generated_bill_ids)
        twin.office = self.office.copied(twin._new_bill_id)
        twin.handset = self.handset.copied()
        twin._office_hash, twin._user_hash = self._office_hash, self._user_hash
        return twin

    def state(self) -> dict[str, Any]:
        """All that `load_state` needs, as plain JSON."""
        return {
            "agent": self.agent_state(),
            "user": self.user_state(),
            "vpn_profile": self.handset.vpn_profile.shown(),
            "generated_bill_ids": list(self.generated_bill_ids),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave."""
        loaded = Database.from_state(state["agent"], state["user"], state["vpn_profile"])
        self.generated_bill_ids = list(state["generated_bill_ids"])
        self.office = loaded.office(self._new_bill_id)
        self.handset = loaded.handset()
        self._office_hash, self._user_hash = (-1, ""), ""

    # --- inside -------------------------------------------------------------------------------

    def _execute(self, actor: Actor, name: str, arguments: Mapping[str, Any]) -> object:
        facts = self._tool(actor, name)
        facts.check(arguments)
        if facts.mutates:
            self._user_hash = ""
        return facts.function(self._database_for(facts.actor), **arguments)

    def _tool(self, actor: Actor, name: str) -> ToolFacts:
        if self.solo and actor == "user":
            raise TelecomError("User tool calls are not allowed in solo mode")
        facts = TOOLS.get(name) if isinstance(name, str) else None
        if facts is None or (facts.actor != actor and not self.solo):
            raise UnknownToolError(f"Tool '{name}' not found.")
        return facts

    def _function(self, side: Side, name: str, arguments: Mapping[str, Any]) -> Callable[..., Any]:
        hidden = _HIDDEN[side].get(name)
        if hidden is not None:
            return hidden
        facts = TOOLS.get(name)
        if facts is None or facts.actor != _ACTORS[side]:
            raise TelecomError(f"there is no function {name!r} on the side of the {side}")
        facts.check(arguments)
        return facts.function

    def _database_of(self, side: Side) -> object:
        return self._database_for(_ACTORS[side])

    def _database_for(self, actor: Actor) -> object:
        return self.office if actor == "agent" else self.handset

    def _request_payment(self) -> None:
        """The first bill that awaits its payment becomes a request on the phone of its customer."""
        office, around = self.office, self.handset.surroundings
        for bill in office.bills_of(office.customer_by_phone(around.phone_number)):
            if bill.status == "Awaiting Payment":
                around.payment_request = PaymentRequest(bill.bill_id, bill.total_due)
                return

    def _new_bill_id(self) -> str:
        """B and eight hexadecimal digits, the same in every world of this seed."""
        text = f"telecom bill|{self.seed}|{len(self.generated_bill_ids)}"
        made = "B" + sha256(text.encode()).hexdigest()[:8]
        self.generated_bill_ids.append(made)
        return made

    def _merge(self, data: Mapping[str, Any]) -> None:
        unknown = sorted(set(data) - {"agent_data", "user_data"})
        if unknown:
            raise ConfigurationError(
                f"initialization_data: has no field {unknown[0]!r}; it has agent_data and user_data"
            )
        changed = self.database.with_changes(data.get("agent_data"), data.get("user_data"))
        self.office = changed.office(self._new_bill_id)
        self.handset = changed.handset()
        self._office_hash, self._user_hash = (-1, ""), ""
        self.sync()


def _synced(around: Surroundings) -> tuple[object, ...]:
    """What a sync may change on the phone."""
    return (
        around.line_active,
        around.roaming_allowed,
        around.mobile_data_usage_exceeded,
        around.payment_request,
    )


def _content(given: object) -> str:
    """The text that a caller is shown: texts as they are, everything else as JSON.

    Numbers that stand directly in a mapping are shown as texts; those in records stay numbers.
    """
    if isinstance(given, str):
        return given
    if isinstance(given, dict):
        return json.dumps({key: _member(value) for key, value in given.items()})
    return json.dumps(plain(given))


def _member(value: object) -> object:
    return str(value) if isinstance(value, bool | int | float) else plain(value)


def _outcome(error: Exception) -> CallOutcome:
    if isinstance(error, UnknownToolError):
        return "unknown_tool"
    if isinstance(error, SignatureError):
        return "signature"
    if isinstance(error, TelecomError):
        return "domain"
    return "validation" if isinstance(error, ValidationError) else "type"
