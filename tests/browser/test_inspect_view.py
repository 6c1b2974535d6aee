"""Inspect's own viewer in Chromium opens a log that we wrote: the list of samples, scores, transcript and faults.

Wants inspect-ai, the group `browser` (selenium) and Debian's chromium and chromium-driver; skips where they are not.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("selenium", reason="the group `browser` is not installed")
pytest.importorskip("inspect_ai", reason="inspect-ai is not installed")

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from agentbench_sdk import Message, ModelRequest, Sample, Task, evaluate_sync
from agentbench_sdk.errors import ServerError
from agentbench_sdk.judges import includes
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.reporting import write_inspect_log
from agentbench_sdk.tasks.agentic.telecom import telecom
from agentbench_sdk.testing import ScriptedModel

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("default"),
    pytest.mark.timeout(240),
]

PATIENCE_S = 60
TALK = "[mms_issue]mode_2g[LINE:L84935][PERSONA:none][SEED:shipped]"


@judge
def undecided(case: JudgeCase) -> Score:
    return Score.unscored("cannot tell")


def _answer(request: ModelRequest) -> Message:
    question = request.messages[-1].text
    if "fails" in question:
        raise ServerError("the endpoint answered 500")
    return Message.assistant("so it is", reasoning="deep thought")


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a viewer of two logs."""
    folder, logs = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("logs")
    samples = [Sample("asked", "a question", target="so"), Sample("lost", "one that fails", target="so")]
    task = Task("quiz", samples, judges=[includes(), undecided()])
    quiz = evaluate_sync(task, ScriptedModel(_answer), cache=None, runs=folder)
    write_inspect_log(quiz, logs / "quiz.eval")
    talk = evaluate_sync(
        telecom(set="small", data="own"),
        "scripted/telecom/workflow",
        sample_ids=[TALK],
        cache=None,
        runs=folder,
    )
    write_inspect_log(talk, logs / "talk.eval")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["view", "start", "--log-dir", str(logs), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "viewer.txt").open("w") as said:
        inspect = str(Path(sys.executable).with_name("inspect"))
        server = subprocess.Popen([inspect, *command], stdout=said, stderr=said, cwd=folder)
    try:
        _await(port, server, folder / "viewer.txt")
        yield f"http://127.0.0.1:{port}/#/logs"
    finally:
        server.terminate()
        server.wait(20)


def _await(port: int, server: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the viewer does not serve: {said.read_text()}")


def text_of(browser: webdriver.Chrome, address: str, *expected: str) -> str:
    """What a page says, once it says all that is expected."""
    browser.get("about:blank")
    browser.get(address)

    def found(driver: webdriver.Chrome) -> str | None:
        text = driver.find_element(By.TAG_NAME, "body").text
        return text if all(each.lower() in text.lower() for each in expected) else None

    text = WebDriverWait(browser, PATIENCE_S).until(found, f"{address} does not say {expected}")
    assert text is not None
    return text


def console(browser: Any) -> list[Any]:
    """What was said in the console since the last look."""
    return list(browser.get_log("browser"))


def test_the_list_of_samples_shows_scores_and_faults(browser: webdriver.Chrome, viewer: str) -> None:
    said = text_of(browser, f"{viewer}/quiz.eval", "asked", "lost", "server: the endpoint answered 500")
    assert "1 of 2 samples" in said
    assert "so it is" in said


def test_a_transcript_shows_reasoning_answer_and_score(browser: webdriver.Chrome, viewer: str) -> None:
    page = f"{viewer}/quiz.eval/samples/sample/asked/1"
    said = text_of(browser, f"{page}/transcript", "model call", "so it is", "deep thought", "score")
    assert said.index("a question") < said.index("deep thought")
    text_of(browser, f"{page}/scoring", "includes", "undecided", "cannot tell")


def test_a_fault_is_shown_where_it_ended_the_session(browser: webdriver.Chrome, viewer: str) -> None:
    text_of(
        browser, f"{viewer}/quiz.eval/samples/sample/lost/1/transcript", "error", "the endpoint answered 500"
    )


def test_a_conversation_shows_the_user_beside_the_agent(browser: webdriver.Chrome, viewer: str) -> None:
    text_of(browser, f"{viewer}/talk.eval", "reward", "rules broken")
    page = f"{viewer}/talk.eval/samples/sample/{quote(TALK, safe='')}/1"
    text_of(browser, f"{page}/transcript", "sub-agent: user", "model call", "opening")
    text_of(browser, f"{page}/messages", "You work at the customer desk")
    errors = [entry["message"] for entry in console(browser) if entry["level"] == "SEVERE"]
    assert [each for each in errors if "/api/flow" not in each] == []
