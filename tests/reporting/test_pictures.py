"""Pictures of the HTML report: one for each kind of screen, the same bytes each time, nothing of others' settings."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from agentbench_sdk.reporting.page_assets import asset
from agentbench_sdk.reporting.pictures import NARROW, Size, captioned, font, palettes, picture

Images = Callable[[str | None], dict[str, ET.Element]]
NAMES = [
    "$x^2$ and $\\frac{1}{",
    "<script>&amp;\"'",
    "模型" * 40,
    "שלום مرحبا",
    "😀👩‍👩‍👧",
    "long-" * 40,
    "%{}\\n",
]


def write(text: str) -> Callable[[Any, Mapping[str, str]], None]:
    def draw(figure: Any, colours: Mapping[str, str]) -> None:
        figure.text(0, 0.5, text, fontproperties=font(12), color=colours["ink"])

    return draw


def test_a_screen_gets_the_picture_of_its_width_and_colours(images: Images) -> None:
    found = images(picture("told", write("a"), Size(640, 300), Size(320, 200)))
    dark = "(prefers-color-scheme: dark)"
    assert list(found) == [f"{NARROW} and {dark}", NARROW, dark, ""]
    boxes = [each.attrib["viewBox"] for each in found.values()]
    assert boxes == ["0 0 320 200", "0 0 320 200", "0 0 640 300", "0 0 640 300"]
    light_ink, dark_ink = (each["ink"] for each in palettes())
    for media, drawn in found.items():
        written = ET.tostring(drawn, encoding="unicode")
        assert (dark_ink in written) is (dark in media)
        assert (light_ink in written) is (dark not in media)


def test_colours_are_those_of_the_page() -> None:
    light, dark = palettes()
    assert set(light) == set(dark) >= {"ink", "soft", "card", "line", "blue", "amber"}
    assert f"--ink: {light['ink']};" in asset("page.css")
    assert f"@media {NARROW} " in asset("page.css")


@pytest.mark.parametrize("name", NAMES)
def test_what_others_wrote_stays_text_to_the_letter(images: Images, name: str) -> None:
    """No formula is read from it, no markup, and a script that the measured font lacks is no trouble."""
    drawn = images(picture(name, write(name), Size(300, 20)))[""]
    assert [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")] == [name]
    assert not list(drawn.iter("{http://www.w3.org/2000/svg}script"))


def test_words_around_a_picture_are_escaped() -> None:
    made = captioned(picture('"><script>', write("a"), Size(20, 20)), "<b>")
    assert 'alt="&quot;&gt;&lt;script&gt;"' in made
    assert made.endswith('<figcaption><p class="remark">&lt;b&gt;</p></figcaption></figure>')


def test_the_same_picture_is_the_same_bytes() -> None:
    made = [picture("told", write("a"), Size(640, 300)) for _ in range(2)]
    assert made[0] == made[1]
    assert "Date" not in made[0]


def test_what_a_script_has_set_changes_no_picture_and_stays_as_it_was(images: Images) -> None:
    plain = picture("told", write("$x$"), Size(640, 300))
    with mpl.rc_context(
        {"text.usetex": True, "svg.fonttype": "path", "font.size": 30, "path.sketch": (1, 2, 3)}
    ):
        before = dict(mpl.rcParams)
        assert picture("told", write("$x$"), Size(640, 300)) == plain
        assert dict(mpl.rcParams) == before


def test_a_picture_needs_no_screen_and_no_current_figure() -> None:
    """`pyplot` keeps figures and picks a back end for the whole process."""
    code = (
        "import sys; from agentbench_sdk.reporting.charts import limit_chart\n"
        "from agentbench_sdk.reporting.limits import LimitHistory\n"
        "assert 'matplotlib' not in sys.modules\n"
        "assert limit_chart(LimitHistory('h', ((0.0, 1), (1.0, 2)), 5, 0, 0))\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_pages_may_be_written_in_several_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: picture("told", write("模"), Size(64, 30)), range(8)))
    assert len(set(made)) == 1


def test_nothing_is_fetched_by_a_picture(images: Images) -> None:
    for drawn in images(picture("told", write("a"), Size(640, 300))).values():
        written = ET.tostring(drawn, encoding="unicode")
        addresses = re.findall(r'(?:href|src)="([^"]*)"|url\(([^)]*)\)', written)
        assert all(first.startswith("#") or second.startswith("#") for first, second in addresses)
