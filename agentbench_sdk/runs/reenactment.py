"""A recorded session, played again in a new world: the recorded calls are executed, and nobody is asked.

What a world says must come out as recorded, and so must the states that it goes through. Where a world says of
itself that it is not deterministic, what it says may differ: that is drift, which is told and refutes nothing.
What the record says of the models must agree with itself in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.runs.run import Run
from agentbench_sdk.sessions.ending import SPOKEN
from agentbench_sdk.sessions.scene import call_arguments, surplus_reason
from agentbench_sdk.sessions.transcript import MessageEntry, ToolEntry, Transcript, WorldEntry
from agentbench_sdk.simulation import BadArguments, Environment, ToolResult


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first place where re-execution differs from the record."""

    sample_id: str
    epoch: int
    entry: int | None
    what: str
    recorded: str
    replayed: str

    def __str__(self) -> str:
        place = "" if self.entry is None else f", entry {self.entry}"
        return (
            f"sample {self.sample_id}, epoch {self.epoch}{place}: {self.what} differs: "
            f"recorded {_excerpt(self.recorded, self.replayed)}, "
            f"replayed {_excerpt(self.replayed, self.recorded)}"
        )


@dataclass(frozen=True, slots=True)
class Reenacted:
    """What playing a session again showed.

    Attributes:
        mismatch: the first difference that refutes the record; nothing was executed after it.
        drifts: what a world that is not deterministic said otherwise, in order. Of states only the first is
            here: what comes after it is a consequence.
    """

    mismatch: Mismatch | None = None
    drifts: list[Mismatch] = field(default_factory=list)


async def execute_again(
    run: Run, world: Environment, record: SampleRecord, executed: Callable[[], None]
) -> Reenacted:
    """Give a new world the recorded calls of an attempt; stops at the first difference that refutes it.

    Arguments:
        run: holds the attempt.
        world: as it was before the first call.
        record: the attempt.
        executed: called after each tool call.

    Raises:
        RunFileError: the transcript is missing or damaged.
        EnvironmentFaultError: a world that is not deterministic broke.
    """
    transcript = run.reader.transcript(record.sample_id, record.epoch)
    reenactment = _Reenactment(world, transcript, record, executed)
    try:
        await reenactment.play()
    except _RefutedError as refuted:
        return Reenacted(refuted.mismatch, reenactment.drifts)
    return Reenacted(drifts=reenactment.drifts)


class _RefutedError(Exception):
    def __init__(self, mismatch: Mismatch) -> None:
        super().__init__(str(mismatch))
        self.mismatch = mismatch


