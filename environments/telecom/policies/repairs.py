"""The layers of a phone's connection and their repairs: service, data, speed, pictures, from the bottom up.

Each function looks for the causes of its layer and repairs those it finds; none tests the whole.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agentbench_sdk.environments.telecom.policies.account import Account
from agentbench_sdk.environments.telecom.policies.desk import Desk, HandOver
from agentbench_sdk.environments.telecom.words import agrees, amount, is_abroad
from agentbench_sdk.simulation import Act

TODAY: Final = "2025-02-25"
MOST_GB: Final = 2.0
PREFERRED: Final = "4g_5g_preferred"
_EXTRA = r"\b(?:GB|refuel|extra data)\b"
WHERE: Final = "Are you at home at the moment, or are you abroad?"


@dataclass(slots=True)
class Case:
    """What an agent knows while it works on one customer's trouble."""

    desk: Desk
    account: Account
    refuelled: bool = False

    def sees(self, fact: str) -> object:
        """The latest that is known of the phone; None while nothing is."""
        return self.desk.seen.get(fact)

    def change(self, tool: str) -> Generator[Act, str, None]:
        """Have something changed that the signal depends on: what was known of it is out of date."""
        self.desk.seen.pop("signal", None)
        yield from self.desk.phone(tool)

    @property
    def has_signal(self) -> bool:
        return self.sees("airplane") is not True and self.sees("signal") not in (None, "none")


# --- service ------------------------------------------------------------------------------------------------


def restore_service(case: Case) -> Generator[Act, str, None]:
    """Airplane mode, SIM card, access point, the line itself.

    Raises:
        HandOver: the SIM card is locked, or the line may not be resumed.
    """
    refuse_dead_line(case)
    yield from case.desk.phone("check_network_status")
    if case.sees("airplane") is True:
        yield from case.change("toggle_airplane_mode")
    yield from _seat_card(case)
    if case.sees("signal") is None:
        yield from case.desk.phone("check_status_bar")
    if case.has_signal:
        return
    restart = yield from _mend_access_point(case)
    if case.account.line["status"] != "Active":
        yield from _resume(case)
        restart = True
    if restart:
        yield from case.change("reboot_device")
    if case.sees("signal") is None:
        yield from case.desk.phone("check_status_bar")


def refuse_dead_line(case: Case) -> None:
    """Raise when the contract of a suspended line is over, or the line closed: nothing else matters then."""
    line = case.account.line
    ended = line["contract_end_date"] is not None and line["contract_end_date"] < TODAY
    if line["status"] == "Closed":
        raise HandOver(f"Line {line['line_id']} is closed and cannot be opened from here.")
    if line["status"] == "Suspended" and ended:
        raise HandOver(f"Line {line['line_id']} is suspended and its contract is over.")


def _seat_card(case: Case) -> Generator[Act, str, None]:
    if case.sees("sim") is None:
        yield from case.desk.phone("check_sim_status")
    if case.sees("sim") == "missing":
        yield from case.change("reseat_sim_card")
        yield from case.desk.phone("check_sim_status")
    if str(case.sees("sim")).startswith("locked"):
        raise HandOver("The SIM card is locked; unlocking it is not possible from here.")


def _mend_access_point(case: Case) -> Generator[Act, str, bool]:
    """Returns whether a new start of the phone is needed."""
    yield from case.desk.phone("check_apn_settings")
    if case.sees("apn") != "broken":
        return False
    yield from case.desk.phone("reset_apn_settings")
    return True


def _resume(case: Case) -> Generator[Act, str, None]:
    """Settle what is overdue, then bring the line back."""
    desk, customer_id = case.desk, case.account.key["customer_id"]
    bills = (yield from desk.office("get_bills_for_customer", customer_id=customer_id)) or []
    for bill in bills:
        if bill["status"] == "Overdue":
            yield from _collect(case, bill)
    yield from desk.office("resume_line", **case.account.key)
    yield from case.account.reread(desk)


def _collect(case: Case, bill: Mapping[str, Any]) -> Generator[Act, str, None]:
    desk, bill_id, due = case.desk, bill["bill_id"], bill["total_due"]
    answer = yield from desk.ask(
        f"Your line is suspended because bill {bill_id} over ${due:.2f} is overdue. If you agree, I send a payment "
        "request for it to your phone. Would you like to pay it now?",
        about=r"\bpay|\bbills?\b",
    )
    if not agrees(answer):
        raise HandOver(f"The customer does not want to pay the overdue bill {bill_id}.")
    yield from desk.office(
        "send_payment_request", customer_id=case.account.key["customer_id"], bill_id=bill_id
    )
    yield from desk.phone("check_payment_request", before="I have sent you the payment request.")
    for _ in range(2):
        yield from desk.phone("make_payment")
        paid = yield from desk.office("get_details_by_id", id=bill_id)
        if paid and paid["status"] == "Paid":
            return
    raise HandOver(f"The payment of bill {bill_id} does not arrive.")


