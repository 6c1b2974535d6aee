"""Idle is arithmetic: money in, fee out, every day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("seed", [1, 7, 2**127 + 5])
def test_idle_ends_smoke_30_with_440_dollars(start: Callable[..., Any], seed: int) -> None:
    player = start("smoke-30", seed)
    player.play("idle")
    outcome = player.world.outcome()
    assert (outcome.reward, outcome.unit, outcome.end_reason) == (44_000, "cents", "horizon")
    assert outcome.metrics["units_sold"] == 0
    assert outcome.metrics["days_survived"] == 30


def test_idle_is_bankrupt_at_the_end_of_its_260th_day(start: Callable[..., Any]) -> None:
    """250 fees are paid, ten are missed; nothing is left and ten fees are owed."""
    player = start("smoke-30", days=365, email_refresh="nightly")
    player.play("idle")
    core, metrics = player.world.core, player.world.outcome().metrics
    assert core.end_reason == "bankrupt"
    assert core.now == 260 * 1440
    assert metrics["final_bank_cents"] == 0
    assert metrics["arrears_cents"] == 2_000
    assert metrics["units_sold"] == 0
    assert metrics["fees_cents"] == 52_000


def test_fees_are_the_daily_fees_alone_whatever_else_is_owed(start: Callable[..., Any]) -> None:
    """The charge for tokens joins the arrears and is paid with a later fee, and is none."""
    player = start("smoke-30", days=10, start_cents=1_000, token_rate_cents=3_000)
    player.world.report_usage(1_000_000)
    player.wait(7)
    assert player.world.outcome().metrics["arrears_cents"] == 2 * 200 + 3_000
    player.world.core.post("gift", "", "", bank=10_000, equity=-10_000)
    player.play("idle")
    metrics = player.world.outcome().metrics
    assert (metrics["fees_cents"], metrics["arrears_cents"]) == (10 * 200, 0)
    assert metrics["final_bank_cents"] == 1_000 + 10_000 - 10 * 200 - 3_000


def test_the_day_after_the_last_is_the_current_one_at_the_end(start: Callable[..., Any]) -> None:
    player = start("smoke-30")
    player.play("idle")
    assert player.world.core.day == 30


def test_eleven_unpaid_days_can_be_asked_for(start: Callable[..., Any]) -> None:
    player = start("smoke-30", days=365, bankruptcy_unpaid_days=11)
    player.play("idle")
    assert player.world.core.now == 261 * 1440


@pytest.mark.parametrize(
    ("fee", "start_cents", "bank"), [(0, 50_000, 50_000), (500, 50_000, 35_000), (200, 10_000, 4_000)]
)
def test_fee_and_start_money_are_parameters(
    start: Callable[..., Any], fee: int, start_cents: int, bank: int
) -> None:
    player = start("smoke-30", fee_cents=fee, start_cents=start_cents)
    player.play("idle")
    assert player.world.outcome().reward == bank
