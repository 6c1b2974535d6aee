"""Speed of the telecom world: setting up a task, 1,000 calls, references of whole task sets, 500 conversations.

Absolute times say little on a shared machine: each is also told as a ratio to copying both databases deeply, as a
world would have to that shares nothing by design. With AGENTBENCH_TAU2_DATA the official task set is taken as well.

    python benchmarks/telecom.py [--rounds 5] [--quick]
"""

from __future__ import annotations

import asyncio
import copy
import os
import tempfile
import time
from collections.abc import Callable, Sequence

from common import in_fresh_process, measured, median, options, show

from agentbench_sdk import Bench
from agentbench_sdk.environments.telecom import Telecom, TelecomTask
from agentbench_sdk.environments.telecom.core import TelecomCore
from agentbench_sdk.environments.telecom.official import VARIABLE, OfficialData
from agentbench_sdk.environments.telecom.own import OwnData, own_data
from agentbench_sdk.tasks.agentic.telecom import telecom

Data = OwnData | OfficialData
CALLS = 1000
CONVERSATIONS = 500
READING = ("check_status_bar", "check_network_status", "run_speed_test", "check_apn_settings", "can_send_mms")
WRITING = ("toggle_data", "toggle_roaming", "toggle_airplane_mode", "toggle_data_saver_mode", "reboot_device")


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def sources() -> dict[str, Data]:
    found: dict[str, Data] = {"own": own_data()}
    if os.environ.get(VARIABLE):
        found["official"] = OfficialData.load()
    return found


def figures(name: str, most: int) -> dict[str, float]:
    """CPU of one source of data, in milliseconds."""
    data = sources()[name]
    tasks = data.tasks("full")[:most]
    _begin(data, tasks[0])
    return {
        "tasks": len(tasks),
        "deepcopy": seconds(lambda: _copies(data, 50)) / 50 * 1000,
        "setup": seconds(lambda: [_begin(data, task) for task in tasks]) / len(tasks) * 1000,
        "environment": seconds(lambda: _worlds(tasks[:200])) / len(tasks[:200]) * 1000
        if name == "own"
        else 0.0,
        "reading": seconds(lambda: _calls(data, tasks[0], READING)) * 1000,
        "writing": seconds(lambda: _calls(data, tasks[0], WRITING)) * 1000,
        "hashed": seconds(lambda: _calls(data, tasks[0], WRITING, hashed=True)) * 1000,
        "references": seconds(lambda: _all_solved(data, tasks)) * 1000,
    }


def _copies(data: Data, times: int) -> None:
    office, phone = data.database.office(str).shown(), data.database.handset().shown()
    for _ in range(times):
        copy.deepcopy((office, phone))


def _begin(data: Data, task: TelecomTask) -> TelecomCore:
    core = TelecomCore(data.database)
    core.initialise(task)
    return core


def _worlds(tasks: Sequence[TelecomTask]) -> None:
    for task in tasks:
        Telecom.create({"task": task.model_dump(mode="json")})


def _calls(data: Data, task: TelecomTask, names: Sequence[str], *, hashed: bool = False) -> None:
    core = _begin(data, task)
    for number in range(CALLS):
        core.call("user", names[number % len(names)], {})
        if hashed:
            core.agent_hash()
            core.user_hash()


def _all_solved(data: Data, tasks: Sequence[TelecomTask]) -> None:
    for task in tasks:
        _solved(data, task)


def _solved(data: Data, task: TelecomTask) -> None:
    core, criteria = _begin(data, task), task.evaluation_criteria
    assert criteria is not None
    for action in criteria.actions or []:
        core.call("agent" if action.requestor == "assistant" else "user", action.name, action.arguments)
    assert all(core.met(each) for each in criteria.env_assertions or [])


def conversations(count: int) -> dict[str, float]:
    """Scripted agent and scripted user, all at once in one process."""

    async def run(folder: str) -> float:
        async with Bench(cache=None, runs=folder) as bench:
            task = telecom(generate=count, seed=1)
            model = "scripted/telecom/workflow"
            found = await bench.evaluate(task, model, output=f"{folder}/run.db")
            return float(sum(call.role == "agent" for call in found.calls()))

    with tempfile.TemporaryDirectory() as folder, measured() as cost:
        answers = asyncio.run(run(folder))
    return {"answers": answers, "cpu_s": cost[0].cpu_s, "wall_s": cost[0].wall_s}


def main() -> None:
    given = options(__doc__, rounds=5)
    most = 50 if given.quick else 10**6
    rows = []
    for name in sources():
        rounds = [in_fresh_process(figures, name, most) for _ in range(given.rounds)]
        found = {key: median([each[key] for each in rounds]) for key in rounds[0]}
        base = found["deepcopy"]
        for what, key, wanted in (
            ("deep copy of both databases", "deepcopy", ""),
            ("set a task up", "setup", "1 ms"),
            ("make its environment", "environment", "1 ms"),
            (f"{CALLS:,} calls that read", "reading", "30 ms"),
            (f"{CALLS:,} calls that write", "writing", "30 ms"),
            ("the same, both databases hashed after each", "hashed", ""),
            (f"references of {found['tasks']:,.0f} tasks", "references", "60,000 ms"),
        ):
            if found[key]:
                rows.append([name, what, f"{found[key]:.3f}", f"{found[key] / base:.2f}", wanted])
    show("Telecom world, CPU", ["data", "what", "ms", "/ deep copy", "wanted"], rows)
    count = 50 if given.quick else CONVERSATIONS
    talked = in_fresh_process(conversations, count)
    show(
        f"{count} conversations at once, scripted agent and user",
        ["answers of the agent", "CPU s", "wall s", "CPU ms a conversation"],
        [
            [
                f"{talked['answers']:,.0f}",
                f"{talked['cpu_s']:.2f}",
                f"{talked['wall_s']:.2f}",
                f"{talked['cpu_s'] / count * 1000:.1f}",
            ]
        ],
    )


if __name__ == "__main__":
    main()
