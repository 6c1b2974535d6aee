"""Prompt templates put data in and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.benchmark import Template
from agentbench_sdk.benchmark.template import lettered
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Image

PICTURE = Image(url="https://example.org/a.png")


@settings(deadline=None)
@given(st.text())
def test_a_text_with_doubled_braces_is_that_text(text: str) -> None:
    template = Template.parse(text.replace("{", "{{").replace("}", "}}"))
    assert "".join(map(str, template.render({}))) == text


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_what_is_put_in_is_never_looked_at(before: str, value: str, after: str) -> None:
    def escaped(text: str) -> str:
        return text.replace("{", "{{").replace("}", "}}")

    template = Template.parse(f"{escaped(before)}{{x}}{escaped(after)}")
    assert "".join(map(str, template.render({"x": value}))) == before + value + after


@settings(deadline=None)
@given(st.text(alphabet="{}ab .![0]:_", max_size=20))
def test_any_text_is_a_template_or_one_sentence(text: str) -> None:
    problem, rendered = "", []
    try:
        template = Template.parse(text)
        rendered = template.render(dict.fromkeys(template.fields, "v"))
    except ConfigurationError as error:
        problem = str(error)
    assert ("of the template" in problem) if problem else (len(rendered) <= 1)
    assert all(isinstance(part, str) for part in rendered)


def test_fields_are_named_once_in_order() -> None:
    assert Template.parse("{b} {a} {b} {Correct Answer} {sub-ject}").fields == (
        "b",
        "a",
        "Correct Answer",
        "sub-ject",
    )


def test_media_stand_where_their_field_is() -> None:
    template = Template.parse("Look: {image} What is it?")
    assert template.render({"image": [PICTURE, PICTURE]}) == ["Look: ", PICTURE, PICTURE, " What is it?"]
    assert template.render({"image": []}) == ["Look:  What is it?"]


@pytest.mark.parametrize(
    "text",
    ["{a.b}", "{a[0]}", "{a!r}", "{a:>3}", "{}", "{0}", "{ a}", "{a\n}", "{a}}", "{{a}", "}", "{", "x{y{z}}"],
)
def test_anything_but_a_plain_name_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="in line 1 of the template"):
        Template.parse(text)


def test_the_line_of_a_slip_is_named() -> None:
    with pytest.raises(ConfigurationError, match="in line 3 of the template"):
        Template.parse("{a}\n\n}")


def test_choices_are_lettered_lines() -> None:
    assert lettered(["red", "a {b}"]) == "A. red\nB. a {b}"
