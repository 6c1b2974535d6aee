"""Requests and answers for the tests of the cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agentbench_sdk.cache import Entry, Origin, RequestIdentity, draw_for, identify
from agentbench_sdk.messages import Message, ToolSpec, Usage
from agentbench_sdk.models import GenerateParams, ModelRequest, ModelResponse


@dataclass(frozen=True)
class Sent:
    """A request with all that surrounds it."""

    request: ModelRequest
    origin: Origin
    identity: RequestIdentity

    @property
    def key(self) -> str:
        return self.identity.key

    def answered(self, text: str = "an answer", *, created: float = 1000.0) -> Entry:
        usage = Usage(input_tokens=11, output_tokens=7, cost_usd=0.25)
        response = ModelResponse(Message.assistant(text), usage=usage, model="m-2025", response_id="r1")
        return Entry.of(response, self.origin, self.identity, created)


@dataclass(frozen=True)
class Sender:
    """Makes requests that differ in what is said of them."""

    model_id: str = "mock/m"
    endpoint: str = "http://mock"
    params: GenerateParams = field(default_factory=GenerateParams)
    tools: tuple[ToolSpec, ...] = ()

    def __call__(
        self, *messages: str | Message, run: str = "r1", sample: str = "s1", turn: int = 0, epoch: int = 1
    ) -> Sent:
        said = tuple(Message.user(each) if isinstance(each, str) else each for each in messages)
        request = ModelRequest(said, self.tools, self.params)
        origin = Origin(run, sample, epoch, "agent", turn)
        draw = draw_for(self.params, origin)
        identity = identify(model_id=self.model_id, endpoint=self.endpoint, request=request, draw=draw)
        return Sent(request, origin, identity)


@pytest.fixture
def send() -> Sender:
    """Sends sampled requests to one mock model."""
    return Sender()


@pytest.fixture
def sender() -> Callable[..., Sender]:
    """Makes senders with other models, parameters or tools."""
    return Sender


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cache file may be made."""
    return tmp_path / "cache.db"
