"""The prompt of a model that plays the customer."""

from __future__ import annotations

from agentbench_sdk.environments.telecom.task import Instructions, TelecomTask, UserScenario
from agentbench_sdk.environments.telecom.users.prompt import customer_guidelines, scenario_text, user_prompt

TOLD = Instructions(
    reason_for_call="The phone is dead.\nSince noon.",
    known_info="You are Ada Low.",
    task_instructions="Ask for help.",
)


def test_a_scenario_is_rendered_part_by_part_with_one_tab_a_level() -> None:
    """The form is that of the benchmark, so that a script reads the same to the same model."""
    scenario = UserScenario(persona="You are calm.\nYou are 40.", instructions=TOLD)
    assert scenario_text(scenario) == (
        "Persona:\n\tYou are calm.\n\tYou are 40.\n"
        "Instructions:\n\tDomain: telecom\n"
        "\tReason for call:\n\t\tThe phone is dead.\n\t\tSince noon.\n"
        "\tKnown info:\n\t\tYou are Ada Low.\n"
        "\tTask instructions:\n\t\tAsk for help."
    )


def test_what_a_scenario_lacks_is_left_out() -> None:
    """A title without a text would make a model invent one."""
    text = scenario_text(UserScenario(instructions=TOLD))
    assert "Persona" not in text
    assert "Unknown info" not in text


def test_a_scenario_in_free_text_is_taken_as_it_is() -> None:
    """Instructions may be one text."""
    assert scenario_text(UserScenario(instructions="Be kind.")) == "Instructions:\n\tBe kind."


def test_the_prompt_is_the_guidelines_and_then_the_scenario() -> None:
    """The script comes last and is marked off."""
    task = TelecomTask(id="t", user_scenario=UserScenario(instructions="Be kind."))
    assert user_prompt(task, "Rules.\n") == ("Rules.\n\n<scenario>\nInstructions:\n\tBe kind.\n</scenario>")


def test_our_guidelines_name_each_mark_that_ends_a_conversation() -> None:
    """A model that is not told the marks never ends."""
    guidelines = customer_guidelines()
    for mark in ("###STOP###", "###TRANSFER###", "###OUT-OF-SCOPE###"):
        assert mark in guidelines
