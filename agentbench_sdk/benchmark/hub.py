"""Hugging Face datasets, by name or from a local copy; `datasets` is imported when one is read."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from agentbench_sdk.benchmark.hints import nearest
from agentbench_sdk.benchmark.rows import Row
from agentbench_sdk.benchmark.schema import DatasetSpec
from agentbench_sdk.errors import MissingExtraError, TaskError

# What `save_to_disk` leaves in a folder; anything else local is read by its file formats.
_SAVED = ("state.json", "dataset_dict.json")


def dataset_rows(spec: DatasetSpec, folder: Path) -> Generator[Row]:
    """The rows of one split; a row's line is its number, counted from 1.

    Arguments:
        spec: which split of which data set.
        folder: what a local path is relative to.

    Raises:
        MissingExtraError: `datasets` is not installed.
        TaskError: there is no such dataset, configuration, revision or split.
    """
    shown = f"{spec.name or spec.path}[{spec.split}]"
    try:
        import datasets
    except ImportError as error:
        raise MissingExtraError(f"the data set {shown}", "datasets") from error
    try:
        table = _load(datasets, spec, folder)
    except Exception as error:  # the library raises whatever its back ends raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise TaskError(f"the data set cannot be loaded: {reason}", file=shown, field="dataset") from error
    for number, values in enumerate(table, 1):
        yield Row(values, shown, number, folder)


def _load(datasets: Any, spec: DatasetSpec, folder: Path) -> Iterable[dict[str, Any]]:
    if spec.path is None:
        table = datasets.load_dataset(spec.name, spec.config, split=spec.split, revision=spec.revision)
    else:
        path = folder / spec.path
        if not path.exists():
            raise FileNotFoundError(f"there is no {path}")
        if not any((path / name).is_file() for name in _SAVED):
            table = datasets.load_dataset(str(path), spec.config, split=spec.split)
        else:
            table = _split_of(datasets.load_from_disk(str(path)), spec.split)
    rows: Iterable[dict[str, Any]] = table
    return rows


def _split_of(saved: Any, split: str) -> Any:
    """One split of what was saved: of a dictionary of splits, or of one table that may know its name."""
    splits = list(saved) if hasattr(saved, "keys") else [str(saved.split or split)]
    if split not in splits:
        raise LookupError(f"there is no split {split!r}; {nearest(split, splits)}")
    return saved[split] if hasattr(saved, "keys") else saved
