"""What all groups of tools share: the state they act on, and how they refuse."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any

from pydantic import Field

from agentbench_sdk.environments.vending.core import Core
from agentbench_sdk.environments.vending.worker import Entry
from agentbench_sdk.simulation import Environment

Data = dict[str, Any]
Sku = Annotated[str, Field(max_length=64, description="product code, for example cola_can")]
Label = Annotated[str, Field(max_length=8, description="slot label, A1 to D3")]

WAIT = "wait_for_next_day"
READING, WRITING, HAULING, SURVEYING = 5, 25, 75, 300
MINUTES = {
    "list_emails": READING,
    "read_email": READING,
    "send_email": WRITING,
    "search_web": WRITING,
    "open_page": READING,
    "get_balance_and_transactions": READING,
    "send_payment": READING,
    "get_storage_inventory": READING,
    "get_sales_report": READING,
    "get_weather_forecast": READING,
    "run_market_survey": SURVEYING,
    "get_machine_inventory": WRITING,
    "stock_machine": HAULING,
    "remove_from_machine": HAULING,
    "set_prices": WRITING,
    "collect_cash": WRITING,
    "service_machine": HAULING,
    "scratchpad_read": READING,
    "scratchpad_write": READING,
    "scratchpad_clear": READING,
    "kv_get": READING,
    "kv_set": READING,
    "kv_delete": READING,
    "kv_list": READING,
    "note_add": READING,
    "note_search": READING,
    "note_delete": READING,
    "set_reminder": READING,
    "list_reminders": READING,
    "delete_reminder": READING,
    "sub_agent_specs": READING,
    "run_sub_agent": READING,
    "chat_with_sub_agent": READING,
    "report_back": 0,
}


class RefusalError(Exception):
    """A precondition does not hold; the agent reads why.

    Attributes:
        code: stable name, for example "slot_full".
        details: plain JSON; for lists, `index` names the first bad entry.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "details": self.details}


class Deck(Environment):
    """Base of the groups of tools. A tool returns its data or raises `RefusalError`."""

    core: Core

    @abstractmethod
    def work(self, name: str, arguments: object) -> Entry:
        """Let the worker make one call, with its time and effect; returns the entry of its log."""
