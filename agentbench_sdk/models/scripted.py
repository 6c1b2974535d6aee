"""Offline models: reference agents run as if they were models, and a model that always says the same.

A policy sees a conversation as a model does, and nothing else: the same session runs offline and behind a
real server. They cost nothing and are limited by nothing, so their `endpoint` is "".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from agentbench_sdk.canonical import canonical_json, digest
from agentbench_sdk.errors import AgentFaultError, RequestRejectedError
from agentbench_sdk.messages import CHARACTERS_PER_TOKEN, Message, ToolCall, Usage
from agentbench_sdk.models.base import Capabilities, ModelRequest, ModelResponse
from agentbench_sdk.simulation import Act, Opening, Oracle, Policy

FAREWELL = "The policy has ended."
_ID_PREFIX = "call_"
_CHAIN_LENGTH = 32
_KEPT_PLAYS = 1024


def estimated_usage(request: ModelRequest, answer: Message) -> Usage:
    """Tokens of a call that nobody counted: characters of the canonical messages, divided by four."""
    read = sum(len(message.canonical()) for message in request.messages)
    return Usage(read // CHARACTERS_PER_TOKEN, len(answer.canonical()) // CHARACTERS_PER_TOKEN)


class ConstantModel:
    """Says the same to everything.

    Arguments:
        text: what it says.
    """

    def __init__(self, text: str = "ok", *, id: str = "scripted/constant") -> None:
        self.id = id
        self.endpoint = ""
        self.capabilities = Capabilities()
        self._message = Message.assistant(text)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        usage = estimated_usage(request, self._message)
        return ModelResponse(self._message, usage=usage, model="constant")

    async def close(self) -> None:
        """Nothing is held."""


class PolicyModel:
    """Runs a policy from the conversation alone: any request is answered from its messages.

    The opening is all up to the first user message: the system message, and a greeting that the policy is
    taken to have said; its observation is that first user message. Whatever follows an act of the policy,
    tool results and later user messages, is sent into the generator. The generators of the latest
    sessions are kept, under a hash of all that was said to them; the hash travels in the ids of the tool
    calls, so that a long session costs the same each turn. A generator is taken out when it is used: an
    equal session beside it, or a fork of it, replays its history and never meets the other's generator.

    Arguments:
        policy: must be deterministic.
        id: the model's identity, as `scripted/<environment>/<policy>`.
        kept: most generators that are kept.

    Raises (from `generate`):
        RequestRejectedError: the conversation holds an act that is not this policy's.
        AgentFaultError: the policy raised.
    """

    capabilities = Capabilities(
        images=False, audio=False, video=False, logprobs=False, response_format=False, streaming=False
    )

    def __init__(self, policy: Policy, *, id: str = "scripted/policy", kept: int = _KEPT_PLAYS) -> None:
        self.id = id
        self.endpoint = ""
        self._policy = policy
        self._plays = _KeptPlays(kept)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer from the messages; see the class."""
        answer = self._answer(request.messages)
        return ModelResponse(
            answer,
            finish_reason="tool_calls" if answer.tool_calls else "stop",
            usage=estimated_usage(request, answer),
            model=self.id.rpartition("/")[2],
        )

    async def close(self) -> None:
        """Drop all generators."""
        self._plays.clear()

    # --- inside -------------------------------------------------------------------------------

    def _answer(self, messages: Sequence[Message]) -> Message:
        spoken = _last_spoken(messages)
        if spoken is None:
            play, heard = self._begin(messages), None
        else:
            said = messages[: spoken + 1]
            play = self._plays.take(_key(said)) or self._replay(said)
            heard = _heard(messages[spoken + 1 :])
        answer = self._step(play, heard)
        self._plays.keep(_key([*messages, answer]), play)
        return answer

    def _begin(self, messages: Sequence[Message]) -> _Play:
        opening = _opening(messages)
        return _Play(digest([opening.system, opening.observation])[:_CHAIN_LENGTH], self._policy(opening))

    def _replay(self, said: Sequence[Message]) -> _Play:
        """A play that has lived through these messages, the last of which it said."""
        first = next(place for place in range(_begun(said), len(said)) if said[place].role == "assistant")
        play = self._begin(said[:first])
        heard: str | None = None
        since = first
        for place in range(first, len(said)):
            if said[place].role != "assistant":
                continue
            if place > first:
                heard = _heard(said[since + 1 : place])
            since = place
            if not _same(self._step(play, heard), said[place]):
                raise RequestRejectedError(f"{self.id} is shown a conversation in which it did not act so")
        return play

    def _step(self, play: _Play, heard: str | None) -> Message:
        """Let the policy act; the chain grows by what it heard and did."""
        try:
            act = next(play.run) if heard is None else play.run.send(heard)
        except StopIteration:
            act = Act(text=FAREWELL)
        except Exception as error:
            raise AgentFaultError(f"{self.id} raised {type(error).__name__}: {error}") from error
        if not act.tool:
            play.chain = digest([play.chain, heard, act.text])[:_CHAIN_LENGTH]
            return Message.assistant(act.text)
        try:
            arguments = canonical_json(dict(act.arguments)).decode()
        except TypeError as error:
            raise AgentFaultError(f"{self.id} calls {act.tool} with what is not JSON: {error}") from error
        play.chain = digest([play.chain, heard, act.tool, arguments])[:_CHAIN_LENGTH]
        return Message.assistant(tool_calls=[ToolCall(_ID_PREFIX + play.chain, act.tool, arguments)])


