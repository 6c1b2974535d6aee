"""Every form of the table `surface_forms.yaml` is scored as it was meant."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import agentbench_sdk.judges as catalogue
from agentbench_sdk.judging import JudgeCase

Group = dict[str, Any]
GROUPS: list[Group] = yaml.safe_load(
    Path(__file__).with_name("surface_forms.yaml").read_text(encoding="utf-8")
)


def forms(group: Group) -> list[tuple[str, bool]]:
    """(reply, whether it is right)."""
    return [(reply, True) for reply in group["right"]] + [(reply, False) for reply in group["wrong"]]


def test_the_table_is_large_and_has_no_row_twice() -> None:
    rows = [
        (group["judge"], str(group["target"]), str(group.get("choices")), reply)
        for group in GROUPS
        for reply, _ in forms(group)
    ]
    assert len(rows) >= 300
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    "group", GROUPS, ids=[f"{group['judge']}-{str(group['target'])[:16]}" for group in GROUPS]
)
async def test_every_form_is_scored_as_it_was_meant(group: Group) -> None:
    judge = getattr(catalogue, group["judge"])(**group.get("options", {}))
    wrong = []
    for reply, right in forms(group):
        case = JudgeCase("s", reply, group["target"], tuple(group.get("choices", ())))
        score = await judge.judge(case)
        if score.value != float(right):
            wrong.append(f"{reply!r} should be {right}: {score.value}, {score.explanation}")
    assert not wrong, f"{len(wrong)} of {len(forms(group))}:\n" + "\n".join(wrong)
