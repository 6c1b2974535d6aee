"""Seeds as people write them: "1-5", "1,2,9", 7."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agentbench_sdk.benchmark.hints import brief
from agentbench_sdk.errors import ConfigurationError

MOST_SEEDS = 100_000
_PIECE = re.compile(r"([0-9]{1,40})(?:\s*-\s*([0-9]{1,40}))?", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,40}")
_FORMS = 'seeds are whole numbers from 0, given as "1-5", "1,2,9", "1-3,7", a number or a list of numbers'


def parse_seeds(seeds: str | int | Iterable[int | str]) -> tuple[int, ...]:
    """Return the seeds in the order given; a range includes both ends.

    In a list, a seed may be given by its digits as text, where numbers of 128 bits cannot be written.

    Raises:
        ConfigurationError: another form, a range that runs backwards, a seed given twice, none at all,
            more than 100,000, or one of more than 40 digits.

    >>> parse_seeds("1-3,7")
    (1, 2, 3, 7)
    """
    found = _from_text(seeds) if isinstance(seeds, str) else _from_numbers(seeds)
    if not found:
        raise ConfigurationError(f"no seed is given; {_FORMS}")
    seen: set[int] = set()
    for seed in found:
        if seed in seen:
            raise ConfigurationError(f"the seed {seed} is given twice in {brief(seeds)}")
        seen.add(seed)
    return tuple(found)


def _from_numbers(seeds: int | Iterable[int | str]) -> list[int]:
    given = [seeds] if isinstance(seeds, int) else list(seeds)
    _check_count(len(given))
    return [_seed(each) for each in given]


def _seed(given: int | str) -> int:
    if isinstance(given, str) and _DIGITS.fullmatch(given):
        return int(given)
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ConfigurationError(f"{given!r} is no seed; {_FORMS}")
    return given


def _from_text(text: str) -> list[int]:
    found: list[int] = []
    for piece in text.split(",") if text.strip() else []:
        match = _PIECE.fullmatch(piece.strip())
        if match is None:
            raise ConfigurationError(f"{piece.strip()!r} in {text!r} is no seed; {_FORMS}")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise ConfigurationError(f"the range {piece.strip()!r} runs backwards; write {last}-{first}")
        # Counted before it is spelled out: "1-9999999999" must not fill the memory.
        _check_count(len(found) + last - first + 1)
        found.extend(range(first, last + 1))
    return found


def _check_count(count: int) -> None:
    if count > MOST_SEEDS:
        raise ConfigurationError(f"{count:,} seeds are given; at most {MOST_SEEDS:,} are taken at once")