class _Reenactment:
    def __init__(
        self, world: Environment, transcript: Transcript, record: SampleRecord, executed: Callable[[], None]
    ) -> None:
        self._world, self._transcript, self._record = world, transcript, record
        self._executed = executed
        self._told = _Told(transcript)
        self._reply: str | None = None
        self._written = 0
        self._said: dict[str, str] = {}
        self._index = 0
        self._same_state = True
        self.drifts: list[Mismatch] = []

    async def play(self) -> None:
        self._opening()
        for self._index, entry in enumerate(self._transcript):  # noqa: B020 - where differences are found
            if isinstance(entry, ToolEntry):
                await self._tool(entry)
            elif isinstance(entry, WorldEntry):
                await self._event(entry)
            else:
                self._message(entry)
        self._index = len(self._transcript)
        self._ending()

    # --- one entry ----------------------------------------------------------------------------

    def _opening(self) -> None:
        """The world's own words at the beginning, as far as the record shows them to the model."""
        opening, side = self._world.opening(), self._world.user_side()
        shown = dict.fromkeys(("system", "user", "assistant"), "")
        for entry in self._transcript:
            if isinstance(entry, MessageEntry):
                if entry.speaker != "environment":
                    break
                shown[entry.message.role] = entry.message.text
        if not shown["system"].endswith(opening.system):
            self._world_differs("the system prompt", shown["system"], opening.system)
        if side is not None:
            self._of_world("the greeting", shown["assistant"], side.greeting)
        if opening.observation:
            self._of_world("the opening", shown["user"], opening.observation)

    async def _tool(self, entry: ToolEntry) -> None:
        result = await self._result(entry)
        self._executed()
        self._of_world(f"the result of {entry.name}", entry.content, result.content)
        self._of_world(f"the success of {entry.name}", (entry.ok, entry.error), (result.ok, result.error))
        self._state(entry.state_hash)
        if (call := self._told.taken(entry)) is not None:
            recorded = f"{entry.name}({entry.arguments})"
            self._of_record("the call", recorded, f"{call.name}({call.arguments})")

    async def _result(self, entry: ToolEntry) -> ToolResult:
        world = self._world
        call = ToolCall(entry.call_id, entry.name, entry.arguments)
        if entry.surplus:
            problem = BadArguments(surplus_reason(world))
            return world.reject(entry.actor, entry.name, "too_many_calls", problem)
        if entry.content == "submitted" and entry.name == "submit" and not _offers_submit(world):
            return ToolResult("submitted")
        result = world.call(entry.actor, entry.name, call_arguments(call))
        return result if isinstance(result, ToolResult) else await result

    async def _event(self, entry: WorldEntry) -> None:
        world = self._world
        self._reply = None
        if entry.event == "heard":
            self._reply = world.hear(entry.actor, entry.content)
        elif entry.event == "said":
            world.overhear(entry.actor, entry.content)
            self._of_record(f"what the {entry.actor} said", entry.content, self._said[entry.actor])
        elif entry.event == "used":
            world.used(entry.actor, self._written)
            self._of_record("the tokens charged", entry.content, str(self._written))
        elif entry.event == "abandoned":
            world.abandon(entry.content)
        elif entry.event == "finished":
            await world.finish()
        self._state(entry.state_hash)

    def _message(self, entry: MessageEntry) -> None:
        if entry.usage is not None:
            self._written, self._said[entry.speaker] = entry.usage.output_tokens, entry.message.text
        elif entry.message.role == "assistant":
            self._said["agent"] = entry.message.text
        elif entry.speaker == "environment" and self._reply is not None:
            self._of_world("the world's words", entry.message.text, self._reply)
            self._reply = None

    def _ending(self) -> None:
        record = self._record
        ended_early = record.ending.reason not in SPOKEN or self._world.ended
        if not ended_early and (left := self._told.left()):
            asked = f"{left[0].name}({left[0].arguments}) was asked for"
            self._of_record("the calls", asked, "never executed")
        if record.outcome is not None:
            self._of_world("outcome", record.outcome.to_dict(), self._world.outcome().to_dict())
        if record.ending.scorable:
            told, used = record.usage.get("agent", Usage()), self._transcript.usage("agent")
            pair = [(each.input_tokens, each.output_tokens) for each in (told, used)]
            self._of_record("the agent's tokens", *pair)

    # --- differences --------------------------------------------------------------------------

    def _state(self, recorded: str) -> None:
        replayed = self._world.state_hash()
        if self._same_state and recorded != replayed:
            self._world_differs("state hash", recorded, replayed)
            self._same_state = False

    def _of_world(self, what: str, recorded: object, replayed: object) -> None:
        if recorded != replayed:
            self._world_differs(what, recorded, replayed)

    def _world_differs(self, what: str, recorded: object, replayed: object) -> None:
        if self._world.deterministic:
            self._refute(what, recorded, replayed)
        self.drifts.append(self._mismatch(what, recorded, replayed))

    def _of_record(self, what: str, recorded: object, replayed: object) -> None:
        if recorded != replayed:
            self._refute(what, recorded, replayed)

    def _refute(self, what: str, recorded: object, replayed: object) -> NoReturn:
        raise _RefutedError(self._mismatch(what, recorded, replayed))

    def _mismatch(self, what: str, recorded: object, replayed: object) -> Mismatch:
        record = self._record
        return Mismatch(record.sample_id, record.epoch, self._index, what, str(recorded), str(replayed))


def _offers_submit(world: Environment) -> bool:
    return any(tool.name == "submit" for tool in world.tools("agent"))


class _Told:
    """What the model asked for, so that an edited call is found even where the world would not mind."""

    def __init__(self, transcript: Transcript) -> None:
        messages = [entry.message for entry in transcript if isinstance(entry, MessageEntry)]
        self._asked: Mapping[str, list[ToolCall]] = _calls_by_id(messages)

    def left(self) -> list[ToolCall]:
        """Calls that were asked for and are not in the record as executed."""
        return [call for calls in self._asked.values() for call in calls]

    def taken(self, entry: ToolEntry) -> ToolCall | None:
        """The call that was asked for under the id of an executed one; None for an agent's own."""
        asked = self._asked.get(entry.call_id)
        return asked.pop(0) if asked else None


def _calls_by_id(messages: list[Message]) -> dict[str, list[ToolCall]]:
    calls: dict[str, list[ToolCall]] = {}
    for message in messages:
        for call in message.tool_calls:
            calls.setdefault(call.id, []).append(call)
    return calls


def _excerpt(text: str, other: str) -> str:
    """The neighbourhood of the first differing character."""
    at = next(
        (i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other))
    )
    start = max(0, at - 30)
    return repr(("…" if start else "") + text[start : at + 50] + ("…" if len(text) > at + 50 else ""))
