"""A conversation between scripted sides, by the protocol of tau2-bench, with nothing else than a real session.

    outcome = await converse(
        task, own_data(),
        agent=[{"content": "Please restart your phone."}],
        user=[{"content": "No signal here."}, {"content": "Done. ###STOP###"}],
    )
    outcome.termination_reason, outcome.reward.reward

A side is the list of its messages, `{"content": text or None, "tool_calls": [{"name", "arguments"}, …]}`; the
last one repeats. Or it is a function that is given what came since its last message and returns the next one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentbench_sdk.environments.telecom.database import Database
from agentbench_sdk.environments.telecom.evaluation import Reward, evaluate
from agentbench_sdk.environments.telecom.official import OfficialData
from agentbench_sdk.environments.telecom.own import OwnData
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.termination import Termination, termination_of
from agentbench_sdk.environments.telecom.trajectory import Called, Said, Trajectory
from agentbench_sdk.environments.telecom.world import Telecom
from agentbench_sdk.errors import EmptyResponseError
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.models import ModelRequest, ModelResponse
from agentbench_sdk.sessions import Ending, Episode, Limits, SessionPlan, UserPlan, run_session
from agentbench_sdk.simulation import Actor

Record = Mapping[str, Any]
Script = Sequence[Record] | Callable[[Record | None], Record]
STOP = "###STOP###"
_ROLES: Mapping[Actor, str] = {"agent": "assistant", "user": "user"}


@dataclass(frozen=True, slots=True)
class Conversation:
    """What came of a conversation.

    Attributes:
        exception: kind of the error that broke it (a side that said nothing and called no tool); None.
        termination_reason: why it ended, see `termination.py`; None where it broke.
        steps: deliveries: of a message to its receiver, or of the calls of one to the world.
        num_errors: calls of both sides that were refused.
        trajectory: all messages and results in order: role, content, `tool_calls` with `requestor`; of a
            result role "tool", content, requestor and error.
        agent_inputs, user_inputs: what each side was given each time it was asked for a message: None at the
            beginning of solo mode, else its type ("assistant", "user", "tool", "multi_tool") and contents.
        reward: what it earned; None where it broke.
    """

    exception: str | None
    termination_reason: Termination | None
    steps: int
    num_errors: int
    trajectory: list[Record]
    agent_inputs: list[Record | None]
    user_inputs: list[Record | None]
    reward: Reward | None


async def converse(
    task: TelecomTask,
    data: OwnData | OfficialData,
    *,
    agent: Script,
    user: Script | None,
    max_steps: int = 200,
    max_errors: int = 10,
    validate_communication: bool = False,
    agent_stops: str = STOP,
) -> Conversation:
    """Play a conversation and score it.

    Arguments:
        task: what it is about.
        data: `own_data()`, or `OfficialData.load(…)`.
        agent: the agent's messages.
        user: the user's; None for solo mode.
        max_steps: steps after which it is cut off, as soon as no call waits for its result.
        max_errors: refused calls after which it is cut off.
        validate_communication: whether a message with both text and calls ends it.
        agent_stops: a text of the agent's that holds this marker ends it; "" for none.

    Raises:
        TaskError: the world cannot be made.
    """
    world = Telecom.create(_scenario(task, data, solo=user is None, validate=validate_communication))
    log = _Log(world)
    side = world.user_side()
    plan = SessionPlan(
        messages=(),
        agent=_ScriptedAgent(agent_stops if side is not None else ""),
        environment=world,
        user=UserPlan(side, _Speaker("user", user, log).generate)
        if side is not None and user is not None
        else None,
        limits=Limits(steps=max_steps, tool_errors=max_errors),
    )
    result = await run_session(plan, _Speaker("agent", agent, log).generate)
    return log.closed(task, data.database, result.ending)


def _scenario(
    task: TelecomTask, data: OwnData | OfficialData, *, solo: bool, validate: bool
) -> dict[str, Any]:
    """The guard is of models that play the user; a script says what it says."""
    scenario: dict[str, Any] = {"task": task.model_dump(mode="json"), "solo": solo, "guard": False}
    scenario |= {"validate_communication": validate, "data_sha256": data.sha256, "guard": False}
    if isinstance(data, OfficialData):
        scenario |= {"data": "official", "data_dir": str(data.folder)}
    return scenario


class _Log:
    """The conversation as it goes, with what a transcript does not keep: messages that could not pass."""

    def __init__(self, world: Telecom) -> None:
        self.inputs: dict[Actor, list[Record | None]] = {"agent": [], "user": []}
        self.records: list[Record] = []
        self.trajectory: Trajectory = []
        self._world = world
        self._seen = self._messages = self._exchanges = 0
        side = world.user_side()
        if side is not None:
            self._say("agent", {"content": side.greeting})

    def asked(self, actor: Actor, request: ModelRequest) -> Record | None:
        """Note what a side is given, and return it."""
        results = self.catch_up()
        given = _input(actor, request.messages[-1], results) if self.records else None
        self.inputs[actor].append(given)
        return given

    def spoken(self, actor: Actor, record: Record) -> None:
        """Note the message that a side answers with."""
        self._messages += 1
        self._say(actor, record)

    def _say(self, actor: Actor, record: Record) -> None:
        role, text = _ROLES[actor], record.get("content")
        calls = [{**call, "requestor": role} for call in record.get("tool_calls") or ()]
        shown = {"role": role, "content": text}
        self.records.append({**shown, "tool_calls": calls} if calls else shown)
        if text:
            self.trajectory.append(Said(actor, text))

    def catch_up(self) -> list[Called]:
        """Note the results of calls since the last time, which are all of one message."""
        calls = [entry for entry in self._world.trajectory if isinstance(entry, Called)]
        fresh, self._seen = calls[self._seen :], len(calls)
        self._exchanges += bool(fresh)
        self.trajectory += fresh
        for call in fresh:
            result = {"role": "tool", "content": call.content, "requestor": _ROLES[call.actor]}
            self.records.append({**result, "error": call.error})
        return fresh

    def closed(self, task: TelecomTask, database: Database, ending: Ending) -> Conversation:
        """All of it, with what it earned."""
        self.catch_up()
        solo = self._world.user_side() is None
        broke = ending.reason == EmptyResponseError.kind
        # A solo session ends by the agent's text, and the world says as what it takes it.
        termination = None if broke else self._world.termination or termination_of(ending.reason)
        return Conversation(
            exception=ending.reason if broke else None,
            termination_reason=termination,
            steps=self._messages + self._exchanges - solo,
            num_errors=sum(entry.error for entry in self.trajectory if isinstance(entry, Called)),
            trajectory=self.records,
            agent_inputs=self.inputs["agent"],
            user_inputs=self.inputs["user"],
            reward=None
            if termination is None
            else evaluate(task, self._world.core, self.trajectory, termination, database=database),
        )

    def _termination(self, ending: Ending) -> Termination:
        return self._world.termination or termination_of(ending.reason)


def _input(actor: Actor, last: Message, results: Sequence[Called]) -> Record | None:
    if len(results) > 1:
        return {"type": "multi_tool", "n": len(results), "contents": [each.content for each in results]}
    if results:
        return {"type": "tool", "content": results[0].content, "error": results[0].error}
    return {"type": "user" if actor == "agent" else "assistant", "content": last.text}


class _Speaker:
    """A scripted side as a model, which is asked in the ordinary way."""

    def __init__(self, actor: Actor, script: Script, log: _Log) -> None:
        self._actor, self._script, self._log = actor, script, log
        self._asked = 0

    async def generate(self, request: ModelRequest, turn: int) -> ModelResponse:
        """The next message of the script.

        Raises:
            EmptyResponseError: it holds neither text nor calls, which no model's answer may.
        """
        given = self._log.asked(self._actor, request)
        record = self._next(given)
        self._asked += 1
        text, calls = record.get("content") or "", record.get("tool_calls") or ()
        if not text.strip() and not calls:
            raise EmptyResponseError(f"the {self._actor} said nothing and called no tool")
        self._log.spoken(self._actor, record)
        return ModelResponse(Message.assistant(text, tool_calls=map(self._call, range(len(calls)), calls)))

    def _next(self, given: Record | None) -> Record:
        if callable(self._script):
            return self._script(given)
        return self._script[min(self._asked, len(self._script) - 1)]

    def _call(self, number: int, call: Record) -> ToolCall:
        arguments = json.dumps(call.get("arguments") or {})
        return ToolCall(f"{self._actor}-{self._asked}-{number}", call["name"], arguments)


class _ScriptedAgent:
    """The plain tool loop with a stop marker of its own."""

    def __init__(self, stops: str) -> None:
        self._stops = stops

    async def run(self, episode: Episode) -> None:
        while not episode.ended:
            message = (await episode.generate()).message
            for call in message.tool_calls:
                if not episode.ended:
                    await episode.call_tool(call)
            if message.tool_calls:
                continue
            if self._stops and self._stops in message.text:
                episode.submit(message.text)
            else:
                await episode.say(message.text)
