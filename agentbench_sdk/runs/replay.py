"""Replay: execute a run's recorded tool calls again and prove or refute the record.

No model is asked. Each world is made anew from the stored scenario and seed, is given the recorded calls,
and must answer with the recorded texts and reach the recorded state hashes and outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentbench_sdk.messages import Message, ToolCall, Usage
from agentbench_sdk.runs.records import SampleRecord
from agentbench_sdk.runs.run import Run
from agentbench_sdk.sessions.ending import SPOKEN
from agentbench_sdk.sessions.scene import call_arguments, surplus_reason
from agentbench_sdk.sessions.transcript import MessageEntry, ToolEntry, Transcript, WorldEntry
from agentbench_sdk.simulation import BadArguments, Environment, ToolResult

FindEnvironment = Callable[[str], type[Environment]]


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


@dataclass(slots=True)
class ReplayReport:
    """What a replay showed.

    Attributes:
        proven: attempts whose every call, hash and outcome came out as recorded.
        calls: tool calls executed again.
        without_world: attempts without an environment; there is nothing to execute.
        unfinished: attempts that failed or were cut off; what they recorded was executed as well.
        missing: attempts that a finished run planned and does not hold.
        mismatches: one for each attempt that is refuted.
    """

    proven: int = 0
    calls: int = 0
    without_world: int = 0
    unfinished: int = 0
    missing: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.mismatches and not self.missing

    def to_dict(self) -> dict[str, Any]:
        return {
            "proven": self.proven,
            "calls": self.calls,
            "without_world": self.without_world,
            "unfinished": self.unfinished,
            "missing": self.missing,
            "mismatches": [str(each) for each in self.mismatches],
        }


def replay(run: Run, find_environment: FindEnvironment) -> ReplayReport:
    """Execute all recorded calls of a run again.

    Raises:
        UnknownNameError: the run's environment is not installed.
        RunFileError: a transcript is missing or damaged.
    """
    report = ReplayReport()
    environment = find_environment(run.manifest.environment) if run.manifest.environment else None
    recorded = 0
    for record, (_, _, sample) in zip(run.records(), run.reader.samples(), strict=True):
        recorded += 1
        if environment is None:
            report.without_world += 1
        else:
            _replay_attempt(run, environment, record, sample, report)
    if run.status == "finished":
        report.missing = max(0, run.manifest.samples - recorded)
    return report


def _replay_attempt(
    run: Run,
    environment: type[Environment],
    record: SampleRecord,
    sample: Mapping[str, Any],
    report: ReplayReport,
) -> None:
    def count() -> None:
        report.calls += 1

    found = execute_again(run, world_of(environment, sample), record, count)
    if found is not None:
        report.mismatches.append(found)
    elif record.ending.scorable:
        report.proven += 1
    else:
        report.unfinished += 1


def world_of(environment: type[Environment], sample: Mapping[str, Any]) -> Environment:
    """The world of a stored sample, as it was before the first call."""
    return environment.create(sample["scenario"] or "default", int(sample["seed"]))


def execute_again(
    run: Run, world: Environment, record: SampleRecord, executed: Callable[[], None]
) -> Mismatch | None:
    """Give a new world the recorded calls of an attempt; stops at the first difference and returns it.

    Arguments:
        run: holds the attempt.
        world: see `world_of`.
        record: the attempt.
        executed: called after each tool call.

    Raises:
        RunFileError: the transcript is missing or damaged.
    """
    transcript = run.reader.transcript(record.sample_id, record.epoch)
    found = next(_differences(world, transcript, record, executed), None)
    return None if found is None else Mismatch(record.sample_id, record.epoch, *found)


Difference = tuple[int, str, str, str]


def _differences(
    world: Environment, transcript: Transcript, record: SampleRecord, executed: Callable[[], None]
) -> Iterator[Difference]:
    """Where the world now differs from the record, in order; executes as it goes."""
    yield from _opening(world, transcript)
    told = _Told(transcript)
    reply: str | None = None
    written = 0
    said: dict[str, str] = {}
    for index, entry in enumerate(transcript):
        if isinstance(entry, ToolEntry):
            yield from _tool(world, entry, index, executed)
            yield from told.check(entry, index)
        elif isinstance(entry, WorldEntry):
            reply = _world(world, entry, written)
            if entry.event == "said":
                yield from _compare(index, f"what the {entry.actor} said", entry.content, said[entry.actor])
            if entry.event == "used":
                yield from _compare(index, "the tokens charged", entry.content, str(written))
            yield from _compare(index, "state hash", entry.state_hash, world.state_hash())
        elif entry.usage is not None:
            written, said[entry.speaker] = entry.usage.output_tokens, entry.message.text
        elif entry.message.role == "assistant":
            said["agent"] = entry.message.text
        elif entry.speaker == "environment" and reply is not None:
            yield from _compare(index, "the world's words", entry.message.text, reply)
            reply = None
    ended_early = record.ending.reason not in SPOKEN or world.ended
    if not ended_early and (left := told.left()):
        yield (
            len(transcript),
            "the calls",
            f"{left[0].name}({left[0].arguments}) was asked for",
            "never executed",
        )
    if record.outcome is not None:
        recorded, replayed = record.outcome.to_dict(), world.outcome().to_dict()
        yield from _compare(len(transcript), "outcome", recorded, replayed)
    if record.ending.scorable:
        told_tokens, used = record.usage.get("agent", Usage()), transcript.usage("agent")
        pair = [(each.input_tokens, each.output_tokens) for each in (told_tokens, used)]
        yield from _compare(len(transcript), "the agent's tokens", *pair)


def _opening(world: Environment, transcript: Transcript) -> Iterator[Difference]:
    """The world's own words at the beginning, as far as the record shows them to the model."""
    opening = world.opening()
    shown = dict.fromkeys(("system", "user", "assistant"), "")
    for entry in transcript:
        if isinstance(entry, MessageEntry):
            if entry.speaker != "environment":
                break
            shown[entry.message.role] = entry.message.text
    if not shown["system"].endswith(opening.system):
        yield 0, "the system prompt", shown["system"], opening.system
    side = world.user_side()
    if side is not None and shown["assistant"] != side.greeting:
        yield 0, "the greeting", shown["assistant"], side.greeting
    if opening.observation and shown["user"] != opening.observation:
        yield 0, "the opening", shown["user"], opening.observation


