"""The house is in order: what is exported exists, what is packaged is there, imports stay light."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import agentbench_sdk

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("agentbench_sdk", "environments", "judges", "tasks")


def test_every_folder_with_code_is_packaged() -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("__init__.py")
    }
    prefixed = {name if name.startswith("agentbench_sdk") else f"agentbench_sdk.{name}" for name in found}
    listed = PROJECT["tool"]["setuptools"]["packages"]
    assert prefixed == set(listed)
    assert listed == sorted(listed)


@pytest.mark.parametrize("name", [name for name in agentbench_sdk.__all__ if not name.startswith("_")])
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(agentbench_sdk, name) is not None
    assert name in dir(agentbench_sdk)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = agentbench_sdk.nonsense


def test_the_version_is_said_once() -> None:
    assert PROJECT["project"]["version"] == agentbench_sdk.__version__


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_else() -> None:
    heavy = {
        "pydantic",
        "httptools",
        "numpy",
        "scipy",
        "matplotlib",
        "rich",
        "click",
        "orjson",
        "aiosqlite",
        "yaml",
        "asyncio",
        "ssl",
        "http",
    }
    assert not loaded_by("import agentbench_sdk") & heavy


def test_the_help_of_the_command_loads_no_engine() -> None:
    heavy = {"pydantic", "httptools", "numpy", "scipy", "matplotlib", "rich", "aiosqlite", "yaml", "ssl"}
    assert not loaded_by("import agentbench_sdk.cli") & heavy


def test_the_engine_loads_no_benchmark() -> None:
    """Dependencies point one way: catalogues know the SDK, the SDK names no catalogue."""
    offenders = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "agentbench_sdk").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "import" in line
        and any(f"agentbench_sdk.{room}" in line for room in ("environments", "judges", "tasks"))
    ]
    assert not offenders
