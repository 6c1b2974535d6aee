"""A task's fingerprint changes with whatever shapes a score, and with nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from agentbench_sdk.benchmark import Registry, Sample, Task
from agentbench_sdk.errors import TaskError
from agentbench_sdk.judging import JudgeCase, judge
from agentbench_sdk.messages import Image, Message
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.sessions.ending import Limits
from agentbench_sdk.simulation import Scenario


@judge
def rule(case: JudgeCase, *, strict: bool = False) -> bool:
    return True


@judge(name="rule", scale=(0, 100))
def rule_of_hundred(case: JudgeCase) -> bool:
    return True


class _AgentOne:
    async def run(self, episode: object) -> None: ...


class _AgentTwo(_AgentOne):
    def __init__(self, id: str = "") -> None:
        self.id = id


SAMPLE = Sample(
    "one",
    "What?",
    target="that",
    choices=("this", "that"),
    scenario="default",
    seed=3,
    user_turns=("Sure?",),
    metadata={"a": 1, "b": {"c": 2, "d": [3]}},
    cluster="k",
)
TASK = Task(
    "t",
    samples=[SAMPLE, Sample("two", "Why?")],
    judges=[rule()],
    system="Be brief.",
    environment="tap",
    params=GenerateParams(temperature=0.5),
    limits=Limits(turns=3),
)


def _print(task: Task, world: Any = None) -> str:
    return task.fingerprint(task.load(), world)


def _with(sample: Sample) -> Task:
    return replace(TASK, samples=[sample, *TASK.load()[1:]])


CHANGES: Mapping[str, Task] = {
    "name": replace(TASK, name="u"),
    "version": replace(TASK, version="2"),
    "system": replace(TASK, system="Be long."),
    "environment": replace(TASK, environment="pump"),
    "agent": replace(TASK, agent=_AgentOne()),
    "another agent": replace(TASK, agent=_AgentTwo()),
    "id of the agent": replace(TASK, agent=_AgentTwo("v2")),
    "no judge": replace(TASK, judges=[]),
    "option of a judge": replace(TASK, judges=[rule(strict=True)]),
    "scale of a judge": replace(TASK, judges=[rule_of_hundred()]),
    "order of judges": replace(TASK, judges=[rule(), rule(strict=True)]),
    "order of judges, turned": replace(TASK, judges=[rule(strict=True), rule()]),
    "params": replace(TASK, params=GenerateParams(temperature=0.6)),
    "more params": replace(TASK, params=GenerateParams(temperature=0.5, extra_body={"top_k": 1})),
    "limits": replace(TASK, limits=Limits(turns=4)),
    "fewer samples": replace(TASK, samples=[SAMPLE]),
    "id": _with(replace(SAMPLE, id="uno")),
    "input": _with(replace(SAMPLE, input="What then?")),
    "role": _with(replace(SAMPLE, input=(Message.system("What?"),))),
    "image": _with(
        replace(SAMPLE, input=(Message.user([Image(data=b"1", media_type="image/png"), "What?"]),))
    ),
    "other image": _with(
        replace(SAMPLE, input=(Message.user([Image(data=b"2", media_type="image/png"), "What?"]),))
    ),
    "order of parts": _with(
        replace(SAMPLE, input=(Message.user(["What?", Image(data=b"1", media_type="image/png")]),))
    ),
    "target": _with(replace(SAMPLE, target="this")),
    "type of target": _with(replace(SAMPLE, target=["that"])),
    "order of choices": _with(replace(SAMPLE, choices=("that", "this"))),
    "scenario": _with(replace(SAMPLE, scenario="big-tank")),
    "override": _with(replace(SAMPLE, scenario={"base": "default", "litres": 11})),
    "seed": _with(replace(SAMPLE, seed=2**127)),
    "user turns": _with(replace(SAMPLE, user_turns=("Sure?", "Really?"))),
    "metadata": _with(replace(SAMPLE, metadata={"a": 1, "b": {"c": 2, "d": [4]}})),
    "cluster": _with(replace(SAMPLE, cluster="l")),
}


def test_each_change_gives_a_fingerprint_of_its_own() -> None:
    prints = {"none": _print(TASK)} | {name: _print(task) for name, task in CHANGES.items()}
    same = {a: b for a in prints for b in prints if a < b and prints[a] == prints[b]}
    assert same == {}


def test_what_shapes_no_score_changes_nothing() -> None:
    for other in (
        replace(TASK, description="More about it."),
        replace(TASK, epochs=5),
        replace(TASK, samples=lambda: iter(TASK.load())),
        _with(replace(SAMPLE, metadata={"b": {"d": [3], "c": 2}, "a": 1})),
        _with(replace(SAMPLE, input=(Message.user("What?"),))),
    ):
        assert _print(other) == _print(TASK)


def test_media_count_by_their_content() -> None:
    def showing(image: Image) -> str:
        return _print(_with(replace(SAMPLE, input=(Message.user([image, "What?"]),))))

    png = Image(data=b"1", media_type="image/png")
    assert showing(png) == showing(Image(data=bytes([0x31]), media_type="image/png"))
    assert showing(png) == showing(Image(sha256=png.sha256, media_type="image/png"))


def test_the_rules_of_the_world_count(registry: Registry) -> None:
    world = registry.environment("tap")

    class Renewed(world):  # type: ignore[misc, valid-type]
        version = "tests.tap/2"

    class Enlarged(world):  # type: ignore[misc, valid-type]
        @classmethod
        def scenarios(cls) -> Mapping[str, Scenario]:
            return {"default": cls.scenario_type(litres=11)}

    prints = {_print(TASK), _print(TASK, world), _print(TASK, Renewed), _print(TASK, Enlarged)}
    assert len(prints) == 4


@pytest.mark.parametrize("value", [{1, 2}, object(), {1: 2}, 2**70])
def test_what_is_not_json_is_named(value: object) -> None:
    with pytest.raises(TaskError, match="sample 'one' of task 't' holds something that is not JSON"):
        _print(_with(replace(SAMPLE, metadata={"x": value})))


def test_ids_are_there_and_differ() -> None:
    with pytest.raises(TaskError, match="two samples with the id 'one'"):
        replace(TASK, samples=[SAMPLE, SAMPLE]).load()
    with pytest.raises(TaskError, match="sample 2 of task 't' has an empty id"):
        replace(TASK, samples=[SAMPLE, Sample("")]).load()
