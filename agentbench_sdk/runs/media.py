"""The media of a run's samples, which run files name by content hash alone: read again from where the task has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentbench_sdk.benchmark import Registry
from agentbench_sdk.errors import AgentbenchError, ConfigurationError
from agentbench_sdk.messages import Media

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.task import Sample
    from agentbench_sdk.runs.run import Run


def sample_media(run: Run, registry: Registry | None = None) -> dict[str, bytes]:
    """The bytes of all media of the samples of a run's task, by SHA-256.

    Arguments:
        run: whose task is loaded again, as it was named then.
        registry: where names are looked up; whatever is installed when left out.

    Raises:
        ConfigurationError: the task was made in Python, or cannot be loaded any more.
    """
    known = run.manifest
    if not known.task_source:
        raise ConfigurationError("the task was made in Python and is not at hand")
    try:
        task = (registry or Registry.discover()).task(known.task_source, known.task_params, texts=True)
        return media_of(task.load())
    except AgentbenchError as error:
        raise ConfigurationError(f"the task cannot be loaded any more ({error})") from error


def media_of(samples: Iterable[Sample]) -> dict[str, bytes]:
    """The bytes of all media in the samples' messages, by SHA-256; those named by an address alone are left out."""
    return {
        part.sha256: part.data
        for sample in samples
        for message in sample.messages
        for part in message.content
        if isinstance(part, Media) and part.data is not None
    }
