"""The collector's threshold while runs are under way."""

import gc
from collections.abc import Iterator

import pytest

from agentbench_sdk.runs.collector import BRIEFLY, SELDOM, collecting_seldom


@pytest.fixture(autouse=True)
def usual_thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("worlds", "chosen"), [(False, SELDOM), (True, BRIEFLY)])
def test_the_threshold_is_raised_in_the_block_and_put_back_after_it(
    worlds: bool, chosen: tuple[int, int]
) -> None:
    def breaking() -> None:
        with collecting_seldom(worlds=worlds):
            assert gc.get_threshold() == (*chosen, 10)
            raise RuntimeError("broke")

    with pytest.raises(RuntimeError, match="broke"):
        breaking()
    assert gc.get_threshold() == (700, 10, 10)


def test_the_last_of_overlapping_runs_puts_it_back() -> None:
    first, second = collecting_seldom(), collecting_seldom(worlds=True)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[:2] == SELDOM
    second.__exit__(None, None, None)
    assert gc.get_threshold()[0] == 700


@pytest.mark.parametrize("chosen", [0, SELDOM[0] + 1])
def test_what_a_program_chose_for_itself_stays(chosen: int) -> None:
    gc.set_threshold(chosen)
    with collecting_seldom():
        assert gc.get_threshold()[0] == chosen
    assert gc.get_threshold()[0] == chosen


def test_a_choice_made_during_a_run_stays() -> None:
    with collecting_seldom():
        gc.set_threshold(123)
    assert gc.get_threshold()[0] == 123
