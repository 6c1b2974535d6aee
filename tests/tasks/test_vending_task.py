"""The task "vending": one session a seed, in dollars."""

from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk.bench import Bench
from agentbench_sdk.benchmark import Task
from agentbench_sdk.environments.vending import Vending, VendingScenario
from agentbench_sdk.environments.vending.reference import Figures, Table
from agentbench_sdk.errors import ConfigurationError, UnknownNameError
from agentbench_sdk.judging import JudgeCase, Scale
from agentbench_sdk.simulation import Outcome
from agentbench_sdk.tasks.agentic.vending import vending


def test_each_seed_is_a_sample_and_a_cluster() -> None:
    task = vending(seeds="1-2,9")
    samples = task.load()
    assert task.environment == "vending"
    assert [sample.id for sample in samples] == ["smoke-30-seed-1", "smoke-30-seed-2", "smoke-30-seed-9"]
    assert [(sample.scenario, sample.seed, sample.cluster) for sample in samples][2] == (
        "smoke-30",
        9,
        "seed-9",
    )


def test_the_default_is_five_seeds_of_smoke_30() -> None:
    assert [sample.seed for sample in vending().load()] == [1, 2, 3, 4, 5]


async def test_the_score_is_the_bank_in_dollars_and_the_second_one_coherence() -> None:
    bank, coherence, attainment = vending().judges
    assert attainment.id == "attainment"
    assert (bank.id, bank.scale.low, bank.scale.high, bank.scale.unit) == (
        "money in the bank",
        0.0,
        None,
        "USD",
    )
    case = JudgeCase("s", "", outcome=Outcome(44_000.0, unit="cents", metrics={"coherence_index_bp": 9_750}))
    assert (await bank.judge(case)).value == 440.0
    assert (coherence.id, coherence.scale) == ("coherence", Scale(0.0, 1.0))
    assert (await coherence.judge(case)).value == 0.975


def ids(task: Task) -> list[str]:
    return [judge.id for judge in task.judges]


def test_net_worth_is_the_score_where_the_scenario_says_so_and_another_on_demand() -> None:
    assert ids(vending(net_worth=True)) == [
        "money in the bank",
        "coherence",
        "net worth",
        "attainment",
    ]
    assert ids(vending(primary_score="net_worth", net_worth=True)) == ["net worth", "coherence"]


def test_honesty_is_rated_on_demand() -> None:
    assert ids(vending(honesty=True))[-1] == "honesty"


def test_one_seed_can_be_given_alone() -> None:
    task = vending.build({"seed": "340282366920938463463374607431768211455"}, texts=True)
    assert [sample.seed for sample in task.load()] == [2**128 - 1]


def test_a_parameter_of_the_scenario_is_one_of_the_task() -> None:
    given = {"scenario": "tiny-7", "seeds": "1-20", "fee_cents": "500", "suppliers": '{"fair": 2}'}
    task = vending.build(given, texts=True)
    assert len(task.load()) == 20
    assert task.load()[0].scenario == {"base": "tiny-7", "fee_cents": 500, "suppliers": {"fair": 2}}
    together = vending(scenario="tiny-7", seeds="1-20", overrides={"fee_cents": 500}, suppliers={"fair": 2})
    assert task.fingerprint(task.load()) == together.fingerprint(together.load())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Figures of tiny-7 for one seed."""
    scenario = Vending.resolve_scenario("tiny-7")
    assert isinstance(scenario, VendingScenario)
    figures = Table()
    figures.put("tiny-7", scenario, 1, Figures(idle=48_600, planner=68_600))
    path = tmp_path / "figures.json"
    path.write_text(figures.to_text(), encoding="utf-8")
    return path


async def test_attainment_is_scored_where_every_seed_has_figures(table: Path, tmp_path: Path) -> None:
    params = {"scenario": "tiny-7", "seed": 1, "reference": str(table)}
    async with Bench(cache=None, runs=tmp_path) as bench:
        run = await bench.evaluate("vending", "scripted/vending/idle", task_params=params)
    (score,) = run.scores["attainment"].values()
    assert score.value == 0.0
    assert score.evidence == {"reward": 48_600.0, "idle": 48_600, "planner": 68_600}
    assert "attainment" not in ids(vending(scenario="tiny-7", seeds="1-2", reference=table))
    assert "attainment" not in ids(vending(scenario="tiny-7", seed=1, fee_cents=100, reference=table))


async def test_attainment_that_is_demanded_without_figures_is_unscored_and_says_why(table: Path) -> None:
    task = vending(scenario="tiny-7", seeds="1-2", reference=table, attainment=True)
    second = task.load()[1]
    score = await task.judges[-1].judge(JudgeCase("s", "", outcome=Outcome(1.0), metadata=second.metadata))
    assert score.value is None
    assert "no reference figure 'idle' nor 'planner' for this sample" in score.explanation
    assert "attainment" not in ids(vending(scenario="tiny-7", seed=1, reference=table, attainment=False))


def test_the_session_outlasts_the_actions_of_the_world() -> None:
    assert vending(scenario="tiny-7").limits.turns == 300
    assert vending(scenario="smoke-30").limits.turns == 700


def test_overrides_change_the_scenario_and_the_fingerprint() -> None:
    task = vending.build({"seeds": "3", "overrides": '{"fee_cents": 500}'}, texts=True)
    (sample,) = task.load()
    assert sample.scenario == {"base": "smoke-30", "fee_cents": 500}
    prints = {each.fingerprint(each.load()) for each in (task, vending(seeds=3), vending(seeds=4))}
    assert len(prints) == 3


@pytest.mark.parametrize(
    ("params", "error", "hint"),
    [
        ({"scenario": "smoke-31"}, UnknownNameError, "did you mean 'smoke-30'"),
        ({"seeds": "5-1"}, ConfigurationError, "runs backwards"),
        ({"overrides": {"fee": 1}}, ConfigurationError, "no parameter 'fee'; did you mean 'fee_cents'?"),
        ({"overrides": {"base": "tiny-7"}}, ConfigurationError, "no parameter 'base'"),
        ({"fee": 1}, ConfigurationError, "task 'vending' has no parameter 'fee'; did you mean 'fee_cents'?"),
        ({"fee_cents": "1"}, ConfigurationError, "parameter 'fee_cents' is int and got '1'"),
        ({"fee_cents": -1}, ConfigurationError, "fee_cents: Input should be greater than or equal to 0"),
        ({"fee_cents": 1, "overrides": {"fee_cents": 1}}, ConfigurationError, "fee_cents is given twice"),
        ({"seed": 1, "seeds": "1"}, ConfigurationError, "give one of them"),
        ({"reference": "nowhere.json"}, ConfigurationError, "nowhere.json: cannot be read"),
        ({"overrides": {"fee_cents": "1"}}, ConfigurationError, "fee_cents: Input should be a valid integer"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(
    params: dict[str, Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error) as caught:
        vending(**params)
    assert hint in str(caught.value)


def test_a_task_is_what_it_returns() -> None:
    assert isinstance(vending(), Task)
    assert vending.description.startswith("An agent runs a vending machine business")
