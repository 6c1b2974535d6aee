"""Pictures of the HTML report, drawn by matplotlib: SVG as data in the page, for light and for dark screens.

    picture("what it shows, in words", draw, Size(640, 350), Size(340, 300))

A browser shows the one that suits its screen and treats it as an image: nothing in it runs or is fetched. Text stays
text, set by the browser in fonts of its own, so that any script can be read.
"""

from __future__ import annotations

import base64
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from agentbench_sdk.reporting.markup import Markup, tag
from agentbench_sdk.reporting.page_assets import asset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.typing import RcKeyType

NARROW = "(max-width: 40rem)"  # as in page.css
_DARK = "(prefers-color-scheme: dark)"
_SETTINGS: Mapping[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "agentbench",  # the same picture is the same bytes
    "text.parse_math": False,  # a "$" in the name of a model is no formula
    "font.sans-serif": ["DejaVu Sans"],
}
_FAMILIES = ("Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")  # the first that a browser has
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_drawing = threading.Lock()  # settings of matplotlib and filters of warnings are those of the process

Colours = Mapping[str, str]
Draw = Callable[["Figure", Colours], None]


class Size(NamedTuple):
    """Of a picture, in pixels of CSS; in matplotlib's figure one of them is one point."""

    width: int
    height: int


def picture(told: str, draw: Draw, size: Size, narrow: Size | None = None) -> Markup:
    """An image.

    Arguments:
        told: what it shows, in words, for those who do not see it.
        draw: draws into an empty figure of 72 dots an inch, with the page's colours by their names in `page.css`.
        size: of the picture.
        narrow: of another one for screens that are at most 40 rem wide.
    """
    light, dark = palettes()
    with _own_settings():
        sources = [
            _source(draw, each, colours, media)
            for each, colours, media in (
                (narrow, dark, f"{NARROW} and {_DARK}"),
                (narrow, light, NARROW),
                (size, dark, _DARK),
            )
            if each is not None
        ]
        image = tag("img", src=_address(draw, size, light), alt=told, width=size.width, height=size.height)
    return tag("picture", *sources, image)


def captioned(image: Markup, *words: str) -> Markup:
    """A figure that may take the width of its section, with remarks below it."""
    remarks = (tag("p", each, class_="remark") for each in words)
    return tag("figure", image, tag("figcaption", *remarks), class_="chart")


@cache
def palettes() -> tuple[Colours, Colours]:
    """The page's colours by name, on light and on dark screens."""
    light, dark = re.findall(r":root \{([^}]*)\}", asset("page.css"))
    return dict(_colours(light)), dict(_colours(dark))


def font(size: float) -> FontProperties:
    """The font of all words in pictures.

    Words are measured as if in DejaVu Sans, which comes with matplotlib and is wider than what browsers have.

    Arguments:
        size: pixels.
    """
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties

    file = f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"
    return FontProperties(family=_FAMILIES, size=size, fname=file)


def plain_axes(figure: Figure, axes: Axes, colours: Colours, size: float) -> None:
    """Axes as all pictures have them: pale lines at the ticks, soft words of that size in pixels, no frame.

    To be called when limits, ticks and names are set: the axes then fill the figure but for the room that these
    words take, and what is drawn later stands where it stays.
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    axes.patch.set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(color=colours["line"], linewidth=1)
    axes.tick_params(length=0, pad=7)
    axes.tick_params("x", pad=10)  # apart from the lowest word of the other axis
    for side in axes.spines.values():
        side.set_visible(False)
    for each in (*axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label):
        each.set_fontproperties(font(size))
        each.set_color(colours["soft"])
    ConstrainedLayoutEngine().execute(figure)


def _colours(rules: str) -> Iterator[tuple[str, str]]:
    yield from re.findall(r"--([a-z]+): (#[0-9a-f]+)", rules)


def _source(draw: Draw, size: Size, colours: Colours, media: str) -> Markup:
    address = _address(draw, size, colours)
    return tag("source", media=media, srcset=address, width=size.width, height=size.height)


def _address(draw: Draw, size: Size, colours: Colours) -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((size.width / 72, size.height / 72), dpi=72)
    figure.patch.set_visible(False)
    FigureCanvasAgg(figure)  # measures words ten times as fast as the canvas that writes them
    draw(figure, colours)
    written = BytesIO()
    figure.savefig(written, format="svg", metadata=_NO_METADATA)
    return f"data:image/svg+xml;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"


@contextmanager
def _own_settings() -> Iterator[None]:
    """What a user's script or matplotlibrc sets neither changes a picture nor is changed by one."""
    from matplotlib import rc_context, rcdefaults, rcParams

    with _drawing, rc_context(), warnings.catch_warnings():
        rcdefaults()
        rcParams.update(_SETTINGS)
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")  # a browser has other fonts
        yield
