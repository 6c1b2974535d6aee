"""Groups: what a file says, what it comes to, and what is refused with a sentence."""

from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Member, Sample, Task, TaskGroup
from agentbench_sdk.benchmark import Registry, assemble, group_file
from agentbench_sdk.errors import ConfigurationError, TaskError, UnknownNameError
from agentbench_sdk.judges import exact, includes

QUIZ = "name: {name}\nsamples:\n- {{id: a, question: Why, target: b}}\njudges: [exact]\n"


def task(name: str, size: int = 1) -> Task:
    return Task(name, [Sample(f"{n}", "?", target="b") for n in range(size)], judges=[exact(), includes()])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.yaml").write_text(QUIZ.format(name=name))
    return tmp_path


@pytest.fixture
def registry() -> Registry:
    return Registry.discover()


def write(folder: Path, text: str, name: str = "group.yaml") -> str:
    (folder / name).write_text(text)
    return name


def test_a_file_names_tasks_with_weights_parameters_and_judges(folder: Path, registry: Registry) -> None:
    path = write(
        folder,
        "group: both\ndescription: Two of them.\naggregate: weighted\nmembers:\n- one.yaml\n"
        "- task: vending\n  name: small\n  weight: 3\n  params: {scenario: tiny-7, seeds: 1-2}\n"
        "  judge: coherence\n",
    )
    found = assemble([path], registry)
    assert [(each.label, dict(each.params)) for each in found.leaves] == [
        ("one", {}),
        ("small", {"scenario": "tiny-7", "seeds": "1-2"}),
    ]
    (group,) = found.groups
    assert (group.name, group.aggregate, group.source) == ("both", "weighted", path)
    assert group.description == "Two of them."
    assert dict(group.judges) == {0: "", 1: "coherence"}
    assert group.shares({}) == {0: 0.25, 1: 0.75}


def test_files_lie_beside_the_group_that_names_them(folder: Path, registry: Registry) -> None:
    deep = folder / "deep"
    deep.mkdir()
    (deep / "own.yaml").write_text(QUIZ.format(name="own"))
    (deep / "mine.py").write_text(
        "from agentbench_sdk import Sample, Task, task\nfrom agentbench_sdk.judges import exact\n"
        "@task\ndef mine() -> Task:\n    return Task('mine', [Sample('a', '?', target='b')], judges=[exact()])\n"
    )
    (deep / "g.yaml").write_text("group: g\nmembers: [own.yaml, 'mine.py:mine', ../one.yaml]\n")
    found = assemble(["deep/g.yaml"], registry)
    assert [each.label for each in found.leaves] == ["own", "mine", "one"]
    assert registry.task(found.leaves[1].task).name == "mine"  # type: ignore[arg-type]


def test_nested_groups_multiply_their_shares_and_a_task_is_run_once(folder: Path, registry: Registry) -> None:
    write(folder, "group: inner\nmembers: [one.yaml, two.yaml]\n", "inner.yaml")
    path = write(folder, "group: outer\nmembers: [{group: inner.yaml}, one.yaml]\n", "outer.yaml")
    found = assemble([path, "two.yaml"], registry)
    assert [each.label for each in found.leaves] == ["one", "two"]
    assert [each.name for each in found.groups] == ["outer", "inner"]
    outer, inner = found.groups
    assert outer.shares({}) == {0: 0.75, 1: 0.25}
    assert inner.shares({}) == {0: 0.5, 1: 0.5}
    assert inner.source == ""


def test_micro_counts_samples_also_of_a_group_within(registry: Registry) -> None:
    inner = TaskGroup("inner", [task("a"), task("b")])
    (outer, _) = assemble([TaskGroup("outer", [inner, task("c")], "micro")], registry).groups
    assert outer.needs_sizes
    assert outer.shares({0: 10, 1: 30, 2: 60}) == pytest.approx({0: 0.2, 1: 0.2, 2: 0.6})


def test_the_same_task_with_other_parameters_is_another(registry: Registry) -> None:
    members = [Member("vending", params={"scenario": "tiny-7"}), Member("vending", name="month")]
    found = assemble([TaskGroup("g", members)], registry)
    assert [each.label for each in found.leaves] == ["vending", "month"]


def test_tasks_of_one_name_are_told_apart_by_their_parameters(registry: Registry) -> None:
    found = assemble(["essentials", "vending"], registry)
    labels = [each.label for each in found.leaves]
    assert labels == ["calendar_questions", "telecom", "vending (scenario=smoke-30)", "vending"]


@pytest.mark.parametrize(
    ("files", "way"),
    [
        ({"a": "[{group: a.yaml}]"}, "a.yaml → "),
        ({"a": "[{group: b.yaml}]", "b": "[one.yaml, a.yaml]"}, "b.yaml → "),
    ],
)
def test_a_group_that_holds_itself_is_refused(
    folder: Path, registry: Registry, files: dict[str, str], way: str
) -> None:
    for name, members in files.items():
        write(folder, f"group: {name}\nmembers: {members}\n", f"{name}.yaml")
    with pytest.raises(ConfigurationError, match="group 'a' holds itself") as caught:
        assemble(["a.yaml"], registry)
    assert way in str(caught.value)


