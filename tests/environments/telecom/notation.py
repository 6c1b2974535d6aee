"""What a customer understood, in the notation of `data/phrasings.txt`."""

import json
from pathlib import Path

from agentbench_sdk.environments.telecom.users.step import AGAIN, GOAL, TOGGLES, Step
from agentbench_sdk.environments.telecom.users.understanding import Heard

DATA = Path(__file__).parent / "data"


def phrasings(name: str) -> list[tuple[str, str]]:
    """(text, what is to be understood) of each line of a file."""
    found = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            what, text = line.split("::", 1)
            found.append((text.strip().replace("\\n", "\n"), what.strip()))
    return found


def shown(heard: Heard) -> str:
    """What was understood, leaving out moods that ask for nothing."""
    steps = heard.steps
    parts = [_step(step) for step in steps.steps]
    parts += [f"HINT:{step.tool}" for step in steps.hints]
    parts += [f"ASKED:{tool}" for tool in steps.asked_done]
    parts += ["FIXED"] if heard.fixed else []
    parts += [f"?{topic}" for topic in heard.asked]
    parts += [f"!{offer}" for offer in heard.offered]
    parts += ["OVER"] if heard.handed_over else []
    parts += ["BYE"] if heard.goodbye else []
    return " ".join(parts)


def _step(step: Step) -> str:
    name = {GOAL: "GOAL", AGAIN: "AGAIN"}.get(step.tool, step.tool)
    if step.missing:
        name += "=?"
    elif "apn_settings" in step.arguments:
        name += f"={json.dumps(step.arguments['apn_settings'])}"
    elif step.arguments:
        name += "=" + ".".join(step.arguments.values())
    if step.want is not None:
        name += "=on" if step.want else "=off"
    if step.condition and step.tool not in TOGGLES.values():
        name += f"@{step.condition.topic}.{step.condition.state}"
    return name
