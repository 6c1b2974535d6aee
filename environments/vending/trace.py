"""The trace of a run: one record a call, chained, so that the last link is the receipt of them all.

    chain_i = SHA-256(chain_(i-1) + canonical(action) + canonical(result) + state_hash_i)

with the 32 bytes of the earlier link and the hexadecimal text of the hash; chain_0 is the SHA-256 of
"vending-trace/1", a line feed and the hash of the state before the first call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.errors import RunFileError
from agentbench_sdk.simulation import BadArguments
from agentbench_sdk.simulation.arguments import check_arguments

PREAMBLE = b"vending-trace/1\n"
Action = dict[str, Any]


class Chain:
    """Attributes:
    length: links so far.
    head: the last link, hexadecimal.
    """

    def __init__(self, length: int, head: str) -> None:
        self.length, self.head = length, head

    @classmethod
    def begin(cls, state_hash: str) -> Chain:
        """The chain of a world that nothing was done to yet."""
        return cls(0, sha256(PREAMBLE + state_hash.encode()).hexdigest())

    def link(self, action: Action, result: bytes, state_hash: str) -> None:
        """Add what was done, what came of it (canonical JSON) and the state afterwards."""
        linked = bytes.fromhex(self.head) + canonical_json(action) + result + state_hash.encode()
        self.length, self.head = self.length + 1, sha256(linked).hexdigest()

    def copy(self) -> Chain:
        return Chain(self.length, self.head)


@dataclass(frozen=True, slots=True)
class Record:
    """One call.

    Attributes:
        index: from 1.
        action: {"tool", "arguments"} of a call, {"tool", "malformed"} of one whose arguments were none,
            {"tool", "surplus"} of one too many in its message, {"heard"}, {"used"} or {"abandoned"}.
        result: the envelope of a call, the reply to plain text, otherwise null.
        minutes: of simulated time.
        said: what the seams gave meanwhile, in order; a replay takes it from here.
    """

    index: int
    action: Action
    result: Any
    minutes: int
    state_hash: str
    chain: str
    said: tuple[Any, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Trace:
    """The record of one world from its beginning.

    Attributes:
        score: the primary score after the last record, in cents.
    """

    version: str
    scenario: Mapping[str, Any]
    seed: int
    records: list[Record] = field(default_factory=list)
    score: int = 0

    @property
    def receipt(self) -> str:
        """The last link; "" before the first call."""
        return self.records[-1].chain if self.records else ""

    def to_bytes(self) -> bytes:
        """JSON lines: a head, then one line a record."""
        head = {
            "version": self.version,
            "scenario": dict(self.scenario),
            "seed": str(self.seed),
            "score": self.score,
        }
        return b"\n".join(canonical_json(line) for line in (head, *(each.to_dict() for each in self.records)))

    @classmethod
    def of(cls, data: bytes) -> Trace:
        """Read a trace back.

        Raises:
            RunFileError: it is none.
        """
        try:
            head, *lines = [orjson.loads(line) for line in data.split(b"\n")]
            records = [Record(**{**line, "said": tuple(line["said"])}) for line in lines]
            return cls(head["version"], head["scenario"], int(head["seed"]), records, head["score"])
        except (ValueError, KeyError, TypeError) as error:
            raise RunFileError(f"this is no trace of the vending world: {error!r}") from error


def plain_arguments(arguments: object) -> dict[str, Any] | BadArguments:
    """The arguments of a call as JSON that a trace can hold, or why they are none."""
    checked = check_arguments(arguments)
    try:
        canonical_json(checked if isinstance(checked, dict) else None)
    except TypeError:
        return BadArguments("the arguments are not JSON")
    if isinstance(checked, BadArguments):
        return BadArguments(
            *(part.encode(errors="replace").decode() for part in (checked.reason, checked.path))
        )
    return checked


def call_action(name: str, arguments: Mapping[str, Any] | BadArguments) -> Action:
    """The action of a call."""
    if isinstance(arguments, BadArguments):
        return {"tool": name, "malformed": {"reason": arguments.reason, "path": arguments.path}}
    return {"tool": name, "arguments": arguments}


def said_in(records: Iterable[Record]) -> list[Any]:
    """Everything that seams gave, in order."""
    return [given for record in records for given in record.said]
