"""Hugging Face datasets: how they are asked for, and what is said when they are not to be had.

`datasets` is heavy and optional; a stand-in records what it was asked. The last test uses the real one
where it is installed.
"""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agentbench_sdk.benchmark import Task
from agentbench_sdk.errors import MissingExtraError, TaskError

Load = Callable[[str], Task]

REMOTE = """\
name: t
dataset: {name: org/quiz, config: main, split: test, revision: abc123}
fields: {question: prompt, target: answer}
judges: [same]
"""
ROWS = [{"prompt": "a", "answer": "x"}, {"prompt": "b", "answer": "y"}]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Puts a stand-in in the place of `datasets`; gives what it was asked for."""
    calls: list[Any] = []

    def load_dataset(path: str, name: str | None = None, **options: Any) -> list[dict[str, str]]:
        calls.append((path, name, options))
        if options["split"] == "nope":
            raise ValueError('Unknown split "nope".\nShould be one of ["test"].')
        return ROWS

    def load_from_disk(path: str) -> dict[str, list[dict[str, str]]]:
        calls.append(path)
        return {"test": ROWS}

    stand_in = SimpleNamespace(load_dataset=load_dataset, load_from_disk=load_from_disk)
    monkeypatch.setitem(sys.modules, "datasets", stand_in)
    return calls


def test_a_dataset_is_asked_for_by_name_and_revision(load: Load, asked: list[Any]) -> None:
    task = load(REMOTE)
    assert asked == []
    samples = task.load()
    assert asked == [("org/quiz", "main", {"split": "test", "revision": "abc123"})]
    assert [(sample.id, sample.input, sample.target) for sample in samples] == [
        ("1", "a", "x"),
        ("2", "b", "y"),
    ]


def test_a_local_copy_lies_beside_the_file(load: Load, asked: list[Any], tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    text = REMOTE.replace("name: org/quiz, config: main", "path: copy").replace(", revision: abc123", "")
    load(text).load()
    (tmp_path / "copy" / "dataset_dict.json").touch()
    load(text).load()
    assert asked == [(str(tmp_path / "copy"), None, {"split": "test"}), str(tmp_path / "copy")]


def test_a_changed_schema_is_refused_by_field(load: Load, asked: list[Any]) -> None:
    with pytest.raises(TaskError, match=r"org/quiz\[test\]:1, field 'anser': .*did you mean 'answer'"):
        load(REMOTE.replace("target: answer", "target: anser")).load()


def test_what_the_library_says_is_passed_on(load: Load, asked: list[Any], tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"org/quiz\[nope\].*cannot be loaded: Unknown split") as caught:
        load(REMOTE.replace("split: test", "split: nope")).load()
    assert "\n" not in str(caught.value)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "dataset_dict.json").touch()
    with pytest.raises(TaskError, match="there is no split 'tset'; did you mean 'test'"):
        load("name: t\ndataset: {path: copy, split: tset}\njudges: [same]\n").load()
    with pytest.raises(TaskError, match=r"there is no .*gone"):
        load("name: t\ndataset: {path: gone, split: test}\njudges: [same]\n").load()


@pytest.mark.parametrize(
    ("dataset", "field", "hint"),
    [
        ("{split: test}", "dataset", "give either 'name'"),
        ("{name: a, path: b, split: test}", "dataset", "give either 'name'"),
        ("{name: a}", "dataset", "'split' is missing"),
        ("{name: a, split: test, rev: b}", "dataset.rev", "accepted: name, path, config, split, revision"),
    ],
)
def test_a_wrong_dataset_is_named(load: Load, dataset: str, field: str, hint: str) -> None:
    with pytest.raises(TaskError) as caught:
        load(f"name: t\ndataset: {dataset}\njudges: [same]\n")
    assert (caught.value.line, caught.value.field) == (2, field)
    assert hint in str(caught.value)


def test_a_missing_library_names_the_extra(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    task = load(REMOTE)
    with pytest.raises(MissingExtraError, match=r"agentbench-sdk\[datasets\]"):
        task.load()


@pytest.mark.skipif(importlib.util.find_spec("datasets") is None, reason="datasets is not installed")
def test_the_real_library_reads_a_local_copy(load: Load, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    (tmp_path / "copy" / "test.jsonl").write_text(lines)
    text = REMOTE.replace("name: org/quiz, config: main", "path: copy").replace(", revision: abc123", "")
    assert [sample.target for sample in load(text).load()] == ["x", "y"]