class OracleModel:
    """Runs an oracle. By itself it knows nothing: a run lets it see the truth of each session's world.

    Arguments:
        oracle: must be deterministic.
        id: the model's identity, as `scripted/<environment>/<oracle>`.

    Raises (from `generate`):
        RequestRejectedError: nobody told it the truth of a world.
    """

    def __init__(self, oracle: Oracle, *, id: str = "scripted/oracle") -> None:
        self.id = id
        self.endpoint = ""
        self.capabilities = PolicyModel.capabilities
        self._oracle = oracle

    def told(self, truth: Mapping[str, Any]) -> PolicyModel:
        """The model for one session, in whose world this is true."""
        return PolicyModel(lambda opening: self._oracle(opening, truth), id=self.id)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        raise RequestRejectedError(f"{self.id} plays only where a run can show it the truth of a world")

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class _Play:
    """A generator on its way, and the hash of all that was said to it and by it."""

    chain: str
    run: Generator[Act, str, None]


class _KeptPlays:
    """The latest plays by key. Equal sessions leave equal plays, so each key has a stack of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._stacks: OrderedDict[str, list[_Play]] = OrderedDict()

    def take(self, key: str) -> _Play | None:
        if key not in self._stacks:
            return None
        return self._pop(key)

    def keep(self, key: str, play: _Play) -> None:
        self._stacks.setdefault(key, []).append(play)
        self._stacks.move_to_end(key)
        self._held += 1
        while self._held > self._most:
            self._pop(next(iter(self._stacks)))

    def clear(self) -> None:
        self._stacks.clear()
        self._held = 0

    def _pop(self, key: str) -> _Play:
        stack = self._stacks[key]
        play = stack.pop()
        self._held -= 1
        if not stack:
            del self._stacks[key]
        return play


def _opening(messages: Sequence[Message]) -> Opening:
    system = [message.text for message in messages if message.role == "system"]
    observation = [message.text for message in messages if message.role not in ("system", "assistant")]
    return Opening("\n\n".join(system), "\n\n".join(observation))


def _begun(messages: Sequence[Message]) -> int:
    """Where the opening ends: after the first user message, or, without one, where the policy spoke."""
    for place, message in enumerate(messages):
        if message.role == "user":
            return place + 1
    return next((place for place, each in enumerate(messages) if each.role == "assistant"), len(messages))


def _last_spoken(messages: Sequence[Message]) -> int | None:
    for place in range(len(messages) - 1, _begun(messages) - 1, -1):
        if messages[place].role == "assistant":
            return place
    return None


def _heard(messages: Sequence[Message]) -> str:
    return "\n".join(message.text for message in messages)


def _key(said: Sequence[Message]) -> str:
    """Under which the play is kept that said the last of these messages."""
    last = said[-1]
    if last.tool_calls:
        return last.tool_calls[0].id
    whole = sha256()
    for message in said:
        whole.update(message.canonical() + b"\n")
    return "said_" + whole.hexdigest()


def _same(mine: Message, shown: Message) -> bool:
    return mine.text == shown.text and [(call.name, call.arguments) for call in mine.tool_calls] == [
        (call.name, call.arguments) for call in shown.tool_calls
    ]
