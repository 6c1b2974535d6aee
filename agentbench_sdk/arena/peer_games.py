"""A battle in the words of EvalScope's arena: a game an order, and "A>B", "A=B" or "B>A"."""

from __future__ import annotations

from agentbench_sdk.arena.battle import Battle, Showing
from agentbench_sdk.statistics.evalscope_arena import Game

_WORDS = {"first": "A>B", "second": "B>A", "tie": "A=B"}


def games_of(battle: Battle) -> list[Game]:
    """The games of a battle, in the order in which they were shown; one without a word where there is no verdict."""
    if battle.score is None:
        return [Game(battle.first, battle.second, None)]
    showings = battle.showings or (Showing(in_order=True, score=battle.score),)
    games = []
    for each in showings:
        sides = (battle.first, battle.second) if each.in_order else (battle.second, battle.first)
        games.append(Game(*sides, _WORDS[each.place]))
    return games
