"""Running a plan: sessions side by side, judging beside them, every attempt written as it is done."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, NamedTuple

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.cache.results import RecordedResults
from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import AgentFaultError, ConfigurationError, JudgeError
from agentbench_sdk.judging import Asks, Judge, Score
from agentbench_sdk.judging.stage import case_of, judge_case
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import Capabilities, GenerateParams, ModelRequest, ModelResponse
from agentbench_sdk.models.client import CallScope, ModelClient
from agentbench_sdk.models.scripted import OracleModel
from agentbench_sdk.reporting.progress import Progress
from agentbench_sdk.runs.collector import collecting_seldom
from agentbench_sdk.runs.gate import Gate
from agentbench_sdk.runs.plan import Plan
from agentbench_sdk.runs.records import CallRecord, CallRole, SampleRecord
from agentbench_sdk.runs.store import Attempt, RunStore, UnwritableRowError
from agentbench_sdk.sessions.ending import Ending
from agentbench_sdk.sessions.memory import Memory
from agentbench_sdk.sessions.session import SessionPlan, SessionResult, run_session
from agentbench_sdk.sessions.transcript import Transcript
from agentbench_sdk.sessions.user import UserPlan
from agentbench_sdk.simulation import Environment

BEGUN_TOGETHER = 64
INTERRUPT_GRACE_S = 4.5  # calls on the wire get this long after Ctrl-C; 5 s is the promise


@dataclass
class Clients:
    """The models of a run by role; judges may name further ones."""

    agent: ModelClient
    user: ModelClient | None = None
    judge: ModelClient | None = None
    judges: Mapping[str, ModelClient] = field(default_factory=dict)

    def for_judge(self, name: str | None) -> ModelClient:
        client = self.judge if name is None else self.judges.get(name)
        if client is None:
            raise JudgeError(
                "this judge needs a model of its own: name one with --judge-model or judge_model=…"
                if name is None
                else f"judge model {name!r} was not opened for this run"
            )
        return client


class Played(NamedTuple):
    """A session that has been played.

    Attributes:
        cached: roles of which an answer came from the cache, so that its time is not known.
        wall_s: seconds that it took before this run.
    """

    result: SessionResult
    cached: frozenset[CallRole]
    wall_s: float = 0.0


Play = Callable[[Sample, int, list[CallRecord]], Awaitable[Played]]
"""Plays the session of a sample and epoch, and books the calls that it took."""


class Execution:
    """One run under way."""

    def __init__(
        self,
        plan: Plan,
        clients: Clients,
        store: RunStore,
        gate: Gate,
        progress: Progress,
        sessions: int,
        play: Play | None = None,
        results: RecordedResults | None = None,
    ) -> None:
        self._plan, self._clients, self._store = plan, clients, store
        self._gate, self._progress, self._results = gate, progress, results
        self.drifts: list[tuple[str, int, int]] = []  # sample, epoch, number of results that now differ
        self._sessions = asyncio.Semaphore(sessions)
        # Finished sessions wait here for slow judges; without a bound they would pile up in memory.
        self._alive = asyncio.Semaphore(4 * sessions)
        self._tasks: set[asyncio.Task[None]] = set()
        self._params: dict[int, GenerateParams] = {}
        self._play = play or self._session

    async def run(self) -> None:
        """Do all attempts; returns early, without those not begun, when interrupted."""
        self._progress.start(self._plan.total)
        try:
            with collecting_seldom(worlds=self._plan.world is not None):
                await self._all()
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        finally:
            self._progress.close()

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for begun, (sample, epoch) in enumerate(self._plan.attempts()):
                if begun % BEGUN_TOGETHER == 0:
                    await asyncio.sleep(0)  # so that what ends at once is seen waiting for the disk
                await self._alive.acquire()
                await self._sessions.acquire()
                await self._store.room()
                if self._gate.closed:
                    break
                task = group.create_task(self._attempt(sample, epoch))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def interrupt(self) -> None:
        """Let calls on the wire finish, 4.5 s at most, then stop everything else."""
        await self._gate.close(INTERRUPT_GRACE_S)
        for task in list(self._tasks):
            task.cancel()

    async def _attempt(self, sample: Sample, epoch: int) -> None:
        started = time.monotonic()
        calls: list[CallRecord] = []
        try:
            try:
                played = await self._play(sample, epoch, calls)
            finally:
                self._sessions.release()
            result = played.result
            if self._plan.drifts and (drifts := result.transcript.drifts):
                self.drifts.append((sample.id, epoch, drifts))
            scores = await self._judge(sample, epoch, played, calls)
            wall_s = played.wall_s + time.monotonic() - started
            record = _record(sample, epoch, result, scores, calls, wall_s)
            record = await self._write(Attempt(record, sample, result.transcript, calls))
        finally:
            self._alive.release()
        self._progress.sample_done(record)

    async def _write(self, attempt: Attempt) -> SampleRecord:
        """Write an attempt, or, when it holds what no file takes, that this is so."""
        try:
            await self._store.add(attempt)
        except UnwritableRowError as error:
            ending = Ending("failed", AgentFaultError.kind, str(error))
            record = replace(attempt.record, ending=ending, scores={}, outcome=None, answer="")
            attempt = Attempt(record, attempt.sample, Transcript())
            await self._store.add(attempt)
        return attempt.record

    async def _session(self, sample: Sample, epoch: int, calls: list[CallRecord]) -> Played:
        plan = self._plan
        world = plan.world.create(sample.scenario or "default", sample.seed) if plan.world else None

        client = _told(self._clients.agent, world.truth) if world is not None else self._clients.agent

        def generate(request: ModelRequest, turn: int) -> Awaitable[ModelResponse]:
            scope = CallScope(sample.id, epoch, "agent", turn)
            return self._call(client, request, scope, calls)

        session = SessionPlan(
            messages=sample.messages,
            agent=plan.agent,
            system=plan.task.system,
            environment=world,
            user_turns=sample.user_turns,
            user=self._user(sample, epoch, world, calls),
            params=self._params_of(epoch),
            limits=plan.limits,
            protocol=plan.protocol,
            capabilities=plan.model.capabilities,
            memory=self._memory(sample, epoch, world),
            sandboxes=plan.sandboxes if plan.sandboxed(sample) else None,
        )
        result = await run_session(session, generate)
        return Played(result, frozenset(call.role for call in calls if call.cached))

    def _memory(self, sample: Sample, epoch: int, world: Environment | None) -> Memory | None:
        """Of what a world that is not deterministic said when this session was played the first time."""
        if world is None or world.deterministic or self._results is None:
            return None
        params = self._params_of(epoch)
        settle = self._results.of(
            world, sample_id=sample.id, epoch=epoch, model_id=self._plan.model.id, params=params
        )
        return Memory(settle)

    def _user(
        self, sample: Sample, epoch: int, world: Environment | None, calls: list[CallRecord]
    ) -> UserPlan | None:
        """Who plays the user of a session; None where the world has none."""
        side = world.user_side() if world is not None else None
        if side is None:
            return None
        if self._clients.user is None:
            raise ConfigurationError(
                f"sample {sample.id!r} needs a user: name one with --user-model or user_model=…"
            )
        client = _told(self._clients.user, lambda: side.facts)

        def generate(request: ModelRequest, turn: int) -> Awaitable[ModelResponse]:
            return self._call(client, request, CallScope(sample.id, epoch, "user", turn), calls)

        params = self._plan.user_params_of(epoch, client.model.capabilities)
        return UserPlan(side, generate, params, client.model.capabilities)

    def _params_of(self, epoch: int) -> GenerateParams:
        """The parameters of an epoch, one object for all its requests: what is made of them is made once."""
        known = self._params.get(epoch)
        if known is None:
            known = self._params[epoch] = self._plan.params_of(epoch)
        return known

    async def _judge(
        self, sample: Sample, epoch: int, played: Played, calls: list[CallRecord]
    ) -> dict[str, Score]:
        result = played.result
        if not result.ending.scorable:
            return {}
        case = case_of(
            sample,
            epoch,
            answer=result.answer,
            transcript=result.transcript,
            ending=result.ending,
            outcome=result.outcome,
            model=self._plan.model.id,
            usage=_usage_by_role(calls),
            cached=played.cached,
            working_s=result.working_s,
        )
        return await judge_case(
            self._plan.task.judges,
            case,
            lambda judge: self._asks(judge, sample.id, epoch, calls),
            self._plan.sandboxes,
        )

    def _asks(self, judge: Judge, sample_id: str, epoch: int, calls: list[CallRecord]) -> Asks:
        asked: Counter[bytes] = Counter()

        async def ask(request: ModelRequest, *, model: str | None = None) -> ModelResponse:
            client = self._clients.for_judge(model)
            request = _as_taken(request, client.model.capabilities)
            identity = _identity(model, request)
            ordinal = asked[identity]
            asked[identity] += 1
            turn = sum(message.role == "assistant" for message in request.messages)
            scope = CallScope(sample_id, epoch, "judge", turn, judge.id, ordinal)
            return await self._call(client, request, scope, calls)

        return ask

    async def _call(
        self, client: ModelClient, request: ModelRequest, scope: CallScope, calls: list[CallRecord]
    ) -> ModelResponse:
        response, record = await client.generate(request, scope)
        calls.append(record)
        self._progress.call_done(record)
        return response


def _as_taken(request: ModelRequest, able: Capabilities) -> ModelRequest:
    """A judge's request as its model takes it: the prompt says in words what a schema would ask for."""
    if able.response_format or request.params.response_format is None:
        return request
    return replace(request, params=replace(request.params, response_format=None))


