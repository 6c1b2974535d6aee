"""Whatever is put into the HTML report comes out of a parser as the same text, and as nothing else."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.reporting.markup import Markup, escaped, said, table, tag
from agentbench_sdk.reporting.plain import legible


class Reader(HTMLParser):
    """Texts and elements as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


PIECES = st.sampled_from(["<b>", "</div>", "<!--", "-->", "&lt;", "&#65;", "&", '"', "<script>", "<![CDATA["])
TEXTS = st.lists(PIECES | st.text(max_size=5)).map("".join)


@given(TEXTS)
def test_any_text_is_read_back_and_is_no_markup(text: str) -> None:
    found = Reader(said(text))
    assert found.text == legible(text)
    assert [name for name, _ in found.elements] == ["div"]


@given(TEXTS)
def test_any_attribute_is_read_back(text: str) -> None:
    found = Reader(tag("p", title=text))
    assert found.elements == [("p", {"title": legible(text)})]


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x00", "\x1b", "\ud800", "\r", "\u2066"])
def test_what_hides_or_reorders_is_written_out(hidden: str) -> None:
    shown = legible(f"a{hidden}b")
    assert hidden not in shown
    assert "\\" in shown


def test_lines_and_scripts_of_all_people_stay() -> None:
    text = "one\n\ttwo שלום می‌خواهم 👩‍🚀"
    assert legible(text) == text


def test_markup_is_not_escaped_twice_and_plain_text_always_once() -> None:
    inner = tag("b", "&")
    assert tag("p", inner, None, "<") == "<p><b>&amp;</b>&lt;</p>"
    assert escaped(inner) is inner
    assert not isinstance(inner + "<i>", Markup)  # what is glued together by hand is a text again


def test_attributes_that_say_no_are_left_out() -> None:
    assert tag("input", hidden=True, class_=None, checked=False, data_key=0) == '<input hidden data-key="0">'


def test_a_table_names_its_rows_and_columns() -> None:
    found = Reader(table("counts", ("name", ">n"), [("a", "1")]))
    heads = [attributes["scope"] for name, attributes in found.elements if name == "th"]
    assert heads == ["col", "col", "row"]
    assert found.text == "countsnamena1"
