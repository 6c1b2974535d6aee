"""What worlds that are not deterministic answered, recorded beside the answers of the models.

A result is an entry like any other: durable before the model sees it, with provenance, merged, verified and
pruned along with the answers that it led to. What came first counts, so that whoever plays the session again
sends the requests that have been answered already. A result belongs to the model and to what had been said
until then; its draw is that of the model's requests, private or shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from agentbench_sdk.cache.entry import Entry
from agentbench_sdk.cache.fetch import counts
from agentbench_sdk.cache.key import SCHEMA, Origin, RequestIdentity, draw_for, key_of
from agentbench_sdk.cache.policy import CachePolicy
from agentbench_sdk.cache.store import ResponseCache
from agentbench_sdk.canonical import JSON, canonical_json
from agentbench_sdk.errors import EnvironmentFaultError
from agentbench_sdk.messages import Message, Usage
from agentbench_sdk.models import GenerateParams, ModelResponse
from agentbench_sdk.sessions.memory import Settle
from agentbench_sdk.simulation import Environment

ROLE = "world"
_FREE = Usage(cost_usd=0.0)


@dataclass(frozen=True, slots=True)
class RecordedResults:
    """The results of one run's worlds.

    Arguments:
        cache: where they are recorded.
        policy: when a recorded one counts. Under `replay` one that is missing is taken as it comes now.
        run: the run that asks.
        draws: its namespace of private draws.
    """

    cache: ResponseCache
    policy: CachePolicy
    run: str
    draws: str

    def of(
        self, world: Environment, *, sample_id: str, epoch: int, model_id: str, params: GenerateParams
    ) -> Settle:
        """What settles the results of one session: given what was asked and what came now, what counts.

        Raises (when awaited):
            EnvironmentFaultError: the result is no valid Unicode or JSON.
            CacheError: the cache cannot be read or written.
        """
        origin = Origin(self.run, sample_id, epoch, ROLE, namespace=self.draws)
        shape = _shape(world, model_id)

        async def settle(asked: Mapping[str, JSON], now: Mapping[str, JSON]) -> Mapping[str, JSON]:
            turn = asked["turn"]
            assert isinstance(turn, int)
            place = replace(origin, turn=turn)
            try:
                message = canonical_json({"role": ROLE, "content": canonical_json(asked).decode()})
                draw = draw_for(params, place)
                identity = RequestIdentity(key_of(shape, draw, (message,)), shape, draw, (message,))
                return await self._settled(identity, place, canonical_json(now).decode())
            except (TypeError, ValueError) as error:
                raise EnvironmentFaultError(
                    f"{world.name} gave a result that is no valid Unicode or JSON: {error}"
                ) from error

        return settle

    async def _settled(self, identity: RequestIdentity, origin: Origin, now: str) -> Mapping[str, JSON]:
        known = await self.cache.get(identity.key)
        if known is not None and counts(self.policy, known, origin):
            return _content(known)
        if self.policy is CachePolicy.REPLAY:
            return _read(now)
        response = ModelResponse(Message.tool("", now), "stop", _FREE)
        entry = Entry.of(response, origin, identity, self.cache.clock())
        return _content(await self.cache.put(identity.key, entry, replace=self.policy is CachePolicy.REFRESH))


def _shape(world: Environment, model_id: str) -> bytes:
    """As that of a request, so that whatever looks after cache files can tell whose entries these are."""
    return canonical_json(
        {
            "schema": SCHEMA,
            "model": f"world {world.name}",
            "endpoint": "",
            "params": {},
            "tools": [],
            "agent": model_id,
            "version": world.version,
            "scenario": world.scenario.fingerprint(),
            "seed": str(world.seed),
        }
    )


def _content(entry: Entry) -> Mapping[str, JSON]:
    return _read(entry.response.message.text)


def _read(text: str) -> Mapping[str, JSON]:
    record: dict[str, Any] = orjson.loads(text)
    return record
