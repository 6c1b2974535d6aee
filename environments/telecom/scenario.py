"""Parameters of a telecom world."""

from __future__ import annotations

from typing import Literal

from agentbench_sdk.canonical import digest
from agentbench_sdk.environments.telecom.task import TelecomTask
from agentbench_sdk.simulation import Scenario


class TelecomScenario(Scenario):
    """What a session is about. The task stands in it whole, so that a run file needs no task file.

    Attributes:
        task: what is broken and what counts as solved; the first of our small set when left out.
        data: whose databases and policies: "own", or "official" for those of tau2-bench.
        data_dir: folder of tau2-bench's data; that of AGENTBENCH_TAU2_DATA when left out.
        data_sha256: of databases and policies; other ones are refused. Not checked when left out.
        solo: without a user: the agent has a ticket and uses the phone's tools itself.
        policy: technical guide as prose ("manual"), or step by step ("workflow").
        validate_communication: whether a message with both text and tool calls ends the session.
        guard: whether messages of the user are checked against its script and the phone, and asked for again.
    """

    task: TelecomTask | None = None
    data: Literal["own", "official"] = "own"
    data_dir: str = ""
    data_sha256: str = ""
    solo: bool = False
    policy: Literal["manual", "workflow"] = "manual"
    validate_communication: bool = False
    guard: bool = True

    def fingerprint(self) -> str:
        """As of any scenario; where the data lie does not count, what is in them does."""
        return digest(self.model_dump(mode="json", exclude={"data_dir"}))
