"""The trace of a run: chained record by record, replayed to the same receipt, refuted where it was edited."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agentbench_sdk.canonical import canonical_json
from agentbench_sdk.environments.vending import Vending
from agentbench_sdk.environments.vending.replay import act, replay_trace
from agentbench_sdk.environments.vending.trace import Trace
from agentbench_sdk.errors import ConfigurationError, EnvironmentFaultError, ReplayMismatchError, RunFileError
from agentbench_sdk.simulation import BadArguments

Start = Callable[..., Any]
_ALL = {"events": True, "subagent": "llm", "token_rate_cents": 5_000, "max_consecutive_invalid": 9}


def _mixed(world: Vending) -> Trace:
    """A run with an action of every kind, cut off in the end."""
    trace = world.begin_trace()
    world.call("agent", "run_sub_agent", {"instructions": "Look."})
    world.call("agent", "get_machine_inventory", {})
    world.reject("agent", "collect_cash", "too_many_calls", BadArguments("one call a message"))
    world.hear("agent", "All is empty.")
    world.used("agent", 123_456)
    world.call("agent", "send_email", {"to": "nobody@nowhere.example", "subject": "e\u0301", "body": ""})
    world.call("agent", "set_reminder", BadArguments("an integer is beyond ±2^53", "day"))
    world.call("agent", "nonsense", {"x": 1.5, "y": [None, True]})
    world.call("agent", "open_page", {"page_id": float("nan"), "\ud800": 2**80})
    world.call("agent", "open\ud800", {1: 2})
    world.hear("agent", "I would rather \ud800 talk.")
    for _ in range(8):
        world.call("agent", "wait_for_next_day", {})
    world.abandon("turns")
    return trace


def test_each_record_follows_from_the_one_before_by_the_formula_of_the_rules(start: Start) -> None:
    world = start(**_ALL).world
    head = hashlib.sha256(b"vending-trace/1\n" + world.state_hash().encode()).hexdigest()
    trace = _mixed(world)
    for index, record in enumerate(trace.records, 1):
        linked = bytes.fromhex(head) + canonical_json(record.action) + canonical_json(record.result)
        head = hashlib.sha256(linked + record.state_hash.encode()).hexdigest()
        assert (record.index, record.chain) == (index, head)
    assert trace.records[-1].state_hash == world.state_hash()
    assert trace.receipt == head == world.outcome().metrics["receipt"]


def test_a_trace_replays_to_its_receipt_and_score_from_its_bytes(start: Start) -> None:
    world = start(**_ALL).world
    trace = _mixed(world)
    kinds = {next(iter(set(record.action) - {"tool", "arguments"}), "call") for record in trace.records}
    assert kinds == {"call", "malformed", "surplus", "heard", "used", "abandoned"}
    read = Trace.of(trace.to_bytes())
    assert read == trace
    again = replay_trace(read)
    assert again.state_hash() == world.state_hash()
    assert again.outcome() == world.outcome()
    assert trace.score == world.outcome().reward


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"action": {"tool": "get_storage_inventory", "arguments": {}}}, "record 6: the action"),
        ({"result": {}}, "record 6: the result"),
        ({"minutes": 24}, "record 6: the minutes"),
        ({"state_hash": "0" * 64}, "record 6: the state hash"),
        ({"chain": "0" * 64}, "record 6: the chain"),
        ({"index": 7}, "record 7: the index"),
        ({"action": {"dreamt": "of sheep"}}, "no such action"),
    ],
)
def test_an_edited_record_is_found(start: Start, change: dict[str, Any], what: str) -> None:
    trace = _mixed(start(**_ALL).world)
    trace.records[5] = replace(trace.records[5], **change)
    with pytest.raises(ReplayMismatchError, match=what.replace("action", "(action|result)")):
        replay_trace(trace)


def test_an_edited_score_a_missing_record_and_a_foreign_version_are_found(start: Start) -> None:
    trace = _mixed(start(**_ALL).world)
    for edited in (
        replace(trace, score=trace.score + 1),
        replace(trace, records=trace.records[1:]),
        replace(trace, records=[*trace.records, trace.records[-1]]),
        replace(trace, version="agentbench.vending/0"),
    ):
        with pytest.raises(ReplayMismatchError):
            replay_trace(edited)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]\n{}", b'{"version":"x"}\n{"index":1}', b"\xff"])
def test_bytes_that_are_no_trace_are_refused(data: bytes) -> None:
    with pytest.raises(RunFileError):
        Trace.of(data)


def test_a_trace_begins_before_the_first_call(start: Start) -> None:
    player = start()
    player.wait()
    with pytest.raises(ConfigurationError):
        player.world.begin_trace()


def test_looking_at_a_world_leaves_its_chain_as_it_is(start: Start) -> None:
    world = start(**_ALL).world
    world.call("agent", "wait_for_next_day", {})
    head = world.chain.head
    for look in (
        world.state_hash,
        world.snapshot,
        world.outcome,
        world.truth,
        world.tools,
        world.opening,
        world.fork,
    ):
        look()
    assert world.chain.head == head


def test_the_chain_goes_on_in_copies_and_each_has_its_own(start: Start) -> None:
    world = start(**{**_ALL, "max_consecutive_invalid": 500}).world
    _mixed_calls(world, 30)
    copies = [world.fork(), Vending.restore(world.snapshot())]
    assert {copy.chain.head for copy in copies} == {world.chain.head}
    assert Vending.restore(world.snapshot()).snapshot() == world.snapshot()
    head = world.chain.head
    for copy in copies:
        _mixed_calls(copy, 30)
    assert copies[0].chain.head == copies[1].chain.head != head
    assert world.chain.head == head


def _mixed_calls(world: Vending, count: int) -> None:
    chance = random.Random(count)
    tools = sorted(world._tool_table())
    for _ in range(count):
        world.call("agent", chance.choice(tools), chance.choice([{}, {"instructions": "collect"}, {"x": 1}]))


def test_nothing_that_is_done_after_the_end_enters_the_chain(start: Start) -> None:
    world = start("tiny-7").world
    trace = world.begin_trace()
    for _ in range(7):
        world.call("agent", "wait_for_next_day", {})
    before, length = world.chain.head, len(trace.records)
    act(world, {"tool": "collect_cash", "arguments": {}})
    act(world, {"tool": "collect_cash", "surplus": "x"})
    act(world, {"heard": "hello"})
    act(world, {"used": 5})
    act(world, {"abandoned": "x"})
    assert (world.chain.head, len(trace.records)) == (before, length)


def test_a_snapshot_without_a_chain_is_refused(start: Start) -> None:
    head, _, body = start().world.snapshot().partition(b"\n")
    header = json.loads(head)
    for broken in ({**header, "chain": None}, {key: header[key] for key in header if key != "chain"}):
        with pytest.raises(EnvironmentFaultError, match="chain"):
            Vending.restore(canonical_json(broken) + b"\n" + body)


_PROGRAM = """
import random
from agentbench_sdk.environments.vending import Vending
world = Vending.create({"base": "smoke-30", "events": True, "subagent": "scripted", "token_rate_cents": 500}, 5)
chance = random.Random(1)
calls = [("wait_for_next_day", {}), ("run_sub_agent", {"instructions": "inventory\\ncollect\\nservice"}),
         ("search_web", {"query": "street fair news"}), ("kv_set", {"key": "a", "value": "b"}),
         ("chat_with_sub_agent", {"question": "what"}), ("nonsense", {"b": 1, "a": 2})]
while not world.ended:
    world.call("agent", *chance.choice(calls))
    world.used("agent", 77)
print(world.chain.head, world.chain.length)
"""


def test_processes_with_other_hash_seeds_give_the_same_receipt() -> None:
    receipts = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }
    assert len(receipts) == 1
    assert int(receipts.pop().split()[1]) > 50
