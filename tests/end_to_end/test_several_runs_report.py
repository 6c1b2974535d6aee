"""Several runs in one report: side by side, compared where they are comparable, and read beside each other."""

import base64
import json
import re
import sqlite3
import zlib
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from agentbench_sdk import Image, Message, ModelRequest, Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges import exact, includes
from agentbench_sdk.messages import Audio, Usage, Video
from agentbench_sdk.models import ModelResponse
from agentbench_sdk.reporting import SideBySide, side_by_side, write_html
from agentbench_sdk.testing import ScriptedModel

SAMPLES = 12
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def questions(name: str = "sums", *, epochs: int = 1, judges: Any = None, version: str = "1") -> Task:
    samples = [
        Sample(
            f"s{n:02} {HOSTILE}" if n == 5 else f"s{n:02}",
            f"say {n}",
            target=f"<{n}>",
            metadata={"category": "ab"[n % 2]},
        )
        for n in range(SAMPLES)
    ]
    return Task(name, samples, judges=judges or [includes()], epochs=epochs, version=version)


def knowing(name: str, right: set[int], price: float = 0.001) -> ScriptedModel:
    """A model that answers these questions rightly."""

    def answer(request: ModelRequest) -> ModelResponse:
        number = int(request.messages[-1].text.split()[-1])
        said = f"{name} says <{number}>" if number in right else f"{name} is at a loss {HOSTILE}"
        return ModelResponse(Message.assistant(said), "stop", Usage(10, 5, 0, 0, price))

    return ScriptedModel(answer, id=f"scripted/{name}")


