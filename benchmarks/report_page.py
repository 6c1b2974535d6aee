"""How long the HTML report takes until it is usable, in Chromium: of one run with 5,000 samples, and of three.

Usable: the table of attempts is drawn, can be sorted and filtered, and a transcript opens. Each time stands beside
that of an empty page and of one that is as large and holds a single packed block, so that what the browser needs for
starting and for reading so many characters is told apart from what the report costs.

    pip install --group browser      # selenium; and Debian's chromium and chromium-driver
    python benchmarks/report_page.py [--rounds 5] [--quick]
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common import median, options, show

from agentbench_sdk import Message, ModelRequest, Run, Sample, Task, evaluate_sync
from agentbench_sdk.judges import includes
from agentbench_sdk.messages import Usage
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.reporting import write_html
from agentbench_sdk.testing import ScriptedModel

SAMPLES = 5_000
WORDS = ["stock", "price", "order", "mail", "customer", "machine", "supplier", "invoice", "day", "refund"]
TARGET_S = 2.0


def essay(seed: str, words: int) -> str:
    chance = random.Random(seed)
    return " ".join(f"{chance.choice(WORDS)}-{chance.randrange(10_000)}" for _ in range(words))


def runs_of(samples: int, models: Sequence[str], folder: Path) -> list[Run]:
    """Runs of questions and answers of some 3,000 characters together."""
    questions = [
        Sample(
            f"question-{n:05}",
            f"{essay(f'q{n}', 120)} {n}?",
            target="yes",
            metadata={"category": f"kind {n % 12}"},
        )
        for n in range(samples)
    ]
    task = Task("report-page", questions, judges=[includes()])

    def model(name: str) -> ScriptedModel:
        def answer(request: ModelRequest) -> ModelResponse:
            asked = request.messages[-1].text
            right = random.Random(name + asked).random() < 0.7
            said = f"{essay(name + asked, 120)} {'yes' if right else 'no'}"
            usage = Usage(len(asked) // 4, len(said) // 4, 0, 0, 0.0001 * (1 + len(name)))
            return ModelResponse(Message.assistant(said), "stop", usage)

        return ScriptedModel(answer, id=f"scripted/{name}")

    found = evaluate_sync(task, models=[model(name) for name in models], cache=None, runs=folder)
    return [each.run for each in found if each.run is not None]


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        sys.exit("chromium or chromedriver is not there: apt-get install chromium chromium-driver")
    given = webdriver.ChromeOptions()
    given.binary_location = binary
    for each in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
    ):
        given.add_argument(each)
    given.add_argument(f"--user-data-dir={profile}")
    browser = webdriver.Chrome(options=given, service=Service(driver))
    browser.set_script_timeout(60)
    try:
        yield browser
    finally:
        browser.quit()


LOADED = """
const done = arguments[0];
const told = () => done(performance.timing.loadEventEnd - performance.timing.navigationStart);
const wait = () => performance.timing.loadEventEnd ? told() : setTimeout(wait, 5);
wait();
"""
USABLE = """
const done = arguments[0];
const wait = () => {
  const mark = performance.getEntriesByName("usable")[0];
  if (mark) done(mark.startTime); else setTimeout(wait, 5);
};
wait();
"""
ACT = {
    "open a transcript": """
const done = arguments[0], since = performance.now();
document.querySelector("tr.row th button").click();
const wait = () => document.querySelector("article.attempt")
  ? requestAnimationFrame(() => done(performance.now() - since)) : setTimeout(wait, 1);
wait();
""",
    "sort by a score": """
const done = arguments[0], since = performance.now();
document.querySelector("table.attempts thead tr").lastChild.firstChild.click();
requestAnimationFrame(() => done(performance.now() - since));
""",
    "search all transcripts, the first time": """
const done = arguments[0], since = performance.now(), search = document.getElementById("search");
const count = document.getElementById("count"), before = count.textContent;
search.value = "nothing like this";
search.dispatchEvent(new Event("input"));
const wait = () => count.textContent.startsWith("0 of") ? done(performance.now() - since) : setTimeout(wait, 5);
wait();
""",
    "search all transcripts, again": """
const done = arguments[0], since = performance.now(), search = document.getElementById("search");
const count = document.getElementById("count");
search.value = "question-00007";
search.dispatchEvent(new Event("input"));
const wait = () => count.textContent.startsWith("1 of") ? done(performance.now() - since) : setTimeout(wait, 5);
wait();
""",
}


def opened(browser: Any, page: Path, script: str) -> float:
    """Milliseconds from the navigation's begin until what the script waits for."""
    browser.get("about:blank")
    browser.get(page.as_uri())
    return float(browser.execute_async_script(script))


def empty_page(path: Path, size: int) -> Path:
    """A page of that many characters that shows nothing of them."""
    begin, end = '<!DOCTYPE html><meta charset="utf-8"><script type="application/octet-stream">', "</script>"
    path.write_text(begin + "A" * max(0, size - len(begin) - len(end)) + end)
    return path


def figures(browser: Any, page: Path, folder: Path, rounds: int) -> list[tuple[str, ...]]:
    """Rows of the results table of one page."""
    bare, padded = (
        empty_page(folder / "bare.html", 0),
        empty_page(folder / "padded.html", page.stat().st_size),
    )
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        times.setdefault("an empty page", []).append(opened(browser, bare, LOADED))
        times.setdefault("a page as large, of one block", []).append(opened(browser, padded, LOADED))
        times.setdefault("load event", []).append(opened(browser, page, LOADED))
        times.setdefault("usable", []).append(opened(browser, page, USABLE))
        for name, script in ACT.items():
            times.setdefault(name, []).append(float(browser.execute_async_script(script)))
    base = median(times["a page as large, of one block"])
    return [
        (name, f"{median(found):,.0f}", f"{min(found):,.0f}–{max(found):,.0f}", f"{median(found) / base:.1f}")
        for name, found in times.items()
    ]


def main() -> None:
    given = options(__doc__, rounds=5)
    samples = SAMPLES // 10 if given.quick else SAMPLES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = runs_of(samples, ["large", "middle", "small"], folder / "runs")
        with chromium(folder / "profile") as browser:
            for chosen in (runs[:1], runs):
                began = time.process_time()
                page = write_html(chosen, folder / "report.html")
                cpu = time.process_time() - began
                rows = figures(browser, page, folder, given.rounds)
                what = f"{len(chosen)} × {samples:,} samples: {page.stat().st_size / 1e6:.1f} MB, written in {cpu:.1f} s of CPU"
                show(what, ("", "ms", "range", "/ as large"), rows)
                usable = next(float(row[1].replace(",", "")) for row in rows if row[0] == "usable")
                print(f"usable below {TARGET_S:g} s: {'yes' if usable < 1000 * TARGET_S else 'NO'}")


if __name__ == "__main__":
    main()
