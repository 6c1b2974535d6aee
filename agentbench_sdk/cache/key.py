"""What makes two requests the same: the key of the response cache.

The key is SHA-256 over a versioned form: one line that names the model, its endpoint, the parameters and
the tools; one line for the draw; one line a message. Each line is canonical JSON, which holds no raw line
break, so no two requests share a form. Messages keep their canonical bytes, so a turn of a long session
costs one pass of SHA-256 over its history and no encoding.

In the key is everything that can change the answer; transport settings (time-outs, headers, concurrency)
and secrets are not part of a `ModelRequest` and so cannot be. Media count by content hash. The reasoning
of earlier assistant messages counts in full: whether a back end sends it is its own affair, so two
histories that differ in it never share an answer (on a resume both come from the cache and are equal).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.models import GenerateParams, ModelRequest

SCHEMA = 1
SHARED_DRAW = "shared"
_KEPT_SHAPES = 64

# Equal as Python numbers, different as JSON: 0 and 0.0 must not be two requests.
_FLOATS = ("temperature", "top_p", "frequency_penalty", "presence_penalty")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which call of which run asks.

    Attributes:
        run: the run that asks; provenance of what it pays for.
        sample, epoch: the attempt, epochs counted from 0.
        role: who asks: "agent", "user" or "judge", or any name that tells callers apart.
        turn: the caller's turn in the session.
        ordinal: counts identical requests within one turn, from 0: who asks the same twice wants two answers.
        namespace: what sampled draws are private to: the run itself, or for a resumed run the
            namespace of the run that it resumes. "" stands for `run`.
    """

    run: str
    sample: str = ""
    epoch: int = 0
    role: str = "agent"
    turn: int = 0
    ordinal: int = 0
    namespace: str = ""

    @property
    def draws_from(self) -> str:
        """The namespace, with its default filled in."""
        return self.namespace or self.run


def draw_for(params: GenerateParams, origin: Origin) -> str:
    """Name the draw that a request asks for.

    A request is deterministic when its temperature is 0 and `extra_body` does not set another one; all
    runs and samples share its draw of an epoch. Epochs, and repeats within a turn (`ordinal`), are draws of
    their own even so: endpoints are not quite deterministic at temperature 0, and whoever asks for repeats
    wants to see that. Every other request is sampled, and its draw is private to namespace, sample, epoch, role, turn and ordinal: a
    resumed run hits, a new run draws anew.

    A `seed` with a temperature above 0 does not make a request deterministic: endpoints call it best
    effort, and answers wrongly shared between epochs would make a score look surer than it is. A
    missing temperature is the endpoint's default, which is not 0.

    >>> draw_for(GenerateParams(temperature=0), Origin("r1", "s1", epoch=2))
    'shared 2'
    >>> draw_for(GenerateParams(temperature=0), Origin("r1", "s1", epoch=2, ordinal=1))
    'shared 2 1'
    >>> draw_for(GenerateParams(seed=7), Origin("r1", "s1", turn=3))
    '["r1","s1",0,"agent",3,0]'
    """
    if params.temperature == 0 and "temperature" not in params.extra_body:
        repeat = f" {origin.ordinal}" if origin.ordinal else ""
        # A judge is asked the same again in another epoch because the case is the same: it is judged once.
        epoch = 0 if origin.role.partition(" ")[0] == "judge" else origin.epoch
        return f"{SHARED_DRAW} {epoch}{repeat}"
    return private_draw(origin)


def private_draw(origin: Origin) -> str:
    """The draw of a sampled request."""
    place = [origin.draws_from, origin.sample, origin.epoch, origin.role, origin.turn, origin.ordinal]
    return canonical_json(place).decode()


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """A request, taken apart the way its key is made; what `explain` compares.

    Attributes:
        key: SHA-256, hexadecimal.
        shape: canonical JSON of schema version, model, endpoint, parameters and tools.
        draw: which of several answers to the same question is meant.
        messages: canonical JSON of each message; media by content hash.
    """

    key: str
    shape: bytes
    draw: str
    messages: tuple[bytes, ...]


class RecentShapes:
    """The shapes of the latest kinds of requests: those of a run share theirs, and tools are long to encode.

    By identity of the parameters and tools, which are immutable, and are held so that it stays their own.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int, tuple[int, ...]], tuple[ModelRequest, bytes]] = {}

    def of(self, model_id: str, endpoint: str, request: ModelRequest) -> bytes:
        """The shape of a request; see `RequestIdentity`."""
        key = (model_id, endpoint, id(request.params), tuple(map(id, request.tools)))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _KEPT_SHAPES:
                self._known.clear()
            held = ModelRequest((), request.tools, request.params)
            known = self._known[key] = (held, _shape(model_id, endpoint, request))
        return known[1]


def identify(
    *, model_id: str, endpoint: str, request: ModelRequest, draw: str, shapes: RecentShapes | None = None
) -> RequestIdentity:
    """Take a request apart and compute its key.

    Shapes are remembered in `shapes`, where it is given.

    Raises:
        TypeError: the request holds what JSON cannot: lone surrogates, integers beyond 64 bits, sets.
    """
    shape = (shapes.of if shapes is not None else _shape)(model_id, endpoint, request)
    messages = tuple([message.canonical() for message in request.messages])
    return RequestIdentity(key_of(shape, draw, messages), shape, draw, messages)


def _shape(model_id: str, endpoint: str, request: ModelRequest) -> bytes:
    return canonical_json(
        {
            "schema": SCHEMA,
            "model": model_id,
            "endpoint": endpoint,
            "params": _params(request.params),
            "tools": [tool.to_dict() for tool in request.tools],
        }
    )


def key_of(shape: bytes, draw: str, messages: tuple[bytes, ...]) -> str:
    """The key of a request that has been taken apart."""
    return sha256(b"\n".join((shape, canonical_json(draw), *messages))).hexdigest()


def request_key(*, model_id: str, endpoint: str, request: ModelRequest, draw: str) -> str:
    """SHA-256 (hexadecimal) over everything that can change the answer, and the draw.

    Raises:
        TypeError: the request holds what JSON cannot: lone surrogates, integers beyond 64 bits, sets.
    """
    return identify(model_id=model_id, endpoint=endpoint, request=request, draw=draw).key


def _params(params: GenerateParams) -> Mapping[str, Any]:
    record = params.to_dict()
    for name in _FLOATS:
        if name in record:
            record[name] = float(record[name]) + 0.0  # -0.0 is 0.0
    return record
