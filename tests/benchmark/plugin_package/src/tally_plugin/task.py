"""Count to goals, as a function and as a task file."""

from agentbench_sdk import Limits, Sample, Task, task
from agentbench_sdk.benchmark import yaml_task_file

from .judge import tally_exact


@task
def tally(goals: list[int] | None = None, tolerance: int = 0) -> Task:
    """Make a counter show a number, once for each goal."""
    return Task(
        name="tally",
        environment="tally",
        samples=[Sample(f"goal-{goal}", scenario={"goal": goal}) for goal in goals or [1, 2, 3]],
        judges=[tally_exact(tolerance=tolerance)],
        limits=Limits(turns=20),
    )


tally_twice = yaml_task_file("tally_plugin", "twice.yaml")
