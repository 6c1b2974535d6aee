"""One answered request, from the cache or from the model: policy, single flight and recording together.

response = await fetch(
    cache, CachePolicy.REUSE, model_id=model.id, endpoint=model.endpoint,
    request=request, origin=Origin(run_id, sample.id, epoch, "agent", turn),
    call=lambda: limited_and_retried(request),
)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentbench_sdk.cache.entry import Entry, unpaid
from agentbench_sdk.cache.explain import explain_miss
from agentbench_sdk.cache.key import Origin, RequestIdentity, draw_for, identify
from agentbench_sdk.cache.policy import CachePolicy
from agentbench_sdk.cache.store import ResponseCache
from agentbench_sdk.errors import CacheError, CacheMissError
from agentbench_sdk.models import ModelRequest, ModelResponse


async def fetch(
    cache: ResponseCache | None,
    policy: CachePolicy,
    *,
    model_id: str,
    endpoint: str,
    request: ModelRequest,
    origin: Origin,
    call: Callable[[], Awaitable[ModelResponse]],
) -> ModelResponse:
    """Answer a request from the cache, or make the call and record its answer before handing it on.

    Identical requests that are under way on this cache become one: those that come second are given the
    first one's answer as a cached one, or its error. Should the first be cancelled, one of them takes
    over, and finds the answer if it was already being recorded. Without a cache, or with the policy
    `off`, every request is a call of its own.

    Arguments:
        cache: where answers are looked up and recorded; None for no cache at all.
        policy: when a recorded answer counts.
        model_id: the model's stable identity.
        endpoint: where it is reached; without secrets.
        request: what is asked.
        origin: which call of which run asks.
        call: makes the call with whatever limits and retries it has; it holds no permit before and
            after, so none is held during a look-up or a commit.

    Returns:
        The answer. With `cached` set and zero attempts when nobody paid for it this time. When another
        process has recorded an answer to the same request in the meantime, that one is returned (it is
        what a replay will find), with the timing and usage of the call that was made.

    Raises:
        CacheMissError: under `replay`, when the answer is not recorded; names what differs.
        CacheError: the cache cannot be read or written; an answer that is not durable is not returned.
        Exception: whatever `call` raises.
    """
    if cache is None or policy is CachePolicy.OFF:
        if policy is CachePolicy.REPLAY:
            raise CacheMissError("the policy 'replay' answers from a cache and none is given; name its file")
        return await call()
    identity = _identify(cache, model_id, endpoint, request, origin)
    fetcher = _Fetcher(cache, policy, identity, origin, call)
    response, followed = await cache.flights.run(identity.key, fetcher.lead)
    return unpaid(response) if followed else response


class _Fetcher:
    """One request on its way."""

    __slots__ = ("cache", "call", "identity", "origin", "policy")

    def __init__(
        self,
        cache: ResponseCache,
        policy: CachePolicy,
        identity: RequestIdentity,
        origin: Origin,
        call: Callable[[], Awaitable[ModelResponse]],
    ) -> None:
        self.cache, self.policy, self.identity, self.origin, self.call = cache, policy, identity, origin, call

    async def lead(self) -> ModelResponse:
        entry = await self.cache.get(self.identity.key)
        if entry is not None and counts(self.policy, entry, self.origin):
            return entry.hit()
        if self.policy is CachePolicy.REPLAY:
            text = await self.cache.inspect(lambda file: explain_miss(file, self.identity, self.origin))
            raise CacheMissError(f"no answer to this request is recorded in {self.cache.path}: {text}")
        return await self._ask()

    async def _ask(self) -> ModelResponse:
        response = await self.call()
        entry = Entry.of(response, self.origin, self.identity, self.cache.clock())
        # Nothing is awaited between the answer and its way to the writer: from here on, cancelling
        # the caller no longer loses it.
        stored = await self.cache.put(self.identity.key, entry, replace=self.policy is CachePolicy.REFRESH)
        if stored is entry:
            return response
        return replace(stored.response, timing=response.timing, quota=response.quota, usage=response.usage)


def counts(policy: CachePolicy, entry: Entry, origin: Origin) -> bool:
    """Whether a recorded answer is used, or replaced by a new one."""
    return policy is not CachePolicy.REFRESH or entry.origin.draws_from == origin.draws_from


def _identify(
    cache: ResponseCache, model_id: str, endpoint: str, request: ModelRequest, origin: Origin
) -> RequestIdentity:
    draw = draw_for(request.params, origin)
    try:
        return identify(model_id=model_id, endpoint=endpoint, request=request, draw=draw, shapes=cache.shapes)
    except TypeError as error:
        raise CacheError(
            f"the {origin.role}'s request in turn {origin.turn} of sample {origin.sample!r} has no cache key "
            f"({error}); messages, tools and parameters must be JSON and valid Unicode"
        ) from error
