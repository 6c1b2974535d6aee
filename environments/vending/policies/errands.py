"""Where the machine is worked by a worker, an agent's own calls at it become errands."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

from agentbench_sdk.environments.vending.worker import HANDS_TOOLS
from agentbench_sdk.simulation import Act, Opening

SENDING = "run_sub_agent"


def has_worker(opening: Opening) -> bool:
    """Whether the briefing speaks of a worker."""
    return SENDING in opening.observation


def with_worker(opening: Opening, run: Generator[Act, str, None]) -> Generator[Act, str, None]:
    """Let an agent that works at the machine itself play a scenario with a worker as well.

    Each call at the machine is an errand, and a question for what came of it.
    """
    if not has_worker(opening):
        yield from run
        return
    act = next(run)
    while True:
        told = (yield from _errand(act)) if act.tool in HANDS_TOOLS else (yield act)
        act = run.send(told)


def _errand(act: Act) -> Generator[Act, str, str]:
    """Send the worker with one call; returns its result as the machine itself would have given it."""
    job = [{"tool": act.tool, "arguments": dict(act.arguments)}]
    sent = json.loads((yield Act(SENDING, {"instructions": json.dumps(job)})))
    if not sent["ok"]:
        return json.dumps(sent)
    told: dict[str, Any] = json.loads((yield Act("chat_with_sub_agent", {"question": "your log, please"})))
    entry = (told["data"] or {"answer": [{}]})["answer"][0]
    return json.dumps({**told, "ok": entry.get("ok", False), "data": entry.get("data")})
