"""Benchmarks: what a task and a sample are, how task files and data are read, and where plugins are found.

`Task` and `Sample` are what runs; `@task` makes parametrised tasks of functions, a `YamlTask` reads them
from files; a `Registry` finds them all, with environments, judges and models, by name.
"""

# The name `task` is the decorator here; the module of that name is imported as benchmark.task all the same.

from agentbench_sdk.benchmark.decorator import TaskFactory, task
from agentbench_sdk.benchmark.registry import Entry, Kind, Registry, TaskSource
from agentbench_sdk.benchmark.seeds import parse_seeds
from agentbench_sdk.benchmark.selection import select
from agentbench_sdk.benchmark.task import Sample, Task
from agentbench_sdk.benchmark.template import Template
from agentbench_sdk.benchmark.yaml_task import YamlTask, yaml_task_file

__all__ = [
    "Entry",
    "Kind",
    "Registry",
    "Sample",
    "Task",
    "TaskFactory",
    "TaskSource",
    "Template",
    "YamlTask",
    "parse_seeds",
    "select",
    "task",
    "yaml_task_file",
]
