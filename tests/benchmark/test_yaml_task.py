"""Task files: what they may say, and what is said of those that are wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agentbench_sdk.benchmark import Registry, Task, yaml_task_file
from agentbench_sdk.errors import ConfigurationError, TaskError
from agentbench_sdk.messages import Image, Text
from agentbench_sdk.models import GenerateParams
from agentbench_sdk.sessions.ending import Limits

Load = Callable[[str], Task]

SMALL = """\
name: small
samples:
  - question: What is 6 times 7?
    target: 42
judges: [same]
"""

FULL = """\
name: full
version: 3
description: >
  Everything that a task file
  may say.
system: Be brief.
prompt: |-
  {question} ({hint})

  {choices}
samples:
  - id: one
    question: Which is a colour?
    hint: "{not a field}"
    choices: [red, 7, no, 12:30, 007, '1.50']
    target: A
    category: colours
    cluster: basics
    source: a book
    user_turns: ['Sure?']
  - id: two
    question: Which is a fruit?
    hint: it grows
    choices: [stone, plum]
    target: [plum, B]
    source: a tree
metadata: [source]
judges:
  - same
  - name: close
    tolerance: 0.5
params: {temperature: 0, max_tokens: 20, stop: [END], extra_body: {top_k: 5}}
limits: {turns: 4, cost_usd: 0.5}
epochs: 2
user_turns:
  - And why {question}
