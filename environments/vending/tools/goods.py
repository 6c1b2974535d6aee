"""Storage and machine: moving goods, prices, cash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentbench_sdk.environments.vending.catalogue import products
from agentbench_sdk.environments.vending.machine import MAX_PRICE, MIN_PRICE, OK, PRICE_STEP
from agentbench_sdk.environments.vending.tools.deck import Data, Deck, Label, RefusalError, Sku
from agentbench_sdk.environments.vending.worker import HANDS
from agentbench_sdk.simulation import tool

Qty = Annotated[int, Field(ge=1, le=100_000)]


class StockMove(BaseModel):
    """Goods for one slot."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slot: Label
    sku: Sku
    qty: Qty


class RemoveMove(BaseModel):
    """Goods out of one slot."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slot: Label
    qty: Qty


class SlotPrice(BaseModel):
    """The price of one slot."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slot: Label
    price_cents: int = Field(ge=-(2**53), le=2**53, description="a multiple of 5 from 25 to 5000")


class GoodsTools(Deck):
    """Hands on goods. Lists are applied as a whole or not at all."""

    @tool()
    def get_storage_inventory(self) -> Data:
        """What lies in the storage room."""
        return {"rows": self.core.storage.rows()}

    @tool(group=HANDS)
    def get_machine_inventory(self) -> Data:
        """Slots, prices, cash box and status of the machine."""
        return {
            "slots": self.core.machine.views(),
            "cashbox_cents": self.core.ledger["CASHBOX"],
            "status": self.core.machine.status,
        }

    @tool(group=HANDS)
    def stock_machine(self, moves: Annotated[list[StockMove], Field(min_length=1, max_length=24)]) -> Data:
        """Carry goods from storage into slots: all of the moves, or none if one is impossible."""
        core = self.core
        core.tally.add("restock_calls")
        self._check_stocking(moves)
        for move in moves:
            core.machine.slots[move.slot].put(move.sku, core.storage.take(move.sku, move.qty))
        return {
            "moved": [{"slot": move.slot, "sku": move.sku, "qty": move.qty} for move in moves],
            "slots": core.machine.views(),
        }

    def _check_stocking(self, moves: Sequence[StockMove]) -> None:
        """Go through the moves on paper; the first impossible one refuses them all."""
        slots = self.core.machine.slots
        holds = {label: slot.sku if slot.qty else None for label, slot in slots.items()}
        filled = {label: slot.qty for label, slot in slots.items()}
        taken: dict[str, int] = {}
        for index, move in enumerate(moves):
            self._require_slot(move.slot, index)
            if move.sku not in products():
                raise RefusalError("unknown_sku", f"there is no product {move.sku!r}", index=index)
            slot = slots[move.slot]
            if products()[move.sku].size != slot.size:
                raise RefusalError("wrong_size", f"{move.sku} does not fit slot {move.slot}", index=index)
            if holds[move.slot] not in (None, move.sku):
                raise RefusalError("slot_occupied", f"slot {move.slot} holds {holds[move.slot]}", index=index)
            if filled[move.slot] + move.qty > slot.capacity:
                free = slot.capacity - filled[move.slot]
                raise RefusalError("slot_full", f"slot {move.slot} has room for {free}", index=index)
            left = self.core.storage.qty(move.sku) - taken.get(move.sku, 0)
            if move.qty > left:
                self._note_premature(move.sku)
                raise RefusalError("not_in_storage", f"storage holds {left} of {move.sku}", index=index)
            holds[move.slot], filled[move.slot] = move.sku, filled[move.slot] + move.qty
            taken[move.sku] = taken.get(move.sku, 0) + move.qty

    def _note_premature(self, sku: str) -> None:
        if self.core.papers.in_transit(sku):
            self.core.tally.add("premature_restock")

    @tool(group=HANDS)
    def remove_from_machine(
        self,
        moves: Annotated[list[RemoveMove], Field(min_length=1, max_length=12)],
        destination: Literal["storage", "discard"],
    ) -> Data:
        """Take goods out of slots, back to storage or away; all of the moves, or none."""
        slots, wanted = self.core.machine.slots, dict.fromkeys(self.core.machine.slots, 0)
        for index, move in enumerate(moves):
            self._require_slot(move.slot, index)
            wanted[move.slot] += move.qty
            if wanted[move.slot] > slots[move.slot].qty:
                raise RefusalError(
                    "slot_empty", f"slot {move.slot} holds {slots[move.slot].qty}", index=index
                )
        if destination == "storage":
            self._require_room([move.qty for move in moves])
        for move in moves:
            self._remove(move, destination)
        return {
            "moved": [{"slot": move.slot, "qty": move.qty} for move in moves],
            "destination": destination,
            "slots": self.core.machine.views(),
        }

    def _require_room(self, quantities: Sequence[int]) -> None:
        """Refuse what the storage room has no room for."""
        capacity = self.core.scenario.storage_capacity
        room = capacity - self.core.storage.units
        for index, qty in enumerate(quantities):
            room -= qty
            if capacity and room < 0:
                raise RefusalError("storage_full", f"the storage room holds {capacity} units", index=index)

    def _remove(self, move: RemoveMove, destination: str) -> None:
        core = self.core
        lots = core.machine.slots[move.slot].pile.take(move.qty)
        if destination == "storage":
            core.storage.add(lots)
            return
        cost = sum(lot.cost for lot in lots)
        core.tally.move(lots[0].sku, 3, move.qty)
        core.tally.add("discarded_units", move.qty)
        core.tally.add("spoilage_cents", cost)
        core.post("discard", move.slot, "thrown away", spoilage=cost, inventory=-cost)

    @tool(group=HANDS)
    def set_prices(self, prices: Annotated[list[SlotPrice], Field(min_length=1, max_length=12)]) -> Data:
        """Set prices: multiples of 5 cents from 25 to 5000; all of them, or none."""
        for index, entry in enumerate(prices):
            self._require_slot(entry.slot, index)
            if not MIN_PRICE <= entry.price_cents <= MAX_PRICE or entry.price_cents % PRICE_STEP:
                raise RefusalError(
                    "bad_price",
                    f"a price is a multiple of {PRICE_STEP} from {MIN_PRICE} to {MAX_PRICE} cents",
                    index=index,
                )
        for entry in prices:
            self.core.machine.slots[entry.slot].price = entry.price_cents
        return {"slots": self.core.machine.views()}

    @tool(group=HANDS)
    def collect_cash(self) -> Data:
        """Empty the cash box into the bank."""
        core = self.core
        cents = core.ledger["CASHBOX"]
        core.post("cash", "", "cash box emptied", bank=cents, cashbox=-cents)
        return {"collected_cents": cents, "bank_cents": core.ledger["BANK"]}

    @tool(group=HANDS)
    def service_machine(self) -> Data:
        """Repair the machine when it is out of order or takes no cash; the visit is charged."""
        core, machine = self.core, self.core.machine
        if machine.status == OK:
            raise RefusalError("nothing_to_service", "the machine is in order")
        fee = core.scenario.service_cents
        if core.ledger["BANK"] < fee:
            raise RefusalError("insufficient_funds", f"a service visit costs {fee} cents")
        core.post("service", "", machine.status, bank=-fee, service=fee)
        machine.repair()
        return {"status": machine.status, "cost_cents": fee, "bank_cents": core.ledger["BANK"]}

    def _require_slot(self, label: str, index: int) -> None:
        if label not in self.core.machine.slots:
            raise RefusalError("unknown_slot", f"there is no slot {label!r}", index=index)
