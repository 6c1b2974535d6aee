"""Every code block of docs/tasks.md and docs/plugins.md does what the page says.

A block with a file's name after its language is written as that file; other Python blocks run one after
the other in one namespace, in the folder of those files.
"""

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.benchmark.schema import FieldMap, TaskSpec

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Block:
    language: str
    file: str
    code: str
    line: int


def _blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = [
        Block(match[1], match[2] or "", match[3], text.count("\n", 0, match.start()) + 2)
        for match in _BLOCK.finditer(text)
    ]
    assert len(found) * 2 == len(re.findall(r"^```", text, re.MULTILINE))
    return found


@pytest.mark.parametrize("page", ["tasks.md", "plugins.md"])
def test_the_blocks_of_a_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    namespace: dict[str, Any] = {"__name__": "docs"}
    for block in _blocks(DOCS / page):
        if block.file:
            Path(block.file).write_text(block.code, encoding="utf-8")
        else:
            assert block.language == "python", f"{page}:{block.line} is not executed"
            code = "\n" * (block.line - 1) + block.code
            exec(compile(code, str(DOCS / page), "exec"), namespace)  # the point of the test
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def test_every_task_file_of_the_page_loads(tmp_path: Path) -> None:
    blocks = [block for block in _blocks(DOCS / "tasks.md") if block.file]
    for block in blocks:
        (tmp_path / block.file).write_text(block.code, encoding="utf-8")
    registry = Registry.discover()
    for block in blocks:
        if block.language == "yaml":
            path = tmp_path / block.file
            found = registry.group(path) or registry.task(path)
            assert found.name.replace("-", "_") == path.stem


def test_the_page_names_every_field() -> None:
    text = (DOCS / "tasks.md").read_text(encoding="utf-8")
    missing = [name for name in (*TaskSpec.model_fields, *FieldMap.model_fields) if f"`{name}`" not in text]
    assert missing == []


def test_the_package_of_the_page_could_be_built(tmp_path: Path) -> None:
    blocks = {block.file: block for block in _blocks(DOCS / "plugins.md") if block.file}
    project = tomllib.loads(blocks["pyproject.toml"].code)["project"]
    for group, points in project["entry-points"].items():
        assert group in (
            "agentbench.judges",
            "agentbench.environments",
            "agentbench.models",
            "agentbench.tasks",
        )
        for target in points.values():
            module, _, name = target.partition(":")
            assert re.search(rf"^(def|class) {name}\b", blocks[f"{module}.py"].code, re.MULTILINE)