"""


def test_a_small_file_is_a_task(load: Load) -> None:
    task = load(SMALL)
    (sample,) = task.load()
    assert (task.name, task.version, sample.id, sample.input, sample.target) == (
        "small",
        "1",
        "1",
        "What is 6 times 7?",
        42,
    )
    assert [judge.id for judge in task.judges] == ["same"]


def test_a_file_says_everything_that_a_task_holds(load: Load) -> None:
    task = load(FULL)
    one, two = task.load()
    assert task.version == "3"
    assert task.description == "Everything that a task file may say."
    assert task.system == "Be brief."
    assert task.params == GenerateParams(temperature=0, max_tokens=20, stop=("END",), extra_body={"top_k": 5})
    assert task.limits == Limits(turns=4, cost_usd=0.5)
    assert task.epochs == 2
    assert [judge.id for judge in task.judges] == ["same", "close(tolerance=0.5)"]
    assert one.metadata == {"category": "colours", "source": "a book"}
    assert one.cluster == "basics"
    assert one.user_turns == ("Sure?",)
    assert two.user_turns == ("And why Which is a fruit?",)
    assert two.target == ["plum", "B"]
    assert two.input == "Which is a fruit? (it grows)\n\nA. stone\nB. plum"


def test_no_word_turns_into_something_else(load: Load) -> None:
    """The Norway problem, clock times, leading zeros: what is written is what is asked."""
    one = load(FULL).load()[0]
    assert one.choices == ("red", "7", "no", "12:30", "007", "1.50")
    assert one.input == (
        "Which is a colour? ({not a field})\n\nA. red\nB. 7\nC. no\nD. 12:30\nE. 007\nF. 1.50"
    )


@pytest.mark.parametrize(
    "word", ["yes", "No", "on", "Off", "TRUE", "2024-01-31", "1_000", "0o17", ".inf", "+5"]
)
def test_a_target_is_the_text_that_is_written(load: Load, word: str) -> None:
    assert load(SMALL.replace("42", word)).load()[0].target == word


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "hint"),
    [
        ("judges:", "jugdes:", 5, "jugdes", "did you mean 'judges'"),
        ("judges: [same]", "jugdes:\n\n- same", 5, "jugdes", "did you mean 'judges'"),
        ("name: small", "nam: small", 1, "nam", "did you mean 'name'"),
        ("name: small", "name: a b", 1, "name", "letters, digits"),
        ("name: small", "name: 7", 1, "name", "quote it"),
        ("name: small\n", "", 1, "", "'name' is missing"),
        ("judges: [same]", "judges: []", 5, "judges", "at least 1 item"),
        ("judges: [same]", "judges: same", 5, "judges", "write a list"),
        ("judges: [same]", "judges: [sane]", 5, "judges.0", "did you mean 'same'"),
        (
            "judges: [same]",
            "judges:\n- same\n- name: close\n  tolerance: high",
            7,
            "judges.1",
            "'tolerance' is float",
        ),
        (
            "judges: [same]",
            "judges:\n- {name: close, tolerence: 1}",
            6,
            "judges.0",
            "did you mean 'tolerance'",
        ),
        ("judges: [same]", "judges: [{tolerance: 1}]", 5, "judges.0", 'such as {"name"'),
        ("judges: [same]", "judges: [same]\nepochs: '2'", 6, "epochs", "valid integer; got '2'"),
        ("judges: [same]", "judges: [same]\nepochs: true", 6, "epochs", "valid integer; got True"),
        ("judges: [same]", "judges: [same]\nepochs: 0", 6, "epochs", "greater than or equal to 1"),
        ("judges: [same]", "judges: [same]\nversion: 1.10", 6, "version", "quote it"),
        (
            "judges: [same]",
            "judges: [same]\nlimits:\n  turns: 3\n  tokns: 4",
            8,
            "limits.tokns",
            "did you mean 'tokens'",
        ),
        ("judges: [same]", "judges: [same]\nlimits:\n  turns: 2.5", 7, "limits.turns", "valid integer"),
        (
            "judges: [same]",
            "judges: [same]\nparams:\n  temprature: 1",
            7,
            "params.temprature",
            "did you mean 'temperature'",
        ),
        ("judges: [same]", "judges: [same]\nparams: {stop: END}", 6, "params.stop", "write a list"),
        (
            "judges: [same]",
            "judges: [same]\nfields: {targt: answer}",
            6,
            "fields.targt",
            "did you mean 'target'",
        ),
        (
            "judges: [same]",
            "judges: [same]\nfields: {target: answer}",
            3,
            "samples.0.answer",
            "'answer' is missing",
        ),
        (
            "judges: [same]",
            "judges: [same]\nmetadata: [source]",
            3,
            "samples.0.source",
            "'source' is missing",
        ),
        ("judges: [same]", "judges: [same]\nprompt: '{question'", 6, "prompt", "write '{{'"),
        ("judges: [same]", "judges: [same]\nprompt: '{question.x}'", 6, "prompt", "is no field"),
        ("judges: [same]", "judges: [same]\nprompt: '{question[0]}'", 6, "prompt", "is no field"),
        ("judges: [same]", "judges: [same]\nprompt: '{question!r}'", 6, "prompt", "is no field"),
        (
            "judges: [same]",
            "judges: [same]\nprompt: '{qestion}'",
            3,
            "samples.0.qestion",
            "did you mean 'question'",
        ),
        ("judges: [same]", "judges: [same]\nuser_turns: ['{}']", 6, "user_turns.0", "is no field"),
        ("judges: [same]", "judges: [same]\njudges: [same]", 6, "judges", "given twice"),
        ("judges: [same]", "judges: [same", 6, "", "is not valid YAML"),
        ("judges: [same]", "judges: [same]\n---\nname: other", 6, "", "is not valid YAML"),
        ("judges: [same]", "judges: [same]\nseeds: 1-5", 6, "seeds", "exactly one of samples, samples_file"),
        ("judges: [same]", "judges: [same]\nscenario: x", 6, "scenario", "needs an 'environment'"),
        ("judges: [same]", "judges: [same]\nenvironment: tab", 6, "environment", "did you mean 'tap'"),
        (
            "judges: [same]",
            "judges: [same]\nenvironment: tap\nscenario: big-tnk",
            7,
            "scenario",
            "did you mean 'big-tank'",
        ),
        (
            "judges: [same]",
            "judges: [same]\nenvironment: tap\nscenario: {litre: 1}",
            7,
            "scenario",
            "parameters: litres",
        ),
        ("judges: [same]", "judges: [same]\n1: x", 6, "", "the key 1 is no text"),
        ("judges: [same]", "judges: [same]\nsystem: !!python/name:os.system x", 6, "system", "not supported"),
        ("judges: [same]", "judges: [same]\nsystem: !!binary aGk=", 6, "system", "not supported"),
        ("judges: [same]", "judges: [same]\nepochs: !!int seven", 6, "epochs", "'seven' is no int"),
        ("judges: [same]", "judges: [same]\nparams: {seed: 1e999}", 6, "params.seed", "too large"),
        ("judges: [same]", "judges: [same]\nparams: &p {extra_body: *p}", 6, "params", "nested deeper"),
        ("42", "true", 4, "samples.0.target", "got true: quote it"),
        ("42", "[1, null]", 4, "samples.0.target", "got null: quote it"),
        ("42", "[]", 4, "samples.0.target", "is empty"),
        ("42", "2.50", 4, "samples.0.target", "would become 2.5; write that, or quote it"),
        ("42", "[1e3]", 4, "samples.0.target.0", "would become 1000.0"),
        ("target:", "tagret:", 4, "samples.0.tagret", "did you mean 'target'"),
        ("target: 42", "choices: [a, true]", 4, "samples.0.choices", "got True: quote it"),
        ("target: 42", "choices: [a]", 4, "samples.0.choices", "2 to 26 are accepted"),
        ("target: 42", "choices: a", 4, "samples.0.choices", "must be a list"),
        ("target: 42", "id: ''", 4, "samples.0.id", "must not be empty"),
        ("target: 42", "id: 1.5", 4, "samples.0.id", "must be text"),
        ("target: 42", "image: cat.png", 4, "samples.0.image", "cannot be read"),
        ("target: 42", "image: cat.wav", 4, "samples.0.image", "image format"),
        ("target: 42", "image: 7", 4, "samples.0.image", "must be a path or an address"),
        ("What is 6 times 7?", "", 3, "samples.0.question", "text and numbers only"),
        ("What is 6 times 7?", "[6, 7]", 3, "samples.0.question", "text and numbers only"),
        ("What is 6 times 7?", "x\n    id: [1]", 4, "samples.0.id", "must be text"),
        ("    target: 42", "    target: 42\n  - question: x", 5, "samples.1.target", "others lack it"),
        (
            "    target: 42",
            "    target: 42\n  - {question: x, target: 1, id: a}",
            5,
            "samples.1.id",
            "others lack it",
        ),
        (
            "    target: 42",
            "    id: a\n  - question: x\n    id: a",
            6,
            "samples.1.id",
            "given twice, in line 3",
        ),
        ("    target: 42", "    target: 42\n  - text", 5, "samples.1", "valid dictionary; got 'text'"),
    ],
)
def test_a_wrong_file_is_one_sentence_with_file_line_field_and_hint(
    load: Load, tmp_path: Path, old: str, new: str, line: int, field: str, hint: str
) -> None:
    assert old in SMALL
    with pytest.raises(TaskError) as caught:
        load(SMALL.replace(old, new, 1)).load()
    error = caught.value
    assert (error.line, error.field or "") == (line, field), error
    assert error.file == str(tmp_path / "task.yaml")
    assert hint in str(error)
    assert str(error).startswith(f"{tmp_path / 'task.yaml'}:{line}")
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "is empty"),
        (b"# only a comment\n", "is empty"),
        (b"- a\n- b\n", "must hold a mapping"),
        (b"name: a\n\xff: b\n", "not UTF-8"),
        (b"name: a\nsystem: \x07\n", r"U\+0007 is not allowed"),
        (b"a: [" * 400, "is n"),
        (b"[" * 5000, "is nested deeper"),
    ],
)
def test_what_is_no_task_file_at_all_is_refused(
    tmp_path: Path, registry: Registry, content: bytes, hint: str
) -> None:
    file = tmp_path / "task.yaml"
    file.write_bytes(content)
    with pytest.raises(TaskError, match=hint) as caught:
        registry.task(file)
    assert caught.value.file == str(file)


def test_a_file_needs_samples_from_somewhere(load: Load) -> None:
    with pytest.raises(
        TaskError, match="exactly one of samples, samples_file, dataset, seeds is needed; there is none"
    ):
        load("name: a\njudges: [same]\n")


def test_a_byte_order_mark_is_no_part_of_the_name(load: Load) -> None:
    assert load("\ufeff" + SMALL).name == "small"


def test_a_small_file_cannot_become_endless(load: Load) -> None:
    """Aliases of aliases double with each line; they are counted, not spelled out."""
    lines = ["metadata:", "- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(TaskError, match="holds more than 1,000,000 values"):
        load(SMALL + "\n".join(lines))


def test_a_file_that_is_not_there_is_named(registry: Registry) -> None:
    with pytest.raises(TaskError, match=r"nowhere\.yaml: there is no such file"):
        registry.task("nowhere.yaml")


def test_a_file_takes_no_parameters(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "a.yaml").write_text(SMALL)
    with pytest.raises(ConfigurationError, match="takes no parameters; got 'seeds'"):
        registry.task(tmp_path / "a.yaml", {"seeds": "1"})


def test_seeds_make_a_sample_each(load: Load) -> None:
    task = load("name: t\nenvironment: tap\nscenario: big-tank\nseeds: 1-3\njudges: [same]\n")
    samples = task.load()
    assert task.environment == "tap"
    assert [sample.id for sample in samples] == [f"big-tank-seed-{seed}" for seed in (1, 2, 3)]
    assert [(sample.scenario, sample.seed, sample.cluster) for sample in samples][1] == (
        "big-tank",
        2,
        "seed-2",
    )
    assert samples[0].messages == ()


def test_overrides_of_a_scenario_are_kept(load: Load) -> None:
    text = "name: t\nenvironment: tap\nscenario: {base: big-tank, litres: 7}\nseeds: [5]\njudges: [same]\n"
    (sample,) = load(text).load()
    assert sample.scenario == {"base": "big-tank", "litres": 7}
    assert sample.id == "big-tank-seed-5"


def test_samples_may_bring_their_own_scenario_and_seed(load: Load) -> None:
    text = """\
