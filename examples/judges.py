"""A rubric and a panel judge two answers, offline: the judge model is a script.

python examples/judges.py
"""

import asyncio
import json
import tempfile

from agentbench_sdk import Bench, Judge, ModelRequest, Sample, Task
from agentbench_sdk.judges.llm import Criterion, Level, binary, panel, rubric
from agentbench_sdk.testing import ScriptedModel

RUBRIC = [
    Criterion(
        name="accuracy",
        weight=2,
        levels=(
            Level(name="wrong", description="It says something untrue."),
            Level(name="right", description="All that it says is true."),
        ),
    ),
    Criterion(name="tone", levels=(Level(name="rude"), Level(name="plain"), Level(name="kind"))),
]


def answer(request: ModelRequest) -> str:
    return "In 14 days, with pleasure." if "When" in request.messages[-1].text else "No."


def verdict(request: ModelRequest) -> str:
    """What a judge model would say: it likes long answers."""
    long = "with pleasure" in request.messages[0].text
    if "Rubric" not in request.messages[0].text:
        return json.dumps({"reasoning": "As it is.", "verdict": "yes" if long else "no"})
    levels = {"accuracy": "right", "tone": "kind" if long else "plain"}
    return json.dumps({name: {"reasoning": "As it is.", "level": each} for name, each in levels.items()})


async def main() -> None:
    judges: list[Judge] = [
        rubric(criteria=RUBRIC),
        panel(judges=[binary(criteria="It helps the customer.", temperature=1.0)], repeats=5),
    ]
    samples = [Sample("when", "When do you refund?"), Sample("why", "Why do you refund?")]
    with tempfile.TemporaryDirectory() as folder:
        async with Bench(cache=None, runs=folder) as bench:
            run = await bench.evaluate(
                Task("refunds", samples, judges=judges),
                ScriptedModel(answer, id="scripted/clerk"),
                judge_model=ScriptedModel(verdict, id="scripted/judge"),
            )
            for judge, scores in run.scores.items():
                print(judge)
                for (sample, _), score in scores.items():
                    print(f"  {sample}: {score.value:.2f}  {score.explanation}")
            saved = sum(each.evidence["saved"] for each in run.scores[judges[1].id].values())
            print(f"the panel did not ask {saved} times, because it was decided")


asyncio.run(main())