def _tool(
    world: Environment, entry: ToolEntry, index: int, executed: Callable[[], None]
) -> Iterator[Difference]:
    call = ToolCall(entry.call_id, entry.name, entry.arguments)
    if entry.surplus:
        problem = BadArguments(surplus_reason(world))
        result = world.reject(entry.actor, entry.name, "too_many_calls", problem)
    elif entry.content == "submitted" and entry.name == "submit" and not _offers_submit(world):
        result = ToolResult("submitted")
    else:
        result = world.call(entry.actor, entry.name, call_arguments(call))
    executed()
    yield from _compare(index, f"the result of {entry.name}", entry.content, result.content)
    recorded, replayed = (entry.ok, entry.error), (result.ok, result.error)
    yield from _compare(index, f"the success of {entry.name}", recorded, replayed)
    yield from _compare(index, "state hash", entry.state_hash, world.state_hash())


def _offers_submit(world: Environment) -> bool:
    return any(tool.name == "submit" for tool in world.tools("agent"))


def _world(world: Environment, entry: WorldEntry, written: int) -> str | None:
    if entry.event == "heard":
        return world.hear(entry.actor, entry.content)
    if entry.event == "said":
        world.overhear(entry.actor, entry.content)
    if entry.event == "used":
        world.used(entry.actor, written)
    if entry.event == "abandoned":
        world.abandon(entry.content)
    return None


class _Told:
    """What the model asked for, so that an edited call is found even where the world would not mind."""

    def __init__(self, transcript: Transcript) -> None:
        messages = [entry.message for entry in transcript if isinstance(entry, MessageEntry)]
        self._asked: Mapping[str, list[ToolCall]] = _calls_by_id(messages)

    def left(self) -> list[ToolCall]:
        """Calls that were asked for and are not in the record as executed."""
        return [call for calls in self._asked.values() for call in calls]

    def check(self, entry: ToolEntry, index: int) -> Iterator[Difference]:
        asked = self._asked.get(entry.call_id)
        if not asked:  # an own call of a custom agent
            return
        call = asked.pop(0)
        recorded = f"{entry.name}({entry.arguments})"
        yield from _compare(index, "the call", recorded, f"{call.name}({call.arguments})")


def _calls_by_id(messages: list[Message]) -> dict[str, list[ToolCall]]:
    calls: dict[str, list[ToolCall]] = {}
    for message in messages:
        for call in message.tool_calls:
            calls.setdefault(call.id, []).append(call)
    return calls


def _compare(index: int, what: str, recorded: object, replayed: object) -> Iterator[Difference]:
    if recorded != replayed:
        yield index, what, str(recorded), str(replayed)


def _excerpt(text: str, other: str) -> str:
    """The neighbourhood of the first differing character."""
    at = next(
        (i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other))
    )
    start = max(0, at - 30)
    return repr(("…" if start else "") + text[start : at + 50] + ("…" if len(text) > at + 50 else ""))
