"""Parameters of a coding world."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from agentbench_sdk.canonical import digest
from agentbench_sdk.environments.coding.folder import TaskFolder, own_task, read_task
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.sandbox import Limits
from agentbench_sdk.simulation import Scenario

_MEBIBYTE = 1 << 20


class CodingScenario(Scenario):
    """What a session is about.

    Attributes:
        task: name of one of our own tasks; with `folder`, what the task is called.
        folder: path of a task folder; "" for our own.
        sha256: of the task as it was when the sample was made; another one is refused. Not checked when "".
        command_seconds: what one command of the agent may take, wall time.
        memory_mb, disk_mb: what its commands may use together.
        output_bytes: how much of a command's output the agent is shown.
    """

    task: str = "merge-booking-intervals"
    folder: str = ""
    sha256: str = ""
    command_seconds: float = Field(default=60.0, gt=0)
    memory_mb: int = Field(default=1024, gt=0)
    disk_mb: int = Field(default=512, gt=0)
    output_bytes: int = Field(default=16_000, ge=200)

    def fingerprint(self) -> str:
        """As of any scenario; where the task lies does not count, what is in it does."""
        return digest(self.model_dump(mode="json", exclude={"folder"}))

    def load(self) -> TaskFolder:
        """The task.

        Raises:
            UnknownNameError: we have none of that name.
            TaskError: its folder is missing or broken.
            ConfigurationError: it is not the one that the scenario was made with.
        """
        task = read_task(Path(self.folder)) if self.folder else own_task(self.task)
        if self.sha256 not in ("", task.sha256):
            raise ConfigurationError(
                f"coding task {self.task!r} is not the one that was recorded (recorded {self.sha256[:12]}, there "
                f"{task.sha256[:12]}); use the version it was made with"
            )
        return task

    def limits(self) -> Limits:
        """Of one command of the agent."""
        return Limits(
            cpu_seconds=2 * self.command_seconds,
            wall_seconds=self.command_seconds,
            memory_bytes=self.memory_mb * _MEBIBYTE,
            disk_bytes=self.disk_mb * _MEBIBYTE,
            kept_bytes=self.output_bytes,
        )