def run_of(task: Task, model: ScriptedModel, folder: Path) -> Run:
    return evaluate_sync(task, model, cache=None, runs=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def runs(folder: Path) -> list[Run]:
    """A dear one that knows nearly all, a cheap one that knows half, and one that is dear and knows little."""
    models = [
        knowing("dear", set(range(11)), 0.01),
        knowing("cheap", {0, 1, 2, 3, 4, 11}, 0.001),
        knowing("vain", {0, 1}, 0.02),
    ]
    return [run_of(questions(), model, folder) for model in models]


@pytest.fixture(scope="module")
def other(folder: Path) -> Run:
    """A run of another task."""
    return run_of(questions("products"), knowing("dear", {1}), folder)


class Elements(HTMLParser):
    """What stands in a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def packed(page: str, name: str) -> Any:
    found = re.search(rf'<script type="application/octet-stream" id="{name}"[^>]*>([^<]*)</script>', page)
    assert found is not None
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


def html(*runs: Run, **more: Any) -> str:
    path = write_html(runs, runs[0].path.with_suffix(".html"), **more)
    return path.read_text(encoding="utf-8")


# --- side by side ---------------------------------------------------------------------------------


def test_runs_of_one_task_are_compared_with_the_first(runs: list[Run]) -> None:
    (task,) = side_by_side(runs).tasks
    (comparison,) = task.comparisons
    assert [each.letter for each in task.members] == ["A", "B", "C"]
    assert [len(pair.wins) for pair in comparison.pairs] == [1, 0]
    assert [len(pair.losses) for pair in comparison.pairs] == [6, 9]
    assert not task.not_compared


def test_the_frontier_is_told_by_cost(runs: list[Run]) -> None:
    (task,) = side_by_side(runs).tasks
    offers = task.offers()
    assert [(each.member.letter, each.beaten_by) for each in offers] == [("B", None), ("A", None), ("C", "A")]
    assert [each.usd for each in offers] == pytest.approx([0.001, 0.01, 0.02])


def test_tasks_are_told_apart_and_not_compared(runs: list[Run], other: Run) -> None:
    found = side_by_side([runs[0], other, runs[1]])
    assert [task.task for task in found.tasks] == ["sums", "products"]
    assert [each.letter for each in found.members] == ["A", "C", "B"]
    assert [len(task.comparisons) for task in found.tasks] == [1, 0]


def test_what_is_not_comparable_is_told_with_the_reason(runs: list[Run], tmp_path: Path) -> None:
    changed = Task("sums", [Sample("s00", "say 0 please", target="<0>")], judges=[includes()])
    odd = run_of(changed, knowing("odd", {0}), tmp_path)
    (task,) = side_by_side([*runs, odd]).tasks
    assert len(task.comparisons) == 1
    (reason,) = task.not_compared
    assert str(odd.path) in reason
    assert "fingerprint differs" in reason


def test_a_run_by_another_judge_shows_no_score_of_this_one(runs: list[Run], tmp_path: Path) -> None:
    odd = run_of(questions(judges=[exact()]), knowing("odd", {0}), tmp_path)
    (task,) = side_by_side([runs[0], odd]).tasks
    assert task.judged(task.members[1]) is None
    assert "has no judge 'includes'" in task.not_compared[0]


def test_a_run_without_scores_does_not_hinder_the_comparison_of_the_others(
    runs: list[Run], tmp_path: Path
) -> None:
    def broken(request: ModelRequest) -> str:
        raise RuntimeError("out of order")

    lost = run_of(questions(), ScriptedModel(broken, id="scripted/lost"), tmp_path)
    (task,) = side_by_side([runs[0], lost, runs[1]]).tasks
    (comparison,) = task.comparisons
    assert [each.model for each in comparison.sides] == ["scripted/dear", "scripted/cheap"]
    assert "share no sample" in task.not_compared[0]


def test_the_same_run_twice_is_refused(runs: list[Run]) -> None:
    with pytest.raises(ConfigurationError, match="hold the same run"):
        side_by_side([runs[0], Run(runs[0].path)])
    with pytest.raises(ConfigurationError, match="no run to show"):
        side_by_side([])


def test_side_by_side_reads_as_text(runs: list[Run]) -> None:
    found = side_by_side(runs)
    assert isinstance(found, SideBySide)
    text = str(found)
    for part in (
        "Side by side: includes",
        "Score for cost, by the means",
        "beaten by",
        "B beside A",
        "C beside A",
    ):
        assert part in text


# --- the command ----------------------------------------------------------------------------------


def test_the_command_shows_several_runs_side_by_side(runs: list[Run], other: Run) -> None:
    files = [str(each.path) for each in (*runs[:2], other)]
    done = CliRunner(env={"COLUMNS": "160"}).invoke(cli, ["report", *files])
    assert done.exit_code == 0, done.output
    assert "sums, version 1, side by side: includes" in done.stdout
    assert "products, version 1, side by side: includes" in done.stdout
    assert done.stdout.count("beside A") == 2  # a heading, and the next one by category


def test_json_of_several_runs_holds_summaries_and_comparisons(runs: list[Run]) -> None:
    done = CliRunner().invoke(cli, ["report", *(str(each.path) for each in runs), "--json"])
    found = json.loads(done.stdout)
    assert [each["run"] for each in found["runs"]] == [str(each.path) for each in runs]
    (task,) = found["tasks"]
    assert [len(pair["wins"]) for pair in task["comparisons"][0]["pairs"]] == [1, 0]
    assert task["offers"][2]["beaten_by"] == "A"


@pytest.mark.parametrize("option", ["--pictures", "--labels"])
def test_what_goes_with_one_run_alone_is_refused(runs: list[Run], option: str, tmp_path: Path) -> None:
    files = [str(each.path) for each in runs]
    done = CliRunner().invoke(cli, ["report", *files, option, str(tmp_path / "x")])
    assert done.exit_code == 2
    assert "go with one run" in done.output


def test_a_run_that_is_not_there_is_named(runs: list[Run]) -> None:
    done = CliRunner().invoke(cli, ["report", str(runs[0].path), "runs/nothing.db"])
    assert done.exit_code != 0
    assert "nothing.db" in str(done.exception or done.output)


def test_the_command_writes_one_page_of_several_runs(runs: list[Run], tmp_path: Path) -> None:
    target = tmp_path / "several.html"
    done = CliRunner().invoke(cli, ["report", *(str(each.path) for each in runs), "--html", str(target)])
    assert (done.exit_code, done.output) == (0, f"{target}\n")
    assert "3 runs side by side" in target.read_text(encoding="utf-8")


# --- the page -------------------------------------------------------------------------------------


def test_the_page_tells_scores_differences_and_each_run(runs: list[Run]) -> None:
    text = Elements(html(*runs)).text
    for part in (
        "Overview",
        "Score for cost",
        "Differences, sample by sample",
        "Scores by category",
        "Each run",
    ):
        assert part in text
    assert "B less A" in text
    assert "beaten at no higher cost: C by A" in text
    assert text.count("paid in this run") == 3


def test_a_row_holds_what_all_runs_did_with_a_sample(runs: list[Run]) -> None:
    page = html(*runs)
    table = packed(page, "rows")
    assert [name for name, _ in table["columns"]] == [
        "sample",
        "epoch",
        "A scripted/dear",
        "B scripted/cheap",
        "C scripted/vain",
    ]
    first = table["rows"][0]
    cells, places, endings, verdicts, pairs, _ = first
    assert [cell[0] for cell in cells[2:]] == ["1.000", "1.000", "1.000"]
    assert (endings, verdicts, pairs) == (["completed"] * 3, "ppp", "tt")
    block = packed(page, f"block-{places[0][0]}")
    for place, model in zip(places, ("dear", "cheap", "vain"), strict=True):
        assert f"{model} says &lt;0&gt;" in block[place[1]]
    last = table["rows"][11]
    assert (last[3], last[4]) == ("fpf", "wt")


def test_links_lead_to_rows_and_choices_that_there_are(runs: list[Run]) -> None:
    page = html(*runs)
    elements = Elements(page).found
    rows = packed(page, "rows")["rows"]
    links = [attributes["href"] or "" for name, attributes in elements if name == "a"]
    values = {attributes.get("value") for name, attributes in elements if name == "option"}
    samples = [unquote(each.removeprefix("#sample=")) for each in links if each.startswith("#sample=")]
    pairs = [each.removeprefix("#pair=") for each in links if each.startswith("#pair=")]
    assert len(samples) + len(pairs) == len(links)
    assert set(samples) <= {row[5] for row in rows}
    assert set(pairs) <= values
    assert any(HOSTILE in each for each in samples)


def test_the_counts_that_links_show_are_those_of_the_rows_they_choose(runs: list[Run]) -> None:
    page = html(*runs)
    rows = packed(page, "rows")["rows"]
    for place, kind, told in re.findall(r'href="#pair=(\d+)(\w)">([\d,]+)<', page):
        assert sum(row[4][int(place)] == kind for row in rows) == int(told)


def test_with_epochs_a_sample_is_won_in_each_of_its_rows(tmp_path: Path) -> None:
    both = [
        run_of(questions(epochs=2), knowing(name, known), tmp_path)
        for name, known in (("a", set()), ("b", {3}))
    ]
    rows = packed(html(*both), "rows")["rows"]
    assert len(rows) == 2 * SAMPLES
    assert [(row[0][0], row[0][1][1]) for row in rows if row[4] == "w"] == [("s03", 0), ("s03", 1)]


def test_samples_of_different_tasks_are_different_rows(runs: list[Run], other: Run) -> None:
    table = packed(html(runs[0], other), "rows")
    assert table["columns"][2] == ["task", ""]
    assert len(table["rows"]) == 2 * SAMPLES
    assert [row[0][2] for row in table["rows"]] == ["sums"] * SAMPLES + ["products"] * SAMPLES
    assert table["rows"][0][1][1] is None  # the other run is of another task


def test_a_sample_that_one_run_lacks_is_a_row_all_the_same(runs: list[Run], tmp_path: Path) -> None:
    part = evaluate_sync(questions(), knowing("part", {1}), cache=None, runs=tmp_path, limit=3)
    rows = packed(html(runs[0], part), "rows")["rows"]
    assert len(rows) == SAMPLES
    assert [row[1][1] == -1 for row in rows] == [False] * 3 + [True] * (SAMPLES - 3)
    assert rows[5][2] == ["completed", ""]


def test_transcripts_are_left_out_by_rows_for_all_runs(runs: list[Run]) -> None:
    page = html(*runs, transcripts=2)
    rows = packed(page, "rows")["rows"]
    assert [all(row[1]) for row in rows] == [True, True] + [False] * (SAMPLES - 2)
    assert rows[2][1] == [0, 0, 0]
    assert "transcripts of the first 2 of 12 rows alone" in page


def test_the_room_of_a_page_is_shared_by_all_runs(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentbench_sdk.reporting.page_attempts.ROOM", 1)
    page = html(*runs)
    assert "transcripts of the first 1 of 12 rows alone" in page


def test_nothing_that_others_wrote_becomes_markup_in_a_page_of_several(runs: list[Run]) -> None:
    page = html(*runs)
    found = Elements(page).found
    images = [attributes for name, attributes in found if name == "img"]
    assert images
    assert all((each["src"] or "").startswith("data:image/svg+xml;base64,") for each in images)
    blocks = [each for name in re.findall(r'id="(block-\d+)"', page) for each in packed(page, name)]
    assert blocks
    assert "img" not in {name for each in blocks for name, _ in Elements(each).found}
    scripts = [attributes for name, attributes in Elements(page).found if name == "script"]
    assert [each for each in scripts if each.get("type") != "application/octet-stream"] == [{}]


def test_a_damaged_transcript_leaves_the_others_to_be_read(tmp_path: Path) -> None:
    both = [run_of(questions(), knowing(name, {1}), tmp_path) for name in "ab"]
    with sqlite3.connect(both[0].path) as connection:
        connection.execute("UPDATE transcripts SET body = x'00' WHERE sample_id = 's03'")
    page = html(*both)
    told = "".join(each for name in re.findall(r'id="(block-\d+)"', page) for each in packed(page, name))
    assert told.count("transcript of sample &#x27;s03&#x27;, epoch 0 is damaged") == 1


# --- media ----------------------------------------------------------------------------------------


def picture() -> bytes:
    images = pytest.importorskip("PIL.Image")
    stream = BytesIO()
    images.new("RGB", (640, 480), 90).save(stream, "PNG")
    return stream.getvalue()


def media_page(parts: list[Any], folder: Path, **more: Any) -> tuple[str, str]:
    """A page and its transcripts, of a task in Python that shows these parts."""
    samples = [Sample(f"s{n}", (Message.user(["look", *parts]),), target="x") for n in range(2)]
    run = run_of(Task("seen", samples, judges=[includes()]), ScriptedModel(["x", "x"]), folder)
    page = html(run, **more)
    return page, "".join(packed(page, "block-0"))


def media_in(page: str) -> list[dict[str, str | None]]:
    return [each for name, each in Elements(page).found if name == "script" and "data-kind" in each]


def test_media_whose_bytes_are_given_are_in_the_page_once(tmp_path: Path) -> None:
    parts = [Image(data=picture(), media_type="image/png"), Audio(data=WAV, media_type="audio/wav")]
    page, told = media_page(parts, tmp_path, media=parts)
    assert [each["data-type"] for each in media_in(page)] == ["image/jpeg", "audio/wav"]
    assert told.count("data-medium=") == 4
    for part in parts:
        assert f'data-medium="{part.sha256[:32]}"' in told
        assert f'id="medium-{part.sha256[:32]}"' in page
    assert "Media are named alone" not in page


def test_media_that_are_not_at_hand_are_named_and_the_page_says_why(tmp_path: Path) -> None:
    part = Image(data=picture(), media_type="image/png")
    page, told = media_page([part], tmp_path)
    assert not media_in(page)
    assert f"[image image/png {part.sha256[:12]}: its bytes are not at hand]" in told
    assert "Media are named alone: the task was made in Python and is not at hand." in page


def test_an_address_is_text_and_nothing_is_fetched(tmp_path: Path) -> None:
    page, told = media_page(
        [Image(url="https://example.com/a.png"), Video(url="http://example.com/b.mp4")], tmp_path
    )
    assert "at https://example.com/a.png]" in told
    assert "<img" not in told
    assert not re.search(r"<(img|source)[^>]*example\.com", page)
    assert not media_in(page)


def test_hostile_media_are_named_alone(tmp_path: Path) -> None:
    svg = Image(data=b"<svg><script>alert(1)</script></svg>", media_type='image/svg+xml"><script>')
    page, told = media_page([svg], tmp_path, media=[svg])
    assert not media_in(page)
    assert "of a format that is not shown here" in told
    assert "<script" not in told


def test_the_room_for_media_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentbench_sdk.reporting.page_media.MEDIA_ROOM", 1000)
    sounds = [Audio(data=WAV + bytes([n]) * 500, media_type="audio/wav") for n in range(3)]
    page, told = media_page(sounds, tmp_path, media=sounds)
    assert len(media_in(page)) == 1
    assert told.count("the page has no room for more") == 4
    assert "2 media are named alone" in page


def test_media_of_a_task_file_are_found_again(tmp_path: Path) -> None:
    (tmp_path / "seen.png").write_bytes(picture())
    task = tmp_path / "seen.yaml"
    task.write_text(
        'name: seen\nprompt: "{image} what is it?"\nsamples:\n  - {id: s, image: seen.png, target: x}\njudges: [includes]\n'
    )
    run = evaluate_sync(str(task), ScriptedModel(["x"]), cache=None, runs=tmp_path)
    assert [each["data-kind"] for each in media_in(html(run))] == ["image"]
    (tmp_path / "seen.png").unlink()
    page = html(run)
    assert not media_in(page)
    assert "the task cannot be loaded any more" in page
