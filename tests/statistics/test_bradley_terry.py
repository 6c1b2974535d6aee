"""Bradley–Terry: closed forms, known strengths found again, intervals that cover, and what has no finite answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.statistics import Ranking, bradley_terry
from agentbench_sdk.statistics.bradley_terry import ELO


def pair(wins: int, tied: int, losses: int, **more: Any) -> Ranking:
    scores = [1.0] * wins + [0.5] * tied + [0.0] * losses
    return bradley_terry(["a"] * len(scores), ["b"] * len(scores), scores, **{"resamples": 200, **more})


class Played:
    """Battles of all pairs of models of known strengths, by prompt."""

    def __init__(
        self,
        strengths: dict[str, float],
        prompts: int,
        *,
        nu: float = 0.5,
        spread: float = 0.0,
        length: float = 0.0,
        longer: dict[str, float] | None = None,
        seed: int = 1,
    ) -> None:
        generator = np.random.default_rng(seed)
        self.first: list[str] = []
        self.second: list[str] = []
        self.scores: list[float] = []
        self.prompts: list[int] = []
        self.control: list[float] = []
        names = list(strengths)
        for prompt in range(prompts):
            own = {name: strengths[name] + generator.normal(0, spread) for name in names}
            size = {
                name: math.exp((longer or {}).get(name, 0.0) + generator.normal(0, 0.5)) for name in names
            }
            for place, one in enumerate(names):
                for other in names[place + 1 :]:
                    x = (size[one] - size[other]) / (size[one] + size[other])
                    z = own[one] - own[other] + length * x
                    odds = math.exp(z / 2), nu, math.exp(-z / 2)
                    drawn = generator.random() * sum(odds)
                    score = 1.0 if drawn < odds[0] else 0.5 if drawn < odds[0] + nu else 0.0
                    self.first.append(one)
                    self.second.append(other)
                    self.scores.append(score)
                    self.prompts.append(prompt)
                    self.control.append(x)

    def ranked(self, **more: Any) -> Ranking:
        more = {"resamples": 300, **more}
        return bradley_terry(self.first, self.second, self.scores, self.prompts, **more)


# --- closed forms -----------------------------------------------------------------------------


@pytest.mark.parametrize(("wins", "losses"), [(7, 3), (1, 1), (99, 1)])
def test_two_models_without_ties_are_as_strong_as_their_odds(wins: int, losses: int) -> None:
    found = pair(wins, 0, losses, anchor="b")
    assert found.strength("a").elo == pytest.approx(1000 + 400 * math.log10(wins / losses), abs=1e-6)
    assert found.strength("a").score == pytest.approx(wins / (wins + losses))
    assert found.strength("b").elo == 1000
    assert found.strength("b").interval is found.strength("b").score_interval is None
    assert found.strength("b").note.startswith("fixed")


def test_davidson_s_ties_have_a_closed_form_for_two_models() -> None:
    """π₁/π₂ = wins/losses and ν = ties/√(wins·losses), whatever the number of ties."""
    found = pair(8, 6, 2, anchor="b")
    assert found.strength("a").elo == pytest.approx(1000 + 400 * math.log10(8 / 2), abs=1e-6)
    assert found.tie_parameter == pytest.approx(6 / math.sqrt(16))
    assert found.strength("a").score == pytest.approx((8 + 3) / 16)


def test_half_ties_are_half_a_win_each_way() -> None:
    found = pair(8, 6, 2, ties="half", anchor="b")
    assert found.strength("a").elo == pytest.approx(1000 + 400 * math.log10(11 / 5), abs=1e-6)
    assert found.tie_parameter is None
    assert found.strength("a").score == pytest.approx(11 / 16)


def test_without_an_anchor_the_mean_is_1000() -> None:
    found = Played({"a": 0.0, "b": 1.0, "c": 0.3}, 60).ranked()
    assert np.mean([each.elo for each in found.strengths]) == pytest.approx(1000)
    assert [each.score for each in found.strengths] == [None] * 3


def test_expected_points_are_those_that_were_won() -> None:
    """The likelihood's own equations: each model's points are what the model expects."""
    played = Played({"a": 0.0, "b": 1.0, "c": 0.3, "d": -1.0}, 40)
    found = played.ranked()
    theta = {each.name: each.elo / ELO for each in found.strengths}
    nu = found.tie_parameter or 0.0
    for name in theta:
        won = expected = 0.0
        for one, other, score in zip(played.first, played.second, played.scores, strict=True):
            if name in (one, other):
                z = theta[one] - theta[other]
                whole = math.exp(z / 2) + nu + math.exp(-z / 2)
                own = math.exp((z if name == one else -z) / 2)
                expected += (own + nu / 2) / whole
                won += score if name == one else 1 - score
        assert expected == pytest.approx(won, abs=1e-6)


def test_it_is_the_logistic_regression_that_it_should_be() -> None:
    """Half ties and a covariate, against a general optimiser of the logistic likelihood."""
    played = Played({"a": 0.0, "b": 0.8, "c": 0.3}, 50, nu=0.0, length=1.5)
    found = played.ranked(control=played.control, ties="half", anchor="a")
    names = ["a", "b", "c"]
    design = np.zeros((len(played.scores), 3))
    for row, (one, other) in enumerate(zip(played.first, played.second, strict=True)):
        for name, sign in ((one, 1.0), (other, -1.0)):
            if name != "a":
                design[row, names.index(name) - 1] += sign
    design[:, 2] = played.control
    won = np.array(played.scores)

    def loss(theta: np.ndarray) -> float:
        z = design @ theta
        return float(np.sum(np.logaddexp(0, z) - won * z))

    best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-7}).x
    assert found.strength("b").elo == pytest.approx(1000 + ELO * best[0], abs=0.01)
    assert found.strength("c").elo == pytest.approx(1000 + ELO * best[1], abs=0.01)
    assert found.effect is not None
    assert found.effect.elo == pytest.approx(ELO * best[2], abs=0.01)


def test_a_weight_of_two_is_a_battle_that_happened_twice() -> None:
    first, second, scores = ["a", "a", "b", "a"], ["b", "c", "c", "b"], [1.0, 0.5, 0.0, 0.0]
    weighted = bradley_terry(first, second, scores, weights=[1, 2, 1, 3])
    repeated = bradley_terry(
        ["a", "a", "a", "b", "a", "a", "a"], ["b", "c", "c", "c", "b", "b", "b"], [1, 0.5, 0.5, 0, 0, 0, 0]
    )
    for each in repeated.strengths:
        assert weighted.strength(each.name).elo == pytest.approx(each.elo, abs=1e-6)
        assert weighted.strength(each.name).points == pytest.approx(each.points)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_who_is_named_first_and_in_which_order_makes_no_difference(seed: int, models: int) -> None:
    generator = np.random.default_rng(seed)
    played = Played({f"m{n}": float(generator.normal()) for n in range(models)}, 12, seed=seed)
    found = played.ranked(resamples=2)
    order = generator.permutation(len(played.scores))
    turned = bradley_terry(
        [played.second[place] for place in order],
        [played.first[place] for place in order],
        [1 - played.scores[place] for place in order],
        [played.prompts[place] for place in order],
        resamples=2,
    )
    assert found.groups == turned.groups or {*map(frozenset, found.groups)} == {
        *map(frozenset, turned.groups)
    }
    for each in found.strengths:
        assert turned.strength(each.name).elo == pytest.approx(each.elo, abs=1e-4)


# --- known strengths --------------------------------------------------------------------------


def test_known_strengths_are_found_again() -> None:
    truth = {"a": -1.0, "b": 0.0, "c": 0.4, "d": 1.2}
    found = Played(truth, 3000).ranked(resamples=100)
    center = np.mean(list(truth.values()))
    for each in found.strengths:
        assert each.elo == pytest.approx(1000 + ELO * (truth[each.name] - center), abs=12)
    assert found.tie_parameter == pytest.approx(0.5, abs=0.03)
    assert [each.name for each in found.strengths] == ["d", "c", "b", "a"]
    assert all(each.best_rank == each.rank == each.worst_rank for each in found.strengths)


@pytest.mark.parametrize(("prompts", "spread"), [(60, 0.0), (60, 2.0), (25, 0.0)])
def test_intervals_from_prompts_cover_what_they_should(prompts: int, spread: float) -> None:
    """Also where battles of one prompt hang together."""
    names = {"a": 0.0, "b": 0.5, "c": 1.0}
    truth = Played(names, 20_000, spread=spread).ranked(resamples=2)
    trials, covered = 150, 0
    for trial in range(trials):
        found = Played(names, prompts, spread=spread, seed=1000 + trial).ranked(resamples=400)
        for each in found.strengths:
            assert each.interval is not None
            covered += truth.strength(each.name).elo in each.interval
    assert 0.925 <= covered / (3 * trials) <= 0.975


def test_battles_of_one_prompt_count_as_one_prompt() -> None:
    """Each battle written down four times is no more evidence than once."""
    played = Played({"a": 0.0, "b": 0.5, "c": 1.0}, 50)
    once = played.ranked()
    four = bradley_terry(
        played.first * 4, played.second * 4, played.scores * 4, played.prompts * 4, resamples=300
    )
    for each in once.strengths:
        assert each.interval is not None
        interval = four.strength(each.name).interval
        assert interval is not None
        assert interval.width == pytest.approx(each.interval.width, rel=1e-6)


def test_the_same_seed_gives_the_same_intervals() -> None:
    played = Played({"a": 0.0, "b": 0.5}, 50)
    assert played.ranked(seed=3) == played.ranked(seed=3)
    assert played.ranked(seed=3) != played.ranked(seed=4)


def test_neighbours_that_cannot_be_told_apart_share_ranks() -> None:
    found = Played({"a": 0.0, "b": 0.02, "c": 3.0}, 100).ranked()
    assert not found.difference("a", "b").told_apart
    assert found.difference("a", "c").told_apart
    assert (found.strength("c").best_rank, found.strength("c").worst_rank) == (1, 1)
    assert {(found.strength(name).best_rank, found.strength(name).worst_rank) for name in "ab"} == {(2, 3)}


# --- length -----------------------------------------------------------------------------------


def test_controlling_for_length_finds_the_strengths_of_a_judge_that_likes_length() -> None:
    """`a` and `b` are equally good, but `b` writes three times as much."""
    truth = {"a": 0.0, "b": 0.0, "c": 0.6}
    played = Played(truth, 600, length=2.0, longer={"b": math.log(3)}, seed=4)
    raw = played.ranked(resamples=30, anchor="a")
    controlled = played.ranked(resamples=30, anchor="a", control=played.control)
    assert raw.strength("b").elo > 1100
    for name, theta in truth.items():
        assert controlled.strength(name).elo == pytest.approx(1000 + ELO * theta, abs=25)
    assert controlled.effect is not None
    assert controlled.effect.elo == pytest.approx(ELO * 2.0, rel=0.15)
    assert controlled.effect.interval is not None
    assert ELO * 2.0 in controlled.effect.interval


@pytest.mark.parametrize("control", [[0.0] * 6, [0.2] * 6])
def test_a_length_that_does_not_vary_within_pairs_cannot_be_controlled_for(control: list[float]) -> None:
    with pytest.raises(ConfigurationError, match="does not vary within pairs"):
        bradley_terry(["a"] * 6, ["b"] * 6, [1, 1, 0, 1, 0, 1], control=control)


def test_a_judge_that_takes_the_longer_answer_whatever_it_says_leaves_no_strengths() -> None:
    control = [0.3, -0.2, 0.4, -0.5, 0.1, -0.3]
    with pytest.raises(ConfigurationError, match="decides all battles alone"):
        bradley_terry(["a"] * 6, ["b"] * 6, [float(each > 0) for each in control], control=control)


# --- what has no finite answer ----------------------------------------------------------------


def test_a_model_that_won_everything_has_a_rank_and_no_interval() -> None:
    found = pair(9, 0, 0, anchor="b")
    assert found.groups == (("a",), ("b",))
    best = found.strength("a")
    # 9 wins and the virtual quarter of a win each way.
    assert best.elo == pytest.approx(1000 + 400 * math.log10(9.25 / 0.25), abs=1e-4)
    assert best.interval is None
    assert "never lost" in best.note
    assert found.difference("a", "b").told_apart
    assert (best.best_rank, best.worst_rank) == (1, 1)


def test_two_wins_of_two_tell_nobody_apart() -> None:
    found = pair(2, 0, 0)
    assert not found.difference("a", "b").told_apart
    assert (found.strength("a").best_rank, found.strength("a").worst_rank) == (1, 2)


def test_the_others_keep_their_intervals_beside_a_model_that_lost_everything() -> None:
    played = Played({"a": 0.0, "b": 0.5}, 60)
    n = len(played.scores)
    found = bradley_terry(
        [*played.first, *["a"] * 20, *["b"] * 20],
        [*played.second, *["z"] * 40],
        [*played.scores, *[1.0] * 40],
        [*played.prompts, *range(20), *range(20)],
        anchor="a",
        resamples=300,
    )
    assert n == 60
    assert {*map(frozenset, found.groups)} == {frozenset("ab"), frozenset("z")}
    assert found.strength("b").interval is not None
    assert found.strength("z").interval is None
    assert found.strength("z").worst_rank == found.strength("z").best_rank == 3


def test_ties_alone_make_equals() -> None:
    found = pair(0, 9, 0)
    assert [each.elo for each in found.strengths] == [1000, 1000]
    assert [each.rank for each in found.strengths] == [1, 1]
    assert found.tie_parameter is None
    assert not found.difference("a", "b").told_apart


def test_wins_and_ties_without_a_loss_are_finite_only_with_half_ties() -> None:
    assert pair(5, 4, 0).groups == (("a",), ("b",))
    half = pair(5, 4, 0, ties="half")
    assert half.groups == (("a", "b"),)
    assert half.strength("a").elo - half.strength("b").elo == pytest.approx(400 * math.log10(7 / 2), abs=1e-6)


def test_a_single_prompt_has_no_interval() -> None:
    found = bradley_terry(["a", "b", "a"], ["b", "a", "b"], [1, 1, 1], ["p"] * 3)
    assert [each.interval for each in found.strengths] == [None, None]
    assert "one prompt shows no spread" in found.strengths[0].note


def test_many_prompts_are_resampled_in_groups() -> None:
    found = Played({"a": 0.0, "b": 0.5}, 4000).ranked(resamples=100)
    assert found.prompts == 4000
    assert found.strengths[0].interval is not None
    assert found.strengths[0].interval.width < 20


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"first": ["a", "c"], "second": ["b", "d"], "scores": [1, 0]}, "never met: a and b; c and d"),
        ({"first": ["a"], "second": ["a"], "scores": [1]}, "'a' cannot meet itself"),
        ({"first": ["a"], "second": ["b"], "scores": [0.7]}, "a battle's score is 1"),
        ({"first": ["a"], "second": ["b"], "scores": [math.nan]}, "a battle's score is 1"),
        ({"first": [], "second": [], "scores": []}, "no battle"),
        ({"first": ["a"], "second": ["b", "c"], "scores": [1]}, "as many names"),
        ({"first": ["a"], "second": ["b"], "scores": [1], "anchor": "c"}, "no battle of the anchor 'c'"),
        ({"first": ["a"], "second": ["b"], "scores": [1], "weights": [0]}, "weights above 0"),
        ({"first": ["a"], "second": ["b"], "scores": [1], "control": [math.inf]}, "finite values"),
        ({"first": ["a"], "second": ["b"], "scores": [1], "prompts": ["p", "q"]}, "cluster labels"),
        ({"first": ["a"], "second": ["b"], "scores": [1], "level": 1.5}, "confidence level"),
    ],
)
def test_what_cannot_be_ranked_is_refused(given_: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        bradley_terry(**given_)
