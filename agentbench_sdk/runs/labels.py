"""Labels: what people say of attempts, read from a CSV file.

    sample_id,epoch,rater,label
    q17,0,anna,correct
    q17,0,ben,wrong

`epoch` (0 when left out), `rater` and `model` (whose answer it was, where runs of several are judged) are optional. Words for yes are yes, true, pass, passed, correct, right;
the opposite words mean no; anything else must be a number on the judge's scale.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judging import Scale

Case = tuple[str, int, str]
YES = frozenset({"yes", "true", "pass", "passed", "correct", "right", "y"})
NO = frozenset({"no", "false", "fail", "failed", "incorrect", "wrong", "n"})
_KNOWN = ("sample_id", "epoch", "model", "rater", "label")


class Labels:
    """Labels of cases by rater.

    Attributes:
        by_case: for each (sample id, epoch, model) the label of each rater, on the judge's scale; the model is
            "" where the file names none.
    """

    def __init__(self, by_case: Mapping[Case, Mapping[str, float]]) -> None:
        self.by_case = by_case

    @property
    def raters(self) -> list[str]:
        """All raters, in the order in which they are first met."""
        return list(dict.fromkeys(rater for given in self.by_case.values() for rater in given))

    def of(self, sample_id: str, epoch: int, model: str = "") -> Mapping[str, float]:
        """The labels of an attempt by rater; a label without a model is of any."""
        named = self.by_case.get((sample_id, epoch, model))
        return named or self.by_case.get((sample_id, epoch, ""), {})

    def truth(self, sample_id: str, epoch: int, model: str = "") -> float | None:
        """What people say of an attempt: their mean; None when nobody did."""
        given = self.of(sample_id, epoch, model)
        return sum(given.values()) / len(given) if given else None


def read_labels(path: str | Path, scale: Scale) -> Labels:
    """Read a file of labels for a judge with this scale.

    Raises:
        ConfigurationError: it cannot be read, a column is missing or unknown, or a line is wrong; file and
            line are named.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            return _parsed(csv.DictReader(stream, strict=True), str(path), scale)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: is no CSV file in UTF-8 ({error})") from error


def _parsed(reader: csv.DictReader[str], path: str, scale: Scale) -> Labels:
    columns = reader.fieldnames or []
    missing = [name for name in ("sample_id", "label") if name not in columns]
    unknown = [name for name in columns if name not in _KNOWN]
    if missing or unknown:
        wrong = f"lacks the column {missing[0]!r}" if missing else f"has the unknown column {unknown[0]!r}"
        raise ConfigurationError(f"{path}: {wrong}; the columns are {', '.join(_KNOWN)}")
    found: dict[Case, dict[str, float]] = {}
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if None in row or None in row.values():
            raise ConfigurationError(f"{where}: has not as many fields as the first line")
        case = row["sample_id"], _epoch(row.get("epoch") or "0", where), row.get("model") or ""
        rater = row.get("rater") or ""
        if rater in found.setdefault(case, {}):
            raise ConfigurationError(f"{where}: {case[0]}, epoch {case[1]} is labelled twice by one rater")
        found[case][rater] = _value(row["label"], where, scale)
    if not found:
        raise ConfigurationError(f"{path}: holds no label")
    return Labels(found)


def _epoch(text: str, where: str) -> int:
    if not text.strip().isdecimal():
        raise ConfigurationError(f"{where}: epoch is {text!r}; it must be a whole number from 0")
    return int(text)


def _value(text: str, where: str, scale: Scale) -> float:
    word = text.strip().lower()
    low, high = scale.low, scale.high
    if word in YES | NO:
        if low is None or high is None:
            raise ConfigurationError(f"{where}: label {text!r} needs a scale with two ends; give a number")
        return high if word in YES else low
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigurationError(f"{where}: label {text!r} is neither yes nor no nor a number")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ConfigurationError(f"{where}: label {text} is outside the judge's scale, {low} to {high}")
    return value
