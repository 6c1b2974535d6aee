"""Sessions: the turn loop between a model, its tools and a world, and the record of it."""

from agentbench_sdk.sessions.ending import Ending, Limits
from agentbench_sdk.sessions.episode import Agent, Episode
from agentbench_sdk.sessions.protocols import NativeTools, TextTools, ToolProtocol
from agentbench_sdk.sessions.scene import SessionOverError
from agentbench_sdk.sessions.session import SessionPlan, SessionResult, run_session
from agentbench_sdk.sessions.tool_loop import ContextWindow, ToolLoop
from agentbench_sdk.sessions.transcript import Entry, MessageEntry, ToolEntry, Transcript, WorldEntry
from agentbench_sdk.sessions.user import UserPlan

__all__ = [
    "Agent",
    "ContextWindow",
    "Ending",
    "Entry",
    "Episode",
    "Limits",
    "MessageEntry",
    "NativeTools",
    "SessionOverError",
    "SessionPlan",
    "SessionResult",
    "TextTools",
    "ToolEntry",
    "ToolLoop",
    "ToolProtocol",
    "Transcript",
    "UserPlan",
    "WorldEntry",
    "run_session",
]
