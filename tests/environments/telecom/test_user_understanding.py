"""What the scripted customer takes in: hundreds of requests put in many ways, and as many texts that ask for nothing."""

import doctest
import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.requests import (
    NETWORK_MODES,
    REASONS,
    REPAIRING,
    REQUESTS,
    request_for,
)
from agentbench_sdk.environments.telecom.toolbox import TOOLS
from agentbench_sdk.environments.telecom.users.steps import steps_in
from agentbench_sdk.environments.telecom.users.understanding import understand
from tests.environments.telecom.notation import phrasings, shown

REQUESTED = [*phrasings("phrasings.txt"), *phrasings("phrasings_long.txt")]
STATED = phrasings("statements.txt")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "set_network_mode_preference": {"mode": "4g_5g_preferred"},
    "set_apn_settings": {"apn_settings": {"apn_name": "internet", "mms_port": 80}},
    "check_app_status": {"app_name": "messaging"},
    "check_app_permissions": {"app_name": "browser"},
    "grant_app_permission": {"app_name": "messaging", "permission": "storage"},
}


@pytest.mark.parametrize(("text", "meant"), REQUESTED)
def test_a_request_is_understood_however_it_is_put(text: str, meant: str) -> None:
    assert shown(understand(text)) == meant


@pytest.mark.parametrize(("text", "meant"), STATED)
def test_what_asks_for_nothing_touches_nothing(text: str, meant: str) -> None:
    heard = understand(text)
    assert not heard.steps.steps
    assert shown(heard) == meant


def test_the_tables_are_as_large_as_they_should_be() -> None:
    assert len({text for text, _ in REQUESTED}) >= 400
    assert len({text for text, _ in STATED}) >= 100
    asked = " ".join(meant for _, meant in REQUESTED)
    assert [name for name, tool in TOOLS.items() if tool.actor == "user" and name not in asked] == []


def _requests() -> Iterator[tuple[str, bool | None]]:
    for tool in REQUESTS:
        for on in (True, False) if tool in REPAIRING else (None,):
            yield tool, on


@pytest.mark.parametrize("reasoned", [False, True])
@pytest.mark.parametrize(("tool", "on"), list(_requests()))
def test_each_request_of_the_reference_agents_is_understood(
    tool: str, on: bool | None, reasoned: bool
) -> None:
    arguments = ARGUMENTS.get(tool, {})
    request = request_for(tool, arguments, on=on)
    steps = understand(f"{REASONS[tool]} {request}" if reasoned else request).steps.steps
    assert [(step.tool, step.arguments, step.want) for step in steps] == [(tool, arguments, on)]


@pytest.mark.parametrize("mode", NETWORK_MODES)
def test_each_network_mode_is_understood(mode: str) -> None:
    request = request_for("set_network_mode_preference", {"mode": mode})
    assert [step.arguments for step in understand(request).steps.steps] == [{"mode": mode}]


@pytest.mark.parametrize("name", [name for name, tool in TOOLS.items() if tool.actor == "user"])
@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "`{}`",
        "{}()",
        "Please use {}.",
        "Please run `{}` and tell me the result.",
        "Please use the tool {}.",
    ],
)
def test_the_bare_name_of_a_tool_is_a_request_for_it(name: str, form: str) -> None:
    assert [step.tool for step in understand(form.format(name)).steps.steps] == [name]


@pytest.mark.parametrize("name", [name for name, tool in TOOLS.items() if tool.actor == "user"])
@pytest.mark.parametrize(
    "form",
    [
        "Don't use {} yet.",
        "The tool {} is part of your phone.",
        "You used {}, thank you.",
        "Later I will ask you for {}.",
    ],
)
def test_a_tool_that_is_only_spoken_of_is_not_used(name: str, form: str) -> None:
    assert understand(form.format(name)).steps.steps == ()


@pytest.mark.parametrize("name", [name for name, tool in TOOLS.items() if tool.actor == "agent"])
def test_tools_of_the_desk_are_none_of_the_customers(name: str) -> None:
    tools = {step.tool for step in understand(f"Please call {name} now.").steps.steps}
    assert name not in tools


@pytest.mark.parametrize(
    ("before", "text", "meant"),
    [
        ("Is airplane mode on?", "Please turn it off.", "toggle_airplane_mode=off"),
        ("I see that the VPN is connected.", "Could you disconnect it?", "disconnect_vpn"),
        ("Your APN settings are wrong.", "Please reset them.", "reset_apn_settings"),
        ("Your data roaming is off.", "Please switch it on.", "toggle_roaming=on"),
        ("I have sent you a payment request.", "Could you check it?", "check_payment_request"),
        ("Hello.", "Please turn it off.", ""),
    ],
)
def test_it_is_what_was_spoken_of_last_even_a_text_ago(before: str, text: str, meant: str) -> None:
    topic = understand(before).steps.topic
    assert shown(understand(text, topic)) == meant


def test_of_a_long_text_beginning_and_end_are_read() -> None:
    filler = "This is how a phone works. " * 5_000
    assert [step.tool for step in steps_in(f"{filler}Please restart your phone.").steps] == ["reboot_device"]
    assert [step.tool for step in steps_in(f"Please restart your phone. {filler}").steps] == ["reboot_device"]


@pytest.mark.parametrize("module", ["steps"])
def test_examples_in_docstrings_run(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"agentbench_sdk.environments.telecom.users.{module}"))
    assert found.attempted > 0
    assert found.failed == 0
