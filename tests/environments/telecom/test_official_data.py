"""A folder of tau2-bench's data is found, read and checked; what is missing or broken is told in one sentence."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.environments.telecom.official import VARIABLE, OfficialData, data_folder
from agentbench_sdk.environments.telecom.own import own_data
from agentbench_sdk.environments.telecom.own.callers import records
from agentbench_sdk.errors import TaskError, UnknownNameError

TASKS = [task.model_dump(mode="json") for task in own_data().tasks("small")[:3]]
IDS = [task["id"] for task in TASKS]
SPLITS = {"small": [IDS[2], IDS[0]], "base": IDS[:2], "full": IDS}
TEXTS = {
    "main_policy.md": "rules",
    "main_policy_solo.md": "rules alone",
    "tech_support_manual.md": "prose",
    "tech_support_workflow.md": "steps",
    "tech_support_workflow_solo.md": "steps alone",
}


def toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(
                f"{json.dumps(key)} = {toml(each)}" for key, each in value.items() if each is not None
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def tables(database: Mapping[str, Any]) -> str:
    return "".join(f"{name} = {toml(table)}\n" for name, table in database.items())


@pytest.fixture
def domain(tmp_path: Path) -> Path:
    """A folder in the form of upstream's, with data of our own."""
    folder = tmp_path / "data" / "tau2" / "domains" / "telecom"
    folder.mkdir(parents=True)
    for name, part in (("db.toml", "agent_db"), ("user_db.toml", "user_db")):
        (folder / name).write_text(tables(records()[part]), encoding="utf-8")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "tasks.json").write_text(json.dumps(TASKS), encoding="utf-8")
    (folder / "split_tasks.json").write_text(json.dumps(SPLITS), encoding="utf-8")
    users = tmp_path / "data" / "tau2" / "user_simulator"
    users.mkdir()
    (users / "simulation_guidelines_tools.md").write_text("be the customer", encoding="utf-8")
    return folder


@pytest.mark.parametrize("inside", ["", "data", "data/tau2", "data/tau2/domains/telecom"])
def test_the_data_are_found_from_the_repository_and_from_each_folder_within(
    domain: Path, tmp_path: Path, inside: str
) -> None:
    data = OfficialData.load(tmp_path / inside)
    assert data.folder == domain
    assert data.guidelines == "be the customer"
    assert data is OfficialData.load(domain) or data.sha256 == OfficialData.load(domain).sha256


