"""The atomic faults: what breaks, who can see it, and what repairs it.

A fault is data and two small functions of the `Site` where it happens. Faults are listed from the bottom of a
phone's connection to its top; initialisers and repairs run in this order, because a later one may rely on it:
airplane mode closes a VPN connection when it is switched on, so a slow VPN must come after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agentbench_sdk.environments.telecom.own.callers import Caller, LineState
from agentbench_sdk.environments.telecom.task import Side, Step

Layer = Literal["service", "data", "speed", "pictures"]


@dataclass(frozen=True, slots=True)
class Site:
    """Where and in which amounts a fault happens.

    Attributes:
        bill_id: id for a bill that the fault makes.
        over_gb: by how much the data used exceeds what there was.
        buy_gb: how much extra data the customer agrees to; 0 for none.
    """

    caller: Caller
    bill_id: str
    over_gb: float
    buy_gb: float


@dataclass(frozen=True, slots=True)
class Repair:
    """A call of the reference solution."""

    side: Side
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        layer: what it breaks; whatever lies above is broken with it.
        kind: of one kind a phone has at most one fault.
        words: what is wrong, for people.
        back_office: it cannot be seen on the phone.
        fixable: the desk can repair it; else the case belongs to a human.
        reboot: the repair works only after a new start of the phone.
        state: the state of the line that it needs.
    """

    name: str
    layer: Layer
    kind: str
    words: str
    breaks: Callable[[Site], Iterator[Step]]
    repairs: Callable[[Site], Iterator[Repair]]
    back_office: bool = False
    fixable: bool = True
    reboot: bool = False
    state: LineState = "clear"


def _phone(name: str, **arguments: Any) -> Step:
    return Step(env_type="user", func_name=name, arguments=arguments)


def _desk(name: str, site: Site, **arguments: Any) -> Step:
    return Step(env_type="assistant", func_name=name, arguments=_line(site) | arguments)


def _line(site: Site) -> dict[str, Any]:
    return {"customer_id": site.caller.customer_id, "line_id": site.caller.line_id}


def _breaks(name: str, **arguments: Any) -> Callable[[Site], Iterator[Step]]:
    return lambda site: iter((_phone(name, **arguments),))


def _press(name: str, **arguments: Any) -> Callable[[Site], Iterator[Repair]]:
    return lambda site: iter((Repair("user", name, arguments),))


def _nothing(site: Site) -> Iterator[Repair]:
    return iter(())


def _search(site: Site) -> Iterator[Step]:
    yield _phone("simulate_network_search")


def _suspended(*, ended: bool) -> Callable[[Site], Iterator[Step]]:
    def steps(site: Site) -> Iterator[Step]:
        yield _desk("suspend_line_for_overdue_bill", site, new_bill_id=site.bill_id, contract_ended=ended)
        yield from _search(site)

    return steps


def _paused(site: Site) -> Iterator[Step]:
    yield _desk("suspend_line", site, reason="Phone could not be found")
    yield from _search(site)


def _resume(site: Site) -> Iterator[Repair]:
    yield Repair("assistant", "resume_line", _line(site))


def _collect(site: Site) -> Iterator[Repair]:
    for bill_id in site.caller.overdue or (site.bill_id,):
        bill = {"customer_id": site.caller.customer_id, "bill_id": bill_id}
        yield Repair("assistant", "send_payment_request", bill)
        yield Repair("user", "make_payment", {})
    yield from _resume(site)


def _abroad(*, phone: bool, line: bool) -> Callable[[Site], Iterator[Step]]:
    def steps(site: Site) -> Iterator[Step]:
        yield _phone("set_user_location", abroad=True)
        yield _phone("turn_roaming_on" if phone else "turn_roaming_off")
        yield _desk("enable_roaming" if line else "disable_roaming", site)

    return steps


def _roam(*, phone: bool, line: bool) -> Callable[[Site], Iterator[Repair]]:
    def repairs(site: Site) -> Iterator[Repair]:
        if not line:
            yield Repair("assistant", "enable_roaming", _line(site))
        if not phone:
            yield Repair("user", "toggle_roaming", {})

    return repairs


def _used_up(site: Site) -> Iterator[Step]:
    used = round(site.caller.limit_gb + site.caller.extra_gb + site.over_gb, 2)
    yield _desk("set_data_usage", site, data_used_gb=used)


def _refuel(site: Site) -> Iterator[Repair]:
    yield Repair("assistant", "refuel_data", _line(site) | {"gb_amount": site.buy_gb})


def _forbidden(*permissions: str) -> Callable[[Site], Iterator[Step]]:
    return lambda site: (
        _phone("remove_app_permission", app_name="messaging", permission=permission)
        for permission in permissions
    )


def _grant(*permissions: str) -> Callable[[Site], Iterator[Repair]]:
    return lambda site: (
        Repair("user", "grant_app_permission", {"app_name": "messaging", "permission": permission})
        for permission in permissions
    )


def _mode(name: str, mode: str, layer: Layer) -> Fault:
    return Fault(
        name,
        layer,
        "mode",
        f"the network mode is {mode}",
        _breaks("set_network_mode_preference", mode=mode),
        _press("set_network_mode_preference", mode="4g_5g_preferred"),
    )


def _roaming(name: str, words: str, *, phone: bool, line: bool) -> Fault:
    breaks, repairs = _abroad(phone=phone, line=line), _roam(phone=phone, line=line)
    return Fault(name, "data", "roaming", words, breaks, repairs, back_office=not line)


def _permission(name: str, *permissions: str) -> Fault:
    words = f"the messaging app lacks {' and '.join(permissions)}"
    return Fault(name, "pictures", "permission", words, _forbidden(*permissions), _grant(*permissions))


