"""Benchmarks: what a task and a sample are, how task files and data are read, and where plugins are found.

`Task` and `Sample` are what runs; `@task` makes parametrised tasks of functions, a `YamlTask` reads them
from files; a `TaskGroup` makes one score of several; a `Registry` finds them all, with environments, judges and
models, by name, and `assemble` says which tasks a list of names and groups comes to.
"""

# The name `task` is the decorator here; the module of that name is imported as benchmark.task all the same.

from agentbench_sdk.benchmark.assembly import Assembly, assemble
from agentbench_sdk.benchmark.decorator import TaskFactory, task
from agentbench_sdk.benchmark.group import Member, TaskGroup
from agentbench_sdk.benchmark.group_file import GroupFile, group_file
from agentbench_sdk.benchmark.registry import Entry, Kind, Registry, TaskSource
from agentbench_sdk.benchmark.seeds import parse_seeds
from agentbench_sdk.benchmark.selection import select
from agentbench_sdk.benchmark.task import Sample, Task
from agentbench_sdk.benchmark.template import Template
from agentbench_sdk.benchmark.yaml_task import YamlTask, yaml_task_file

__all__ = [
    "Assembly",
    "Entry",
    "GroupFile",
    "Kind",
    "Member",
    "Registry",
    "Sample",
    "Task",
    "TaskFactory",
    "TaskGroup",
    "TaskSource",
    "Template",
    "YamlTask",
    "assemble",
    "group_file",
    "parse_seeds",
    "select",
    "task",
    "yaml_task_file",
]