name: t
environment: tap
scenario: big-tank
samples:
  - {id: a, seed: 4, target: {turned: true}}
  - {id: b, seed: 0, target: null, scenario: {litres: 3}}
judges: [same]
"""
    with pytest.raises(TaskError, match="others lack it"):
        load(text).load()
    a, b = load(text.replace("target: null", "target: {turned: false}")).load()
    assert (a.scenario, a.seed, a.target) == ("big-tank", 4, {"turned": True})
    assert (b.scenario, b.seed) == ({"litres": 3}, 0)


@pytest.mark.parametrize(
    ("seed", "hint"), [("-1", "whole number"), ("true", "whole number"), ("'7.0'", "its digits as text")]
)
def test_a_bad_seed_is_refused(load: Load, seed: str, hint: str) -> None:
    text = f"name: t\nenvironment: tap\nsamples:\n- seed: {seed}\njudges: [same]\n"
    with pytest.raises(TaskError, match=hint) as caught:
        load(text).load()
    assert (caught.value.line, caught.value.field) == (4, "samples.0.seed")


def test_seeds_of_128_bits_are_kept_to_the_digit(load: Load) -> None:
    big = 2**128 - 1
    head = "name: t\nenvironment: tap\njudges: [same]\n"
    for seeds in (f"[{big}, '{big - 1}']", f"'{big},{big - 1}'"):
        assert [sample.seed for sample in load(f"{head}seeds: {seeds}\n").load()] == [big, big - 1]
    rows = load(f"{head}samples:\n- seed: {big}\n- seed: '{big}'\n").load()
    assert [sample.seed for sample in rows] == [big, big]


@pytest.mark.parametrize(
    ("params", "accepted"),
    [
        ("temperature: -3", "0 or more"),
        ("temperature: -0.01", "0 or more"),
        ("top_p: 7", "0 to 1"),
        ("top_p: -0.1", "0 to 1"),
        ("max_tokens: -5", "1 or more"),
        ("max_tokens: 0", "1 or more"),
        ("frequency_penalty: 2.5", "-2 to 2"),
        ("presence_penalty: -3", "-2 to 2"),
        ("top_logprobs: 21", "0 to 20"),
    ],
)
def test_a_parameter_out_of_range_is_refused_with_what_is_accepted(
    load: Load, params: str, accepted: str
) -> None:
    name, _, value = params.partition(": ")
    with pytest.raises(TaskError) as caught:
        load(f"{SMALL}params:\n  seed: 1\n  {params}\n")
    assert (caught.value.line, caught.value.field) == (8, f"params.{name}")
    assert str(caught.value).endswith(f"accepted: {accepted}; got {value}")


@pytest.mark.parametrize(
    "params", ["temperature: 0", "temperature: 2.5", "top_p: 1", "max_tokens: 1", "presence_penalty: -2"]
)
def test_the_ends_of_a_range_are_accepted(load: Load, params: str) -> None:
    name, _, value = params.partition(": ")
    assert getattr(load(f"{SMALL}params: {{{params}}}\n").params, name) == float(value)


@pytest.mark.parametrize("epochs", [0, -1])
def test_no_attempts_at_all_are_refused(load: Load, epochs: int) -> None:
    with pytest.raises(TaskError, match="greater than or equal to 1") as caught:
        load(f"{SMALL}epochs: {epochs}\n")
    assert (caught.value.line, caught.value.field) == (6, "epochs")


def test_bad_seeds_name_their_line(load: Load) -> None:
    with pytest.raises(TaskError, match="runs backwards") as caught:
        load("name: t\nenvironment: tap\nseeds: 5-1\njudges: [same]\n")
    assert (caught.value.line, caught.value.field) == (3, "seeds")


def test_media_lie_beside_the_file_and_come_before_the_text(load: Load, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"a cat")
    text = SMALL.replace("target: 42", "image: [cat.png, 'https://example.org/dog.png']")
    (message,) = load(text).load()[0].messages
    cat, dog, question = message.content
    assert cat == Image(data=b"a cat", media_type="image/png")
    assert dog == Image(url="https://example.org/dog.png")
    assert question == Text("What is 6 times 7?")


def test_a_prompt_may_place_media(load: Load, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"a cat")
    text = SMALL.replace("target: 42", "image: cat.png") + "prompt: 'Look: {image} {question}'\n"
    (message,) = load(text).load()[0].messages
    assert [type(part).__name__ for part in message.content] == ["Text", "Image", "Text"]


def test_columns_can_have_other_names(load: Load) -> None:
    text = """\
