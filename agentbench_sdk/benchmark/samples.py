"""From rows of data to samples: field mapping, prompt, choices, media."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agentbench_sdk.benchmark.exact import beyond_64_bits, read_json
from agentbench_sdk.benchmark.hints import brief, nearest
from agentbench_sdk.benchmark.rows import Row
from agentbench_sdk.benchmark.schema import MEDIA_FIELDS, FieldMap, TaskSpec
from agentbench_sdk.benchmark.task import Sample
from agentbench_sdk.benchmark.template import LETTERS, Filling, Template, lettered
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.messages import Audio, Image, Message, Part, Video

_DIGITS = re.compile(r"[0-9]{1,40}")
_MEDIA: dict[str, type[Image | Audio | Video]] = {"image": Image, "audio": Audio, "video": Video}


class SampleBuilder:
    """Makes samples of rows, by the rules of one task file."""

    def __init__(self, spec: TaskSpec, prompt: Template | None, user_turns: Sequence[Template]) -> None:
        self._spec, self._prompt, self._turns = spec, prompt, tuple(user_turns)
        self._fields: FieldMap = spec.fields
        self._explicit = spec.fields.model_fields_set

    def build(self, rows: Iterable[Row]) -> Iterator[Sample]:
        """Make the samples, one at a time.

        Raises:
            TaskError: a row lacks something or holds what cannot be used; file, line and column are named.
        """
        names: tuple[bool, bool] | None = None
        lines: dict[str, int] = {}
        for number, row in enumerate(rows, 1):
            has = (self._value(row, "id") is not None, self._value(row, "target") is not None)
            names = names or has
            for column, now, first in zip((self._fields.id, self._fields.target), has, names, strict=True):
                if now != first:
                    raise row.fault("some rows have this column and others lack it or leave it empty", column)
            sample = self._sample(row, number)
            if sample.id in lines:
                message = f"the id {sample.id!r} is given twice, in line {lines[sample.id]} too"
                raise row.fault(message, self._fields.id)
            lines[sample.id] = row.line
            yield sample

    def _sample(self, row: Row, number: int) -> Sample:
        if row.prefix:
            self._check_columns(row)
        choices = self._choices(row)
        fillings = self._fillings(row, choices)
        return Sample(
            id=self._id(row, number),
            input=self._input(row, fillings),
            target=self._target(row),
            choices=choices,
            scenario=self._scenario(row),
            seed=self._seed(row),
            user_turns=self._user_turns(row, fillings),
            metadata=self._metadata(row),
            cluster=self._text(row, "cluster"),
        )

    # --- columns ------------------------------------------------------------------------------

    def _value(self, row: Row, field: str) -> Any:
        """What a row holds for a field; None where it holds nothing."""
        column: str = getattr(self._fields, field)
        if column not in row.values:
            if field in self._explicit:
                raise row.absent(column)
            return None
        value = row.values[column]
        return None if row.textual and value == "" else value

    def _text(self, row: Row, field: str) -> str:
        value = self._value(row, field)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise row.fault(f"must be text; got {brief(value)}", getattr(self._fields, field))
        return str(value)

    def _check_columns(self, row: Row) -> None:
        """In a task's own samples a column that nothing uses is a slip of the pen."""
        templates = [template for template in (self._prompt, *self._turns) if template]
        named = [name for template in templates for name in template.fields]
        used = [*self._fields.columns(), *self._spec.metadata, *named]
        for column in row.values:
            if column not in used:
                raise row.fault(f"nothing uses this field; {nearest(column, used)}", column)

    # --- parts of a sample --------------------------------------------------------------------

    def _id(self, row: Row, number: int) -> str:
        text = self._text(row, "id")
        if self._value(row, "id") is not None and not text.strip():
            raise row.fault("an id must not be empty", self._fields.id)
        return text or str(number)

    def _check_stored(self, row: Row, value: Any, column: str) -> None:
        """Targets, metadata and scenarios are stored as JSON, whose whole numbers end at 64 bits."""
        if (number := beyond_64_bits(value)) is not None:
            raise row.fault(f"the whole number {brief(number)} is beyond 64 bits; quote it", column)

    def _target(self, row: Row) -> Any:
        target = self._value(row, "target")
        self._check_stored(row, target, self._fields.target)
        if self._spec.environment is not None or target is None:
            return target
        for value in target if isinstance(target, list) else [target]:
            if isinstance(value, bool) or value is None:
                shown = "null" if value is None else str(value).lower()
                raise row.fault(
                    f"a right answer must be text or a number; got {shown}: quote it if the answer is the word",
                    self._fields.target,
                )
        if target == []:
            raise row.fault("the list of right answers is empty", self._fields.target)
        return target

    def _choices(self, row: Row) -> tuple[str, ...]:
        mapped = self._fields.choices
        if isinstance(mapped, str):
            found, column = self._list(row, "choices"), mapped
            if found is None:
                return ()
        else:
            found, column = self._choice_columns(row, mapped), mapped[0]
        choices = tuple(self._choice(row, choice, column) for choice in found)
        if not 2 <= len(choices) <= len(LETTERS):
            raise row.fault(f"there are {len(choices)} choices; 2 to {len(LETTERS)} are accepted", column)
        return choices

    def _choice_columns(self, row: Row, columns: Sequence[str]) -> list[Any]:
        for column in columns:
            if column not in row.values:
                raise row.absent(column)
        found = [row.values[column] for column in columns]
        while found and found[-1] in (None, ""):
            found.pop()  # a question with fewer options than others leaves the last ones empty
        return found

    def _choice(self, row: Row, choice: Any, column: str) -> str:
        if isinstance(choice, bool) or not isinstance(choice, str | int | float) or choice == "":
            raise row.fault(
                f"each choice must be text or a number; got {brief(choice)}: quote it if it is meant as a word",
                column,
            )
        return str(choice)

    def _list(self, row: Row, field: str) -> list[Any] | None:
        column = getattr(self._fields, field)
        value = self._value(row, field)
        if row.textual and isinstance(value, str):
            try:
                value = read_json(value.encode())
            except ValueError:
                value = None
            if not isinstance(value, list):
                raise row.fault('must be a list in JSON, such as ["one", "two"]', column)
        if value is not None and not isinstance(value, list):
            raise row.fault(f"must be a list; got {brief(value)}", column)
        return value

    def _scenario(self, row: Row) -> Any:
        value = self._value(row, "scenario") if self._spec.environment else None
        value = self._spec.scenario if value is None else value
        if value is not None and not isinstance(value, str | dict):
            raise row.fault(f"must be a name or parameters; got {brief(value)}", self._fields.scenario)
        self._check_stored(row, value, self._fields.scenario)
        return value

    def _seed(self, row: Row) -> int:
        value = self._value(row, "seed") if self._spec.environment else None
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = int(value)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            hint = f"a seed is a whole number from 0, or its digits as text; got {brief(value)}"
            raise row.fault(hint, self._fields.seed)
        return value

    def _user_turns(self, row: Row, fillings: dict[str, Filling]) -> tuple[str, ...]:
        own = self._list(row, "user_turns")
        if own is None:
            return tuple("".join(map(str, turn.render(fillings))) for turn in self._turns)
        for turn in own:
            if not isinstance(turn, str) or not turn:
                raise row.fault(f"each turn must be text; got {brief(turn)}", self._fields.user_turns)
        return tuple(own)

    def _metadata(self, row: Row) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        if category := self._text(row, "category"):
            kept["category"] = category
        for column in self._spec.metadata:
            if column not in row.values:
                raise row.absent(column)
            self._check_stored(row, row.values[column], column)
            kept[column] = row.values[column]
        return kept

    # --- the prompt ---------------------------------------------------------------------------

    def _input(self, row: Row, fillings: dict[str, Filling]) -> str | tuple[Message, ...]:
        if self._prompt is None:
            return ()
        unplaced = [field for field in MEDIA_FIELDS if field not in self._prompt.fields]
        media = [part for field in unplaced for part in self._media(row, field)]
        parts: list[str | Part] = [*media, *self._prompt.render(fillings)]
        if all(isinstance(part, str) for part in parts):
            return "".join(map(str, parts))
        return (Message.user(parts),)

    def _fillings(self, row: Row, choices: tuple[str, ...]) -> dict[str, Filling]:
        templates = [template for template in (self._prompt, *self._turns) if template]
        return {name: self._filling(row, name, choices) for template in templates for name in template.fields}

    def _filling(self, row: Row, name: str, choices: tuple[str, ...]) -> Filling:
        if name == "choices" and choices:
            return lettered(choices)
        column = getattr(self._fields, name) if name in FieldMap.model_fields else name
        column = column if isinstance(column, str) else name
        if column not in row.values:
            raise row.fault(
                f"the prompt names {{{name}}} and {self._called(row)} has no such field; "
                f"{nearest(column, row.values)}",
                column,
            )
        if name in MEDIA_FIELDS:
            return self._media(row, name)
        value = row.values[column]
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value in ("", math.inf):
            raise row.fault(
                f"the prompt puts in text and numbers only, and {self._called(row)} has {brief(value)}",
                column,
            )
        return str(value)

    def _called(self, row: Row) -> str:
        name = row.values.get(self._fields.id)
        return f"sample {name!r}" if name is not None else "the sample"

    def _media(self, row: Row, field: str) -> list[Part]:
        value = self._value(row, field)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        return [self._medium(row, field, item) for item in items]

    def _medium(self, row: Row, field: str, item: Any) -> Part:
        column = getattr(self._fields, field)
        if not isinstance(item, str) or not item:
            raise row.fault(f"must be a path or an address (http…); got {brief(item)}", column)
        if item.startswith(("http://", "https://")):
            return _MEDIA[field](url=item)
        try:
            return _MEDIA[field].from_path(row.folder / Path(item))
        except ConfigurationError as error:
            raise row.fault(str(error), column) from error
