"""Reference figures: found for the same game only, and made again by one command."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from agentbench_sdk import evaluate_sync
from agentbench_sdk.environments.vending import Vending, VendingScenario
from agentbench_sdk.environments.vending.reference import (
    Figures,
    Table,
    figures_of,
    main,
    play,
    read_table,
    shipped_table,
)
from agentbench_sdk.errors import ConfigurationError


def scenario(name: str, **overrides: int) -> VendingScenario:
    found = Vending.resolve_scenario({"base": name, **overrides})
    assert isinstance(found, VendingScenario)
    return found


@pytest.fixture
def table() -> Table:
    made = Table()
    made.put("tiny-7", scenario("tiny-7"), 10, Figures(idle=48_600, planner=60_000))
    made.put("tiny-7", scenario("tiny-7"), 9, Figures(idle=48_600, planner=59_000))
    return made


def test_figures_are_those_of_the_same_scenario_seed_and_rules(table: Table) -> None:
    found = table.find(scenario("tiny-7"), 10)
    assert found is not None
    assert (found.idle, found.planner) == (48_600, 60_000)
    assert table.find(scenario("tiny-7"), 11) is None
    assert table.find(scenario("tiny-7", fee_cents=100), 10) is None
    assert Table(world="agentbench.vending/0", scenarios=table.scenarios).find(scenario("tiny-7"), 10) is None


def test_a_table_is_the_same_text_however_it_was_filled(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(table.to_text(), encoding="utf-8")
    assert read_table(path).to_text() == table.to_text()
    assert table.to_text().index('"9"') < table.to_text().index('"10"')


@pytest.mark.parametrize("content", ["", "[]", '{"world": 1}', '{"scenarios": {}, "more": 1}'])
def test_a_file_that_is_no_table_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"table\.json: is no table of reference figures"):
        read_table(path)


def test_the_reference_agents_are_those_that_anybody_can_run(tmp_path: Path) -> None:
    small = scenario("tiny-7")
    assert play(small, 1, "idle") == 50_000 - 7 * 200
    figures = figures_of(scenario("smoke-30"), 1)
    assert figures.idle == 44_000
    run = evaluate_sync(
        "vending", "scripted/vending/planner", cache=None, runs=tmp_path, task_params={"seed": 1}
    )
    assert [record.outcome.reward for record in run.records() if record.outcome] == [figures.planner]
    assert run.summary()["attainment"].estimate.mean == 1.0


def test_the_command_fills_a_table_and_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    for seeds in ("1-2", "3"):
        done = CliRunner().invoke(main, ["--scenario", "tiny-7", "--seeds", seeds, "--output", str(path)])
        assert done.exit_code == 0, done.output
    (row,) = read_table(path).scenarios.values()
    assert {seed: figures.idle for seed, figures in row.seeds.items()} == dict.fromkeys("123", 48_600)
    assert all(figures.planner >= 48_600 for figures in row.seeds.values())


def test_the_command_says_what_it_cannot_do(tmp_path: Path) -> None:
    given = ["--scenario", "tiny-8", "--seeds", "1", "--output", str(tmp_path / "t.json")]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 1
    assert "did you mean 'tiny-7'?" in done.output


def test_what_is_shipped_belongs_to_this_version_and_its_named_scenarios() -> None:
    shipped = shipped_table()
    assert shipped.world == Vending.version
    assert {row.name for row in shipped.scenarios.values()} == {
        "smoke-30",
        "standard-365",
        "adversarial-365",
        "classic-vb1",
    }
    for fingerprint, row in shipped.scenarios.items():
        assert scenario(row.name).fingerprint() == fingerprint
        assert list(row.seeds) == [str(seed) for seed in range(1, 21)]


@pytest.mark.parametrize("seed", [1, 20])
def test_what_is_shipped_is_what_the_agents_reach(seed: int) -> None:
    month = scenario("smoke-30")
    assert shipped_table().find(month, seed) == figures_of(month, seed)
