"""Test suites that use the plugin, each run of which is a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

ASYNCIO = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"

TASKS = '''
import asyncio
import pytest
from agentbench_sdk import NotEnoughEvidence, RateTooLow, Sample, Task, assert_rate, judge
from agentbench_sdk.testing import ScriptedModel

@judge
def right(case):
    return case.answer == case.target

def answers(good, of):
    """A task of which a model that says "yes" answers so many right."""
    return Task("answers", [Sample(f"s{n}", f"{n}?", target="yes" if n < good else "no") for n in range(of)],
                judges=[right()])

YES = "scripted/constant?text=yes"

def remote(text="yes"):
    """A model that is cached as one behind an endpoint is."""
    return ScriptedModel(lambda request: text, id="tiny", endpoint="http://far.example/v1")

def closed():
    """The same model, whose endpoint must not be asked."""
    def refuse(request):
        raise AssertionError("the network is closed")
    return ScriptedModel(refuse, id="tiny", endpoint="http://far.example/v1")
'''


class Suite:
    """A test suite in a folder, each run of which is a process of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ASYNCIO}")
        pytester.makepyfile(tasks=TASKS)

    def run(self, test: str, *options: str) -> pytest.RunResult:
        (self.path / "test_suite.py").write_text(f"from tasks import *\n{test}", encoding="utf-8")
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    @property
    def runs(self) -> list[Path]:
        return sorted((self.path / ".agentbench" / "runs").glob("*.db"))
