"""One session from its opening to its typed end; whatever happens inside, a result comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import NamedTuple, TypeVar

from agentbench_sdk.errors import (
    AgentbenchError,
    AgentFaultError,
    CacheError,
    EnvironmentFaultError,
    ModelError,
    RunFileError,
    SandboxUnavailableError,
)
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import Capabilities, GenerateParams
from agentbench_sdk.sandbox import SandboxPool
from agentbench_sdk.sessions.ending import Ending, Limits
from agentbench_sdk.sessions.episode import Agent, AgentStuckError, Episode, Generate
from agentbench_sdk.sessions.memory import Memory
from agentbench_sdk.sessions.protocols import ProtocolName, protocol_for
from agentbench_sdk.sessions.scene import Scene, SessionOverError
from agentbench_sdk.sessions.transcript import Transcript
from agentbench_sdk.sessions.user import UserPlan, UserSeat
from agentbench_sdk.simulation import Environment, Opening, Outcome

T = TypeVar("T")


class SessionResult(NamedTuple):
    """What a session gave.

    Attributes:
        answer: the agent's final text.
        usage: of the agent's calls, answers from the cache included; `cached_usage` is that part.
        working_s: seconds on the wire and in tools.
    """

    transcript: Transcript
    ending: Ending
    answer: str
    outcome: Outcome | None
    usage: Usage
    cached_usage: Usage
    working_s: float


class SessionPlan(NamedTuple):
    """What a session needs besides the way to its model.

    Attributes:
        user_turns: what a user says that needs no world: one after each answer.
        user: who plays the user of a world that has one.
        memory: of what a world that is not deterministic said the first time.
        sandboxes: where a world that needs some has its sandboxes made; None for the others.
    """

    messages: tuple[Message, ...]
    agent: Agent
    system: str = ""
    environment: Environment | None = None
    user_turns: tuple[str, ...] = ()
    user: UserPlan | None = None
    params: GenerateParams = GenerateParams()
    limits: Limits = Limits()
    protocol: ProtocolName = "auto"
    capabilities: Capabilities = Capabilities()
    memory: Memory | None = None
    sandboxes: SandboxPool | None = None


async def run_session(plan: SessionPlan, generate: Generate) -> SessionResult:
    """Play one session.

    Faults become endings, never exceptions; a cancellation passes, after the world was closed.

    Raises:
        CacheError: the cache cannot be used, or has no answer to replay: a fault of the run, not of a session.
    """
    pool = plan.sandboxes
    scope: AbstractAsyncContextManager[SandboxPool | None] = pool.scope() if pool else nullcontext()
    try:
        async with scope as sandboxes:
            return await _in_world(plan, generate, sandboxes)
    finally:
        if plan.environment is not None:
            plan.environment.close()


async def _in_world(plan: SessionPlan, generate: Generate, sandboxes: SandboxPool | None) -> SessionResult:
    world = plan.environment
    try:
        if world is not None and sandboxes is not None:
            await _of_world(world, "begin", world.begin(sandboxes))
        scene = Scene(
            world,
            plan.limits,
            waited_s=lambda: sandboxes.waited_s if sandboxes else 0.0,
            memory=plan.memory,
        )
        opening = await _opening(plan, scene)
    except (EnvironmentFaultError, SandboxUnavailableError) as error:
        return _never_begun(Ending("failed", error.kind, str(error)))
    episode = Episode(
        generate=generate,
        opening=opening,
        scene=scene,
        user_turns=plan.user_turns,
        user=UserSeat(plan.user, scene) if plan.user is not None else None,
        protocol=protocol_for(plan.protocol, native=plan.capabilities.tools),
        params=plan.params,
        capabilities=plan.capabilities,
    )
    try:
        ending = await _play(plan.agent, episode)
        outcome = await _close_world(scene, ending)
    except (EnvironmentFaultError, SandboxUnavailableError) as error:
        ending, outcome = Ending("failed", error.kind, str(error)), None
    tally = scene.tally
    return SessionResult(
        scene.transcript,
        ending,
        episode.answer,
        outcome,
        tally.agent_usage,
        tally.cached_usage,
        tally.working_s,
    )


def _never_begun(ending: Ending) -> SessionResult:
    return SessionResult(Transcript(), ending, "", None, Usage(), Usage(), 0.0)


async def _of_world(world: Environment, doing: str, step: Awaitable[None]) -> None:
    """Await a step of a world's own; what its code raises is a fault of the world.

    Raises:
        EnvironmentFaultError: it raised something else than an error of ours.
        SandboxUnavailableError: no sandbox of that kind can be had.
    """
    try:
        await step
    except (EnvironmentFaultError, SandboxUnavailableError):
        raise
    except Exception as error:
        raise EnvironmentFaultError(
            f"{world.name} broke in {doing}: {type(error).__name__}: {error}"
        ) from error


async def _opening(plan: SessionPlan, scene: Scene) -> list[Message]:
    world = Opening() if plan.environment is None else await _opened(plan.environment, scene)
    system = "\n\n".join(text for text in (plan.system, world.system) if text)
    messages = [Message.system(system)] if system else []
    messages.extend(plan.messages)
    if world.observation:
        messages.append(Message.user(world.observation))
    return messages


async def _opened(world: Environment, scene: Scene) -> Opening:
    opening = world.opening()
    if (place := scene.place("opening")) is None:
        return opening
    now = {"system": opening.system, "observation": opening.observation}
    given, drift = await scene.recalled(place, now)
    scene.drifted("opening", drift)
    return Opening(**given)


async def _play(agent: Agent, episode: Episode) -> Ending:
    try:
        await episode.begin()
        await agent.run(episode)
    except SessionOverError as over:
        return over.ending
    except (ModelError, EnvironmentFaultError) as error:
        return Ending("failed", error.kind, str(error))
    except AgentStuckError:
        return episode.ending or Ending("failed", AgentFaultError.kind, "the agent did not stop")
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return Ending("failed", AgentFaultError.kind, "the agent was cancelled by its own code")
    except (CacheError, RunFileError):
        raise  # what stops the whole run is no ending of one session
    except AgentbenchError as error:
        return Ending("failed", error.kind, str(error))
    except Exception as error:  # noqa: BLE001 - the boundary to an agent's own code
        return Ending("failed", AgentFaultError.kind, f"the agent raised {type(error).__name__}: {error}")
    return _with_faults(episode, episode.ending or Ending("completed", "answered"))


def _with_faults(episode: Episode, ending: Ending) -> Ending:
    """An ending that tells of failed calls after which the agent went on."""
    if not episode.faults:
        return ending
    first = episode.faults[0]
    detail = f"the agent went on after {len(episode.faults)} failed calls, the first: {first.kind}: {first}"
    return Ending(ending.status, ending.reason, detail)


async def _close_world(scene: Scene, ending: Ending) -> Outcome | None:
    world = scene.world
    if world is None or not ending.scorable:
        return None
    if not scene.world_ended or ending.status == "limit":  # a limit may be reached with the last step
        _at_end(world, lambda: world.abandon(ending.reason))
        _at_end(world, lambda: scene.note("abandoned", ending.reason))
    if type(world).finish is not Environment.finish:
        await _of_world(world, "finish", world.finish())
        _at_end(world, lambda: scene.note("finished"))
    outcome = _at_end(world, world.outcome)
    if (place := scene.place("outcome", ending=ending.reason)) is None:
        return outcome
    given, drift = await scene.recalled(place, outcome.to_dict())
    scene.drifted("outcome", drift)
    return Outcome(**given)


def _at_end(world: Environment, step: Callable[[], T]) -> T:
    try:
        return step()
    except Exception as error:
        raise EnvironmentFaultError(
            f"{world.name} broke at the end: {type(error).__name__}: {error}"
        ) from error
