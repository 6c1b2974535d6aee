"""A telecom world of our own: a carrier, its customers, its rules, and tasks made by a seeded generator.

    own_data().tasks("base")      # tasks that ship
    generate(100, seed=7)         # a hundred others

`data/` holds what is read; `census` and `generator` make its database and tasks again, byte for byte.
"""

from agentbench_sdk.environments.telecom.own.data import OwnData, own_data
from agentbench_sdk.environments.telecom.own.facts import TaskFacts, difficulty, facts
from agentbench_sdk.environments.telecom.own.generator import generate
from agentbench_sdk.environments.telecom.own.proof import UnprovenError, prove

__all__ = ["OwnData", "TaskFacts", "UnprovenError", "difficulty", "facts", "generate", "own_data", "prove"]
