"""Which samples are attempted is settled by names and numbers, never by chance."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbench_sdk.benchmark import Sample, select
from agentbench_sdk.errors import ConfigurationError, UnknownNameError

SAMPLES = [Sample(f"s{number}", choices=("b", "a")) for number in range(20)]


def _ids(samples: list[Sample]) -> list[str]:
    return [sample.id for sample in samples]


def test_a_limit_takes_the_first() -> None:
    assert _ids(select(SAMPLES, limit=3)) == ["s0", "s1", "s2"]
    assert select(SAMPLES, limit=99) == SAMPLES
    assert select(SAMPLES) == SAMPLES


def test_named_samples_come_in_the_order_of_the_task() -> None:
    assert _ids(select(SAMPLES, sample_ids=["s7", "s1", "s7"])) == ["s1", "s7"]
    assert _ids(select(SAMPLES, limit=1, sample_ids=["s7", "s1"])) == ["s1"]


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no sample is named 's77'; did you mean 's7'"):
        select(SAMPLES, sample_ids=["s1", "s77"])


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ConfigurationError, match="at least 1"):
        select(SAMPLES, limit=limit)
    with pytest.raises(ConfigurationError, match="no sample id"):
        select(SAMPLES, sample_ids=[])


def test_a_shuffle_is_the_same_everywhere() -> None:
    assert _ids(select(SAMPLES, limit=5, seed=1)) == ["s3", "s10", "s12", "s13", "s9"]


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(0, 19))
def test_a_sample_more_leaves_the_order_of_the_others(seed: int, missing: int) -> None:
    whole = select(SAMPLES, seed=seed)
    without = select([sample for sample in SAMPLES if sample.id != f"s{missing}"], seed=seed)
    assert [sample for sample in whole if sample.id != f"s{missing}"] == without
    assert sorted(_ids(whole)) == sorted(_ids(SAMPLES))
    assert all(sample.choices == ("b", "a") for sample in whole)
