"""A run as JUnit XML: what passed, failed, broke and was skipped, with the scores, in any reader's XML."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from agentbench_sdk import Run, Sample, Score, Task, evaluate_sync, judge
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import RequestRejectedError
from agentbench_sdk.judging import JudgeCase
from agentbench_sdk.testing import ScriptedModel

NASTY = 'says "so" & <b>\x00\x1b ]]> \u202e'


@judge
def said(case: JudgeCase) -> Score:
    """Right, wrong, graded without a verdict, or not to be told."""
    if case.answer == "unclear":
        return Score.unscored("no verdict in it")
    if case.answer == "half":
        return Score(0.5, explanation="half of it")
    right = case.answer == "right"
    return Score(float(right), passed=right, explanation=f"it {NASTY}")


@judge
def length(case: JudgeCase) -> Score:
    return Score(min(1.0, len(case.answer) / 10))


def answer(request: Any) -> Any:
    asked = request.messages[-1].text
    if asked == "broken":
        return RequestRejectedError("the endpoint refuses < this")
    return asked


KINDS = ["right", "wrong", "half", "unclear", "broken"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    samples = [Sample(f"{kind} <1>", kind, target=["a", 1]) for kind in KINDS]
    task = Task("kinds", samples, judges=[said(), length()])
    return evaluate_sync(task, ScriptedModel(answer), cache=None, runs=tmp_path)


def suite_of(path: Path, *options: str) -> ET.Element:
    done = CliRunner().invoke(cli, ["export", str(path), *options])
    assert done.exit_code == 0, done.output
    whole = ET.fromstring(done.stdout.encode())
    assert whole.tag == "testsuites"
    (suite,) = whole
    return suite


def properties(element: ET.Element) -> dict[str, str]:
    return {each.attrib["name"]: each.attrib["value"] for each in element.findall("properties/property")}


def test_each_attempt_is_a_case_with_its_result(run: Run) -> None:
    suite = suite_of(run.path, "--format", "junit")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    cases = {each.attrib["name"].split()[0]: each for each in suite.findall("testcase")}
    assert {case.attrib["classname"] for case in cases.values()} == {"kinds"}
    blemishes = {
        kind: [each.tag for each in case if each.tag != "properties"] for kind, case in cases.items()
    }
    assert blemishes == {
        "right": [],
        "wrong": ["failure"],
        "half": [],
        "unclear": ["skipped"],
        "broken": ["error"],
    }
    failure, error, skipped = (
        cases[kind].find(tag)
        for kind, tag in (("wrong", "failure"), ("broken", "error"), ("unclear", "skipped"))
    )
    assert failure is not None
    assert error is not None
    assert skipped is not None
    assert (failure.get("type"), failure.text) == ("said", "answer: wrong\ntarget: ['a', 1]")
    assert error.attrib == {"type": "request_rejected", "message": "the endpoint refuses < this"}
    assert skipped.get("message") == "no score: no verdict in it"
    assert properties(cases["half"]) == {"agentbench.said": "0.5", "agentbench.length": "0.4"}
    assert properties(cases["unclear"]) == {"agentbench.length": "0.7"}


def test_the_suite_has_the_means_with_their_intervals(run: Run) -> None:
    found = properties(suite_of(run.path, "--format", "junit"))
    estimate = run.summary().primary.estimate
    assert estimate.interval is not None
    assert found["agentbench.said"] == f"{estimate.mean:.6g}"
    low, high = estimate.interval.low, estimate.interval.high
    assert found["agentbench.said.interval"] == f"{low:.6g} to {high:.6g} (95 %, {estimate.method})"
    assert found["agentbench.run"] == str(run.path)
    assert (found["agentbench.task"], found["agentbench.model"]) == ("kinds", run.manifest.model)
    assert found["agentbench.not_run"] == "0"


def test_what_is_no_xml_is_escaped(run: Run) -> None:
    """Control characters are in no XML file; a reader would refuse it whole."""
    suite = suite_of(run.path, "--format", "junit")
    (failure,) = suite.iter("failure")
    assert failure.get("message") == 'it says "so" & <b>\\x00\\x1b ]]> \\u202e'


def test_epochs_are_cases_of_their_own_and_the_file_is_known_by_its_ending(tmp_path: Path) -> None:
    task = Task("kinds", [Sample("a", "right"), Sample("b", "wrong")], judges=[said()])
    run = evaluate_sync(task, ScriptedModel(answer), cache=None, runs=tmp_path, epochs=2)
    file = tmp_path / "out.xml"
    assert CliRunner().invoke(cli, ["export", str(run.path), "-o", str(file)]).exit_code == 0
    names = [each.get("name") for each in ET.parse(file).iter("testcase")]
    assert names == ["a (epoch 0)", "a (epoch 1)", "b (epoch 0)", "b (epoch 1)"]
