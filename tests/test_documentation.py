"""What the README shows and what the examples do really works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agentbench_sdk import judges

ROOT = Path(__file__).parent.parent
# The pages on tasks and plugins have tests of their own.
PAGES = (
    "README.md",
    "docs/agents.md",
    "docs/command-line.md",
    "docs/judges.md",
    "docs/pytest.md",
    "docs/sandboxes.md",
    "environments/telecom/README.md",
    "environments/vending/README.md",
)
BLOCKS = [
    (f"{page}-{number}", block)
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    )
]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run_python(path: Path, cwd: Path) -> str:
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("block", [block for _, block in BLOCKS], ids=[name for name, _ in BLOCKS])
def test_each_block_of_a_page_runs(block: str, tmp_path: Path) -> None:
    if "def test_" in block:
        path = tmp_path / "test_block.py"
        path.write_text(block, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert "1 passed" in done.stdout, done.stdout + done.stderr
        return
    path = tmp_path / "block.py"
    path.write_text(block, encoding="utf-8")
    run_python(path, tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_runs(example: Path, tmp_path: Path) -> None:
    assert run_python(example, tmp_path).strip()


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.stem
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def test_the_page_on_judges_names_every_judge_once_in_its_table() -> None:
    table = (
        (ROOT / "docs/judges.md").read_text(encoding="utf-8").partition("| section |")[2].partition("\n\n")[0]
    )
    named = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(named) == sorted(judges.__all__)
