"""Judges that run code which a model wrote, in a sandbox: by unit tests, or as a program with inputs and outputs."""

from agentbench_sdk.judges.code.program import program_output
from agentbench_sdk.judges.code.unit_tests import unit_tests

__all__ = ["program_output", "unit_tests"]
