"""Simulated worlds: the environment contract, tools, seeded randomness."""

from agentbench_sdk.simulation.arguments import BadArguments, parse_arguments
from agentbench_sdk.simulation.environment import Environment, Opening, Outcome, Scenario
from agentbench_sdk.simulation.picture import Sketch
from agentbench_sdk.simulation.policy import Act, Oracle, Policy
from agentbench_sdk.simulation.randomness import SeededStreams
from agentbench_sdk.simulation.tools import Actor, BoundTool, ToolResult, tool
from agentbench_sdk.simulation.user import Objection, UserSide

__all__ = [
    "Act",
    "Actor",
    "BadArguments",
    "BoundTool",
    "Environment",
    "Objection",
    "Opening",
    "Oracle",
    "Outcome",
    "Policy",
    "Scenario",
    "SeededStreams",
    "Sketch",
    "ToolResult",
    "UserSide",
    "parse_arguments",
    "tool",
]
