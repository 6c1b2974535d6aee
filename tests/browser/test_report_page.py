"""The HTML report in Chromium: nothing in the console, no sideways scrolling, light and dark, and controls that work.

Wants the group `browser` (selenium) and Debian's chromium and chromium-driver; skips where they are not.
"""

import re
import struct
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the group `browser` is not installed")

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from agentbench_sdk import Message, ModelRequest, Sample, Task, evaluate_sync
from agentbench_sdk.judges import includes
from agentbench_sdk.reporting import write_html
from agentbench_sdk.testing import ScriptedModel

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = "</div></table></script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 2'>"
RIGHT_TO_LEFT = "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a hostile attempt, a megabyte of text, text from right to left, and plain attempts."""
    folder = tmp_path_factory.mktemp("report")
    answers: list[str | Message] = [
        HOSTILE,
        "long " * 200_000,
        RIGHT_TO_LEFT,
        Message.assistant("so", reasoning=HOSTILE),
        "so",
        "no",
    ]
    samples = [Sample(f"sample-{n}", f"question {n}: {HOSTILE}", target="so") for n in range(len(answers))]
    task = Task("looked-at", samples, judges=[includes()])

    def answer(request: ModelRequest) -> str | Message:
        number = re.search(r"question (\d)", request.messages[-1].text)
        assert number is not None
        return answers[int(number[1])]

    run = evaluate_sync(task, ScriptedModel(answer), cache=None, runs=folder)
    return write_html(run, folder / "report.html")


def shown(browser: webdriver.Chrome, page: Path, *, size: str = "wide", scheme: str = "light") -> None:
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    console(browser)
    browser.get(page.as_uri())


def console(browser: Any) -> list[Any]:
    """What was said in the console since the last look."""
    return list(browser.get_log("browser"))


def count(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.ID, "count").text


def order(browser: webdriver.Chrome) -> list[str]:
    heads = browser.find_elements(By.CSS_SELECTOR, "table.attempts tbody tr:first-child th")
    return [each.text for each in heads]


def rgb(browser: webdriver.Chrome, name: str) -> int:
    """The sum of red, green and blue of the body's property, 0 (black) to 765."""
    told = browser.execute_script(f"return getComputedStyle(document.body).{name}")
    return sum(int(each) for each in told[told.index("(") + 1 : -1].split(",")[:3])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_the_page_fits_and_the_console_is_empty(
    browser: webdriver.Chrome, page: Path, size: str, scheme: str
) -> None:
    shown(browser, page, size=size, scheme=scheme)
    assert console(browser) == []
    wide, room = browser.execute_script(
        "const e = document.documentElement; return [e.scrollWidth, e.clientWidth]"
    )
    assert wide <= room
    paper, ink = rgb(browser, "backgroundColor"), rgb(browser, "color")
    assert abs(paper - ink) > 500
    assert (paper > ink) is (scheme == "light")
    picture = browser.get_screenshot_as_png()
    assert struct.unpack(">II", picture[16:24]) == SIZES[size]
    assert len(picture) > 10_000  # a blank page takes 5,000


def test_what_models_wrote_does_no_harm(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    for each in browser.find_elements(By.CSS_SELECTOR, "details"):
        browser.execute_script("arguments[0].open = true", each)
    assert browser.execute_script("return window.harmed === undefined")
    assert browser.find_elements(By.CSS_SELECTOR, "img, iframe, object, a[href^='javascript']") == []
    text = browser.execute_script("return document.querySelector('table.attempts').textContent")
    assert text.count(HOSTILE) >= 7  # six questions, an answer, a reasoning
    assert console(browser) == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_attempts_are_searched_and_filtered(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    assert count(browser) == "6 of 6 attempts"
    search = browser.find_element(By.ID, "search")
    search.send_keys("QUESTION 3")
    assert count(browser) == "1 of 6 attempts"
    assert [each for each in order(browser) if each] == ["sample-3"]
    search.clear()
    search.send_keys("nothing like it")
    assert count(browser) == "0 of 6 attempts"
    search.clear()
    ending = Select(browser.find_element(By.ID, "ending"))
    ending.select_by_value("failed")
    assert count(browser) == "0 of 6 attempts"
    ending.select_by_value("completed")
    assert count(browser) == "6 of 6 attempts"


def test_columns_sort_both_ways(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    head: Any = browser.find_element(By.CSS_SELECTOR, "table.attempts thead th button")
    names = [f"sample-{n}" for n in range(6)]
    head.click()
    assert order(browser) == names
    head.click()
    assert order(browser) == names[::-1]


def test_a_transcript_opens(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    told = browser.find_elements(By.CSS_SELECTOR, "td.more > details")[4]
    said = told.find_elements(By.CSS_SELECTOR, ".said")
    assert not any(each.is_displayed() for each in said)
    told.find_element(By.CSS_SELECTOR, "summary").click()
    assert any(each.is_displayed() for each in said)
