"""Who calls: temper and skill, apart from what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Persona:
    """How a customer talks.

    Attributes:
        text: what the simulated user is told; None for nobody in particular.
        hard: it takes more to lead this customer.
    """

    name: str
    text: str | None
    hard: bool


@lru_cache(maxsize=1)
def personas() -> dict[str, Persona]:
    """All personas by name, in the order in which they take turns."""
    text = files(__package__).joinpath("data/personas.json").read_text(encoding="utf-8")
    return {name: Persona(name, row["text"], row["hard"]) for name, row in json.loads(text).items()}
