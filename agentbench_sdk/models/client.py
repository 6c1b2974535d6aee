"""The way to a model: cost limit, response cache, limiter with retries, and a record of each call.

session ──request──▶ ModelClient ──▶ cache ──▶ limiter ──▶ model
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from agentbench_sdk.cache import CachePolicy, Origin, ResponseCache, fetch
from agentbench_sdk.errors import ModelError
from agentbench_sdk.messages import Text, Usage, estimated_tokens
from agentbench_sdk.models.base import Model, ModelRequest, ModelResponse, Timing
from agentbench_sdk.runs.budget import Budget
from agentbench_sdk.runs.gate import Gate
from agentbench_sdk.runs.records import CallRecord, CallRole
from agentbench_sdk.traffic import Limiter, Order

if TYPE_CHECKING:
    from agentbench_sdk.models.openai_compatible.prices import Prices


class CallScope(NamedTuple):
    """Where in a run a call belongs.

    Attributes:
        turn: of the call within (sample, epoch, role, speaker), from 0. A judge's turns are those of one
            conversation with its model: 0 for a question, 1 for a second attempt at its answer.
        speaker: tells several judges of one case apart; "" for agent and user.
        ordinal: counts a judge's identical requests, from 0: each repeat has a draw of its own.
    """

    sample_id: str
    epoch: int
    role: CallRole
    turn: int
    speaker: str = ""
    ordinal: int = 0

    @property
    def stage(self) -> int:
        """Finish what is begun: judges, then later turns, then first turns."""
        if self.role == "judge":
            return 0
        return 2 if self.role == "agent" and self.turn == 0 else 1

    @property
    def caller(self) -> str:
        """Role and speaker in one word."""
        return f"{self.role} {self.speaker}" if self.speaker else self.role


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all calls of a run share.

    Attributes:
        draws: namespace of the run's sampled answers in the cache.
    """

    run_id: str
    draws: str
    gate: Gate
    budget: Budget


class ModelClient:
    """One model as a run uses it."""

    def __init__(
        self,
        model: Model,
        context: RunContext,
        *,
        limiter: Limiter | None,
        cache: ResponseCache | None,
        policy: CachePolicy,
    ) -> None:
        self.model = model
        self._prices: Prices | None = getattr(model, "prices", None)
        self._context, self._limiter = context, limiter
        self._cache, self._policy = cache, policy

    def playing(self, model: Model) -> ModelClient:
        """The same client, with another model in this process, which is neither limited nor cached."""
        return ModelClient(model, self._context, limiter=None, cache=None, policy=CachePolicy.OFF)

    async def generate(self, request: ModelRequest, scope: CallScope) -> tuple[ModelResponse, CallRecord]:
        """Answer a request, from the cache where it holds the answer; and what to book for it.

        Raises:
            ModelError: there is no answer, after all attempts that the budgets allow.
            CacheMissError: under the replay policy, nothing is recorded for this request.
        """
        if self._context.gate.closed:
            await self._context.gate.wait_open()
        if self.model.endpoint:
            response = await self._remote(request, scope)
        else:
            response = await self._local(request)
        return response, self._call_record(scope, response)

    async def _local(self, request: ModelRequest) -> ModelResponse:
        started = time.monotonic()
        response = await self.model.generate(request)
        await asyncio.sleep(0)  # a model that never waits would let no other session have its turn
        if response.usage.cost_usd is None:  # a model in this process costs nothing
            response = replace(response, usage=replace(response.usage, cost_usd=0.0))
        return response.with_times(Timing(0.0, time.monotonic() - started))

    def _remote(self, request: ModelRequest, scope: CallScope) -> Awaitable[ModelResponse]:
        context = self._context
        origin = Origin(
            context.run_id,
            scope.sample_id,
            scope.epoch,
            scope.caller,
            scope.turn,
            scope.ordinal,
            context.draws,
        )
        return fetch(
            self._cache,
            self._policy,
            model_id=self.model.id,
            endpoint=self.model.endpoint,
            request=request,
            origin=origin,
            call=lambda: self._limited(request, scope),
        )

    async def _limited(self, request: ModelRequest, scope: CallScope) -> ModelResponse:
        assert self._limiter is not None
        size = sum(map(estimated_tokens, request.messages))
        estimate = self._estimate_usd(size, request)
        self._context.budget.check(estimate)
        order = Order(
            run=self._context.run_id,
            stage=scope.stage,
            turn=scope.turn,
            group=_prefix(request) if scope.stage == FIRST_TURN else "",
            size=size,
        )
        admitted = await self._limiter.call(
            lambda: self._attempt(request, estimate),
            order=order,
            tokens=size + (request.params.max_tokens or 0),
        )
        response, wire = admitted.value, admitted.value.timing
        return response.with_times(
            Timing(admitted.queue_s, wire.wire_s, wire.first_token_s, admitted.attempts)
        )

    async def _attempt(self, request: ModelRequest, estimate_usd: float) -> ModelResponse:
        gate, budget = self._context.gate, self._context.budget
        if gate.closed:
            await gate.wait_open()
        with gate.call(), budget.attempt(estimate_usd) as book:
            try:
                response = await self.model.generate(request)
            except ModelError as error:
                if error.usage is not None:  # an answer that is none may still have to be paid for
                    book(error.usage.cost_usd)
                raise
            # An endpoint that does not count tokens must not make a cost limit endless.
            book(response.usage.cost_usd if response.usage.total_tokens else estimate_usd)
            return response

    def _estimate_usd(self, size: int, request: ModelRequest) -> float:
        """What a call may cost, as far as its prices and the length of its answer are known."""
        prices = self._prices
        if prices is None:
            return 0.0
        return prices.applied(Usage(size, request.params.max_tokens or 0)).cost_usd or 0.0

    def _call_record(self, scope: CallScope, response: ModelResponse) -> CallRecord:
        return CallRecord(
            sample_id=scope.sample_id,
            epoch=scope.epoch,
            role=scope.role,
            turn=scope.turn,
            model=self.model.id,
            endpoint=self.model.endpoint,
            usage=response.usage,
            timing=response.timing,
            cached=response.cached,
            speaker=scope.speaker,
        )


FIRST_TURN = 2


def _prefix(request: ModelRequest) -> str:
    """What first turns share: system prompt and media, which endpoints keep warm together."""
    shared = [message.text for message in request.messages if message.role == "system"]
    for message in request.messages:
        shared += [part.sha256 for part in message.content if not isinstance(part, Text)]
    return sha256("\n".join(shared).encode()).hexdigest() if shared else ""
