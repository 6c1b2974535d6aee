"""The default agent: ask the model, run the tools it calls, until the session is over."""

from __future__ import annotations

from collections.abc import Sequence

from agentbench_sdk.messages import Message, estimated_tokens
from agentbench_sdk.sessions.episode import SUBMIT, Episode

KEPT_SHARE = 0.6  # of the context, after old turns were left out; trimming seldom keeps prompt caches warm


class ToolLoop:
    """The plain loop of a tool-using model.

    A model whose `capabilities.context_tokens` is set reads the beginning of the session and the newest
    turns that fit; what was left out stays in the transcript.
    """

    async def run(self, episode: Episode) -> None:
        window = ContextWindow(episode.history, episode.capabilities.context_tokens)
        while not episode.ended:
            response = await episode.generate(window.messages())
            # Without tools on offer a call is part of the answer: refusing each would ask for ever.
            calls = [call for call in response.message.tool_calls if episode.tools or call.name == SUBMIT]
            for call in calls:
                if not episode.ended:
                    await episode.call_tool(call)
            if not calls:
                await episode.say(response.text)


class ContextWindow:
    """The part of a growing history that fits a model's context.

    Arguments:
        history: may grow at its end; what it holds now, the beginning of a session, is always kept.
        budget: tokens that fit; None for no end of them.
    """

    def __init__(self, history: Sequence[Message], budget: int | None) -> None:
        self._history = history
        self._budget = budget
        self._head = len(history)
        self._start = self._head
        self._counted = 0
        self._tokens = 0

    def messages(self) -> list[Message] | None:
        """What to send; None for the whole history."""
        if self._budget is None:
            return None
        self._count()
        if self._tokens > self._budget:
            self._leave_out(int(self._budget * KEPT_SHARE))
        return [*self._history[: self._head], *self._history[self._start :]]

    def _count(self) -> None:
        self._tokens += sum(map(estimated_tokens, self._history[self._counted :]))
        self._counted = len(self._history)

    def _leave_out(self, goal: int) -> None:
        """Move the start forward, to a message that answers nothing, until the rest fits the goal."""
        last = len(self._history) - 1
        while self._start < last and (self._tokens > goal or self._history[self._start].role == "tool"):
            self._tokens -= estimated_tokens(self._history[self._start])
            self._start += 1
