"""The task sets of tau2-bench load as they are, and their reference solutions solve every task."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from pathlib import Path

import pytest

from agentbench_sdk.environments.telecom.evaluation import evaluate
from agentbench_sdk.environments.telecom.facts import facts_of
from agentbench_sdk.environments.telecom.official import OfficialData
from agentbench_sdk.tasks.agentic.telecom import telecom
from tests.compat.telecom_corpus import FOLDER, conversation, fresh, make_calls, needs_corpus, official

pytestmark = needs_corpus
SIZES = {"small": 20, "train": 74, "test": 40, "base": 114, "full": 2285}


def test_the_sets_have_their_sizes() -> None:
    data = official()
    assert {name: len(ids) for name, ids in data.sets.items()} == SIZES
    assert {name: len(data.tasks(name)) for name in SIZES} == SIZES


def test_a_set_has_the_order_and_the_tasks_of_its_own_file() -> None:
    for name in ("small", "base"):
        listed = json.loads((FOLDER / f"tasks_{name}.json").read_text(encoding="utf-8"))
        assert [task.id for task in official().tasks(name)] == [record["id"] for record in listed]


@pytest.mark.parametrize("set_name", ["small", "base"])
def test_a_set_is_a_task_with_a_sample_for_each(set_name: str) -> None:
    samples = telecom(set=set_name, data_dir=str(FOLDER)).load()
    assert len(samples) == SIZES[set_name]
    assert all(sample.metadata["difficulty"] >= 1 for sample in samples)


def upstreams_layout(root: Path) -> Path:
    """The files as the repository of tau2-bench has them."""
    domain = root / "data" / "tau2" / "domains" / "telecom"
    domain.mkdir(parents=True)
    for path in (*FOLDER.glob("*.toml"), FOLDER / "split_tasks.json", *(FOLDER / "policies").glob("*.md")):
        shutil.copy(path, domain)
    shutil.copytree(FOLDER / "user_simulator", root / "data" / "tau2" / "user_simulator")
    (domain / "tasks.json").write_bytes(gzip.decompress((FOLDER / "tasks_full.json.gz").read_bytes()))
    return domain


def test_upstreams_layout_loads_from_each_of_its_folders(tmp_path: Path) -> None:
    upstreams_layout(tmp_path)
    for inside in (".", "data", "data/tau2", "data/tau2/domains/telecom"):
        data = OfficialData.load(tmp_path / inside)
        assert len(data.sets["base"]) == SIZES["base"]
        assert data.sha256 == official().sha256
        assert data.guidelines == official().guidelines
        for solo in (False, True):
            assert data.policy(solo=solo, workflow=True) == official().policy(solo=solo, workflow=True)


def test_families_and_issues_are_read_from_the_ids() -> None:
    facts = [facts_of(task) for task in official().tasks("full")]
    assert {each.family for each in facts} == {"service_issue", "mobile_data_issue", "mms_issue"}
    assert {each.persona for each in facts} == {"None", "Easy", "Hard"}
    assert sum(not each.solvable for each in facts) == 32
    assert max(each.difficulty for each in facts) == 9


def test_the_reference_solves_every_task() -> None:
    """All 2,285; the target is 60 s of CPU."""
    started = time.process_time()
    lost = []
    for task in official().tasks("full"):
        assert task.evaluation_criteria is not None
        actions = task.evaluation_criteria.actions or []
        core = fresh(task)
        calls = make_calls(core, [action.model_dump() for action in actions])
        reward = evaluate(task, core, conversation(calls), "user_stop", database=official().database)
        if reward.reward != 1.0:
            lost.append(f"{task.id}: {reward.to_dict()}")
    print(f"{len(official().tasks('full')):,} tasks in {time.process_time() - started:.1f} s of CPU")  # noqa: T201
    assert lost == []
