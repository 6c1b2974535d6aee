"""Which samples of a task are attempted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.errors import ConfigurationError, UnknownNameError


def select(
    samples: Sequence[Sample],
    limit: int | None = None,
    sample_ids: Iterable[str] | None = None,
    seed: int | None = None,
) -> list[Sample]:
    """Return the samples to attempt; their choices and content stay as they are.

    Arguments:
        samples: all samples of the task.
        limit: only the first so many, after everything else.
        sample_ids: only these, in the task's order.
        seed: shuffle; None keeps the task's order. The place of a sample depends on the seed and its id
            alone, so adding a sample leaves the order of the others as it was.

    Raises:
        ConfigurationError: the limit is below 1, or no id is given.
        UnknownNameError: the task has no sample of that id.
    """
    if limit is not None and limit < 1:
        raise ConfigurationError(f"the limit of samples is {limit}; it must be at least 1")
    chosen = list(samples) if sample_ids is None else _named(samples, sample_ids)
    if seed is not None:
        chosen.sort(key=lambda sample: sha256(f"{seed}|{sample.id}".encode()).digest())
    return chosen[:limit]


def _named(samples: Sequence[Sample], sample_ids: Iterable[str]) -> list[Sample]:
    wanted = list(dict.fromkeys(sample_ids))
    if not wanted:
        raise ConfigurationError("no sample id is given; leave the ids out to take all samples")
    known = {sample.id for sample in samples}
    for name in wanted:
        if name not in known:
            raise UnknownNameError("sample", name, known)
    return [sample for sample in samples if sample.id in set(wanted)]
