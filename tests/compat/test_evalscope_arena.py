"""EvalScope's arena figures are reproduced, and its intervals are shown to be too narrow by our own.

The data lie outside the repository (AGENTBENCH_COMPAT_DATA or ../shared) and the tests skip without them.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.statistics import bradley_terry
from agentbench_sdk.statistics.evalscope_arena import (
    Game,
    battle_rows,
    evalscope_arena,
    position_scores,
    win_rate_table,
)

FOLDER = Path(os.environ.get("AGENTBENCH_COMPAT_DATA", Path(__file__).parents[3] / "shared"))
FILE = FOLDER / "golden" / "text" / "evalscope_arena.jsonl"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="no golden data beside the checkout")
SCENARIOS = [json.loads(line) for line in FILE.read_text().splitlines()] if FILE.is_file() else []
BATTLES = [each for each in SCENARIOS if "rows" in each]
POINTS = {"A>>B": 1.0, "A>B": 1.0, "A=B": 0.5, "B>A": 0.0, "B>>A": 0.0}


def games_of(scenario: dict[str, Any]) -> list[list[Game]]:
    return [[Game(**game) for game in row["games"]] for row in scenario["rows"]]


def names(scenario: dict[str, Any]) -> str:
    return str(scenario["case"])


@pytest.mark.parametrize("scenario", BATTLES, ids=names)
def test_the_peer_s_figures_are_reproduced_to_the_recorded_digits(scenario: dict[str, Any]) -> None:
    found = evalscope_arena(games_of(scenario), scenario["baseline"])
    assert found.rows == scenario["n_battle_rows"]
    assert found.winners == scenario["winners"]
    assert {name: round(value, 4) for name, value in found.elo.items()} == scenario["elo"]
    assert found.win_rates == scenario["win_rate_vs_baseline"]
    for name, ends in scenario.get("bootstrap_100_seed42", {}).items():
        assert [round(end, 3) for end in found.bootstrap[name]] == [ends["p2_5"], ends["p97_5"]]


@pytest.mark.parametrize("scenario", BATTLES, ids=names)
def test_scores_by_position_are_reproduced(scenario: dict[str, Any]) -> None:
    prompts = games_of(scenario)
    for games, recorded in zip(prompts, scenario["position_swap_scores"], strict=False):
        assert [game.judgment for game in games] == recorded["games"]
        expected = recorded["score_game1"], recorded["score_game2_reversed"]
        assert position_scores(games) == expected


@pytest.mark.parametrize("scenario", [each for each in SCENARIOS if "table" in each], ids=names)
def test_the_table_of_win_rates_is_reproduced(scenario: dict[str, Any]) -> None:
    table = win_rate_table(scenario["elo"])
    for other, row in scenario["table"].items():
        for name, rate in row.items():
            found = table[other][name]
            assert (None if found is None else round(found, 6)) == rate


def test_ours_is_wider_where_the_peer_copies_rows() -> None:
    """Five prompts in two orders are 18 rows to the peer and five observations to us."""
    (scenario,) = [each for each in BATTLES if each["case"] == "two_models_balanced"]
    prompts = games_of(scenario)
    peer = evalscope_arena(prompts, "base").bootstrap["m1"]
    scores = [
        POINTS[str(game.judgment)] if game.model_a == "m1" else 1 - POINTS[str(game.judgment)]
        for games in prompts
        for game in games
    ]
    labels = [place for place, games in enumerate(prompts) for _ in games]
    ours = bradley_terry(["m1"] * 10, ["base"] * 10, scores, labels, anchor="base", ties="half")
    strength = ours.strength("m1")
    assert strength.elo == pytest.approx(1000)
    assert strength.interval is not None
    assert strength.interval.width > 1.3 * (peer[1] - peer[0])
    copied = [row.winner for row in battle_rows(prompts)]
    assert (len(copied), ours.prompts) == (18, 5)