def _locked(name: str, mode: str) -> Fault:
    words = f"the SIM card is locked by its {mode.upper()}"
    return Fault(name, "service", "lock", words, _breaks("lock_sim_card", mode=mode), _nothing, fixable=False)


_SERVICE = (
    Fault(
        "airplane_mode",
        "service",
        "airplane",
        "airplane mode is on",
        _breaks("turn_airplane_mode_on"),
        _press("toggle_airplane_mode"),
    ),
    Fault(
        "sim_unseated",
        "service",
        "seat",
        "the SIM card sits loose",
        _breaks("unseat_sim_card"),
        _press("reseat_sim_card"),
    ),
    _locked("sim_locked_pin", "pin"),
    _locked("sim_locked_puk", "puk"),
    Fault(
        "apn_broken",
        "service",
        "apn",
        "the access point is wrong",
        _breaks("break_apn_settings"),
        _press("reset_apn_settings"),
        reboot=True,
    ),
    Fault(
        "bill_unpaid",
        "service",
        "line",
        "the line is suspended for a bill that has just become overdue",
        _suspended(ended=False),
        _collect,
        back_office=True,
        reboot=True,
    ),
    Fault(
        "arrears_on_file",
        "service",
        "line",
        "the line has long been suspended for overdue bills",
        _search,
        _collect,
        back_office=True,
        reboot=True,
        state="unpaid",
    ),
    Fault(
        "line_paused",
        "service",
        "line",
        "the line was suspended at the customer's wish",
        _paused,
        _resume,
        back_office=True,
        reboot=True,
    ),
    Fault(
        "pause_on_file",
        "service",
        "line",
        "the line has long been suspended at the customer's wish",
        _search,
        _resume,
        back_office=True,
        reboot=True,
        state="paused",
    ),
    Fault(
        "contract_ended",
        "service",
        "line",
        "the line is suspended, a bill overdue and the contract over",
        _suspended(ended=True),
        _nothing,
        back_office=True,
        fixable=False,
    ),
    Fault(
        "contract_ended_on_file",
        "service",
        "line",
        "the line has long been suspended because its contract is over",
        _search,
        _nothing,
        back_office=True,
        fixable=False,
        state="ended",
    ),
)

_DATA = (
    Fault(
        "data_off",
        "data",
        "switch",
        "mobile data is switched off",
        _breaks("turn_data_off"),
        _press("toggle_data"),
    ),
    _roaming("roaming_phone_off", "abroad, roaming is off on the phone", phone=False, line=True),
    _roaming("roaming_line_off", "abroad, the line may not roam", phone=True, line=False),
    _roaming("roaming_both_off", "abroad, neither phone nor line may roam", phone=False, line=False),
    Fault(
        "data_used_up",
        "data",
        "quota",
        "the data is used up, extra data is wanted",
        _used_up,
        _refuel,
        back_office=True,
    ),
    Fault(
        "data_used_up_refused",
        "data",
        "quota",
        "the data is used up, extra data is refused",
        _used_up,
        _nothing,
        back_office=True,
        fixable=False,
    ),
)

_SPEED = (
    Fault(
        "data_saver",
        "speed",
        "saver",
        "the data saver is on",
        _breaks("turn_data_saver_mode_on"),
        _press("toggle_data_saver_mode"),
    ),
    _mode("mode_2g", "2g_only", "speed"),
    _mode("mode_3g", "3g_only", "speed"),
    _mode("mode_4g", "4g_only", "speed"),
    Fault(
        "vpn_slow", "speed", "vpn", "a slow VPN is connected", _breaks("break_vpn"), _press("disconnect_vpn")
    ),
)

_PICTURES = (
    Fault(
        "wifi_calling",
        "pictures",
        "calling",
        "Wi-Fi calling draws the pictures to itself",
        _breaks("set_wifi_calling", enabled=True, mms_over_wifi=True),
        _press("toggle_wifi_calling"),
    ),
    Fault(
        "mmsc_missing",
        "pictures",
        "apn",
        "the address of the picture server is missing",
        _breaks("break_apn_mms_setting"),
        _press("reset_apn_settings"),
        reboot=True,
    ),
    _permission("permission_sms", "sms"),
    _permission("permission_storage", "storage"),
    _permission("permission_both", "storage", "sms"),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*_SERVICE, *_DATA, *_SPEED, *_PICTURES)}
LAYERS: tuple[Layer, ...] = ("service", "data", "speed", "pictures")


def hidden(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Those whose cause the customer cannot see at first: kept in the back office, or masked by another.

    A fault of a higher layer is masked by one of a lower layer, and a locked SIM card by its loose seat.
    """
    lowest = min((LAYERS.index(fault.layer) for fault in faults), default=0)
    loose = any(fault.kind == "seat" for fault in faults)
    return tuple(
        fault
        for fault in faults
        if fault.back_office or LAYERS.index(fault.layer) > lowest or (fault.kind == "lock" and loose)
    )


def reference(faults: tuple[Fault, ...], site: Site) -> list[Repair]:
    """Repairs in an order in which each is needed.

    There is one new start of the phone, at the very end, and the line is brought back just before it: most
    switches of the phone make it look for the network, so one pressed after that would spare the new start.
    """
    last = [fault for fault in faults if fault.kind == "line"]
    ordered = [*(fault for fault in faults if fault.kind != "line"), *last]
    steps = [step for fault in ordered for step in fault.repairs(site)]
    if any(fault.reboot for fault in faults):
        steps.append(Repair("user", "reboot_device", {}))
    return steps
