"""Names: what they stand for, and what is said when they stand for nothing."""

from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.benchmark import Registry, Sample, Task, task
from agentbench_sdk.errors import ConfigurationError, TaskError, UnknownNameError
from agentbench_sdk.judging import JudgeCase, Scale, Score
from agentbench_sdk.simulation import Environment

TASK_FILE = '''
"""A script."""
from __future__ import annotations
from dataclasses import dataclass
from agentbench_sdk import Sample, Task, task
from agentbench_sdk.judging import judge

@dataclass
class Size:
    """Needs its module to be findable."""
    value: int

@judge
def always(case) -> bool:
    """Yes."""
    return True

@task
def sized(size: int = 1) -> Task:
    """Samples by number."""
    return Task("sized", [Sample(str(n), "?") for n in range(Size(size).value)], [always()])

def plain() -> None: ...
'''


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "script.py"
    file.write_text(TASK_FILE)
    return file


def test_judges_are_made_with_options(registry: Registry) -> None:
    assert registry.judge("close", tolerance=0.5).id == "close(tolerance=0.5)"
    assert registry.judge_from("same").id == "same"
    assert registry.judge_from({"name": "close", "units": ["m"]}).id == "close(units=['m'])"


@pytest.mark.parametrize(
    ("spec", "error", "hint"),
    [
        ("sam", UnknownNameError, "no judge is named 'sam'; did you mean 'same'"),
        (
            {"name": "close", "tolerance": "0.5"},
            ConfigurationError,
            "parameter 'tolerance' is float and got '0.5'",
        ),
        ({"name": "close", "tol": 1}, ConfigurationError, "judge 'close' has no parameter 'tol'"),
        ({"name": "same", "x": 1}, ConfigurationError, "nothing is accepted here"),
        ({"name": "close", "case": 1}, ConfigurationError, "no parameter 'case'"),
        ({"close": {"tolerance": 1}}, ConfigurationError, "a judge is its name"),
        ({"name": 3}, ConfigurationError, "a judge is its name"),
    ],
)
def test_a_wrong_judge_is_one_sentence(
    registry: Registry, spec: Any, error: type[Exception], hint: str
) -> None:
    with pytest.raises(error) as caught:
        registry.judge_from(spec)
    assert hint in str(caught.value)


def test_a_class_can_be_a_judge(registry: Registry) -> None:
    class Longer:
        """Pass if the answer is longer."""

        scale = Scale()

        def __init__(self, than: int) -> None:
            self.id = f"longer(than={than})"

        async def judge(self, case: JudgeCase) -> Score:
            return Score.of(True)

    registry.add("judge", "longer", Longer)
    registry.add("judge", "nothing", lambda: None)
    assert registry.judge("longer", than=3).id == "longer(than=3)"
    with pytest.raises(ConfigurationError, match="needs the parameter 'than'"):
        registry.judge("longer")
    with pytest.raises(ConfigurationError, match="'nothing' made NoneType"):
        registry.judge("nothing")


def test_what_is_added_is_checked_and_named_once(registry: Registry) -> None:
    with pytest.raises(
        ConfigurationError, match=r"environment 'tap' is already registered by \(in process\)"
    ):
        registry.add("environment", "tap", registry.environment("tap"))
    with pytest.raises(ConfigurationError, match="it must be a subclass"):
        registry.add("environment", "other", object())
    with pytest.raises(ConfigurationError, match="it must be something that can be called"):
        registry.add("model", "other", "text")
    assert [entry.name for entry in registry.names("environment")] == ["tap"]


def test_registries_share_nothing(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match="none is registered"):
        Registry().environment("tap")
    assert issubclass(registry.environment("tap"), Environment)


def test_an_entry_tells_where_it_is_from(registry: Registry) -> None:
    (entry,) = registry.names("environment")
    assert (entry.kind, entry.name, entry.distribution) == ("environment", "tap", "(in process)")
    assert (entry.description, entry.problem) == ("A tap that can be turned.", "")


def test_providers_of_models_are_loaded_when_taken(registry: Registry) -> None:
    steady: Any = object

    registry.add("model", "steady", steady)
    providers = registry.models()
    assert list(providers) == ["steady"]
    assert providers["steady"] is steady
    with pytest.raises(KeyError):
        providers["other"]


def test_a_registered_task_is_made_with_parameters(registry: Registry) -> None:
    @task
    def numbered(count: int = 2) -> Task:
        return Task("numbered", [Sample(str(n), "?") for n in range(count)], [])

    registry.add("task", "numbered", numbered)
    assert len(registry.task("numbered").load()) == 2
    assert len(registry.task("numbered", {"count": 3}).load()) == 3
    assert len(registry.task("numbered", {"count": "4"}, texts=True).load()) == 4
    with pytest.raises(ConfigurationError, match="'count' is int and got '4'"):
        registry.task("numbered", {"count": "4"})
    with pytest.raises(UnknownNameError, match="did you mean 'numbered'"):
        registry.task("numberd")


def test_a_task_of_a_script_is_found(registry: Registry, script: Path) -> None:
    assert len(registry.task(f"{script}:sized", {"size": 3}).load()) == 3
    assert registry.task(script).name == "sized"


def test_a_changed_script_is_run_again(registry: Registry, script: Path) -> None:
    assert registry.task(script).name == "sized"
    script.write_text(TASK_FILE.replace('Task("sized"', 'Task("resized"'))
    assert registry.task(script).name == "resized"


def test_a_task_of_a_module_is_found(
    registry: Registry, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.rename(script.with_name("module_of_tasks.py"))
    monkeypatch.syspath_prepend(str(script.parent))
    assert registry.task("module_of_tasks:sized").name == "sized"
    with pytest.raises(TaskError, match="'no_such_module' cannot be imported: ModuleNotFoundError"):
        registry.task("no_such_module:sized")


@pytest.mark.parametrize(
    ("suffix", "hint"),
    [(":sizd", "did you mean 'sized'"), (":plain", "'plain' is no task; decorate it"), (":", None)],
)
def test_a_wrong_function_of_a_script_is_named(
    registry: Registry, script: Path, suffix: str, hint: str | None
) -> None:
    if hint is None:
        assert registry.task(f"{script}{suffix}").name == "sized"
        return
    with pytest.raises((TaskError, UnknownNameError), match=hint):
        registry.task(f"{script}{suffix}")


def test_a_script_with_several_tasks_wants_a_name(registry: Registry, script: Path) -> None:
    script.write_text(TASK_FILE + "\n@task\ndef other() -> Task: ...\n")
    with pytest.raises(TaskError, match=r"script\.py:NAME; there is other, sized"):
        registry.task(script)


@pytest.mark.parametrize(
    ("content", "hint"), [("1 / 0", "ZeroDivisionError: division by zero"), ("def", "SyntaxError")]
)
def test_a_broken_script_is_one_sentence(registry: Registry, script: Path, content: str, hint: str) -> None:
    script.write_text(content)
    with pytest.raises(TaskError, match=f"cannot be run: {hint}") as caught:
        registry.task(script)
    assert caught.value.file == str(script)
    with pytest.raises(TaskError, match="cannot be run"):  # the second time, too: no half module is kept
        registry.task(script)


def test_a_script_that_is_not_there_is_named(registry: Registry) -> None:
    with pytest.raises(TaskError, match=r"nowhere\.py: cannot be read"):
        registry.task("nowhere.py:task")