# --- data ---------------------------------------------------------------------------------------------------


def restore_data(case: Case) -> Generator[Act, str, None]:
    """The switch, roaming on both sides, the allowance.

    Raises:
        HandOver: the data is used up and no more is wanted.
    """
    if case.sees("data") is None:
        yield from case.desk.phone("check_network_status")
    if case.sees("data") is False:
        yield from case.desk.phone("toggle_data")
    yield from _let_roam(case)
    yield from _refuel(case)


def _let_roam(case: Case) -> Generator[Act, str, None]:
    desk = case.desk
    abroad = is_abroad(desk.heard)
    if abroad is None:
        abroad = is_abroad((yield from desk.ask(WHERE, about="location")))
    if not abroad:
        return
    if not case.account.line["roaming_enabled"]:
        yield from desk.office("enable_roaming", **case.account.key)
        yield from case.account.reread(desk)
    if case.sees("roaming") is None:
        yield from desk.phone("check_network_status")
    if case.sees("roaming") is False:
        yield from desk.phone("toggle_roaming")


def _refuel(case: Case) -> Generator[Act, str, None]:
    desk = case.desk
    usage = yield from desk.office("get_data_usage", **case.account.key)
    limit = float(usage["data_limit_gb"]) + float(usage["data_refueling_gb"])
    if float(usage["data_used_gb"]) < limit:
        return
    plan = yield from desk.office("get_details_by_id", id=case.account.line["plan_id"])
    wanted = yield from _consent(desk, usage, float(plan["data_refueling_price_per_gb"]))
    yield from desk.office("refuel_data", **case.account.key, gb_amount=wanted)
    case.refuelled = True


def _consent(desk: Desk, usage: Mapping[str, str], price: float) -> Generator[Act, str, float]:
    """The amount of extra data that the customer wants, after having heard the price."""
    answer = yield from desk.ask(
        f"The data of your plan is used up: {usage['data_used_gb']} GB of {usage['data_limit_gb']} GB. I can add up "
        f"to {MOST_GB:g} GB of extra data at ${price:.2f} per GB. How many GB would you like, if any?",
        about=_EXTRA,
    )
    wanted = amount(answer)
    if wanted is None and agrees(answer):
        answer = yield from desk.ask(f"How many GB exactly shall I add, up to {MOST_GB:g} GB?", about=_EXTRA)
        wanted = amount(answer)
    if not wanted:
        raise HandOver("The data of the plan is used up, and the customer does not want extra data.")
    wanted = min(wanted, MOST_GB)
    answer = yield from desk.ask(
        f"{wanted:g} GB of extra data cost ${wanted * price:.2f}. Shall I add them now?", about=_EXTRA
    )
    if not agrees(answer):
        raise HandOver(
            "The data of the plan is used up, and the customer does not want to pay for extra data."
        )
    return wanted


# --- speed and pictures -------------------------------------------------------------------------------------


def speed_up(case: Case) -> Generator[Act, str, None]:
    """Data saver, preferred network type, VPN."""
    desk = case.desk
    yield from desk.phone("check_data_restriction_status")
    if case.sees("data_saver") is True:
        yield from desk.phone("toggle_data_saver_mode")
    yield from prefer_fast(case)
    yield from desk.phone("check_vpn_status")
    if case.sees("vpn") is True:
        yield from desk.phone("disconnect_vpn")


def prefer_fast(case: Case) -> Generator[Act, str, None]:
    """The preferred network type."""
    yield from case.desk.phone("check_network_mode_preference")
    if case.sees("mode") != PREFERRED:
        yield from case.desk.phone("set_network_mode_preference", {"mode": PREFERRED})


def let_pictures_through(case: Case) -> Generator[Act, str, None]:
    """Network type, Wi-Fi calling, what the messaging app may do, the address of the picture server."""
    desk = case.desk
    if case.sees("technology") in (None, "2g", "none"):
        yield from prefer_fast(case)
    yield from desk.phone("check_wifi_calling_status")
    if case.sees("wifi_calling") is True:
        yield from desk.phone("toggle_wifi_calling")
    yield from desk.phone("check_app_permissions", {"app_name": "messaging"})
    granted = case.sees("permissions")
    for permission in ("storage", "sms"):
        if isinstance(granted, frozenset) and permission not in granted:
            yield from desk.phone("grant_app_permission", {"app_name": "messaging", "permission": permission})
    yield from desk.phone("check_apn_settings")
    if case.sees("mmsc") is False:
        yield from desk.phone("reset_apn_settings")
        yield from desk.phone("reboot_device")
