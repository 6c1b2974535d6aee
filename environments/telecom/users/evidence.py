"""What a claim about the phone is held against: the phone as it is, and what its owner has seen of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from agentbench_sdk.environments.telecom.claims import LABELS, Value, hearing
from agentbench_sdk.environments.telecom.trajectory import Called, Said

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """At one moment of a conversation.

    Attributes:
        device, surroundings: the state of the phone and of what it depends on.
        seen: the latest that results of the customer's own calls told, by fact.
        speeds: all speeds that were measured, in Mbps.
        line_roams: the desk has switched roaming on for the line.
        can_send, data_works: as the phone would find out.
    """

    device: State
    surroundings: State
    seen: Mapping[str, Value]
    speeds: frozenset[float]
    line_roams: bool
    can_send: bool
    data_works: bool

    def bears(self, fact: str, value: Value) -> bool:
        """Whether a claim holds now, or is what its owner saw last."""
        if fact in self.seen and self.seen[fact] == value:
            return True
        holds = _HOLDS.get(fact)
        return holds is None or holds(self, value)

    @property
    def shows_cells(self) -> bool:
        """Whether the status bar has any sign of a mobile network."""
        technology = self.device["network_technology_connected"]
        return not self.device["airplane_mode"] and technology != "none"

    @property
    def card(self) -> str:
        return "missing" if self.device["sim_card_missing"] else str(self.device["sim_card_status"])

    @property
    def granted(self) -> frozenset[str]:
        """What the messaging app may do."""
        app = self.device["app_statuses"].get("messaging")
        return frozenset(name for name, given in app["permissions"].items() if given) if app else frozenset()


def results_of(calls: Iterable[Called]) -> tuple[dict[str, Value], frozenset[float]]:
    """The latest of each fact in the results of calls, and all speeds."""
    seen: dict[str, Value] = {}
    speeds: set[float] = set()
    for call in calls:
        found = _read(call.content)
        if "speed" in found:
            speeds.add(float(found["speed"]))  # type: ignore[arg-type]
        if call.name == "run_speed_test" and "speed" not in found:
            seen.pop("speed", None)
        seen.update(found)
    return seen, frozenset(speeds)


@lru_cache(maxsize=4096)  # phones say the same things over and over
def _read(content: str) -> Mapping[str, Value]:
    return hearing(content)


def own_calls(trajectory: Iterable[Said | Called]) -> list[Called]:
    """The calls of the customer."""
    return [step for step in trajectory if isinstance(step, Called) and step.actor == "user"]


# --- whether a claim holds ----------------------------------------------------------------------------------


def _data(evidence: Evidence, value: Value) -> bool:
    enabled = bool(evidence.device["data_enabled"])
    return enabled if value else not enabled or not evidence.shows_cells  # the bar shows "disabled" then


def _roaming(evidence: Evidence, value: Value) -> bool:
    """The desk may have told that roaming is on, and have meant the line."""
    return value == evidence.device["roaming_enabled"] or (value is True and evidence.line_roams)


def _vpn(evidence: Evidence, value: Value) -> bool:
    connected = bool(evidence.device["vpn_connected"])
    return connected or bool(evidence.device["vpn_enabled_setting"]) if value else not connected


def _wifi(evidence: Evidence, value: Value) -> bool:
    enabled = bool(evidence.device["wifi_enabled"])
    return enabled if value else not enabled or not evidence.device["wifi_connected"]


def _signal(evidence: Evidence, value: Value) -> bool:
    strength = evidence.device["network_signal_strength"]
    if value == "none":
        return strength == "none" or evidence.device["airplane_mode"] or not evidence.data_works
    return bool(value == strength)


def _technology(evidence: Evidence, value: Value) -> bool:
    return value == str(evidence.device["network_technology_connected"]).lower()


def _speed(evidence: Evidence, value: Value) -> bool:
    return any(abs(float(value) - speed) < 1.0 for speed in evidence.speeds)  # type: ignore[arg-type]


def _speed_label(evidence: Evidence, value: Value) -> bool:
    """Only better than was seen is a false report; "poor" and "slow" are also how it feels."""
    last = evidence.seen.get("speed_label")
    if value == "no connection":
        return last in (None, value) or not evidence.data_works
    if last is None:
        return value not in {"good", "excellent"}
    if last == "no connection":
        return False
    if last == "excellent":
        return False
    return value not in {"good", "excellent"} or LABELS.index(str(value)) <= LABELS.index(str(last))


def _mms(evidence: Evidence, value: Value) -> bool:
    if value:
        return evidence.can_send
    return not evidence.can_send or evidence.seen.get("mms") is not True


def _requested(evidence: Evidence, value: Value) -> bool:
    request = evidence.surroundings["payment_request"]
    return request is not None and str(request["bill_id"]).upper() == value


def _amount(evidence: Evidence, value: Value) -> bool:
    request = evidence.surroundings["payment_request"]
    return request is not None and abs(float(request["amount_due"]) - float(value)) < 0.005  # type: ignore[arg-type]


_HOLDS: Final[Mapping[str, Callable[[Evidence, Value], bool]]] = {
    "airplane": lambda e, value: e.device["airplane_mode"] == value,
    "data": _data,
    "bar_data": _data,
    "data_saver": lambda e, value: e.device["data_saver_mode"] == value,
    "roaming": _roaming,
    "vpn": _vpn,
    "wifi": _wifi,
    "wifi_calling": lambda e, value: e.device["wifi_calling_enabled"] == value,
    "sim": lambda e, value: e.card == value,
    "signal": _signal,
    "technology": _technology,
    "mode": lambda e, value: e.device["network_mode_preference"] == value,
    "apn": lambda e, value: e.device["active_apn_settings"]["apn_name"] == value,
    "mmsc": lambda e, value: bool(e.device["active_apn_settings"]["mmsc_url"]) == value,
    "permissions": lambda e, value: e.granted == value,
    "speed": _speed,
    "speed_label": _speed_label,
    "mms": _mms,
    "requested": _requested,
    "amount": _amount,
    "paid": lambda e, value: False,
    "battery": lambda e, value: float(e.device["battery_level"]) == value,
}
