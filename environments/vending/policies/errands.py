"""Reference agents where a worker does what is done at the machine: their calls become errands."""

from __future__ import annotations

import json
from collections.abc import Generator

from agentbench_sdk.environments.vending.worker import HANDS_TOOLS
from agentbench_sdk.simulation import Act, Opening, Policy


def with_worker(policy: Policy) -> Policy:
    """The same agent, which sends a worker that follows commands where the briefing says that there is one.

    It asks the worker for its log after each errand, so it costs ten minutes a call more.
    """

    def play(opening: Opening) -> Generator[Act, str, None]:
        inner = policy(opening)
        helped = "run_sub_agent" in opening.observation
        act = next(inner)
        while True:
            if helped and act.tool in HANDS_TOOLS:
                content = yield from _errand(act)
            else:
                content = yield act
            act = inner.send(content)

    return play


def _errand(act: Act) -> Generator[Act, str, str]:
    """One call through the worker; returns what the call itself would have been answered."""
    call = {"tool": act.tool, "arguments": dict(act.arguments)}
    sent = yield Act("run_sub_agent", {"instructions": json.dumps([call])})
    if not json.loads(sent)["ok"]:
        return sent
    told = yield Act("chat_with_sub_agent", {"question": "Show me the log."})
    log = (json.loads(told)["data"] or {}).get("answer")
    return json.dumps(log[0]) if log else told