def test_groups_made_in_python_by_name_cannot_go_round(registry: Registry) -> None:
    registry.add("group", "left", TaskGroup("left", ["right"]))
    registry.add("group", "right", TaskGroup("right", ["calendar_questions", "left"]))
    with pytest.raises(ConfigurationError, match="holds itself: left → right → left"):
        assemble(["left"], registry)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("group: g\nmembers: []\n", 2, "at least 1 item"),
        ("group: g\nmembers: [one.yaml]\nagregate: macro\n", 3, "did you mean 'aggregate'?"),
        ("group: g\nmembers: [one.yaml]\naggregate: mean\n", 3, "accepted: macro, weighted, micro"),
        ("group: g\nmembers:\n- {task: one.yaml, wieght: 2}\n", 3, "did you mean 'weight'?"),
        ("group: g\nmembers:\n- {task: one.yaml, weight: 2}\n", 3, "'aggregate: weighted' alone"),
        (
            "group: g\naggregate: weighted\nmembers:\n- {task: one.yaml, weight: 0}\n",
            4,
            "greater than 0",
        ),
        ("group: g\nmembers:\n- {task: one.yaml, group: two.yaml}\n", 3, "with 'task' or 'group'"),
        ("group: g\nmembers:\n- {group: two.yaml, judge: exact}\n", 3, "is a group, whose file"),
        ("group: 'g g'\nmembers: [one.yaml]\n", 1, "a name begins with a letter"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(
    folder: Path, registry: Registry, text: str, line: int, told: str
) -> None:
    with pytest.raises(TaskError, match=r"group\.yaml") as caught:
        assemble([write(folder, text)], registry)
    assert caught.value.line == line
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ([], "at least one task or group"),
        ("one.yaml", "at least one task or group"),
        (["one.yaml", "one.yaml"], "task one is named twice"),
        ([TaskGroup("g", [task("a")]), TaskGroup("g", [task("b")])], "group g is named twice"),
        ([TaskGroup("g", ["one.yaml", "one.yaml"])], "two members are called 'one'"),
        ([TaskGroup("g", ["vending", Member("vending", params={"seed": 2})])], "two members are called"),
        ([task("a"), task("a")], "two tasks are called 'a'"),
        (
            [TaskGroup("g", [TaskGroup("x", [task("a")]), TaskGroup("y", [TaskGroup("x", [task("b")])])])],
            "two different groups are called 'x'",
        ),
        (
            [TaskGroup("g", ["one.yaml", TaskGroup("h", [Member("one.yaml", judge="includes")])])],
            "one counts by the primary judge and by 'includes'",
        ),
        ([TaskGroup("g", [Member(TaskGroup("h", ["one.yaml"]), judge="x")])], "'h' is a group"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(
    folder: Path, registry: Registry, named: Any, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        assemble(named, registry)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: TaskGroup("g", []), "at least one member"),
        (lambda: TaskGroup("g", "vending"), "at least one member"),
        (lambda: TaskGroup("g", ["vending"], "mean"), "accepted: macro, weighted, micro"),  # type: ignore[arg-type]
        (lambda: TaskGroup("g", [Member("vending", weight=2)]), "'weighted' alone"),
        (lambda: Member("vending", weight=float("nan")), "above 0"),
    ],
)
def test_a_group_that_cannot_be_is_refused(make: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        make()


def test_a_name_that_is_none_has_the_nearest_ones(registry: Registry) -> None:
    for slip, meant in (("calender_questions", "calendar_questions"), ("esentials", "essentials")):
        with pytest.raises(UnknownNameError, match=f"did you mean '{meant}'"):
            assemble([slip], registry)


def test_a_group_is_no_task_and_says_how_it_is_run(folder: Path, registry: Registry) -> None:
    with pytest.raises(
        ConfigurationError, match=r"'essentials' is a group of tasks.*agentbench run essentials"
    ):
        registry.task("essentials")
    path = write(folder, "group: g\nmembers: [one.yaml]\n")
    with pytest.raises(TaskError, match="is a group of tasks, not a task"):
        registry.task(path)


def test_one_name_of_a_task_and_of_a_group_is_refused(registry: Registry) -> None:
    registry.add("group", "vending", TaskGroup("vending", ["telecom"]))
    with pytest.raises(ConfigurationError, match=r"'vending' is a task of .* and a group of"):
        assemble(["vending"], registry)


def test_something_else_is_no_group(registry: Registry) -> None:
    with pytest.raises(ConfigurationError, match="must be a TaskGroup, or a group_file"):
        registry.add("group", "x", ["vending"])


def test_our_own_group_is_found_and_its_scores_are_of_one_kind(registry: Registry) -> None:
    found = assemble(["essentials"], registry)
    assert [each.label for each in found.leaves] == ["calendar_questions", "telecom", "vending"]
    for leaf in found.leaves:
        made = registry.task(str(leaf.task), leaf.params)
        (judge,) = (
            each
            for each in made.judges
            if each.id == (found.groups[0].judges[found.leaves.index(leaf)] or made.judges[0].id)
        )
        assert (judge.scale.low, judge.scale.high) == (0.0, 1.0)
    assert group_file("agentbench_sdk.tasks.groups", "essentials.yaml").group.name == "essentials"
