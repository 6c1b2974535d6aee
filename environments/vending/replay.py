"""Replaying a trace: do the same again, and see whether the same comes of it. No model is asked."""

from __future__ import annotations

from agentbench_sdk.environments.vending.seams import Seams
from agentbench_sdk.environments.vending.trace import Action, Record, Trace, said_in
from agentbench_sdk.environments.vending.world import Vending
from agentbench_sdk.errors import ReplayMismatchError
from agentbench_sdk.simulation import BadArguments


def replay_trace(trace: Trace) -> Vending:
    """Play a trace again; returns the world as it is after it.

    Raises:
        ReplayMismatchError: a result, a hash, the chain or the score differs; names the first record.
    """
    if trace.version != Vending.version:
        raise ReplayMismatchError(f"the trace is of {trace.version!r}, this is {Vending.version!r}")
    world = Vending.create(trace.scenario, trace.seed)
    world.seams = Seams.recorded(said_in(trace.records))
    again = world.begin_trace()
    for place, record in enumerate(trace.records):
        act(world, record.action)
        _compare(record, again.records[place] if len(again.records) > place else None)
    if again.score != trace.score:
        raise ReplayMismatchError(f"the score differs: recorded {trace.score}, replayed {again.score}")
    return world


def act(world: Vending, action: Action) -> None:
    """Do to a world what a record says."""
    match action:
        case {"tool": str(name), "arguments": arguments}:
            world.call("agent", name, arguments)
        case {"tool": str(name), "malformed": {"reason": str(reason), "path": str(path)}}:
            world.call("agent", name, BadArguments(reason, path))
        case {"tool": str(name), "surplus": str(reason)}:
            world.reject("agent", name, "too_many_calls", BadArguments(reason))
        case {"heard": str(text)}:
            world.hear("agent", text)
        case {"used": int(tokens)}:
            world.report_usage(tokens)
        case {"abandoned": str(reason)}:
            world.abandon(reason)
        case _:
            raise ReplayMismatchError(f"no such action: {action}")


def _compare(record: Record, again: Record | None) -> None:
    for name in ("index", "action", "result", "minutes", "state_hash", "chain"):
        recorded, replayed = getattr(record, name), getattr(again, name, None)
        if recorded != replayed:
            raise ReplayMismatchError(
                f"record {record.index}: the {name.replace('_', ' ')} differs: "
                f"recorded {str(recorded)[:200]}, replayed {str(replayed)[:200]}"
            )
