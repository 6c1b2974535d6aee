"""The HTML report in Chromium: nothing in the console, no sideways scrolling, light and dark, and controls that work;
of one run and of several, with media.

Wants the group `browser` (selenium) and Debian's chromium and chromium-driver; skips where they are not.
"""

import re
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium", reason="the group `browser` is not installed")

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from agentbench_sdk import Image, Message, ModelRequest, Sample, Task, evaluate_sync
from agentbench_sdk.judges import includes
from agentbench_sdk.messages import Audio, Media, Usage, Video
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.reporting import write_html
from agentbench_sdk.testing import ScriptedModel

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = "</div></table></script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 2'>"
RIGHT_TO_LEFT = "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627"
WAV = b"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00"
WAV += b"data\x08\x00\x00\x00" + b"\x80" * 8
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


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three runs: one that is right but for the last question, one but for the first, one always wrong.

    Ids, answers and the name of a model are hostile, and there are more rows than are drawn at once.
    """
    folder = tmp_path_factory.mktemp("several")
    samples = [
        Sample(f"<b>{n}</b>", f"say {n}", target=f"<{n}>", metadata={"category": "ab"[n % 2]})
        for n in range(450)
    ]
    task = Task("beside", samples, judges=[includes()])

    def model(name: str, wrong: Callable[[int], bool], price: float) -> ScriptedModel:
        def answer(request: ModelRequest) -> ModelResponse:
            number = int(request.messages[-1].text.split()[-1])
            said = f"{name} says {'nothing' if wrong(number) else f'<{number}>'} {HOSTILE}"
            return ModelResponse(Message.assistant(said), "stop", Usage(10, 5, 0, 0, price))

        return ScriptedModel(answer, id=f"scripted/{name}")

    models = [
        model("dear", lambda number: number == 449, 0.01),
        model("cheap", lambda number: number == 0, 0.001),
        model(HOSTILE, lambda number: True, 0.02),
    ]
    found = evaluate_sync(task, models=models, cache=None, runs=folder)
    return write_html([each.run for each in found if each.run is not None], folder / "report.html")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of six runs of models with names that are hard to write, each with another score and price."""
    folder = tmp_path_factory.mktemp("named")
    names = [
        "$x^2$ and $y$",
        "<b>&amp;</b>",
        "\u6a21\u578b" * 20,
        RIGHT_TO_LEFT,
        "\U0001f600" * 30,
        "long-" * 30,
    ]
    samples = [Sample(f"s{n}", f"say {n}", target=f"<{n}>") for n in range(20)]

    def model(place: int, name: str) -> ScriptedModel:
        def answer(request: ModelRequest) -> ModelResponse:
            number = int(request.messages[-1].text.split()[-1])
            said = f"<{number}>" if number < 4 + 3 * place else "nothing"
            return ModelResponse(Message.assistant(said), "stop", Usage(10, 5, 0, 0, 0.001 * (place + 1)))

        return ScriptedModel(answer, id=f"scripted/{name}")

    models = [model(place, name) for place, name in enumerate(names)]
    found = evaluate_sync(Task("named", samples, judges=[includes()]), models=models, cache=None, runs=folder)
    return write_html([each.run for each in found if each.run is not None], folder / "report.html")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a picture, a sound, a film that is none, a picture that is a script, and an address."""
    images = pytest.importorskip("PIL.Image")
    stream = BytesIO()
    images.new("RGB", (640, 480), (90, 160, 40)).save(stream, "PNG")
    folder = tmp_path_factory.mktemp("seen")
    media: list[Media] = [
        Image(data=stream.getvalue(), media_type="image/png"),
        Audio(data=WAV, media_type="audio/wav"),
        Video(data=b"\x1aE\xdf\xa3 no film", media_type="video/webm"),
        Image(
            data=f"<svg xmlns='http://www.w3.org/2000/svg'>{HOSTILE}</svg>".encode(),
            media_type="image/svg+xml",
        ),
        Image(url="http://127.0.0.1:9/fetched.png"),
    ]
    samples = [Sample("s", (Message.user(["look", *media]),), target="x")]  # type: ignore[list-item]
    run = evaluate_sync(
        Task("seen", samples, judges=[includes()]), ScriptedModel(["x"]), cache=None, runs=folder
    )
    return write_html(run, folder / "report.html", media=media)


def shown(
    browser: webdriver.Chrome, page: Path, *, size: str = "wide", scheme: str = "light", part: str = ""
) -> None:
    """Open a page and wait until it is usable."""
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    console(browser)
    browser.get("about:blank")
    browser.get(page.as_uri() + part)
    until(browser, lambda: "ready" in browser.execute_script("return {...document.documentElement.dataset}"))


def until(browser: webdriver.Chrome, true: Callable[[], bool]) -> None:
    WebDriverWait(browser, 20, poll_frequency=0.02).until(lambda _: true())


def console(browser: Any) -> list[Any]:
    """What was said in the console since the last look."""
    return list(browser.get_log("browser"))


def fetched(browser: webdriver.Chrome) -> list[str]:
    """Addresses that were asked for, but for what is in the page itself."""
    names = browser.execute_script("return performance.getEntriesByType('resource').map(each => each.name)")
    return [each for each in names if not each.startswith("data:")]


def counted(browser: webdriver.Chrome, told: str) -> None:
    """Wait until the number of rows that fit is told so."""
    until(browser, lambda: browser.find_element(By.ID, "count").text == told)


def order(browser: webdriver.Chrome) -> list[str]:
    """Sample ids of the rows that are drawn."""
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('table.attempts tr.row th')].map(each => each.textContent)"
    )
    return found


def opened(browser: webdriver.Chrome, place: int) -> Any:
    """The panel below a row, once its transcripts are there."""
    row: Any = browser.find_elements(By.CSS_SELECTOR, "tr.row")[place]
    row.find_element(By.CSS_SELECTOR, "button").click()
    until(browser, lambda: bool(browser.find_elements(By.CSS_SELECTOR, "tr.panel .attempt")))
    return browser.find_element(By.CSS_SELECTOR, "tr.panel")


def rgb(browser: webdriver.Chrome, name: str) -> int:
    """The sum of red, green and blue of the body's property, 0 (black) to 765."""
    told = browser.execute_script(f"return getComputedStyle(document.body).{name}")
    return sum(int(each) for each in told[told.index("(") + 1 : -1].split(",")[:3])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("name", ["page", "several", "named", "seen"])
