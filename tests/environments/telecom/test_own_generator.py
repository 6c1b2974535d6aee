"""The generator: the same everywhere, distinct, proven, and honest about how much it can make."""

import os
import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from agentbench_sdk.environments.telecom.own import facts, generate, own_data
from agentbench_sdk.environments.telecom.own.generator import key
from agentbench_sdk.environments.telecom.own.problems import MOST, SHARES, problems, share_of
from agentbench_sdk.environments.telecom.own.proof import needless
from agentbench_sdk.errors import ConfigurationError

SEEDS = (0, 7, 16, -3, 2**70)

DIGEST = """
import hashlib
from agentbench_sdk.environments.telecom.own import generate
text = "".join(task.model_dump_json() for task in generate(30, 7))
print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_tasks_are_proven_and_need_every_action(seed: int) -> None:
    tasks = generate(45, seed)
    assert len(tasks) == 45
    assert [task.id for task in tasks if needless(task)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_tasks_are_balanced_from_the_first_ones_on(seed: int) -> None:
    found = [facts(task) for task in generate(105, seed)]
    assert set(Counter(each.family for each in found).values()) == {35}
    assert set(Counter(each.persona for each in found).values()) == {15}
    assert {each.level for each in found} == {1, 2, 3, 4, 5}
    assert 0.1 < sum(not each.fixable for each in found) / len(found) < 0.3


def test_the_first_tasks_of_a_seed_do_not_depend_on_the_count() -> None:
    assert generate(12, 5) == generate(20, 5)[:12]


def test_no_generated_task_ships() -> None:
    shipped = {key(task) for task in own_data().tasks("full")}
    for seed in SEEDS:
        assert not shipped & {key(task) for task in generate(60, seed)}


def test_ids_of_different_seeds_never_meet() -> None:
    ids = [task.id for seed in SEEDS for task in generate(30, seed)]
    assert len(set(ids)) == len(ids)


def test_seeds_of_different_shares_have_no_problem_in_common() -> None:
    chosen = [{problem.key for problem in islice(problems(s, (), share=s), 600)} for s in range(4)]
    assert sum(map(len, chosen)) == len(set().union(*chosen)) == 2400
    assert {share_of(each) for each in chosen[3]} == {3}


@pytest.mark.parametrize("seed", range(SHARES))
def test_every_seed_has_as_many_problems_as_are_promised(seed: int) -> None:
    shipped = {key(task) for task in own_data().tasks("full")}
    keys = [problem.key for problem in islice(problems(seed, shipped, share=seed), MOST)]
    assert len(set(keys)) == len(keys) == MOST


@pytest.mark.parametrize("count", [MOST + 1, -1])
def test_a_count_that_cannot_be_made_is_refused_with_what_can(count: int) -> None:
    with pytest.raises(ConfigurationError, match=r"0 to 5,000 tasks of one seed.*modulo 16"):
        generate(count, 1)


def test_none_is_a_count() -> None:
    assert generate(0, 1) == []


def test_every_process_makes_the_same_tasks() -> None:
    def digest(hash_seed: str) -> str:
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, env=environment
        )
        return done.stdout

    assert digest("1") == digest("2")