def _identity(model: str | None, request: ModelRequest) -> bytes:
    """What makes two requests of a judge the same, whatever the order in which they are sent."""
    head = canonical_json([model, request.params.to_dict()])
    return sha256(b"\n".join((head, *(message.canonical() for message in request.messages)))).digest()


def _told(client: ModelClient, truth: Callable[[], Mapping[str, Any]]) -> ModelClient:
    """Who plays in one session: an oracle is shown what is true of this world, or what its user knows."""
    if not isinstance(client.model, OracleModel):
        return client
    return client.playing(client.model.told(truth()))


def _record(
    sample: Sample,
    epoch: int,
    result: SessionResult,
    scores: Mapping[str, Score],
    calls: list[CallRecord],
    wall_s: float,
) -> SampleRecord:
    return SampleRecord(
        sample_id=sample.id,
        epoch=epoch,
        ending=result.ending,
        cluster=sample.cluster,
        scores=scores,
        outcome=result.outcome,
        answer=result.answer,
        target=sample.target,
        usage=_usage_by_role(calls),
        cached_usage=_usage_by_role(cached) if (cached := [call for call in calls if call.cached]) else {},
        wall_s=wall_s,
        working_s=result.working_s,
        metadata=sample.metadata,
    )


def _usage_by_role(calls: list[CallRecord]) -> dict[CallRole, Usage]:
    usage: dict[CallRole, Usage] = {}
    for call in calls:
        known = usage.get(call.role)
        usage[call.role] = call.usage if known is None else known + call.usage
    return usage


def _first(errors: BaseExceptionGroup) -> BaseException:
    """What the caller should see: the group is how we run, not what went wrong."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
