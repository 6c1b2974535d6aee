"""A run as a JUnit XML file, for whatever shows test results: one test case an attempt.

By the primary judge: an attempt that it did not pass is a failure, one that a fault ended an error, one without a
score skipped. A score without a verdict (graded, no threshold) is a pass with a number. Properties hold the scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

from agentbench_sdk.reporting.columns import number
from agentbench_sdk.reporting.plain import legible, shown, visible

if TYPE_CHECKING:
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs.records import Manifest, SampleRecord
    from agentbench_sdk.runs.run import Run

Result = Literal["passed", "failure", "error", "skipped"]


def junit_chunks(run: Run) -> Iterator[str]:
    """The pieces of the XML file, an attempt at a time; records are read twice, the counts come first.

    Attributes and elements are those that the JUnit plugins of CI systems read; times are seconds. `time` of the suite
    adds up its attempts, which ran side by side.
    """
    summary, counts, seconds = run.summary(), Counter[Result](), 0.0
    primary = run.manifest.judges[0].id
    for record in run.records():
        counts[result_of(record, primary)] += 1
        seconds += record.wall_s
    name = visible(f"{run.manifest.task} by {run.manifest.model}")
    head = ET.Element(
        "testsuite",
        name=name,
        tests=str(counts.total()),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{seconds:.3f}",
        timestamp=run.manifest.created,
    )
    opened = ET.tostring(head, encoding="unicode").removesuffix(" />")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{opened}>\n'
    yield _written(_properties([*_facts(run.manifest, summary), *score_properties(str(run.path), summary)]))
    for record in run.records():
        yield _written(_case(record, run.manifest, primary))
    yield "</testsuite>\n</testsuites>\n"


def result_of(record: SampleRecord, primary: str) -> Result:
    """What an attempt is as a test, by the judge with the id `primary`."""
    ending, score = record.ending, record.scores.get(primary)
    if ending.status == "failed":
        return "error"
    if not ending.scorable or score is None or number(score.value) is None:
        return "skipped"
    return "failure" if score.passed is False else "passed"


def score_properties(path: str, summary: Summary) -> Iterator[tuple[str, str]]:
    """What a test result says of a run: its file, and each judge's mean and interval.

    Arguments:
        path: the run file.
        summary: of the run.
    """
    yield "agentbench.run", path
    for judge in summary.judges:
        estimate = judge.estimate
        if estimate.mean is None:
            yield f"agentbench.{judge.id}", estimate.note
            continue
        yield f"agentbench.{judge.id}", f"{estimate.mean:.6g}"
        if estimate.interval is not None:
            low, high, level = estimate.interval.low, estimate.interval.high, estimate.interval.level
            said = f"{low:.6g} to {high:.6g} ({level * 100:g} %, {estimate.interval.method})"
            yield f"agentbench.{judge.id}.interval", said


def _facts(manifest: Manifest, summary: Summary) -> Iterator[tuple[str, str]]:
    yield "agentbench.task", manifest.task
    yield "agentbench.task_version", manifest.task_version
    yield "agentbench.task_fingerprint", manifest.task_fingerprint
    yield "agentbench.model", manifest.model
    yield "agentbench.not_run", str(summary.not_run)


def _case(record: SampleRecord, manifest: Manifest, primary: str) -> ET.Element:
    name = record.sample_id if manifest.epochs == 1 else f"{record.sample_id} (epoch {record.epoch})"
    case = ET.Element(
        "testcase", classname=visible(manifest.task), name=visible(name), time=f"{record.wall_s:.3f}"
    )
    scores = {judge: number(score.value) for judge, score in record.scores.items()}
    given = [(f"agentbench.{judge}", f"{value:.6g}") for judge, value in scores.items() if value is not None]
    if given:
        case.append(_properties(given))
    result = result_of(record, primary)
    if result != "passed":
        case.append(_blemish(result, record, primary))
    return case


def _blemish(result: Result, record: SampleRecord, primary: str) -> ET.Element:
    ending, score = record.ending, record.scores.get(primary)
    if result == "error":
        return ET.Element(
            "error", type=visible(ending.reason), message=shown(ending.detail or ending.reason, 500)
        )
    if result == "skipped":
        why = score.explanation if score is not None else ending.detail or ending.reason
        what = "no score" if ending.scorable else ending.status
        return ET.Element("skipped", message=shown(f"{what}: {why}", 500))
    assert score is not None
    found = ET.Element(
        "failure", type=visible(primary), message=shown(score.explanation or "not passed", 500)
    )
    found.text = legible(f"answer: {record.answer}\ntarget: {record.target}")
    return found


def _properties(given: list[tuple[str, str]]) -> ET.Element:
    whole = ET.Element("properties")
    for name, value in given:
        ET.SubElement(whole, "property", name=visible(name), value=visible(value))
    return whole


def _written(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode") + "\n"
