"""Whole conversations with the scripted customer in the real world: every family is solved, nothing is left to chance."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.own import facts, generate, own_data
from agentbench_sdk.environments.telecom.policies import ORACLES, POLICIES
from agentbench_sdk.environments.telecom.task import ReferenceAction, TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said
from agentbench_sdk.environments.telecom.users.script import Script
from agentbench_sdk.simulation import Act, Opening, Oracle
from tests.environments.telecom.play import Played, play

SMALL = own_data().tasks("small")
TEST = {
    "service_issue": "Could you please look at your status bar and tell me what it shows?",
    "mobile_data_issue": "Please run a speed test and share the result with me.",
    "mms_issue": "Please try to send a picture message now.",
}
NATURAL: Mapping[str, Sequence[str]] = {
    "toggle_airplane_mode": (
        "I can see that airplane mode may be the cause. It cuts off all radio. Please turn it off.",
        "Let's make sure that **Airplane Mode** is off, because it blocks every connection.",
        "1. Open your settings\n2. Turn airplane mode off, so that the phone can find its network again",
    ),
    "reseat_sim_card": (
        "The SIM is the small card of your carrier. Could you take it out and then put the SIM card back in?",
        "Please remove the SIM card and re-insert it; it's only the small chip that may sit loose.",
        "Next, I need you to reseat your SIM card. It's a small card, and this helps if it is loose.",
    ),
    "reset_apn_settings": (
        "The APN is the address of our network. Don't restart the phone yet; please reset the APN settings to default.",
        "Let's restore the default APN settings, because they tell the phone how to reach us.",
        "Would you please reset your Access Point Name (APN) settings? It won't delete anything.",
    ),
    "reboot_device": (
        "For the change to take effect, please restart your phone. Your photos are safe.",
        "Could you turn your phone off and on again? Nothing will be lost.",
        "Please go ahead and reboot the device now, so that the new settings are used.",
    ),
    "toggle_data": (
        "If mobile data is off, please turn it on, because nothing works without it.",
        "Your **mobile data** should be enabled for this to work. Please switch it on.",
        "Could you enable cellular data on your phone? This will let it go online.",
    ),
    "toggle_roaming": (
        "Since you are abroad, data roaming is needed: it lets your phone use foreign networks. Please enable it.",
        "Roaming means using networks abroad. Could you turn data roaming on?",
        "Please toggle data roaming so that it's on. It allows your phone to use other networks.",
    ),
    "toggle_data_saver_mode": (
        "Data saver slows things down. Could you turn it off for me, so that we see the full speed?",
        "Please disable Data Saver, because it limits your speed.",
        "To get the full speed, make sure that data saver is off.",
    ),
    "set_network_mode_preference": (
        "Your phone may be limited to an old network. Please set the network mode to 4G/5G preferred, so it can use the fastest one.",
        'Could you change your preferred network type to "4G/5G preferred"? It helps your phone find 5G.',
        "Please choose 4g_5g_preferred as the network mode; this makes the phone use 5G.",
    ),
    "disconnect_vpn": (
        "A VPN is a detour for your traffic. Please disconnect it.",
        "Could you turn off your VPN? It's a detour that slows everything down.",
        "Next, please disconnect from the VPN, since it may be slow.",
    ),
    "toggle_wifi_calling": (
        "Wi-Fi calling can get in the way of picture messages. Please switch Wi-Fi calling off, so that they can pass.",
        "Could you disable Wi-Fi Calling? It may block pictures.",
        "Please make sure Wi-Fi calling is turned off, because it interferes with MMS.",
    ),
    "grant_app_permission": (
        "Your {app_name} app needs the {permission} permission to send pictures. Could you please grant it?",
        "Please allow the {app_name} app to use {permission}, because pictures need it.",
        "Please go to the settings of the {app_name} app and enable the {permission} permission. It is needed for pictures.",
    ),
    "make_payment": (
        "I have sent you a payment request. If it looks right, please pay it, so that I can bring your line back.",
        "Please go ahead and make the payment, because only then can I go on.",
        "Could you complete the payment on your phone? It's needed to resume your line.",
    ),
}  # fmt: skip


def natural(opening: Opening, truth: Mapping[str, Any]) -> Generator[Act, str, None]:
    """Asks for the reference repairs in words of its own, one wording after the other."""
    task = TelecomTask.model_validate(truth["task"])
    assert task.evaluation_criteria is not None
    for place, action in enumerate(task.evaluation_criteria.actions or ()):
        if action.requestor == "user":
            yield Act(text=_wording(action, place + len(task.id)))
        else:
            yield Act(action.name, action.arguments)
            if action.name == "transfer_to_human_agents":
                yield Act(text="I am transferring you to a human agent now. Please hold on.")
    while True:
        yield Act(text=TEST[facts(task).family])
        yield Act(text="Your phone should work again now. Is there anything else I can do for you?")


def _wording(action: ReferenceAction, turn: int) -> str:
    choices = NATURAL[action.name]
    return choices[turn % len(choices)].format(**action.arguments)


def policy(name: str) -> Oracle:
    """A reference agent, whether or not it is given the truth."""
    return ORACLES[name] if name in ORACLES else lambda opening, truth: POLICIES[name](opening)


@pytest.mark.parametrize("seed", [11, 12])
def test_requests_in_natural_words_solve_every_family(seed: int) -> None:
    played = {task.id: play(task, natural) for task in generate(60, seed)}
    assert {key for key, each in played.items() if each.reward != 1} == set()


@pytest.mark.parametrize("name", ["ground-truth", "workflow"])
def test_the_reference_agents_solve_every_small_task_with_this_customer(name: str) -> None:
    played = [play(task, policy(name)) for task in SMALL]
    assert [each.world.task.id for each in played if each.reward != 1] == []
    assert {each.ended for each in played} == {"###STOP###", "###TRANSFER###"}


@pytest.mark.parametrize("name", ["ground-truth", "workflow", "do-nothing", "always-transfer"])
def test_the_guard_has_nothing_against_what_this_customer_says(name: str) -> None:
    assert [each.objections for task in SMALL if (each := play(task, policy(name))).objections] == []


@pytest.mark.parametrize("task", SMALL[::3], ids=lambda task: task.id)
def test_the_same_conversation_comes_again_to_the_letter(task: TelecomTask) -> None:
    assert play(task, policy("workflow")).transcript == play(task, policy("workflow")).transcript


def test_an_agent_that_does_nothing_is_left_after_a_while() -> None:
    played = [play(task, policy("do-nothing")) for task in SMALL]
    assert {each.ended for each in played} == {"###OUT-OF-SCOPE###"}
    assert max(each.texts for each in played) < 20


@pytest.mark.parametrize("task", SMALL, ids=lambda task: task.id)
def test_the_script_is_read_as_it_was_written(task: TelecomTask) -> None:
    script, known = Script.of({"user_scenario": task.user_scenario.model_dump()}), facts(task)
    assert f"{script.family}_issue" == known.family
    assert script.refuel_gb == known.buys_gb
    assert script.pays
    assert ("abroad" in script.place) == known.abroad
    assert bool(script.number) == (known.identity == "number")
    assert bool(script.contact) == (known.identity == "contact")
    assert bool(script.customer_id) == (known.identity == "customer_id")
    assert script.name in (task.ticket or "")
    assert script.birth in (task.ticket or "")


# --- single turns ---------------------------------------------------------------------------------------------


def _lines(*texts: str) -> Oracle:
    """An agent that says these texts and then goodbye."""

    def speak(opening: Opening, truth: Mapping[str, Any]) -> Generator[Act, str, None]:
        for text in texts:
            yield Act(text=text)
        while True:
            yield Act(text="Goodbye.")

    return speak


def _task(fault: str, *personas: str) -> TelecomTask:
    """The task with the fewest other faults."""
    tasks = [
        task
        for task in (*own_data().tasks("full"), *generate(300, 3))
        if fault in facts(task).faults and facts(task).persona in (personas or ("none", "steady"))
    ]
    return min(tasks, key=lambda task: len(facts(task).faults))


def _calls(played: Played) -> list[str]:
    return [
        entry.name for entry in played.world.trajectory if isinstance(entry, Called) and entry.actor == "user"
    ]


def _replies(played: Played) -> list[str]:
    return [
        entry.text for entry in played.world.trajectory if isinstance(entry, Said) and entry.actor == "user"
    ][1:]


def test_a_switch_that_stands_right_is_left_alone() -> None:
    played = play(
        _task("wifi_calling"), _lines("Please turn airplane mode off.", "Please turn on mobile data.")
    )
    assert "toggle_airplane_mode" not in _calls(played)
    assert "toggle_data" not in _calls(played)
    assert "already off" in _replies(played)[0]
    assert "already on" in _replies(played)[1]


def test_of_two_changes_the_first_is_made_and_the_next_asked_for() -> None:
    played = play(
        _task("mmsc_missing"), _lines("Please reset your APN settings and then restart your phone.")
    )
    assert _calls(played)[0] == "reset_apn_settings"
    assert "reboot_device" not in _calls(played)
    assert _replies(played)[0].endswith(("What is the next one, please?", "tell me the next one."))


def test_a_change_is_followed_by_the_look_that_was_asked_for() -> None:
    played = play(_task("data_saver"), _lines("Please turn off Data Saver and run a speed test."))
    assert _calls(played)[:3] == ["check_data_restriction_status", "toggle_data_saver_mode", "run_speed_test"]
    assert played.ended == "###STOP###"


@pytest.mark.parametrize(
    ("condition", "called"),
    [
        ("If your SIM card is missing, please reseat it.", True),
        ("If your SIM card is locked, please restart your phone.", False),
    ],
)
def test_a_condition_is_looked_at_first(condition: str, called: bool) -> None:
    calls = _calls(play(_task("sim_unseated"), _lines(condition)))
    assert calls[0] == "check_sim_status"
    assert ({"reseat_sim_card", "reboot_device"} & {*calls} != set()) == called


def test_what_the_phone_shows_is_told_word_for_word() -> None:
    played = play(_task("wifi_calling"), _lines("Please check your network status."))
    result = next(entry.content for entry in played.world.trajectory if isinstance(entry, Called))
    assert result in _replies(played)[0]


def test_the_word_of_the_agent_is_checked_before_it_is_believed() -> None:
    played = play(_task("wifi_calling"), _lines("Your picture messages should be working now."))
    assert _calls(played)[0] == "can_send_mms"
    assert "###" not in _replies(played)[0]


def test_a_transfer_that_is_only_offered_ends_nothing() -> None:
    played = play(
        _task("sim_locked_pin"),
        _lines(
            "Would you like me to transfer you to a human agent?",
            "You are being transferred to a human agent.",
        ),
    )
    assert "###" not in _replies(played)[0]
    assert _replies(played)[1].endswith("###TRANSFER###")


def test_a_timid_customer_asks_what_a_word_means_and_does_it_then() -> None:
    played = play(
        _task("vpn_slow", "novice"), _lines("Please disconnect the VPN.", "A VPN is a detour for your data.")
    )
    assert _replies(played)[0].endswith("?")
    assert _calls(played)[0] == "disconnect_vpn"


def test_a_wary_customer_wants_a_reason_first() -> None:
    task = _task("mode_2g", "wary")
    name = Script.of({"user_scenario": task.user_scenario.model_dump()}).name
    played = play(
        task, _lines("What is your name?", "It is for finding your account.", "Please restart your phone.")
    )
    assert name not in _replies(played)[0]
    assert name in _replies(played)[1]
    assert _replies(played)[2].endswith("?")


def test_data_is_bought_as_the_script_says_and_after_the_price() -> None:
    task = _task("data_used_up")
    played = play(
        task, _lines("How much data would you like to add?", "2 GB would cost $5. Shall I add them?")
    )
    amount = f"{facts(task).buys_gb:g} GB"
    assert amount in _replies(played)[0]
    assert "what that costs" in _replies(played)[0]
    assert _replies(played)[1].startswith("Yes")
    assert amount in _replies(played)[1]


def test_data_that_the_script_does_not_want_is_refused() -> None:
    played = play(
        _task("data_used_up_refused"), _lines("Would you like to add more data or change your plan?")
    )
    assert _replies(played)[0].startswith("No")
    assert "Yes" not in _replies(played)[0]


@pytest.mark.parametrize(
    "question",
    ["What is your email address?", "Could you tell me your SIM PIN?", "Which software version do you have?"],
)
def test_what_the_script_does_not_say_is_not_known(question: str) -> None:
    played = play(_task("wifi_calling"), _lines(question))
    assert _replies(played)[0] == "I am afraid I do not know that."


def test_only_what_was_asked_for_is_told() -> None:
    task = _task("data_off")
    script = Script.of({"user_scenario": task.user_scenario.model_dump()})
    played = play(task, _lines("May I have your full name?"))
    first = " ".join([played.transcript.splitlines()[1], _replies(played)[0]])
    assert script.name in first
    assert [
        told for told in (script.number, script.birth, script.customer_id) if told and told in first
    ] == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("So you are {name} with the number {number}, is that correct?", True),
        ("I have you under 999-555-0000. Is that correct?", False),
    ],
)
def test_details_that_are_read_back_are_compared(text: str, right: bool) -> None:
    task = next(task for task in SMALL if facts(task).identity == "number" and facts(task).persona == "none")
    script = Script.of({"user_scenario": task.user_scenario.model_dump()})
    played = play(task, _lines(text.format(name=script.name, number=script.number)))
    assert _replies(played)[0].startswith("Yes" if right else "No")


def test_a_user_without_a_tool_says_that_it_cannot() -> None:
    task = SMALL[0].model_copy(update={"user_tools": ["check_status_bar"]})
    played = play(task, _lines("Please restart your phone."))
    assert _calls(played)[0] != "reboot_device"
    assert _replies(played)[0] == "I am afraid I cannot do that on my phone."


@pytest.mark.parametrize("persona", ["none", "steady", "curious", "impatient", "novice", "talkative", "wary"])
def test_a_persona_changes_words_and_never_facts(persona: str) -> None:
    task = next(
        task for task in own_data().tasks("full") if facts(task).persona == persona and facts(task).fixable
    )
    played = play(task, policy("ground-truth"))
    assert played.reward == 1