name: mapped
samples:
  - {idx: 9, ask: 'Which?', one: red, two: blue, three: null, gold: 0, topic: colours}
  - {idx: 10, ask: 'Which?', one: a, two: b, three: c, gold: 2, topic: letters}
fields: {id: idx, question: ask, target: gold, choices: [one, two, three], category: topic}
judges: [same]
"""
    first, second = load(text).load()
    assert (first.id, first.target, first.choices, first.metadata) == (
        "9",
        0,
        ("red", "blue"),
        {"category": "colours"},
    )
    assert second.input == "Which?\n\nA. a\nB. b\nC. c"


def test_a_data_file_that_is_not_there_names_its_neighbours(load: Load, tmp_path: Path) -> None:
    (tmp_path / "questions.csv").touch()
    with pytest.raises(TaskError, match=r"did you mean 'questions\.csv'") as caught:
        load("name: a\nsamples_file: question.csv\njudges: [same]\n")
    assert (caught.value.line, caught.value.field) == (2, "samples_file")
    with pytest.raises(TaskError, match=r"accepted formats: \.jsonl, \.csv"):
        load("name: a\nsamples_file: questions.parquet\njudges: [same]\n")


def test_a_task_file_of_a_package_is_found() -> None:
    task = yaml_task_file("agentbench_sdk.tasks.text", "calendar_questions.yaml")
    assert task.name == "calendar_questions"
    assert task.description.startswith("Dates, weekdays")
