"""The customer's phone, and the surroundings that it depends on and its owner cannot change.

Source: tau2-bench 1.0.1, telecom domain. Values of closed sets are held as the texts that tools show.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from agentbench_sdk.environments.telecom.records import Record, plain

SimStatus = Literal["active", "missing", "locked_pin", "locked_puk"]
Signal = Literal["none", "poor", "fair", "good", "excellent"]
Technology = Literal["none", "2G", "3G", "4G", "5G"]
Connection = Literal["connected", "searching", "no_service", "emergency_only"]
NetworkMode = Literal["4g_5g_preferred", "4g_only", "3g_only", "2g_only"]
Performance = Literal["unknown", "poor", "fair", "good", "excellent"]

NETWORK_MODES: tuple[str, ...] = ("4g_5g_preferred", "4g_only", "3g_only", "2g_only")
PERMISSIONS = ("sms", "storage", "phone", "network")
MMSC_URL = "http://mms.carrier.com/mms/wapenc"


@dataclass(frozen=True)
class Apn(Record):
    """How the phone reaches the carrier's data network."""

    apn_name: Literal["internet", "broken"] = "internet"
    reset_at_reboot: bool = False
    mms_apn: str | None = "mms"
    mmsc_url: str | None = MMSC_URL
    mms_proxy: str | None = None
    mms_port: int | None = None


class ApnSettings(BaseModel):
    """What `set_apn_settings` accepts; a number may come as text, whatever is missing is the default."""

    model_config = ConfigDict(extra="forbid")

    apn_name: Literal["internet", "broken"] = "internet"
    reset_at_reboot: bool = False
    mms_apn: str | None = "mms"
    mmsc_url: str | None = MMSC_URL
    mms_proxy: str | None = None
    mms_port: int | None = None

    def record(self) -> Apn:
        return Apn(**self.model_dump())


@dataclass(frozen=True)
class Vpn(Record):
    """A VPN connection."""

    server_address: str | None = None
    protocol: str | None = None
    server_performance: Performance = "unknown"

    def as_python(self) -> str:
        """The text in which the phone shows its details: a Python mapping with an enumeration."""
        level = self.server_performance
        return (
            f"{{'server_address': {self.server_address!r}, 'protocol': {self.protocol!r}, "
            f"'server_performance': <PerformanceLevel.{level.upper()}: {level!r}>}}"
        )


DEFAULT_VPN = Vpn("192.168.1.1", "OpenVPN", "excellent")


@dataclass(frozen=True)
class Permissions(Record):
    """What an app may use."""

    sms: bool = False
    storage: bool = False
    phone: bool = False
    network: bool = False


@dataclass(frozen=True)
class App(Record):
    """An app on the phone."""

    app_name: str
    permissions: Permissions = Permissions()


@dataclass(frozen=True)
class PaymentRequest(Record):
    """A bill that the carrier asks to be paid, in US dollars; the amount is that of the moment of the request."""

    bill_id: str
    amount_due: float
    paid: bool = False


def _apps() -> dict[str, App]:
    return {
        "messaging": App("messaging", Permissions(sms=True, storage=True, phone=True)),
        "browser": App("browser", Permissions(storage=True, network=True)),
    }


def _strengths() -> dict[Technology, Signal]:
    return {"2G": "poor", "3G": "fair", "4G": "good", "5G": "excellent"}


def _known_mode(value: Any) -> Any:
    if value not in NETWORK_MODES:
        raise ValueError(f"is one of {', '.join(NETWORK_MODES)}")
    return value


@dataclass(slots=True)
class Phone:
    """The phone itself. `network_mode_preference` holds whatever a caller put there, even what is no mode."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    sim_card_status: SimStatus = "active"
    sim_card_missing: bool = False
    airplane_mode: bool = False
    network_signal_strength: Signal = "good"
    network_technology_connected: Technology = "5G"
    network_connection_status: Connection = "connected"
    battery_level: int = 80
    data_enabled: bool = True
    roaming_enabled: bool = False
    network_mode_preference: Annotated[Any, AfterValidator(_known_mode)] = "4g_5g_preferred"
    active_apn_settings: Apn = Apn()
    wifi_enabled: bool = False
    wifi_connected: bool = False
    wifi_ssid: str | None = None
    wifi_signal_strength: Signal = "none"
    wifi_calling_enabled: bool = False
    wifi_calling_mms_over_wifi: bool = False
    data_saver_mode: bool = False
    vpn_enabled_setting: bool = False
    vpn_connected: bool = False
    vpn_details: Vpn | None = None
    app_statuses: dict[str, App] = field(default_factory=_apps)

    @property
    def sim(self) -> SimStatus:
        """The effective status of the SIM card."""
        return "missing" if self.sim_card_missing else self.sim_card_status

    def copied(self) -> Phone:
        twin = copy(self)
        twin.app_statuses = dict(self.app_statuses)
        return twin

    def shown(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in _slots(Phone)}


@dataclass(slots=True)
class Surroundings:
    """What the phone depends on; `phone_number` None means that nobody owns it yet, and nothing is synced."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str | None = None
    phone_number: str | None = None
    is_abroad: bool = False
    roaming_allowed: bool = False
    signal_strength: dict[Technology, Signal] = field(default_factory=_strengths)
    mobile_data_usage_exceeded: bool = False
    line_active: bool = True
    payment_request: PaymentRequest | None = None

    def copied(self) -> Surroundings:
        twin = copy(self)
        twin.signal_strength = dict(self.signal_strength)
        return twin

    def shown(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in _slots(Surroundings)}


def _slots(kind: type[Any]) -> tuple[str, ...]:
    return tuple(kind.__slots__)


@dataclass(slots=True)
class Handset:
    """The user's database: phone and surroundings.

    Attributes:
        vpn_profile: what the next connection uses. Breaking the VPN spoils it for good: in this world alone.
    """

    phone: Phone
    surroundings: Surroundings
    vpn_profile: Vpn = DEFAULT_VPN

    def copied(self) -> Handset:
        return Handset(self.phone.copied(), self.surroundings.copied(), self.vpn_profile)

    def shown(self) -> dict[str, Any]:
        return {"device": self.phone.shown(), "surroundings": self.surroundings.shown()}
