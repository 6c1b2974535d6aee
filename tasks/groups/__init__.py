"""Groups of tasks, one YAML file each."""

from agentbench_sdk.benchmark import group_file

essentials = group_file(__name__, "essentials.yaml")

__all__ = ["essentials"]
