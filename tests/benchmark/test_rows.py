"""Data files: every broken row is named by file and line."""

import csv
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbench_sdk.benchmark import Task
from agentbench_sdk.benchmark.exact import read_json
from agentbench_sdk.benchmark.rows import file_rows
from agentbench_sdk.errors import TaskError

Load = Callable[[str], Task]
JSONL = "name: t\nsamples_file: data.jsonl\njudges: [same]\n"
CSV = "name: t\nsamples_file: data.csv\njudges: [same]\n"


def test_jsonl_rows_become_samples(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(
        '\ufeff{"id": 1, "question": "Да?", "target": 2.5, "extra": {"x": 1}}\n\n'
        '{"id": "b", "question": "No?", "target": "no", "choices": ["yes", "no"]}\n',
        encoding="utf-8",
    )
    one, two = load(JSONL).load()
    assert (one.id, one.input, one.target, one.metadata) == ("1", "Да?", 2.5, {})
    assert (two.id, two.choices) == ("b", ("yes", "no"))


def test_csv_rows_become_samples(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(
        "id,question,target,choices,A,B,C,note\r\n"
        '1,"What, then?",x,"[""x"", ""y""]",a,b,,\r\n'
        '2,"Two\nlines",y,,c,d,e,kept\r\n',
        encoding="utf-8",
    )
    one, two = load(CSV).load()
    assert (one.input, one.choices, one.target) == ("What, then?", ("x", "y"), "x")
    assert (two.input, two.choices) == ("Two\nlines", ())
    mapped = load(CSV + "fields: {choices: [A, B, C]}\nmetadata: [note]\n").load()
    assert [sample.choices for sample in mapped] == [("a", "b"), ("c", "d", "e")]
    assert mapped[1].metadata == {"note": "kept"}


def test_rows_may_bring_seeds_and_turns_as_text(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text('id,scenario,seed,user_turns\na,big-tank,12,"[""Go on.""]"\nb,,,\n')
    one, two = load(CSV + "environment: tap\nscenario: default\n").load()
    assert (one.scenario, one.seed, one.user_turns) == ("big-tank", 12, ("Go on.",))
    assert (two.scenario, two.seed, two.user_turns) == ("default", 0, ())


GOOD = b'{"question": "a", "target": "b"}\n'


@pytest.mark.parametrize(
    ("content", "line", "field", "hint"),
    [
        (GOOD + b'{"question": }\n', 2, None, "is not valid JSON"),
        (GOOD + b"\n\n[1]\n", 4, None, "one JSON object"),
        (GOOD + b'{"question": "\xff"}\n', 2, None, "is not valid JSON"),
        (GOOD + b'{"question": "a", "target": NaN}\n', 2, None, "is not valid JSON"),
        (GOOD + b'{"question": "a"}\n', 2, "target", "others lack it"),
        (GOOD + b'{"question": "a", "target": null}\n', 2, "target", "others lack it"),
        (GOOD + b'{"question": "a", "target": false}\n', 2, "target", "got false"),
        (GOOD + b'{"qestion": "a", "target": "b"}\n', 2, "question", "did you mean 'qestion'"),
        (GOOD + b'{"question": null, "target": "b"}\n', 2, "question", "text and numbers only"),
        (GOOD + b'{"question": "a", "target": "b", "choices": ["x", null]}\n', 2, "choices", "got None"),
        (GOOD + b'{"question": "a", "target": "b", "choices": "xy"}\n', 2, "choices", "must be a list"),
        (GOOD + b'{"question": "a", "target": "b", "category": []}\n', 2, "category", "must be text"),
        (GOOD + b'{"question": "a", "target": "b", "user_turns": [""]}\n', 2, "user_turns", "must be text"),
        (GOOD + b'{"question": "a", "target": "b", "image": "x.png"}\n', 2, "image", "cannot be read"),
        (GOOD + b'{"question": "a", "target": "b", "id": "c"}\n', 2, "id", "others lack it"),
        (b'{"id": 1, "question": "a"}\n\n{"id": "1", "question": "a"}\n', 3, "id", "in line 1 too"),
    ],
)
def test_a_broken_jsonl_row_is_named(
    load: Load, tmp_path: Path, content: bytes, line: int, field: str | None, hint: str
) -> None:
    (tmp_path / "data.jsonl").write_bytes(content)
    _expect(load, JSONL, str(tmp_path / "data.jsonl"), line, field, hint)


@pytest.mark.parametrize(
    ("content", "line", "field", "hint"),
    [
        (b"question,target\na,b\na,b,c\n", 3, None, "has 3 cells and the header 2"),
        (b"question,target\na\n", 2, None, "has 1 cells and the header 2"),
        (b'question,target\n"a\nb",c\n"d"x,e\n', 4, None, "is not valid CSV"),
        (b'question,target\na,b\n"a,b\n', 3, None, "is not valid CSV"),
        (b"question,question\na,b\n", 1, None, "'question' twice"),
        (b"question,,x\na,b,c\n", 1, None, "column 2 of the header has no name"),
        (b"question,target\na,b\n\xff,b\n", None, None, "is not UTF-8"),
        (b"question,target\na,b\nc,\n", 3, "target", "others lack it"),
        (b"question,target\n,b\n", 2, "question", "text and numbers only"),
        (b"question,choices\na,x|y\n", 2, "choices", "must be a list in JSON"),
        (b"frage,target\na,b\n", 2, "question", "accepted: frage, target"),
    ],
)
def test_a_broken_csv_row_is_named(
    load: Load, tmp_path: Path, content: bytes, line: int | None, field: str | None, hint: str
) -> None:
    (tmp_path / "data.csv").write_bytes(content)
    _expect(load, CSV, str(tmp_path / "data.csv"), line, field, hint)


def _expect(load: Load, text: str, file: str, line: int | None, field: str | None, hint: str) -> None:
    with pytest.raises(TaskError) as caught:
        load(text).load()
    error = caught.value
    assert (error.file, error.field) == (file, field), error
    assert line is None or error.line == line, error
    assert hint in str(error)


def test_a_mapped_column_that_is_missing_is_named(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_bytes(GOOD)
    with pytest.raises(TaskError, match=r"'answer' is missing; accepted: question, target"):
        load(JSONL + "fields: {target: answer}\n").load()
    with pytest.raises(TaskError, match=r"'optoin' is missing"):
        load(JSONL + "fields: {choices: [question, optoin]}\n").load()


def test_an_empty_file_has_no_samples(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_bytes(b"\n")
    with pytest.raises(TaskError, match="task 't' has no samples"):
        load(JSONL).load()


def test_a_file_is_read_row_by_row(tmp_path: Path) -> None:
    """The first row is there before the broken second one is looked at."""
    for name, content in (("a.jsonl", b'{"x": 1}\nbroken\n'), ("a.csv", b"x\n1\n1,2\n")):
        (tmp_path / name).write_bytes(content)
        rows = file_rows(tmp_path / name, name)
        assert str(next(rows).values["x"]) == "1"
        with pytest.raises(TaskError, match=name):
            next(rows)


def test_media_of_a_data_file_lie_beside_it(load: Load, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.wav").write_bytes(b"sound")
    (tmp_path / "data" / "rows.jsonl").write_text('{"question": "What is it?", "audio": "a.wav"}\n')
    (message,) = load("name: t\nsamples_file: data/rows.jsonl\njudges: [same]\n").load()[0].messages
    assert [type(part).__name__ for part in message.content] == ["Audio", "Text"]


WORLD = "environment: tap\n"
BIG = 2**128 - 1
USUAL_LIMIT = 131_072  # of the csv module


@pytest.mark.parametrize("written", [str(BIG), f'"{BIG}"'])
def test_a_seed_of_128_bits_is_kept_to_the_digit(load: Load, tmp_path: Path, written: str) -> None:
    (tmp_path / "data.jsonl").write_text(f'{{"seed": {written}, "scenario": "big-tank"}}\n')
    (sample,) = load(JSONL + WORLD).load()
    assert sample.seed == BIG
    assert sample.to_dict()["seed"] == str(BIG)


@pytest.mark.parametrize(
    "written", ["3.4e38", '"12a"', '"-1"', '""', '"\\u0663"', f'"{"9" * 41}"', "-1", "true"]
)
def test_what_is_no_seed_is_refused_in_a_row_as_well(load: Load, tmp_path: Path, written: str) -> None:
    (tmp_path / "data.jsonl").write_text(f'{{"seed": {written}}}\n')
    _expect(load, JSONL + WORLD, str(tmp_path / "data.jsonl"), 1, "seed", "its digits as text")


def test_long_numbers_reach_the_prompt_and_the_choices_as_they_are_written(
    load: Load, tmp_path: Path
) -> None:
    row = f'{{"question": {10**60 + 1}, "choices": [{BIG}, {2**64}], "target": "A", "x": 1.{"3" * 30}}}\n'
    (tmp_path / "data.jsonl").write_text(row)
    (sample,) = load(JSONL + "metadata: [x]\n").load()
    assert str(10**60 + 1) in str(sample.input)
    assert sample.choices == (str(BIG), str(2**64))
    assert sample.metadata["x"] == float("1." + "3" * 30)
    (tmp_path / "data.csv").write_text(f'question,choices\n?,"[{BIG}, 1]"\n')
    assert load(CSV).load()[0].choices == (str(BIG), "1")


@pytest.mark.parametrize(
    ("row", "field", "hint"),
    [
        (f'{{"question": "a", "target": {2**64}}}', "target", "is beyond 64 bits; quote it"),
        (f'{{"question": "a", "target": ["b", {-(2**63) - 1}]}}', "target", "is beyond 64 bits"),
        (f'{{"question": "a", "x": {{"y": [{BIG}]}}}}', "x", "is beyond 64 bits"),
        (f'{{"question": "a", "y": {BIG}, "x": }}', None, "is not valid JSON"),
        (f'{{"question": "a", "x": {"0" * 25}}}', None, "is not valid JSON"),
        (f'{{"question": "a", "x": [{BIG}, NaN]}}', None, "is not valid JSON"),
        (f'{{"question": "a", "x": {"9" * 5000}}}', None, "of 5,000 digits is too long"),
        (f'{{"question": "a", "x": {"9" * 400}.5}}', None, "a number is too large"),
    ],
)
def test_a_number_that_cannot_be_kept_is_refused(
    load: Load, tmp_path: Path, row: str, field: str | None, hint: str
) -> None:
    (tmp_path / "data.jsonl").write_bytes(b"\n" + row.encode() + b"\n")
    _expect(load, JSONL + "metadata: [x]\n", str(tmp_path / "data.jsonl"), 2, field, hint)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@given(st.dictionaries(WORDS, st.integers() | WORDS | st.floats(0, 1)))
def test_json_is_read_to_the_digit(value: dict[str, object]) -> None:
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


def test_a_long_cell_is_read_and_the_limit_of_the_csv_module_stays(load: Load, tmp_path: Path) -> None:
    csv.field_size_limit(USUAL_LIMIT)
    text = "word " * 100_000
    (tmp_path / "data.csv").write_text(f'question,target\n"{text}",b\nnext,c\n')
    rows = file_rows(tmp_path / "data.csv", "data.csv")
    assert next(rows).values["question"] == text
    assert csv.field_size_limit() == USUAL_LIMIT
    assert [row.values["question"] for row in rows] == ["next"]
    assert len(load(CSV).load()[0].messages[0].text) == len(text)


def test_files_may_be_read_by_turns_and_in_threads(tmp_path: Path) -> None:
    csv.field_size_limit(USUAL_LIMIT)
    for name in "abcd":
        (tmp_path / f"{name}.csv").write_text("x\n" + f"{name * 200_000}\n" * 20)

    def lengths(name: str) -> list[int]:
        return [len(row.values["x"]) for row in file_rows(tmp_path / f"{name}.csv", name)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lengths, "abcd")) == [[200_000] * 20] * 4
    assert csv.field_size_limit() == USUAL_LIMIT


def test_a_cell_beyond_the_limit_is_refused_with_its_line(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentbench_sdk.benchmark.rows.LONGEST_CELL", 1000)
    (tmp_path / "data.csv").write_text("question\n" + "x" * 1000 + '\n"' + "y" * 1001)
    hint = "a cell holds more than 1,000 characters; is a closing quote missing?"
    _expect(load, CSV, str(tmp_path / "data.csv"), 3, None, hint)
