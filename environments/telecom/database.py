"""Pristine databases: read and checked once, shared by all worlds that are made from them.

Database.from_toml("db.toml", "user_db.toml")      # tau2-bench's files
Database.from_json({"agent_db": {…}, "user_db": {…}})
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agentbench_sdk.environments.telecom.office import Office, PhoneBook
from agentbench_sdk.environments.telecom.phone import (
    DEFAULT_VPN,
    Apn,
    App,
    Handset,
    PaymentRequest,
    Permissions,
    Phone,
    Surroundings,
    Vpn,
)
from agentbench_sdk.environments.telecom.records import (
    Address,
    Bill,
    Customer,
    Device,
    Line,
    LineItem,
    PaymentMethod,
    Plan,
)
from agentbench_sdk.errors import ConfigurationError

_TABLES: Mapping[str, tuple[type[Any], str]] = {
    "plans": (Plan, "plan_id"),
    "customers": (Customer, "customer_id"),
    "lines": (Line, "line_id"),
    "bills": (Bill, "bill_id"),
    "devices": (Device, "device_id"),
}
_USER: Mapping[str, type[Any]] = {"device": Phone, "surroundings": Surroundings}


@dataclass(frozen=True, slots=True)
class Database:
    """Both databases before anything has happened.

    Attributes:
        sha256: of both; tells whether two worlds begin alike.
    """

    tables: Mapping[str, Mapping[str, Any]]
    phone: Phone
    surroundings: Surroundings
    phone_book: PhoneBook
    sha256: str
    vpn_profile: Vpn = DEFAULT_VPN

    @classmethod
    def from_toml(cls, agent: str | Path, user: str | Path) -> Database:
        """Read the two files of tau2-bench's telecom domain.

        Raises:
            ConfigurationError: a file is missing, is no TOML, or holds what a record does not; file and field
                are named.
        """
        return cls._read(_toml(agent), _toml(user), str(agent), str(user))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Database:
        """Make databases of `{"agent_db": …, "user_db": …}`.

        Raises:
            ConfigurationError: a record is wrong; its field is named.
        """
        return cls._read(content["agent_db"], content["user_db"], "agent_db", "user_db")

    @classmethod
    def from_state(cls, agent: Any, user: Any, vpn_profile: Mapping[str, Any]) -> Database:
        """Databases as a world had them; numbers are taken as they come, 2 is not 2.0."""
        tables = {
            name: {each[key]: _unchecked(kind, each) for each in agent[name]}
            for name, (kind, key) in _TABLES.items()
        }
        phone, around = _unchecked(Phone, user["device"]), _unchecked(Surroundings, user["surroundings"])
        return cls(tables, phone, around, _phone_book(tables), "", Vpn(**vpn_profile))

    @classmethod
    def _read(cls, agent: Any, user: Any, agent_file: str, user_file: str) -> Database:
        tables = _tables(agent, agent_file)
        sides = {
            name: _checked(kind, user.get(name, {}), f"{user_file}: {name}") for name, kind in _USER.items()
        }
        if unknown := sorted(set(user) - set(_USER)):
            raise ConfigurationError(f"{user_file}: has no field {unknown[0]!r}; it has {', '.join(_USER)}")
        book = _phone_book(tables)
        office = Office(**tables, phone_book=book, new_bill_id=str)
        handset = Handset(sides["device"], sides["surroundings"])
        whole = office.sorted_json() + json.dumps(handset.shown(), sort_keys=True)
        return cls(tables, handset.phone, handset.surroundings, book, sha256(whole.encode()).hexdigest())

    def office(self, new_bill_id: Callable[[], str]) -> Office:
        """A back office of its own."""
        return Office(**self.tables, phone_book=self.phone_book, new_bill_id=new_bill_id)

    def handset(self) -> Handset:
        """A phone of its own."""
        return Handset(self.phone.copied(), self.surroundings.copied(), self.vpn_profile)

    def with_changes(self, agent: Mapping[str, Any] | None, user: Mapping[str, Any] | None) -> Database:
        """The databases with records merged in, field by field; lists are replaced as a whole.

        Raises:
            ConfigurationError: what comes out is no database.
        """
        handset = Handset(self.phone, self.surroundings)
        return self._read(
            _merged(self.office(str).shown(), agent or {}),
            _merged(handset.shown(), user or {}),
            "initialization_data: agent_data",
            "initialization_data: user_data",
        )


def _phone_book(tables: Mapping[str, Mapping[str, Any]]) -> PhoneBook:
    return PhoneBook.of(tables["customers"], tables["lines"])


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, Mapping):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return new


def _toml(path: str | Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is no TOML ({error})") from error


def _tables(content: Any, file: str) -> dict[str, dict[str, Any]]:
    if not isinstance(content, Mapping) or set(content) != set(_TABLES):
        raise ConfigurationError(f"{file}: must hold the lists {', '.join(_TABLES)}, and nothing else")
    tables: dict[str, dict[str, Any]] = {}
    for name, (kind, key) in _TABLES.items():
        records = [
            _checked(kind, each, f"{file}: {name}.{place}") for place, each in enumerate(content[name])
        ]
        tables[name] = {getattr(record, key): record for record in records}
        if len(tables[name]) < len(records):
            raise ConfigurationError(f"{file}: {name}: two records share a {key}")
    return tables


# Fields that hold records, by name: no two kinds of records share one.
_PARTS: Mapping[str, type[Any]] = {
    "line_items": LineItem,
    "address": Address,
    "payment_methods": PaymentMethod,
    "active_apn_settings": Apn,
    "vpn_details": Vpn,
    "app_statuses": App,
    "permissions": Permissions,
    "payment_request": PaymentRequest,
}


def _unchecked(kind: type[Any], content: Mapping[str, Any]) -> Any:
    """A record of what another one showed, without touching any value."""
    return kind(**{name: _part(name, value) for name, value in content.items()})


def _part(name: str, value: Any) -> Any:
    kind = _PARTS.get(name)
    if isinstance(value, list):
        return tuple(_unchecked(kind, each) if kind else each for each in value)
    if kind is None or value is None:
        return value
    if name == "app_statuses":
        return {app: _unchecked(kind, each) for app, each in value.items()}
    return _unchecked(kind, value)


# Made once: it takes a hundred times as long as checking a record.
_ADAPTERS: Mapping[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (*(kind for kind, _ in _TABLES.values()), *_USER.values())
}


def _checked(kind: type[Any], content: Any, where: str) -> Any:
    try:
        return _ADAPTERS[kind].validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ConfigurationError(f"{where}: field {field!r}: {first['msg']}") from None
