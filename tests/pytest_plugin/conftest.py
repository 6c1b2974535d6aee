"""A suite in a folder of its own, outside CI."""

from __future__ import annotations

import pytest

from tests.pytest_plugin.suites import Suite


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite of a developer, whatever these tests run in."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)
