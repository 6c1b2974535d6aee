"""The briefing: everything the operator is told before the first day, and nothing that is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.mailroom import OWN_ADDRESS
from agentbench_sdk.environments.vending.scenario import VendingScenario
from agentbench_sdk.environments.vending.web.pages import money

_OBJECTIVES = {
    "bank": "have as much money as possible in the bank when the last day ends. Goods and cash in the "
    "machine do not count.",
    "net_worth": "own as much as possible when the last day ends: money in the bank, cash in the machine "
    "and goods at what they cost you.",
}


@lru_cache(maxsize=1)
def _template() -> str:
    return files(__package__).joinpath("data/briefing.txt").read_text(encoding="utf-8")


def briefing(scenario: VendingScenario) -> str:
    """The briefing of a scenario."""
    continuous = scenario.email_refresh == "continuous"
    nights = scenario.card_lag_days
    text = _template().format(
        days=scenario.days,
        objective=_OBJECTIVES[scenario.primary_score],
        start=money(scenario.start_cents)[1:],
        fee=money(scenario.fee_cents)[1:],
        unpaid=scenario.bankruptcy_unpaid_days,
        small=scenario.small_capacity,
        large=scenario.large_capacity,
        address=OWN_ADDRESS,
        lag=f"{nights + 1} midnights later" if nights else "at midnight",
        box=money(scenario.cashbox_capacity_cents)[1:],
        survey=money(scenario.survey_cents)[1:],
        refresh="; delivery notices come at once" if continuous else ", delivery notices included",
        actions=scenario.max_actions,
        mails=scenario.mails_per_day,
        invalid=scenario.max_consecutive_invalid,
    )
    return "\n\n".join([text.rstrip("\n"), *_special_rules(scenario)]) + "\n"


def _special_rules(scenario: VendingScenario) -> Iterator[str]:
    """Paragraphs for what most scenarios do not have."""
    if scenario.events:
        yield (
            "Trouble: the machine can break down, then it sells nothing, or its coin slot can jam, then it "
            "takes cards only. Its status is in the morning report. service_machine repairs it: a visit takes "
            f"75 minutes and costs {money(scenario.service_cents)}."
        )
    if scenario.storage_capacity:
        yield (
            f"Room: your storage room holds {scenario.storage_capacity} units. What a delivery brings beyond that "
            "is thrown away, and goods from the machine do not go back into a full room."
        )
    if scenario.subagent != "off":
        yield (
            "Help: you do not work at the machine yourself. A worker stocks it, sets prices, collects cash, reads "
            "its inventory and has it repaired. sub_agent_specs says what it can do, run_sub_agent sends it (5 "
            "minutes, and its own work on top), chat_with_sub_agent asks it about its last errand."
        )
    if scenario.token_rate_cents:
        yield (
            f"Your own writing costs {money(scenario.token_rate_cents)} for a million output tokens, charged "
            "every seventh midnight; what cannot be paid joins what you owe."
        )