def test_the_folder_may_be_named_in_the_environment(domain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert data_folder() is None
    monkeypatch.setenv(VARIABLE, str(domain))
    assert OfficialData.load().folder == domain
    assert data_folder("elsewhere") == Path("elsewhere")


def test_sets_have_the_order_of_the_task_file(domain: Path) -> None:
    data = OfficialData.load(domain)
    assert data.sets == {"small": (IDS[0], IDS[2]), "base": tuple(IDS[:2]), "full": tuple(IDS)}
    assert [task.id for task in data.tasks("small")] == [IDS[0], IDS[2]]
    assert data.tasks("full")[1].model_dump(mode="json") == TASKS[1]
    with pytest.raises(UnknownNameError, match="'bas'; did you mean 'base'"):
        data.tasks("bas")
    with pytest.raises(UnknownNameError, match="no telecom task"):
        data.task("nothing")


def test_databases_are_those_of_the_files(domain: Path) -> None:
    from agentbench_sdk.environments.telecom.core import TelecomCore

    loaded, ours = TelecomCore(OfficialData.load(domain).database), TelecomCore(own_data().database)
    assert loaded.agent_hash() == ours.agent_hash()
    assert loaded.user_hash() == ours.user_hash()


@pytest.mark.parametrize(
    ("solo", "workflow", "rules", "guide"),
    [
        (False, False, "rules", "prose"),
        (False, True, "rules", "steps"),
        (True, False, "rules alone", "prose"),
        (True, True, "rules alone", "steps alone"),
    ],
)
def test_the_policy_is_put_together_as_upstream_does(
    domain: Path, solo: bool, workflow: bool, rules: str, guide: str
) -> None:
    assert OfficialData.load(domain).policy(solo=solo, workflow=workflow) == (
        f"<main_policy>\n{rules}\n</main_policy>\n<tech_support_policy>\n{guide}\n</tech_support_policy>"
    )


def test_task_files_may_be_gzipped_and_texts_lie_in_folders(domain: Path) -> None:
    (domain / "tasks_full.json.gz").write_bytes(gzip.compress((domain / "tasks.json").read_bytes()))
    (domain / "tasks.json").unlink()
    (domain / "policies").mkdir()
    for name in TEXTS:
        (domain / name).rename(domain / "policies" / name)
    (domain / "user_simulator").mkdir()
    (domain / "user_simulator" / "simulation_guidelines_tools.md").write_text("nearer", encoding="utf-8")
    data = OfficialData.load(domain)
    assert len(data.tasks("full")) == 3
    assert "prose" in data.policy()
    assert data.guidelines == "nearer"


def test_the_fingerprint_is_that_of_databases_and_policies(domain: Path, tmp_path: Path) -> None:
    first = OfficialData(domain).sha256
    assert len(first) == 64
    (domain / "split_tasks.json").write_text("{}", encoding="utf-8")
    assert OfficialData(domain).sha256 == first
    (domain / "main_policy.md").write_text("other rules", encoding="utf-8")
    second = OfficialData(domain).sha256
    (domain / "main_policy.md").unlink()
    assert len({first, second, OfficialData(domain).sha256}) == 3


def test_a_folder_without_the_data_is_told_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(
        TaskError, match=r"db\.toml was looked for in .*tau2/domains/telecom; name the repository"
    ):
        OfficialData.load(tmp_path / "nowhere")


def test_no_folder_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(TaskError, match=f"give it with -T data_dir=… or in {VARIABLE}"):
        OfficialData.load()


@pytest.mark.parametrize(
    ("gone", "use"),
    [
        ("user_db.toml", lambda data: data.database),
        ("tasks.json", lambda data: data.tasks("base")),
        ("split_tasks.json", lambda data: data.sets),
        ("tech_support_workflow_solo.md", lambda data: data.policy(solo=True, workflow=True)),
        ("simulation_guidelines_tools.md", lambda data: data.guidelines),
    ],
)
def test_a_missing_file_is_named_with_the_places_where_it_was_looked_for(
    domain: Path, gone: str, use: Any
) -> None:
    next(domain.parents[1].rglob(gone)).unlink()
    with pytest.raises(TaskError) as caught:
        use(OfficialData(domain))
    told = str(caught.value)
    assert gone in told
    assert str(domain) in told
    assert "complete the folder" in told


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("tasks.json", '[{"id": "a"},\n}', r"tasks\.json:2: is no valid JSON"),
        ("tasks.json", '{"a": 1}', "must be a list of tasks"),
        ("tasks.json", '[{"id": 3}]', r"field '0\.id': must be a text"),
        ("tasks.json", '[{"id": "a"}, {"id": "a"}]', r"field '1\.id': is the id of a task before it"),
        ("split_tasks.json", "[]", "must map names of sets"),
        ("split_tasks.json", '{"base": [3]}', "field 'base': must be a list of task ids"),
        (
            "split_tasks.json",
            '{"base": ["strange"]}',
            r"field 'base': names 'strange', which tasks\.json does not",
        ),
        ("db.toml", "plans = [", r"db\.toml: is no valid TOML"),
        ("main_policy.md", b"\xff\xfe", r"main_policy\.md: is no UTF-8 text"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(
    domain: Path, name: str, content: str | bytes, told: str
) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (domain / name).write_bytes(raw)
    data = OfficialData(domain)
    with pytest.raises(TaskError, match=told):
        _ = (data.database, data.policy(), data.tasks("base"))


def test_a_wrong_task_is_named_with_its_field(domain: Path) -> None:
    wrong = json.loads(json.dumps(TASKS))
    wrong[1]["evaluation_criteria"]["actions"][0]["requestor"] = "neighbour"
    (domain / "tasks.json").write_text(json.dumps(wrong), encoding="utf-8")
    data = OfficialData(domain)
    assert data.task(IDS[0]).id == IDS[0]
    with pytest.raises(
        TaskError, match=r"field 'evaluation_criteria\.actions\.0\.requestor': task '.*': Input should"
    ):
        data.tasks("base")


def test_a_damaged_gzip_file_is_told(domain: Path) -> None:
    (domain / "tasks.json").unlink()
    (domain / "tasks.json.gz").write_bytes(gzip.compress(b"[]" * 500)[:-9])
    with pytest.raises(TaskError, match=r"tasks\.json\.gz: cannot be read"):
        OfficialData(domain).tasks("base")
