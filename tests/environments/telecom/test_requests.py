"""The sentences with which a customer is asked to use the phone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.requests import (
    NETWORK_MODES,
    REASONS,
    REPAIRING,
    REQUESTS,
    request_for,
    slots_of,
)

WITH_ARGUMENTS: dict[str, dict[str, Any]] = {
    "set_network_mode_preference": {"mode": "4g_5g_preferred"},
    "set_apn_settings": {"apn_settings": {"apn_name": "internet"}},
    "check_app_status": {"app_name": "messaging"},
    "check_app_permissions": {"app_name": "messaging"},
    "grant_app_permission": {"app_name": "messaging", "permission": "sms"},
}


def test_each_tool_of_the_phone_can_be_asked_for() -> None:
    """The customer has thirty tools; none of them is beyond the agent's words."""
    assert len(REQUESTS) == 30


@pytest.mark.parametrize("tool", sorted(REQUESTS))
def test_a_request_speaks_of_the_phone_and_not_of_tools(tool: str) -> None:
    """A customer knows a phone, not the names of functions."""
    sentence = request_for(tool, WITH_ARGUMENTS.get(tool))
    assert "_" not in re.sub(r"\([0-9a-z_]+\)|\{.*\}", "", sentence)
    assert sentence[-1] in "?.}"


def test_there_is_a_reason_for_each_request() -> None:
    """A wary customer is told why before anything is touched."""
    assert list(REASONS) == list(REQUESTS)
    assert not any("?" in reason or "_" in reason for reason in REASONS.values())


def test_no_two_tools_are_asked_for_in_the_same_words() -> None:
    """Otherwise the customer would have to guess."""
    said = {request_for(tool, WITH_ARGUMENTS.get(tool)) for tool in REQUESTS}
    assert len(said) == len(REQUESTS)


@pytest.mark.parametrize("tool", sorted(WITH_ARGUMENTS))
def test_the_arguments_are_in_the_sentence(tool: str) -> None:
    """What is to be set is said, in a form that can be passed on as it is."""
    arguments = WITH_ARGUMENTS[tool]
    assert slots_of(tool) == list(arguments)
    sentence = request_for(tool, arguments)
    values = [value for value in arguments.values() if isinstance(value, str)]
    assert all(value in sentence for value in values)


def test_a_missing_argument_is_not_asked_around() -> None:
    """A sentence with a hole in it would be worse than an error."""
    with pytest.raises(KeyError):
        request_for("grant_app_permission", {"app_name": "messaging"})


@pytest.mark.parametrize("tool", sorted(REPAIRING))
def test_a_switch_is_turned_the_way_that_is_said(tool: str) -> None:
    """A switch that is only "toggled" would be turned the wrong way by a customer who had turned it already."""
    repaired = "on" if REPAIRING[tool] else "off"
    assert f" {repaired}," in request_for(tool)
    assert " on," in request_for(tool, on=True)
    assert " off," in request_for(tool, on=False)


def test_network_modes_are_said_in_words_and_in_the_phones_own_value() -> None:
    """People read the words; who must set the value has it as well."""
    for value, words in NETWORK_MODES.items():
        sentence = request_for("set_network_mode_preference", {"mode": value})
        assert value in sentence
        assert words in sentence
