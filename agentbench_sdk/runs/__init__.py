"""Runs: the manifest, the run file, reading it, and proving it by replay."""

from agentbench_sdk.runs.records import CallRecord, CallRole, JudgeInfo, Manifest, SampleRecord
from agentbench_sdk.runs.reenactment import Mismatch
from agentbench_sdk.runs.replay import ReplayReport, replay
from agentbench_sdk.runs.run import Run, load_run
from agentbench_sdk.runs.store import Attempt, RunStore

__all__ = [
    "Attempt",
    "CallRecord",
    "CallRole",
    "JudgeInfo",
    "Manifest",
    "Mismatch",
    "ReplayReport",
    "Run",
    "RunStore",
    "SampleRecord",
    "load_run",
    "replay",
]
