"""Of a host's addresses the first that answers is taken, and nobody waits for one that does not."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from agentbench_sdk.models.openai_compatible.dialing import Made, Names, _in_turn, first_of


class Transport(asyncio.Transport):
    """Remembers that it was aborted."""

    aborted = False

    def abort(self) -> None:
        self.aborted = True


async def attempt(seconds: float, outcome: Transport | OSError, begun: list[float]) -> Made:
    begun.append(time.monotonic())
    await asyncio.sleep(seconds)
    if isinstance(outcome, OSError):
        raise outcome
    return outcome, asyncio.Protocol()


async def test_an_address_that_fails_makes_room_for_the_next_at_once() -> None:
    begun: list[float] = []
    right = Transport()
    made = await first_of([attempt(0, OSError("no"), begun), attempt(0, right, begun)], 5)
    assert made[0] is right
    assert begun[1] - begun[0] < 5


async def test_a_silent_address_is_not_waited_for() -> None:
    begun: list[float] = []
    right = Transport()
    made = await first_of([attempt(9, Transport(), begun), attempt(0, right, begun)], 0.05)
    assert made[0] is right
    assert 0.04 < begun[1] - begun[0] < 9
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_of_two_that_answer_at_once_one_is_closed() -> None:
    both = [Transport(), Transport()]
    now = asyncio.Event()

    async def answering(transport: Transport) -> Made:
        await now.wait()
        return transport, asyncio.Protocol()

    made = asyncio.create_task(first_of([answering(each) for each in both], 0.01))
    await asyncio.sleep(0.1)
    now.set()
    taken = (await made)[0]
    await asyncio.sleep(0)
    assert [each for each in both if not each.aborted] == [taken]


async def test_when_none_answers_the_last_says_why() -> None:
    with pytest.raises(OSError, match="second"):
        await first_of([attempt(0, OSError("first"), []), attempt(0.01, OSError("second"), [])], 0.1)


async def test_whoever_gives_up_leaves_no_attempt() -> None:
    begun, two_begun = [], asyncio.Event()

    async def silent(number: int) -> Made:
        begun.append(number)
        if len(begun) == 2:
            two_begun.set()
        return await attempt(90, Transport(), [])

    dialing = asyncio.ensure_future(first_of([silent(number) for number in range(3)], 0.02))
    await two_begun.wait()
    dialing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialing
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


def test_families_take_turns() -> None:
    def found(*hosts: str) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80))
            for host in hosts
        ]

    assert _in_turn(found("::1", "::2", "::3", "127.0.0.1")) == ["::1", "127.0.0.1", "::2", "::3"]
    assert _in_turn(found("127.0.0.1", "127.0.0.1")) == ["127.0.0.1"]


class CountedNames(Names):
    """Counts how often the system is asked, and answers slowly."""

    def __init__(self, answer: list[Any] | socket.gaierror) -> None:
        super().__init__(asyncio.get_running_loop())
        self.answer, self.asked = answer, 0

    async def _ask(self, host: str, port: int) -> list[Any]:
        self.asked += 1
        await asyncio.sleep(0.01)
        if isinstance(self.answer, socket.gaierror):
            raise self.answer
        return self.answer


async def test_a_name_is_looked_up_once_for_all() -> None:
    names = CountedNames([(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))])
    first = asyncio.create_task(names.addresses("x", 80))
    others = [asyncio.create_task(names.addresses("x", 80)) for _ in range(20)]
    await asyncio.sleep(0.002)
    first.cancel()
    assert await asyncio.gather(*others) == [["127.0.0.1"]] * 20
    assert names.asked == 2  # again after the first was cancelled


async def test_a_name_that_is_not_known_is_asked_for_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    names = CountedNames(socket.gaierror(-2, "Name or service not known"))
    found = await asyncio.gather(*(names.addresses("x", 80) for _ in range(9)), return_exceptions=True)
    assert {str(each) for each in found} == {"[Errno -2] Name or service not known"}
    assert names.asked == 1
    names._until = 0.0
    names.answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    assert await names.addresses("x", 80) == ["127.0.0.1"]
