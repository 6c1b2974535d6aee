"""Tasks of text in and text out, one YAML file each."""

from agentbench_sdk.benchmark import yaml_task_file

calendar_questions = yaml_task_file(__name__, "calendar_questions.yaml")

__all__ = ["calendar_questions"]
