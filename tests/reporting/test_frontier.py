"""Which offers are worth their price."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.reporting.frontier import Offer, beaten_by

OFFERS = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0, 5.0]), st.sampled_from([0.0, 0.25, 0.5, 1.0])))


def beats(one: Offer, other: Offer) -> bool:
    return one != other and one[0] <= other[0] and one[1] >= other[1]


@given(OFFERS)
def test_an_offer_is_on_the_frontier_exactly_when_nothing_beats_it(offers: list[Offer]) -> None:
    for offer, place in zip(offers, beaten_by(offers), strict=True):
        if place is None:
            assert not any(beats(other, offer) for other in offers)
        else:
            assert beats(offers[place], offer)
            assert not any(beats(other, offers[place]) for other in offers if other[1] > offers[place][1])


@given(OFFERS)
def test_where_lower_is_better_the_frontier_is_that_of_the_scores_turned_round(offers: list[Offer]) -> None:
    turned = [(cost, -score) for cost, score in offers]
    assert beaten_by(turned, "lower") == beaten_by(offers)


@pytest.mark.parametrize(
    ("offers", "found"),
    [
        ([], []),
        ([(1.0, 0.5)], [None]),
        ([(1.0, 0.5), (1.0, 0.5)], [None, None]),  # equals do not beat each other
        ([(1.0, 0.5), (1.0, 0.6)], [1, None]),
        ([(1.0, 0.5), (3.0, 0.5)], [None, 0]),
        ([(1.0, 0.6), (2.0, 0.9), (3.0, 0.5)], [None, None, 1]),
    ],
)
def test_offers_one_knows_the_frontier_of(offers: list[Offer], found: list[int | None]) -> None:
    assert beaten_by(offers) == found