def test_the_page_fits_and_the_console_is_empty(
    browser: webdriver.Chrome, request: pytest.FixtureRequest, name: str, size: str, scheme: str
) -> None:
    shown(browser, request.getfixturevalue(name), size=size, scheme=scheme)
    opened(browser, 0)
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


@pytest.mark.parametrize("name", ["page", "several"])
def test_what_models_wrote_does_no_harm(
    browser: webdriver.Chrome, request: pytest.FixtureRequest, name: str
) -> None:
    shown(browser, request.getfixturevalue(name))
    browser.execute_script(
        "document.querySelectorAll('tr.row button').forEach((each, n) => n < 6 && each.click())"
    )
    until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "tr.panel .attempt")) >= 6)
    browser.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert browser.execute_script("return window.harmed === undefined")
    foreign = (
        "img:not(picture > img[src^='data:image/svg+xml;base64,']), iframe, object, a[href^='javascript'], b"
    )
    assert browser.find_elements(By.CSS_SELECTOR, foreign) == []
    text = browser.execute_script("return document.querySelector('table.attempts').textContent")
    assert text.count(HOSTILE) >= 7  # six questions and an answer, or as many answers
    assert console(browser) == []
    assert fetched(browser) == []


def test_attempts_are_searched_and_filtered(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    counted(browser, "6 of 6 attempts")
    search = browser.find_element(By.ID, "search")
    search.send_keys("QUESTION 3")
    counted(browser, "1 of 6 attempts")
    assert order(browser) == ["sample-3"]
    search.clear()
    search.send_keys("<script>window.harmed = 1</script><img src=x onerror='window.harmed = 2'>")
    counted(browser, "6 of 6 attempts")  # each question holds it
    search.clear()
    search.send_keys("class=")
    counted(browser, "0 of 6 attempts")  # markup is nothing that anybody wrote
    browser.find_element(By.ID, "reset").click()
    counted(browser, "6 of 6 attempts")
    ending = Select(browser.find_element(By.ID, "ending"))
    ending.select_by_value("failed")
    counted(browser, "0 of 6 attempts")
    ending.select_by_value("completed")
    counted(browser, "6 of 6 attempts")
    Select(browser.find_element(By.ID, "verdict-0")).select_by_value("p")
    counted(browser, "2 of 6 attempts")
    assert order(browser) == ["sample-3", "sample-4"]


def test_columns_sort_both_ways(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    head: Any = browser.find_element(By.CSS_SELECTOR, "table.attempts thead th button")
    names = [f"sample-{n}" for n in range(6)]
    head.click()
    until(browser, lambda: order(browser) == names)
    head.click()
    until(browser, lambda: order(browser) == names[::-1])


def test_a_transcript_opens_and_closes(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    panel = opened(browser, 4)
    assert "question 4" in panel.text
    browser.find_elements(By.CSS_SELECTOR, "tr.row button")[4].click()
    until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, "tr.panel"))


def test_a_transcript_stays_open_when_rows_are_sorted(browser: webdriver.Chrome, page: Path) -> None:
    shown(browser, page)
    opened(browser, 4)
    head: Any = browser.find_element(By.CSS_SELECTOR, "table.attempts thead th button")
    head.click()
    head.click()
    until(browser, lambda: order(browser)[0] == "sample-5")
    below = browser.execute_script(
        "return document.querySelector('tr.panel').previousSibling.querySelector('th').textContent"
    )
    assert below == "sample-4"


def test_one_is_right_where_the_other_is_wrong(browser: webdriver.Chrome, several: Path) -> None:
    shown(browser, several)
    counted(browser, "450 of 450 rows")
    Select(browser.find_element(By.ID, "verdict-0")).select_by_value("p")
    Select(browser.find_element(By.ID, "verdict-1")).select_by_value("f")
    counted(browser, "1 of 450 rows")
    panel = opened(browser, 0)
    told = [each.text for each in panel.find_elements(By.CSS_SELECTOR, ".attempt")]
    assert len(told) == 3
    for text, letter, said in zip(
        told, "ABC", ("dear says <0>", "cheap says nothing", "says nothing"), strict=True
    ):
        assert text.startswith(letter)
        assert said in text


def test_transcripts_lie_beside_each_other_and_are_reached_on_a_narrow_screen(
    browser: webdriver.Chrome, several: Path
) -> None:
    for size in SIZES:
        shown(browser, several, size=size)
        panel = opened(browser, 0)
        boxes = [each.rect for each in panel.find_elements(By.CSS_SELECTOR, ".attempt")]
        assert len({box["y"] for box in boxes}) == 1
        lefts = [box["x"] for box in boxes]
        assert lefts == sorted(set(lefts))
        assert boxes[0]["x"] >= 0
        assert boxes[0]["width"] <= SIZES[size][0]
        parts = panel.find_element(By.CSS_SELECTOR, ".transcripts")
        browser.execute_script("arguments[0].scrollLeft = 1e6", parts)
        last = panel.find_elements(By.CSS_SELECTOR, ".attempt")[-1].rect
        assert last["x"] + last["width"] <= SIZES[size][0]


def test_links_lead_to_the_samples_behind_a_number(browser: webdriver.Chrome, several: Path) -> None:
    shown(browser, several)
    browser.find_element(By.CSS_SELECTOR, "a[href='#pair=0w']").click()
    counted(browser, "1 of 450 rows")
    assert order(browser) == ["<b>449</b>"]
    browser.find_element(By.CSS_SELECTOR, "a[href='#pair=0l']").click()
    until(browser, lambda: order(browser) == ["<b>0</b>"])
    link: Any = browser.find_elements(By.CSS_SELECTOR, "a[href^='#sample=']")[0]
    name = link.text
    link.click()
    counted(browser, "450 of 450 rows")
    until(browser, lambda: bool(browser.find_elements(By.CSS_SELECTOR, "tr.panel .attempt")))
    row = browser.execute_script("return document.querySelector('tr.panel').previousSibling")
    assert row.find_element(By.CSS_SELECTOR, "th").text == name
    assert 0 <= browser.execute_script("return arguments[0].getBoundingClientRect().top", row) < 900


def test_a_link_may_be_passed_on(browser: webdriver.Chrome, several: Path) -> None:
    shown(browser, several, part="#pair=0w")
    counted(browser, "1 of 450 rows")
    shown(browser, several, part="#sample=0/%3Cb%3E449%3C/b%3E")
    assert browser.find_element(By.CSS_SELECTOR, "tr.panel").is_displayed()
    shown(browser, several, part="#sample=0/%3Cb%3E%")  # torn on its way
    counted(browser, "450 of 450 rows")
    assert console(browser) == []


def test_rows_are_drawn_as_one_comes_to_them(browser: webdriver.Chrome, several: Path) -> None:
    shown(browser, several)
    assert len(order(browser)) == 200
    more = browser.find_element(By.ID, "more")
    browser.execute_script("arguments[0].scrollIntoView()", more)
    until(browser, lambda: len(order(browser)) > 200)
    browser.execute_script("arguments[0].scrollIntoView()", more)
    until(browser, lambda: len(order(browser)) == 450)
    until(browser, lambda: not more.is_displayed())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("name", ["page", "several", "named"])
def test_charts_are_shown_in_the_size_and_the_colours_of_the_screen(
    browser: webdriver.Chrome, request: pytest.FixtureRequest, name: str, size: str, scheme: str
) -> None:
    shown(browser, request.getfixturevalue(name), size=size, scheme=scheme)
    browser.execute_script("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    until(
        browser,
        lambda: browser.execute_script(
            "return [...document.querySelectorAll('picture img')].every(each => each.complete)"
        ),
    )
    found = browser.execute_script(
        """return [...document.querySelectorAll('picture')].map(each => {
          const image = each.querySelector('img'), box = image.getBoundingClientRect();
          const chosen = [...each.querySelectorAll('source')].find(one => matchMedia(one.media).matches) || image;
          const asked = chosen.srcset || chosen.src;
          return [image.naturalWidth, box.width, box.height, +chosen.getAttribute("width"),
                  +chosen.getAttribute("height"), image.alt, image.currentSrc === asked,
                  chosen.media || "", !!each.closest("figure")];
        })"""
    )
    assert found
    for natural, wide, high, width, height, alt, chosen, media, large in found:
        assert natural > 0
        assert wide <= SIZES[size][0]
        if large:
            assert 250 < wide <= width
            assert high / wide == pytest.approx(height / width, rel=0.02)
        else:
            assert (wide, high) == (width, height) == (160, 16)
        assert re.search(r"\d", alt)
        assert chosen
        assert ("dark" in media) is (scheme == "dark")
    assert console(browser) == []


def test_labels_of_the_chart_are_apart(browser: webdriver.Chrome, named: Path, several: Path) -> None:
    """In the fonts that the browser has, which are not those that they were measured in."""
    for page in (several, named):
        for size in SIZES:
            shown(browser, page, size=size)
            browser.get(
                browser.execute_script("return document.querySelector('.chart picture img').currentSrc")
            )
            found = browser.execute_script(
                """return [...document.querySelectorAll('text')].filter(each => each.textContent).map(each => {
                  const box = each.getBoundingClientRect();
                  return [each.textContent, box.left, box.top, box.right, box.bottom]; })"""
            )
            assert len(found) > 8
            for place, (text, left, top, right, bottom) in enumerate(found):
                assert left >= 0
                assert top >= 0
                for other in found[:place]:
                    apart = right <= other[1] or other[3] <= left or bottom <= other[2] or other[4] <= top
                    assert apart, (text, other[0])


def test_the_chart_has_the_names_of_models_to_the_letter(browser: webdriver.Chrome, named: Path) -> None:
    shown(browser, named)
    browser.get(browser.execute_script("return document.querySelector('.chart picture img').currentSrc"))
    texts = browser.execute_script(
        "return [...document.querySelectorAll('[id^=label-] text')].map(each => each.textContent)"
    )
    assert "A scripted/$x^2$ and $y$" in texts
    assert "B scripted/<b>&amp;</b>" in texts
    assert sorted(each[0] for each in texts) == list("ABCDEF")


def test_media_are_shown_and_nothing_is_fetched(browser: webdriver.Chrome, seen: Path) -> None:
    shown(browser, seen)
    panel = opened(browser, 0)
    image = panel.find_element(By.CSS_SELECTOR, "img")
    until(browser, lambda: browser.execute_script("return arguments[0].naturalWidth", image) == 320)
    sound = panel.find_element(By.CSS_SELECTOR, "audio")
    until(browser, lambda: browser.execute_script("return arguments[0].duration", sound) == 0.001)
    film = panel.find_element(By.CSS_SELECTOR, "video")
    until(browser, lambda: browser.execute_script("return arguments[0].error !== null", film))
    assert len(panel.find_elements(By.CSS_SELECTOR, "img")) == 1
    assert "of a format that is not shown here" in panel.text
    assert "at http://127.0.0.1:9/fetched.png" in panel.text
    assert browser.execute_script("return window.harmed === undefined")
    assert fetched(browser) == []
    assert console(browser) == []


def test_a_browser_that_cannot_unpack_says_so(browser: webdriver.Chrome, page: Path) -> None:
    script = "delete window.DecompressionStream"
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    try:
        browser.get("about:blank")
        browser.get(page.as_uri())
        trouble = browser.find_element(By.ID, "trouble")
        until(browser, trouble.is_displayed)
        assert "A newer browser may show them" in trouble.text
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
