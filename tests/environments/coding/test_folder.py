"""Task folders are read as Harbor means them, and what is wrong with one is said with file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbench_sdk.environments.coding.dockerfile import read_dockerfile
from agentbench_sdk.environments.coding.folder import read_task, read_tasks
from agentbench_sdk.errors import TaskError
from tests.environments.coding.conftest import write_task

HARBOR = """
version = "1.0"
source = "somewhere"
[metadata]
author_name = "A"
difficulty = "hard"
category = "security"
tags = ["x"]
[verifier]
timeout_sec = 120.0
env = { DEBUG = "1" }
[agent]
timeout_sec = 300.0
[environment]
build_timeout_sec = 600.0
cpus = 2
memory_mb = 4096
storage_mb = 10240
"""


def test_a_task_toml_of_harbor_is_read(tmp_path: Path) -> None:
    """Fields that we do not use are left alone; those that we do are ours."""
    task = write_task(tmp_path / "t", {"task.toml": HARBOR, "tests/test.sh": "true"})
    settings = task.settings
    assert (settings.agent.timeout_sec, settings.verifier.timeout_sec) == (300.0, 120.0)
    assert settings.verifier.env == {"DEBUG": "1"}
    assert settings.environment.memory_mb == 4096
    assert settings.metadata.category == "security"


def test_the_digest_tells_what_shapes_a_score(tmp_path: Path) -> None:
    base = write_task(tmp_path / "a", {}).sha256
    assert write_task(tmp_path / "b", {"solution/adding.py": "other"}).sha256 == base
    assert write_task(tmp_path / "c", {"wrong/x/adding.py": "other"}).sha256 == base
    for changed in ("instruction.md", "tests/checks.py", "environment/readme.txt"):
        assert write_task(tmp_path / changed.replace("/", "-"), {changed: "x = 1"}).sha256 != base


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"task.toml": "version = "}, "task.toml: it is no TOML"),
        ({"task.toml": "[agent]\ntimeout_sec = 'long'"}, "field 'agent.timeout_sec'"),
        ({"task.toml": "[verifier]\ntimeout_sec = 0"}, "field 'verifier.timeout_sec'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(TaskError, match=told):
        write_task(tmp_path / "t", files)


def test_missing_parts_are_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"no task folder in it"):
        read_tasks(tmp_path)
    write_task(tmp_path / "t", {})
    (tmp_path / "t" / "tests" / "checks.py").unlink()
    with pytest.raises(TaskError, match=r"no tests: tests/checks.py or tests/test.sh"):
        read_task(tmp_path / "t")
    (tmp_path / "t" / "instruction.md").unlink()
    with pytest.raises(TaskError, match=r"instruction\.md: it cannot be read"):
        read_task(tmp_path / "t")


def test_all_folders_of_a_folder_are_read_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_task(tmp_path / name, {})
    (tmp_path / "not-a-task").mkdir()
    assert [task.name for task in read_tasks(tmp_path)] == ["a", "b"]
    assert [task.name for task in read_tasks(tmp_path / "b")] == ["b"]


def test_links_in_a_task_folder_are_not_followed(tmp_path: Path) -> None:
    write_task(tmp_path / "t", {})
    (tmp_path / "t" / "environment" / "link").symlink_to("/etc/passwd")
    assert list(read_task(tmp_path / "t").work_files()) == ["readme.txt"]


@pytest.mark.parametrize(
    ("text", "folder", "files"),
    [
        ("FROM python:3.12-slim\nWORKDIR /app\nCOPY . .", "/app", {"a.py", "sub/b.py"}),
        ("FROM python:3.12-slim\nWORKDIR /app\nCOPY a.py ./", "/app", {"a.py"}),
        ("FROM debian\nWORKDIR /srv\nCOPY a.py main.py\nCOPY sub/ lib/", "/srv", {"main.py", "lib/b.py"}),
        ('FROM ubuntu:24.04\nWORKDIR "/w"\nENV A=1 B="two words"\nCOPY ["sub", "/w/"]', "/w", {"b.py"}),
        (
            "# comment\nFROM python:3\nRUN mkdir -p /app/x \\\n  /app/y\nCOPY a.py sub /app/",
            "/app",
            {"a.py", "b.py"},
        ),
        ("FROM python:3.12-slim", "/app", set()),
    ],
)
def test_a_plain_dockerfile_is_followed(text: str, folder: str, files: set[str]) -> None:
    found = read_dockerfile(text)
    assert not found.needs_image, found
    assert found.work_folder == folder
    assert set(found.copied({"Dockerfile": b"", "a.py": b"", "sub/b.py": b""})) == files


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:20",
        "FROM python:3.12 AS build\nFROM debian",
        "FROM python:3.12\nRUN pip install numpy",
        "FROM python:3.12\nCOPY --from=build /x /y",
        "FROM python:3.12\nCOPY *.py /app/",
        "FROM python:3.12\nADD https://example.org/x /app/",
        "FROM python:3.12\nWORKDIR /app\nCOPY data /data",
        "FROM python:3.12\nUSER nobody",
        "FROM python:3.12\nVOLUME /x",
        "not a dockerfile at all",
    ],
)
def test_whatever_goes_beyond_needs_an_image(text: str) -> None:
    assert read_dockerfile(text).needs_image


def test_variables_are_read_in_both_forms() -> None:
    assert read_dockerfile('FROM debian\nENV A=1 B="two words"\nENV C three words').env == {
        "A": "1",
        "B": "two words",
        "C": "three words",
    }
