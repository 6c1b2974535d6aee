"""Seeds as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.benchmark import parse_seeds
from agentbench_sdk.errors import ConfigurationError

SEED = st.integers(0, 2**128 - 1)


@settings(deadline=None)
@given(st.lists(SEED, min_size=1, max_size=20, unique=True))
def test_a_list_is_read_in_its_order(seeds: list[int]) -> None:
    assert parse_seeds(",".join(map(str, seeds))) == tuple(seeds)
    assert parse_seeds(seeds) == tuple(seeds)


@settings(deadline=None)
@given(SEED, st.integers(0, 50))
def test_a_range_includes_both_ends(first: int, more: int) -> None:
    assert parse_seeds(f" {first} - {first + more} ") == tuple(range(first, first + more + 1))


@settings(deadline=None)
@given(st.text(alphabet="0123456789-, a.", max_size=12))
def test_any_text_gives_seeds_or_one_sentence(text: str) -> None:
    problem = ""
    seeds: tuple[int, ...] = (0,)
    try:
        seeds = parse_seeds(text)
    except ConfigurationError as error:
        problem = str(error)
    assert "\n" not in problem
    assert len(set(seeds)) == len(seeds) > 0
    assert min(seeds) >= 0


def test_a_list_may_hold_digits_as_text() -> None:
    assert parse_seeds([1, str(2**128 - 1)]) == (1, 2**128 - 1)


def test_ranges_and_single_seeds_mix() -> None:
    assert parse_seeds("1-3,7, 9-9") == (1, 2, 3, 7, 9)
    assert parse_seeds(7) == (7,)


@pytest.mark.parametrize(
    ("seeds", "hint"),
    [
        ("", "no seed is given"),
        ([], "no seed is given"),
        ("1,,2", "'' in '1,,2' is no seed"),
        ("-1", "'-1' in '-1' is no seed"),
        ("1..5", "is no seed"),
        ("٣", "is no seed"),
        ("9" * 41, "is no seed"),
        ("5-1", "write 1-5"),
        ("1-3,2", "the seed 2 is given twice"),
        ("1-99999,4", "the seed 4 is given twice"),
        ([4, 4], "the seed 4 is given twice"),
        ("0-99999999999", "at most 100,000"),
        ("0-99999,100000", "100,001 seeds"),
        (-1, "-1 is no seed"),
        (True, "True is no seed"),
        ([1.0], "1.0 is no seed"),
        (["1.0"], "'1.0' is no seed"),
        (["1-3"], "'1-3' is no seed"),
        (["9" * 41], "is no seed"),
        ([7, "7"], "the seed 7 is given twice"),
    ],
)
def test_what_is_no_seed_is_refused(seeds: object, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_seeds(seeds)  # type: ignore[arg-type]
    assert hint in str(caught.value)
