"""Judges made of judges."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk import Bench, Sample, Task
from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import ConfigurationError, JudgeError, UsageError
from agentbench_sdk.judges import exact, includes, limits, rating, tool_calls, wer
from agentbench_sdk.judges.combined import all_of, any_of, first_decided, negate, weighted, with_figures
from agentbench_sdk.judging import Judge, JudgeCase, Scale, Score, judge, models_asked
from agentbench_sdk.messages import Usage
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel


@dataclass
class Fixed:
    """A judge that gives what it is told to, and counts how often it is asked."""

    verdict: Score | Exception
    id: str = "fixed"
    scale: Scale = field(default_factory=Scale)
    asked: list[str] = field(default_factory=list)

    async def judge(self, case: JudgeCase) -> Score:
        self.asked.append(case.sample_id)
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict


YES, NO = Score(1.0, passed=True, explanation="fine"), Score(0.0, passed=False, explanation="bad")
UNSURE = Score.unscored("cannot tell")


def parts(*verdicts: Score | Exception) -> list[Judge]:
    return [Fixed(verdict, f"part-{at}") for at, verdict in enumerate(verdicts)]


async def verdict(made: Judge) -> Score:
    return await made.judge(JudgeCase("s1", "x", "x"))


@pytest.mark.parametrize(
    ("scores", "every", "some"),
    [
        ([YES], True, True),
        ([NO], False, False),
        ([YES, YES], True, True),
        ([YES, NO], False, True),
        ([NO, NO], False, False),
        ([UNSURE], None, None),
        ([YES, UNSURE], None, True),
        ([UNSURE, YES], None, True),
        ([UNSURE, NO], False, None),
        ([NO, UNSURE], False, None),
        ([Score(0.5), YES], None, True),
        ([Score(1.0), Score(0.0)], False, True),
        ([JudgeError("no model"), YES], None, True),
    ],
)
async def test_what_could_not_be_told_is_neither_a_yes_nor_a_no(
    scores: list[Any], every: bool | None, some: bool | None
) -> None:
    for make, holds in ((all_of, every), (any_of, some)):
        found = await verdict(make(judges=parts(*scores)))
        assert found.passed is holds
        assert found.value == (None if holds is None else float(holds))
        assert found.explanation


async def test_parts_after_the_deciding_one_are_not_asked() -> None:
    for make, first in ((all_of, NO), (any_of, YES)):
        later = Fixed(YES, "later")
        await verdict(make(judges=[Fixed(first, "first"), later]))
        assert later.asked == []


async def test_a_weighted_mean_takes_each_part_as_a_share_of_its_scale() -> None:
    rated = Fixed(Score(4.0), "rated", Scale(1.0, 5.0))
    errors = Fixed(Score(0.25), "errors", Scale(0.0, 1.0, "", "lower"))
    found = await verdict(weighted(judges=[rated, errors], weights=[3, 1], threshold=0.75))
    assert found.value == pytest.approx(0.75)
    assert found.passed is True


async def test_a_part_that_could_not_tell_is_left_out_only_where_that_is_asked_for() -> None:
    made = parts(YES, UNSURE, Score(0.5))
    assert (await verdict(weighted(judges=made, weights=[1, 1, 1]))).value is None
    found = await verdict(weighted(judges=made, weights=[1, 1, 1], unscored="leave_out"))
    assert found.value == pytest.approx(0.75)
    assert "part-1" in found.explanation
    assert (await verdict(weighted(judges=parts(UNSURE), weights=[1], unscored="leave_out"))).value is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 100)), min_size=1, max_size=6))
async def test_a_weighted_mean_lies_between_its_parts(pairs: list[tuple[float, float]]) -> None:
    made = parts(*(Score(value) for value, _ in pairs))
    value = (await verdict(weighted(judges=made, weights=[weight for _, weight in pairs]))).value
    assert value is not None
    assert min(each for each, _ in pairs) - 1e-9 <= value <= max(each for each, _ in pairs) + 1e-9


async def test_negation_mirrors_the_value_and_twice_is_the_same() -> None:
    rated = Fixed(Score(4.0, passed=True), "rated", Scale(1.0, 5.0))
    once = await verdict(negate(judge=rated))
    assert (once.value, once.passed) == (2.0, False)
    assert (await verdict(negate(judge=negate(judge=rated)))).value == 4.0
    assert (await verdict(negate(judge=Fixed(UNSURE)))).value is None


@pytest.mark.parametrize(
    ("trust", "first", "later", "value", "asked"),
    [
        ("passed", YES, NO, 1.0, False),
        ("passed", NO, YES, 1.0, True),
        ("passed", UNSURE, NO, 0.0, True),
        ("failed", NO, YES, 0.0, False),
        ("failed", YES, NO, 0.0, True),
        ("both", YES, NO, 1.0, False),
        ("both", NO, YES, 0.0, False),
        ("both", UNSURE, YES, 1.0, True),
        ("both", Score(0.5), YES, 1.0, True),
        ("passed", NO, UNSURE, None, True),
        ("passed", NO, Score(0.4), 0.4, True),
    ],
)
async def test_the_first_part_that_decides_decides(
    trust: Any, first: Score, later: Score, value: float | None, asked: bool
) -> None:
    last = Fixed(later, "last")
    found = await verdict(first_decided(judges=[Fixed(first, "first"), last], trust=trust))
    assert found.value == value
    assert bool(last.asked) is asked
    if value is not None:
        assert found.evidence["decided_by"] == ("last" if asked else "first")


def test_ids_name_the_parts_and_their_options() -> None:
    made = all_of(judges=[exact(), negate(judge=includes(require="all"))])
    assert made.id == "all_of(exact, negate(includes(require='all')))"
    assert (
        weighted(judges=[exact()], weights=[2], threshold=0.5).id
        == "weighted(exact, threshold=0.5, weights=[2])"
    )
    assert (
        first_decided(judges=[exact(), includes()], trust="both").id
        == "first_decided(exact, includes, trust='both')"
    )


def test_which_models_are_asked_is_known_of_the_parts() -> None:
    own, named = rating(criteria="c"), rating(criteria="d", model="openai/big")
    assert models_asked(all_of(judges=[exact()])) == frozenset()
    made = first_decided(judges=[exact(), all_of(judges=[own, named])])
    assert models_asked(made) == {None, "openai/big"}


@pytest.mark.parametrize(
    "make",
    [
        lambda: all_of(judges=[]),
        lambda: any_of(judges=[exact]),  # type: ignore[list-item]
        lambda: all_of(judges=[exact(), exact()]),
        lambda: weighted(judges=[exact()], weights=[1, 2]),
        lambda: weighted(judges=[exact()], weights=[0]),
        lambda: weighted(judges=[exact()], weights=[-1]),
        lambda: weighted(judges=[wer()], weights=[1]),
        lambda: weighted(judges=[exact()], weights=[1], unscored="zero"),  # type: ignore[arg-type]
        lambda: negate(judge=wer()),
        lambda: first_decided(judges=[exact()]),
        lambda: first_decided(judges=[exact(), wer()]),
        lambda: first_decided(judges=[exact(), includes()], trust="none"),  # type: ignore[arg-type]
        lambda: with_figures(judge=exact(), figures=[]),
        lambda: with_figures(judge=exact(), figures=[{"over": "x"}]),
    ],
)
def test_what_cannot_be_combined_is_refused_before_a_run(make: Any) -> None:
    with pytest.raises(ConfigurationError):
        make()


def test_task_files_name_parts_as_they_name_judges(tmp_path: Path) -> None:
    path = tmp_path / "quiz.yaml"
    path.write_text(
        "name: quiz\nsamples: [{question: 'Why?', target: so}]\njudges:\n"
        "  - name: first_decided\n    judges: [exact, {name: rating, criteria: good}]\n"
        "  - {name: negate, judge: {name: includes, require: all}}\n"
        "  - {name: all_of, judges: [{name: any_of, judges: [exact, includes]}, {name: limits, turns: 3}]}\n"
    )
    task = Registry.discover().task(path)
    assert [each.id for each in task.judges] == [
        "first_decided(exact, rating(criteria='good'))",
        "negate(includes(require='all'))",
        "all_of(any_of(exact, includes), limits(turns=3))",
    ]


def test_an_unknown_part_is_refused_by_its_name() -> None:
    with pytest.raises(UsageError, match="exactly"):
        Registry.discover().judge("all_of", judges=["exactly"])
    with pytest.raises(ConfigurationError, match="judges"):
        Registry.discover().judge("all_of", judges=[5])


async def test_a_run_without_a_judge_model_is_refused_for_a_part_that_asks_one(tmp_path: Path) -> None:
    made = first_decided(judges=[exact(), rating(criteria="c")])
    task = Task("quiz", samples=[Sample("s", "Why?", target="so")], judges=[made])
    async with Bench(cache=None, runs=tmp_path) as bench:
        with pytest.raises(ConfigurationError, match="judge-model"):
            await bench.evaluate(task, ScriptedModel(["so"]))


async def test_a_cheap_rule_saves_the_calls_that_it_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted at the server: only the sample that the rule does not pass costs a call to the judge model."""
    monkeypatch.setenv("JUDGE_KEY", "k")
    judged = Reply.text('{"reasoning": "means the same", "rating": 5}', usage=Usage(9, 9))
    made = first_decided(judges=[exact(), rating(criteria="c", structured=False)])
    samples = [Sample(f"s{n}", "Why?", target=target) for n, target in enumerate(["so", "so", "hence"])]
    async with (
        FakeEndpoint(lambda body, number: judged) as endpoint,
        Bench(cache=None, runs=tmp_path) as bench,
    ):
        spec = f"openai/judge?base_url={endpoint.base_url}&api_key_env=JUDGE_KEY"
        run = await bench.evaluate(
            Task("quiz", samples=samples, judges=[made]), ScriptedModel(["so"] * 3), judge_model=spec
        )
        assert len(endpoint.requests) == 1
    assert [score.value for score in run.scores[made.id].values()] == [1.0, 1.0, 1.0]


@judge
def noisy(case: JudgeCase) -> bool:
    raise RuntimeError("out of order")


def test_parts_may_be_anybodys_judges() -> None:
    assert (
        all_of(judges=[noisy(), tool_calls(), limits(turns=1)]).id
        == "all_of(noisy, tool_calls, limits(turns=1))"
    )
