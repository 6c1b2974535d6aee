"""A transcript as the conversation that the agent had, and as events.

To Inspect a sample has one conversation, the agent's. A simulated user is an agent of its own beside it: what its
model was shown, what it said and which tools it used are events in a span called "user".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.reporting.inspect_log.content import (
    Attachments,
    call_error,
    chat_message,
    model_output,
    tool_arguments,
)
from agentbench_sdk.sessions.transcript import MessageEntry, ToolEntry, Transcript, WorldEntry

if TYPE_CHECKING:
    from agentbench_sdk.reporting.inspect_log.events import Events
    from agentbench_sdk.runs.records import CallRecord
    from agentbench_sdk.simulation import Actor


class Session:
    """What is made of a transcript.

    Arguments:
        events: where they are added; times go by the calls.
        attempt: unique id of the attempt; ids of messages begin with it.
        calls: the attempt's answered calls to models.
        models: names of the models by role, for answers that no call is on record of.

    Attributes:
        messages: the agent's conversation.
        output: the last answer of the agent's model, None without one.
        turns: answers of the agent's model.
        state_hash: of the world at the end, "" without one.
    """

    def __init__(
        self, events: Events, attempt: str, calls: Iterable[CallRecord], models: Mapping[str, str]
    ) -> None:
        self.messages: list[dict[str, Any]] = []
        self.output: dict[str, Any] | None = None
        self.turns = 0
        self.state_hash = ""
        self.attachments = Attachments()
        self._events, self._attempt, self._models = events, attempt, models
        ordered = sorted(calls, key=lambda call: call.turn)
        self._calls = {role: [call for call in ordered if call.role == role] for role in ("agent", "user")}
        self._pool: dict[str, list[dict[str, Any]]] = {"agent": [], "user": []}
        self._user_refs: list[list[int]] = []
        self._asked: set[str] = set()
        self._ids = 0
        self._with_user = False

    def play(self, transcript: Transcript) -> None:
        """Go through a transcript, once."""
        for entry in transcript:
            self._in_span(user=_is_users(entry))
            if isinstance(entry, MessageEntry):
                self._message(entry)
            elif isinstance(entry, ToolEntry):
                self._tool(entry)
            else:
                self._world(entry)
        self._in_span(user=False)

    def pooled(self) -> dict[str, Any]:
        """What models were shown, each message once; ends the session, as references are settled."""
        offset = len(self._pool["agent"])
        for refs in self._user_refs:
            refs[:] = [offset, offset + refs[1]]
        return {"messages": [*self._pool["agent"], *self._pool["user"]], "calls": []}

    # --- entries ------------------------------------------------------------------------------

    def _message(self, entry: MessageEntry) -> None:
        message = entry.message
        if message.role == "assistant" and entry.speaker != "environment" and entry.usage is not None:
            self._answer("user" if entry.speaker == "user" else "agent", entry, entry.usage)
            return
        source = {"source": "input"} if entry.speaker == "environment" and not self.turns else {}
        record = self._new(message, **source)
        self._join("agent", record)
        if entry.speaker == "agent":
            self._asked.update(call.id for call in message.tool_calls)
            self._note("agent", said_by_itself=self.attachments.text(message.text))

    def _answer(self, actor: Actor, entry: MessageEntry, usage: Usage) -> None:
        call = self._call_of(actor, usage)
        model = call.model if call is not None else self._models.get(actor, "")
        message = self._new(entry.message, source="generate", model=model)
        text, reason = entry.message.text, entry.finish_reason
        refs = [0, len(self._pool[actor])]
        shown = self.attachments.message(message)
        members: dict[str, Any] = {
            "model": model,
            **({"role": "user"} if actor == "user" else {}),
            "input": [],
            "input_refs": [refs],
            "tools": [],
            "tool_choice": "auto",
            "config": {},
            "output": model_output(model, shown, text, reason, usage),
        }
        event = self._events.add("model", **members)
        if call is not None:
            self._time(event, call)
        if actor == "user":
            self._user_refs.append(refs)
            self._pool["user"].append(shown)
            return
        self.turns += 1
        self.output = model_output(model, message, text, reason, usage)
        self._asked.update(each.id for each in entry.message.tool_calls)
        self._join("agent", message)

    def _time(self, event: dict[str, Any], call: CallRecord) -> None:
        timing = call.timing
        self._events.working_s += 0.0 if call.cached else timing.wire_s
        event["completed"] = self._events.now()
        event["working_time"] = event["output"]["time"] = timing.wire_s
        if call.cached:
            event["cache"] = "read"
        if timing.attempts > 1:
            event["retries"] = timing.attempts - 1

    def _tool(self, entry: ToolEntry) -> None:
        arguments, _ = tool_arguments(entry.arguments)
        failed = {} if entry.ok else {"error": call_error(entry.content, entry.arguments)}
        if entry.actor == "agent" and entry.call_id not in self._asked:
            # A call of the agent's own: its model was shown it as if it had asked for it.
            asking = Message.assistant(tool_calls=(ToolCall(entry.call_id, entry.name, entry.arguments),))
            self._join("agent", self._new(asking))
        record = self._new(Message.tool(entry.call_id, entry.content), function=entry.name, **failed)
        told = {"actor": entry.actor, "state_hash": entry.state_hash, "error": entry.error}
        self._events.add(
            "tool",
            type="function",
            id=entry.call_id,
            function=entry.name,
            arguments=arguments,
            result=self.attachments.text(entry.content),
            events=[],
            message_id=record["id"],
            metadata={key: each for key, each in told.items() if each},
            **failed,
        )
        self.state_hash = entry.state_hash
        self._join(entry.actor, record)

    def _world(self, entry: WorldEntry) -> None:
        self.state_hash = entry.state_hash
        if entry.event != "said":
            told = {"content": self.attachments.text(entry.content), "state_hash": entry.state_hash}
            told = {key: each for key, each in told.items() if each}
            self._note("environment", event=entry.event, actor=entry.actor, **told)
            return
        record = self._new(Message.user(entry.content))
        self._join("user" if entry.actor == "agent" else "agent", record)

    # --- inside -------------------------------------------------------------------------------

    def _in_span(self, *, user: bool) -> None:
        if user and not self._with_user:
            self._events.open("agent", "user")
        elif self._with_user and not user:
            self._events.close()
        self._with_user = user

    def _new(self, message: Message, **more: Any) -> dict[str, Any]:
        self._ids += 1
        return chat_message(message, f"{self._attempt}-m{self._ids}", **more)

    def _join(self, side: Actor, message: dict[str, Any]) -> None:
        """A message is seen by one side; what the agent sees is the sample's conversation."""
        if side == "agent":
            self.messages.append(message)
        self._pool[side].append(self.attachments.message(message))

    def _note(self, source: str, **data: Any) -> None:
        self._events.add("info", source=source, data=data)

    def _call_of(self, actor: Actor, usage: Usage) -> CallRecord | None:
        """The call that gave an answer: the first of those left that used as much."""
        calls = self._calls[actor]
        for position, call in enumerate(calls):
            if call.usage == usage:
                return calls.pop(position)
        return None


def _is_users(entry: MessageEntry | ToolEntry | WorldEntry) -> bool:
    """Whether an entry is a step of a simulated user, which the agent does not see."""
    if isinstance(entry, MessageEntry):
        return entry.speaker == "user" and entry.message.role == "assistant"
    if isinstance(entry, ToolEntry):
        return entry.actor == "user"
    return entry.event == "objected" and entry.actor == "user"
