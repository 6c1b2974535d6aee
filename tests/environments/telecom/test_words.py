"""What a customer says in words: identity, place, trouble, consent."""

from __future__ import annotations

import pytest

from agentbench_sdk.environments.telecom.words import (
    agrees,
    amount,
    dates,
    endings,
    introduced,
    is_abroad,
    names,
    numbers,
    trouble,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's 555-123-2002.", ["555-123-2002"]),
        ("(555) 123-2002", ["555-123-2002"]),
        ("+1 555 123 2002, or 617.555.0133", ["555-123-2002", "617-555-0133"]),
        ("born 1976-04-02, bill B1234321, 5551232002345", []),
    ],
)
def test_phone_numbers_are_read_in_any_usual_form(text: str, found: list[str]) -> None:
    """The records know one form; people write many."""
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1976-04-02", ["1976-04-02"]),
        ("April 2, 1976", ["1976-04-02"]),
        ("on the 2nd of April 1976", ["1976-04-02"]),
        ("Sept. 30 1988", ["1988-09-30"]),
        ("1976-02-31", []),
    ],
)
def test_dates_are_read_in_any_usual_form(text: str, found: list[str]) -> None:
    """A date that does not exist is none."""
    assert dates(text) == found


def test_the_end_of_a_number_is_read_where_only_that_is_known() -> None:
    """Some customers know four digits of the line."""
    assert endings("my Lumen 6, its number ends in 0142") == ["0142"]
    assert endings("the last four digits are 0142") == ["0142"]
    assert endings("555-123-2002, born 1976") == []


def test_names_that_are_introduced_come_before_whatever_is_written_like_a_name() -> None:
    """A greeting is no name, but a bare answer may be one."""
    assert introduced("Hi, I'm Tobias Eastlake. My Phone is dead.") == ["Tobias Eastlake"]
    assert names("Good Morning, my name is Ada de la Cruz")[0] == "Ada de la Cruz"
    assert names("Tobias Eastlake, 617-555-0133") == ["Tobias Eastlake"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes, please.", True),
        ("Sure, no problem.", True),
        ("Okay, go ahead.", True),
        ("No, thank you.", False),
        ("I don't want that, okay?", False),
        ("I'd rather not.", False),
        ("What does it cost?", False),
    ],
)
def test_only_a_clear_yes_is_consent(text: str, expected: bool) -> None:
    """Money is spent on it."""
    assert agrees(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5 GB, please", 1.5),
        ("I would take 2 gigabytes", 2.0),
        ("Just 1.", 1.0),
        ("no, thanks", None),
        ("for $4.50 only", None),
    ],
)
def test_an_amount_is_read_in_gigabytes(text: str, expected: float | None) -> None:
    """Prices and phone numbers are no amounts."""
    assert amount(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I cannot send photos to my family.", "pictures"),
        ("The internet is slow.", "internet"),
        ("No signal since this morning.", "service"),
        ("Hello?", None),
    ],
)
def test_the_topmost_trouble_is_meant(text: str, expected: str | None) -> None:
    """Pictures need the internet, the internet needs service."""
    assert trouble(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm travelling in Kenya.", True),
        ("current location: abroad in France", True),
        ("I am at home.", False),
        ("No, I'm not abroad.", False),
        ("Location: home, United States.", False),
        ("Data Roaming Enabled: No", None),
    ],
)
def test_where_the_customer_is_comes_from_words_about_places_alone(text: str, expected: bool | None) -> None:
    """A roaming switch says nothing about a journey."""
    assert is_abroad(text) is expected
