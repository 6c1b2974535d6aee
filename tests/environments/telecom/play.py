"""Whole conversations without a session: an agent and the scripted customer, turn by turn, in one world."""

from collections.abc import Generator
from dataclasses import dataclass

from agentbench_sdk.environments.telecom import Telecom
from agentbench_sdk.environments.telecom.scenario import TelecomScenario
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.environments.telecom.trajectory import Called, Said
from agentbench_sdk.environments.telecom.users import SCRIPTED
from agentbench_sdk.messages import Message, ToolCall
from agentbench_sdk.simulation import Act, Actor, Opening, Oracle

MOST_TEXTS = 120


@dataclass
class Played:
    """What came of a conversation.

    Attributes:
        objections: what the guard had against messages of the customer's.
        ended: the marker with which the customer left; "" if the conversation was cut off.
    """

    world: Telecom
    objections: list[str]
    ended: str
    texts: int

    @property
    def reward(self) -> float:
        return self.world.evaluate().reward

    @property
    def transcript(self) -> str:
        return "\n".join(map(_line, self.world.trajectory))


def play(task: TelecomTask, agent: Oracle, *, data: str = "own", data_dir: str = "") -> Played:
    """One conversation of an agent, which is given the world's truth, with the scripted customer."""
    world = Telecom(TelecomScenario.model_validate({"task": task, "data": data, "data_dir": data_dir}), 0)
    side = world.user_side()
    assert side is not None
    world.overhear("agent", side.greeting)
    played = Played(world, [], "", 0)
    customer = SCRIPTED["customer"](Opening(side.system, side.greeting), side.facts)
    said = _speak(played, "user", customer, next(customer))
    policy = agent(Opening(world.opening().system, said), world.truth())
    act = next(policy)
    while not (marker := side.stop_in(said)) and played.texts < MOST_TEXTS:
        text = _speak(played, "agent", policy, act)
        said = _speak(played, "user", customer, customer.send(text))
        played.texts += 1
        if not side.stop_in(said):
            act = policy.send(said)
    world.abandon("user_stop" if marker else "steps")
    played.ended = marker
    return played


def _speak(played: Played, actor: Actor, run: Generator[Act, str, None], act: Act) -> str:
    """Let one side act until it says something; returns that."""
    world = played.world
    while True:
        if actor == "user" and (objection := world.objection("user", _message(act))):
            played.objections.append(f"{objection.reason} | {act.tool or act.text}")
        if not act.tool:
            world.overhear(actor, act.text)
            return act.text
        act = run.send(world.call(actor, act.tool, dict(act.arguments)).content)


def _message(act: Act) -> Message:
    if act.tool:
        return Message.assistant(tool_calls=[ToolCall("call", act.tool, "{}")])
    return Message.assistant(act.text)


def _line(entry: Said | Called) -> str:
    if isinstance(entry, Said):
        return f"{entry.actor}: {entry.text}"
    return f"{entry.actor} [{entry.name} {entry.arguments}] {entry.content}"
