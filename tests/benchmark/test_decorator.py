"""`@task`: parameters from Python are strict, texts of a command line are read as their types."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from agentbench_sdk.benchmark import Sample, Task, TaskFactory, task
from agentbench_sdk.errors import ConfigurationError, TaskError, UnknownNameError


def _made(**facts: object) -> Task:
    return Task("made", samples=[Sample("1", "?")], judges=[], description=repr(facts))


@task
def everything(
    required: int,
    text: str = "a",
    either: str | int = "1-5",
    share: float = 0.5,
    yes: bool = False,
    maybe: int | None = None,
    numbers: list[int] | None = None,
    names: tuple[str, ...] = (),
    more: Sequence[int] = (),
    mapping: dict[str, Any] | None = None,
    level: Literal["low", "high"] = "low",
    path: Path = Path(),
) -> Task:
    """Takes anything.

    A second paragraph.
    """
    facts = {key: value for key, value in locals().items() if key != "required"}
    return _made(**facts)


def _facts(made: Task) -> dict[str, Any]:
    return eval(made.description, {"PosixPath": Path, "WindowsPath": Path})  # type: ignore[no-any-return]


def test_a_task_knows_its_name_description_and_parameters() -> None:
    assert isinstance(everything, TaskFactory)
    assert everything.name == "everything"
    assert everything.description == "Takes anything."
    assert str(everything.parameters).startswith("required: int, text: str = 'a', either: str | int = '1-5'")


def test_a_name_can_be_given() -> None:
    @task(name="other-name")
    def function() -> Task:
        return _made()

    assert function.name == "other-name"
    assert function().name == "made"


def test_defaults_hold_for_what_is_left_out() -> None:
    assert _facts(everything(required=1))["either"] == "1-5"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("text", "null", "null"),
        ("text", "[1]", "[1]"),
        ("either", "7", "7"),
        ("share", "0.25", 0.25),
        ("share", "1", 1.0),
        ("yes", "true", True),
        ("yes", "no", False),
        ("maybe", "3", 3),
        ("maybe", "null", None),
        ("numbers", "[1, 2]", [1, 2]),
        ("numbers", "1,2, 9", [1, 2, 9]),
        ("numbers", "5", [5]),
        ("names", "a,b", ("a", "b")),
        ("names", '["a,b"]', ("a,b",)),
        ("more", "3,4", [3, 4]),
        ("mapping", '{"fee": 500}', {"fee": 500}),
        ("level", "high", "high"),
        ("path", "a/b", Path("a/b")),
    ],
)
def test_a_text_is_read_as_the_annotated_type(name: str, text: str, value: object) -> None:
    read = _facts(everything.build({"required": "1", name: text}, texts=True))[name]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("required", "one"),
        ("required", "1.5"),
        ("required", '1, "x": 2'),
        ("share", "nan"),
        ("share", "inf"),
        ("yes", "perhaps"),
        ("numbers", '["1"]'),
        ("numbers", "[1"),
        ("numbers", "1,,2"),
        ("names", '["a"'),
        ("mapping", "fee=500"),
        ("mapping", "{fee: 500}"),
        ("level", "medium"),
    ],
)
def test_a_text_of_another_type_is_refused_with_what_is_accepted(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        everything.build({"required": "1", name: text}, texts=True)
    message = str(caught.value)
    assert message.startswith(f"task 'everything': parameter '{name}' is ")
    assert repr(text) in message
    assert "(parameters: required: int, text: str = 'a'" in message


def test_json_of_another_type_is_told_what_is_wrong_in_it() -> None:
    with pytest.raises(ConfigurationError, match="should be a valid integer"):
        everything.build({"required": "1", "numbers": '["1"]'}, texts=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("required", "1"),
        ("required", True),
        ("required", 1.0),
        ("text", 1),
        ("share", "0.5"),
        ("share", float("nan")),
        ("yes", 1),
        ("numbers", "1,2"),
        ("numbers", [1, "2"]),
        ("mapping", {1: 2}),
        ("level", "medium"),
    ],
)
def test_values_from_python_are_not_coerced(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"parameter '{name}' is"):
        everything(**{"required": 1, name: value})


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [("names", ["a"], ("a",)), ("path", "x", Path("x")), ("share", 1, 1.0), ("more", (1,), (1,))],
)
def test_what_json_can_say_of_a_type_is_accepted(name: str, value: object, taken: object) -> None:
    assert _facts(everything(**{"required": 1, name: value}))[name] == taken


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match=r"no parameter 'txet'; did you mean 'text'"):
        everything(required=1, txet="b")


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ConfigurationError, match="needs the parameter 'required'"):
        everything()


def test_a_function_without_a_table_of_parameters_is_refused() -> None:
    @task
    def untyped(size=1) -> Task:  # type: ignore[no-untyped-def]
        return _made(size=size)

    @task
    def open_ended(**rest: int) -> Task:
        return _made(**rest)

    with pytest.raises(ConfigurationError, match="'size' has no annotation"):
        untyped()
    with pytest.raises(ConfigurationError, match="open; name each parameter"):
        open_ended()


def test_a_function_that_returns_no_task_is_refused() -> None:
    @task
    def nothing() -> Task:
        return None  # type: ignore[return-value]

    with pytest.raises(ConfigurationError, match="returned NoneType, not a Task"):
        nothing()


def test_an_annotation_that_cannot_be_found_is_named() -> None:
    @task
    def lost(size: "Nowhere" = 1) -> Task:  # type: ignore[name-defined]  # noqa: F821 - the point of the test
        return _made(size=size)

    with pytest.raises(ConfigurationError, match="an annotation names 'Nowhere'"):
        lost()


def test_what_a_task_function_raises_is_one_sentence_that_names_the_task() -> None:
    @task
    def broken(text: str = "two\n lines") -> Task:
        raise ValueError(text)

    with pytest.raises(TaskError) as caught:
        broken()
    assert str(caught.value) == "task 'broken': its function raised ValueError: two lines"
    assert isinstance(caught.value.__cause__, ValueError)
    with pytest.raises(TaskError, match=r"raised ValueError$"):
        broken(text="")


def _raising() -> Iterator[Sample]:
    yield Sample("1", "?")
    raise ZeroDivisionError("division by zero")


def test_what_the_function_of_the_samples_raises_is_one_sentence_too() -> None:
    made = Task("late", samples=_raising, judges=[])
    with pytest.raises(TaskError) as caught:
        made.load()
    expected = "task 'late': the function of its samples raised ZeroDivisionError: division by zero"
    assert str(caught.value) == expected


def test_errors_of_this_package_pass_unchanged() -> None:
    problem = UnknownNameError("colour", "rde", ["red"])

    @task
    def unlucky() -> Task:
        raise problem

    def samples() -> list[Sample]:
        raise problem

    with pytest.raises(UnknownNameError) as caught:
        unlucky()
    assert caught.value is problem
    with pytest.raises(UnknownNameError) as caught:
        Task("t", samples=samples, judges=[]).load()
    assert caught.value is problem


def test_a_sample_that_is_none_is_named() -> None:
    made = Task("loose", samples=[Sample("1", "?"), {"id": "2"}], judges=[])  # type: ignore[list-item]
    with pytest.raises(TaskError, match="sample 2 of task 'loose' is of type dict, not a Sample"):
        made.load()


class Weather(BaseModel):
    """A model whose fields are parameters."""

    wind: int = 3
    names: dict[str, int] = {}


@task(more=Weather)
def sailing(boats: int = 1, **weather: Any) -> Task:
    """Sails."""
    return _made(boats=boats, **weather)


def test_the_fields_of_a_model_are_further_parameters_and_only_those_given_are_passed_on() -> None:
    assert _facts(sailing()) == {"boats": 1}
    assert _facts(sailing(wind=7)) == {"boats": 1, "wind": 7}
    read = sailing.build({"boats": "2", "wind": "7", "names": '{"a": 1}'}, texts=True)
    assert _facts(read) == {"boats": 2, "wind": 7, "names": {"a": 1}}
    assert str(sailing.parameters) == "boats: int = 1, 2 more"


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"wnd": 1}, "has no parameter 'wnd'; did you mean 'wind'?"),
        ({"wind": "1"}, "parameter 'wind' is int and got '1'"),
    ],
)
def test_a_wrong_further_parameter_is_refused_like_any_other(given: dict[str, Any], hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sailing(**given)
    assert hint in str(caught.value)


def test_a_further_parameter_cannot_be_one_of_the_function_nor_go_nowhere() -> None:
    @task(more=Weather)
    def twice(wind: int = 1, **weather: Any) -> Task:
        return _made()

    @task(more=Weather)
    def closed() -> Task:
        return _made()

    with pytest.raises(ConfigurationError, match="wind is a parameter and a further one"):
        twice()
    with pytest.raises(ConfigurationError, match="takes no further keywords"):
        closed()
