"""An operator with a worker, both played by the model under test, each in a conversation of its own.

The operator's `run_sub_agent` opens an errand: from then on the world offers the worker's tools. Every call
of the worker is executed and recorded like the operator's own, so `agentbench replay` proves it without a
model; the operator reads the worker's report alone, as the result of its call.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from agentbench_sdk.environments.vending.worker import MOST_CALLS
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.sessions import ContextWindow, Episode

_REPORT = "report_back"


class VendingWithWorker:
    """The tool loop for scenarios with `subagent = "llm"`; in others it plays like the default one.

    A model that answers for the worker may be asked by text alone: its last text is its report.
    """

    async def run(self, episode: Episode) -> None:
        history = list(episode.history)
        window = ContextWindow(history, episode.capabilities.context_tokens)
        while not episode.ended:
            response = await episode.generate(window.messages() or history)
            history.append(response.message)
            for call, content in await _execute(episode, response.message.tool_calls):
                if call.name == "run_sub_agent" and _at_work(episode):
                    history.append(Message.tool(call.id, await _errand(episode, _instructions(call))))
                else:
                    history.append(Message.tool(call.id, content))
            if not response.message.tool_calls and (reply := await episode.say(response.text)) is not None:
                history.append(Message.user(reply))


async def _errand(episode: Episode, instructions: str) -> str:
    """Let the model be the worker until it reports; returns what the operator is told."""
    talk = [Message.system(_prompt()), Message.user(instructions)]
    told = ""
    while _at_work(episode) and not episode.ended:
        response = await episode.generate(talk)
        talk.append(response.message)
        for call, told in await _execute(episode, response.message.tool_calls):
            talk.append(Message.tool(call.id, told))
        if not response.message.tool_calls:
            told = await episode.say(response.text) or told
    return told


async def _execute(episode: Episode, calls: Iterable[ToolCall]) -> list[tuple[ToolCall, str]]:
    """Execute the calls of a message while the session lasts; returns what each was answered.

    All of them before an errand begins: those that are too many belong to the message of the operator.
    """
    return [(call, (await episode.call_tool(call)).content) for call in calls if not episode.ended]


def _at_work(episode: Episode) -> bool:
    return any(tool.name == _REPORT for tool in episode.tools)


def _instructions(call: ToolCall) -> str:
    """The instructions of a call that the world has accepted."""
    text: str = json.loads(call.arguments)["instructions"]
    return text


@lru_cache(maxsize=1)
def _prompt() -> str:
    text = files(__package__).joinpath("data/worker.txt").read_text(encoding="utf-8")
    return text.strip().format(calls=MOST_CALLS)
