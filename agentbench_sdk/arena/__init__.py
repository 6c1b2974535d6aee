"""Arenas: finished runs of one task meet in battles, and a ranking comes out.

What a battle is, who meets whom, how it is judged and written, and what is told of the whole. A battle is written
like an attempt of a run, so that judging it goes through the same cache, limits, budget and file.
"""

from agentbench_sdk.arena.arena import Arena, load_arena
from agentbench_sdk.arena.battle import Battle, Showing
from agentbench_sdk.arena.standings import Standings

__all__ = ["Arena", "Battle", "Showing", "Standings", "load_arena"]
