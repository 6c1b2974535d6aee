"""agentbench-sdk: evaluate models and agents, and know how sure the score is.

Everything public is imported on first use, so that `import agentbench_sdk` costs next to nothing:

    >>> import agentbench_sdk as ab
    >>> ab.Score(value=1.0, passed=True).value
    1.0
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

# In a checkout `environments/`, `judges/` and `tasks/` lie at the root, beside this package; an
# installed copy has them inside. Adding the root to the search path makes both look the same.
_here = Path(__file__).resolve().parent
if not (_here / "environments").is_dir() and (_here.parent / "environments").is_dir():
    __path__.append(str(_here.parent))

_HOMES = {
    "AgentbenchError": "errors",
    "Agent": "sessions",
    "Arena": "arena",
    "Audio": "messages",
    "Bench": "bench",
    "Capabilities": "models",
    "Environment": "simulation",
    "Episode": "sessions",
    "GenerateParams": "models",
    "Image": "messages",
    "Judge": "judging",
    "JudgeCase": "judging",
    "Limits": "sessions",
    "Member": "benchmark",
    "Message": "messages",
    "Model": "models",
    "ModelRequest": "models",
    "ModelResponse": "models",
    "NotEnoughEvidence": "reporting.rates",
    "Opening": "simulation",
    "Outcome": "simulation",
    "Rate": "reporting.rates",
    "RateTooHigh": "reporting.rates",
    "RateTooLow": "reporting.rates",
    "Run": "runs",
    "RunGrid": "runs.grid",
    "Sample": "benchmark",
    "Score": "judging",
    "Task": "benchmark",
    "TaskGroup": "benchmark",
    "Text": "messages",
    "ToolCall": "messages",
    "ToolResult": "simulation",
    "ToolSpec": "messages",
    "Transcript": "sessions",
    "Usage": "messages",
    "Video": "messages",
    "assert_rate": "reporting.rates",
    "compare": "reporting.comparison",
    "evaluate": "evaluating",
    "evaluate_sync": "evaluating",
    "gate": "reporting.gate",
    "judge": "judging",
    "load_arena": "arena",
    "load_run": "runs",
    "task": "benchmark",
    "tool": "simulation",
}

__version__ = "0.1.0"
__all__ = [  # noqa: PLE0604 - the names are those of the table above; a test compares both
    "__version__",
    *sorted(_HOMES),
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'agentbench_sdk' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"agentbench_sdk.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


if TYPE_CHECKING:
    from agentbench_sdk.arena import Arena as Arena
    from agentbench_sdk.arena import load_arena as load_arena
    from agentbench_sdk.bench import Bench as Bench
    from agentbench_sdk.benchmark import Member as Member
    from agentbench_sdk.benchmark import Sample as Sample
    from agentbench_sdk.benchmark import Task as Task
    from agentbench_sdk.benchmark import TaskGroup as TaskGroup
    from agentbench_sdk.benchmark import task as task
    from agentbench_sdk.errors import AgentbenchError as AgentbenchError
    from agentbench_sdk.evaluating import evaluate as evaluate
    from agentbench_sdk.evaluating import evaluate_sync as evaluate_sync
    from agentbench_sdk.judging import Judge as Judge
    from agentbench_sdk.judging import JudgeCase as JudgeCase
    from agentbench_sdk.judging import Score as Score
    from agentbench_sdk.judging import judge as judge
    from agentbench_sdk.messages import Audio as Audio
    from agentbench_sdk.messages import Image as Image
    from agentbench_sdk.messages import Message as Message
    from agentbench_sdk.messages import Text as Text
    from agentbench_sdk.messages import ToolCall as ToolCall
    from agentbench_sdk.messages import ToolSpec as ToolSpec
    from agentbench_sdk.messages import Usage as Usage
    from agentbench_sdk.messages import Video as Video
    from agentbench_sdk.models import Capabilities as Capabilities
    from agentbench_sdk.models import GenerateParams as GenerateParams
    from agentbench_sdk.models import Model as Model
    from agentbench_sdk.models import ModelRequest as ModelRequest
    from agentbench_sdk.models import ModelResponse as ModelResponse
    from agentbench_sdk.reporting.comparison import compare as compare
    from agentbench_sdk.reporting.gate import gate as gate
    from agentbench_sdk.reporting.rates import NotEnoughEvidence as NotEnoughEvidence
    from agentbench_sdk.reporting.rates import Rate as Rate
    from agentbench_sdk.reporting.rates import RateTooHigh as RateTooHigh
    from agentbench_sdk.reporting.rates import RateTooLow as RateTooLow
    from agentbench_sdk.reporting.rates import assert_rate as assert_rate
    from agentbench_sdk.runs import Run as Run
    from agentbench_sdk.runs import load_run as load_run
    from agentbench_sdk.runs.grid import RunGrid as RunGrid
    from agentbench_sdk.sessions import Agent as Agent
    from agentbench_sdk.sessions import Episode as Episode
    from agentbench_sdk.sessions import Limits as Limits
    from agentbench_sdk.sessions import Transcript as Transcript
    from agentbench_sdk.simulation import Environment as Environment
    from agentbench_sdk.simulation import Opening as Opening
    from agentbench_sdk.simulation import Outcome as Outcome
    from agentbench_sdk.simulation import ToolResult as ToolResult
    from agentbench_sdk.simulation import tool as tool
