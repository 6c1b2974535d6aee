"""The HTML report of a run: whole, harmless, and readable without anything else."""

import base64
import hashlib
import json
import re
import sqlite3
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentbench_sdk import Bench, Run, Sample, Task, evaluate_sync
from agentbench_sdk.cli import cli
from agentbench_sdk.errors import ConfigurationError
from agentbench_sdk.judges import includes
from agentbench_sdk.judging import JudgeCase, Score, judge
from agentbench_sdk.messages import Message
from agentbench_sdk.reporting import write_html
from agentbench_sdk.reporting.plain import legible
from agentbench_sdk.sessions.transcript import MessageEntry
from agentbench_sdk.testing import FakeEndpoint, Reply, ScriptedModel

HOSTILE = "</div></td></table></script><script>alert(1)</script><img src=x onerror=alert(2)> \u202e&amp; \"'`"
VOID = {"img", "input", "meta", "source"}


class Page(HTMLParser):
    """Texts by the path of elements that hold them; fails where elements are not nested as written.

    Packed transcripts are read as if they stood in the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.packed: dict[str, Any] = {}
        self.name = ""
        self.read(text)
        self.transcripts = [
            each for name, block in self.packed.items() if name.startswith("block-") for each in block
        ]
        for each in self.transcripts:
            self.read(each)

    def read(self, text: str) -> None:
        self.feed(text)
        self.close()
        self.reset()
        assert not self.open

    @property
    def rows(self) -> list[Any]:
        found: list[Any] = self.packed["rows"]["rows"]
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.name = dict(attrs).get("id") or ""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"] and (self.name == "rows" or self.name.startswith("block-")):
            self.packed[self.name] = json.loads(zlib.decompress(base64.b64decode(data)))
            return
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text_of(self, *tags: str) -> str:
        return "\n".join(text for tag, text in self.texts if not tags or tag in tags)


@judge
def hostile(case: JudgeCase) -> Score:
    return Score(0.5, label=HOSTILE, explanation=f"explained: {HOSTILE}", evidence={HOSTILE: [HOSTILE]})


def run_of(samples: list[Sample], answers: list[Any], folder: Path, *judges: Any, name: str = "said") -> Run:
    task = Task(name, samples, judges=list(judges) or [includes()])
    return evaluate_sync(task, ScriptedModel(answers), cache=None, runs=folder)


@pytest.fixture
def plain_run(tmp_path: Path) -> Run:
    samples = [Sample(f"s{n}", f"question {n}", target="so") for n in range(6)]
    return run_of(samples, ["so"] * 6, tmp_path)


def test_the_page_holds_what_the_terminal_report_and_the_transcripts_hold(plain_run: Run) -> None:
    page = Page(plain_run.html())
    text = page.text_of()
    estimate = plain_run.summary().primary.estimate
    assert estimate.interval is not None
    assert f"[{estimate.interval.low:.3f}, 1.000]" in text
    for part in ("Scores", "Endings", "Tokens and cost", "Time", "Attempts", "completed", "question 5"):
        assert part in text
    assert [row[0][0] for row in page.rows] == [f"s{n}" for n in range(6)]
    assert [row[2] for row in page.rows] == [["completed"]] * 6
    assert len(page.transcripts) == 6
    assert [each for each in page.all("img") if "0.000 to 1.000" in (each["alt"] or "")]


def test_nothing_of_what_others_wrote_becomes_markup(tmp_path: Path) -> None:
    """Ids, questions, answers, reasoning, judges' words and the task's name stay texts, to the letter."""
    samples = [Sample(HOSTILE, f"asked: {HOSTILE}", target=f"target: {HOSTILE}")]
    answer = Message.assistant(f"answered: {HOSTILE}", reasoning=f"thought: {HOSTILE}")
    harmless = run_of(
        [Sample("s", "q", target="t")], [Message.assistant("a", reasoning="r")], tmp_path, hostile()
    )
    run = run_of(samples, [answer], tmp_path, hostile(), name=f"named {HOSTILE}")
    page, expected = Page(run.html()), Page(harmless.html())
    assert [name for name, _ in page.elements] == [name for name, _ in expected.elements]
    shown = page.text_of("div")
    for kind in ("asked", "answered", "thought", "target", "explained"):
        assert f"{kind}: {legible(HOSTILE)}" in shown
    assert legible(json.dumps({HOSTILE: [HOSTILE]}, indent=1, ensure_ascii=False)) in shown
    assert "\u202e" not in run.html()


def test_the_page_asks_for_nothing_and_runs_its_own_script_alone(plain_run: Run) -> None:
    text = plain_run.html()
    page = Page(text)
    assert not [
        (name, key)
        for name, attributes in page.elements
        for key in attributes
        if key in {"href", "style", "action"} or key.startswith("on")
    ]
    for name, attributes in page.elements:
        for key in {"src", "srcset"} & set(attributes):
            assert name in {"img", "source"}
            assert re.fullmatch(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", attributes[key] or "")
    policy = next(each["content"] or "" for each in page.all("meta") if "http-equiv" in each)
    assert "default-src 'none'" in policy
    assert "img-src data:; media-src data:" in policy
    for kind in ("script", "style"):
        body = re.search(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_scores_are_told_by_category(tmp_path: Path) -> None:
    samples = [
        Sample(f"s{n}", "q", target="so", metadata={"category": f"kind {n % 2} {HOSTILE}"}) for n in range(6)
    ]
    run = run_of(samples, ["so", "no"] * 3, tmp_path)
    page = Page(run.html())
    assert "Scores by category (95 % intervals)" in page.text_of("h2")
    assert f"kind 0 {legible(HOSTILE)}"[:40] in page.text_of("th", "td")
    assert "Scores by category" not in Page(run_of(samples[:1], ["so"], tmp_path).html()).text_of("h2")


def test_controls_need_the_script_and_are_hidden_without_it(plain_run: Run) -> None:
    page = Page(plain_run.html())
    controls = next(each for each in page.all("div") if each.get("id") == "controls")
    assert "hidden" in controls
    assert "needs JavaScript" in page.text_of("p")
    assert page.all("noscript")


def test_transcripts_are_left_out_beyond_the_number_asked_for_and_the_page_says_so(plain_run: Run) -> None:
    text = Page(plain_run.html(transcripts=2)).text_of()
    assert "question 1" in text
    assert "question 2" not in text
    assert "transcripts of the first 2 of 6 attempts alone" in text
    assert "of no attempt" in Page(plain_run.html(transcripts=0)).text_of()
    assert "This page holds" not in Page(plain_run.html()).text_of()


def test_an_answer_that_the_last_message_says_is_not_said_again(tmp_path: Path) -> None:
    run = run_of([Sample("s", "q", target="x")], ["said but once"], tmp_path)
    assert Page(run.html()).text_of("div").count("said but once") == 1


def test_votes_of_a_panel_are_read_without_opening_the_evidence(tmp_path: Path) -> None:
    votes = [
        {"judge": f"strict {HOSTILE}", "voted": "no", "explanation": "it rambles"},
        {"judge": "kind", "voted": None, "explanation": "no verdict in it"},
    ]

    @judge
    def voting(case: JudgeCase) -> Score:
        return Score(0.0, evidence={"votes": votes})

    page = Page(run_of([Sample("s", "q")], ["a"], tmp_path, voting()).html())
    told = page.text_of("div")
    assert f"strict {legible(HOSTILE)} votes no\nit rambles" in told
    assert "kind no vote\nno verdict in it" in told


def test_a_page_holds_as_many_transcripts_as_it_has_room_for(
    plain_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentbench_sdk.reporting.page_attempts.ROOM", 1)
    assert "transcripts of the first 1 of 6 attempts alone" in Page(plain_run.html()).text_of()
    assert "This page holds" not in Page(plain_run.html(transcripts=6)).text_of()


@pytest.mark.parametrize("wrong", [-1, True, 1.5])
def test_a_number_of_transcripts_is_a_whole_number(plain_run: Run, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="whole number from 0"):
        plain_run.html(transcripts=wrong)


def test_the_page_grows_with_the_run_and_no_faster(tmp_path: Path) -> None:
    def size(attempts: int) -> int:
        samples = [Sample(f"s{n:03}", "say so", target="so") for n in range(attempts)]
        return len(run_of(samples, ["so"] * attempts, tmp_path).html())

    sizes = [size(each) for each in (25, 50, 100)]
    assert sizes[2] - sizes[1] < 2.2 * (sizes[1] - sizes[0])


def test_a_long_message_is_shown_whole(tmp_path: Path) -> None:
    long = "<b>" * 350_000
    page = Page(run_of([Sample("s", "q", target="x")], [long], tmp_path).html())
    assert long in page.text_of("div")
    assert not page.all("b")


def test_a_damaged_transcript_is_told_of_in_its_place(plain_run: Run) -> None:
    with sqlite3.connect(plain_run.path) as connection:
        connection.execute("UPDATE transcripts SET body = x'00' WHERE sample_id = 's3'")
    text = Page(plain_run.html()).text_of()
    assert "transcript of sample 's3', epoch 0 is damaged" in text
    assert "question 4" in text


def test_failed_attempts_are_told_with_what_happened(tmp_path: Path) -> None:
    samples = [Sample("good", "q", target="so"), Sample("lost", "q", target="so")]
    run = run_of(samples, ["so", RuntimeError("<u>out of order</u>")], tmp_path)
    page = Page(run.html())
    assert {row[0][0]: row[2] for row in page.rows} == {"good": ["completed"], "lost": ["failed"]}
    assert ["no score", None, ""] in page.rows[1][0]
    assert "out of order" in page.text_of("div")
    assert not page.all("u")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a run in a world: tools, world events, an outcome, two judges."""
    folder = tmp_path_factory.mktemp("played")
    order = ["run", "vending", "-T", "scenario=tiny-7", "-T", "seeds=1-2", "-q"]
    order += [
        "--model",
        "scripted/vending/naive-restock",
        "--runs",
        str(folder),
        "--cache",
        str(folder / "c.db"),
    ]
    done = CliRunner().invoke(cli, order)
    assert done.exit_code == 0, done.output
    return Path(done.output.strip())


def test_tools_world_and_outcome_of_a_session_are_shown(played: Path) -> None:
    text = Page(Run(played).html()).text_of()
    first = Run(played).transcripts["tiny-7-seed-1", 0]
    for call in first.tool_calls:
        assert f"tool {call.name}, called by agent" in text
        assert call.content in text
        assert call.arguments in text
    for told in ("world: opening (agent)", "outcome of the world", "judge money in the bank", "evidence"):
        assert told in text


async def test_both_sides_of_a_conversation_are_shown(tmp_path: Path) -> None:
    async with Bench(cache=None, runs=tmp_path) as bench:
        params = {"set": "small", "data": "own"}
        run = await bench.evaluate("telecom", "scripted/telecom/workflow", task_params=params, limit=1)
    page = Page(run.html())
    (transcript,) = run.transcripts.values()
    kinds = [each.get("class") for each in page.all("div")]
    for speaker in ("agent", "user"):
        entries = [each for each in transcript if isinstance(each, MessageEntry) and each.speaker == speaker]
        assert entries
        assert kinds.count(f"entry {speaker}") == len(entries)
    text = page.text_of("div")
    for call in transcript.tool_calls:
        assert f"tool {call.name}, called by {call.actor}" in text
    assert {call.actor for call in transcript.tool_calls} == {"agent", "user"}


async def test_the_history_of_the_limit_is_drawn(tmp_path: Path) -> None:
    samples = [Sample(f"s{n}", "say so", target="so") for n in range(120)]
    task = Task("said", samples, judges=[includes()])
    async with (
        FakeEndpoint(lambda body, number: Reply.text("so")) as endpoint,
        Bench(cache=None, runs=tmp_path) as bench,
    ):
        run = await bench.evaluate(task, f"openai/tiny?base_url={endpoint.base_url}")
    page = Page(run.html())
    assert "120 attempts" in page.text_of()
    moved = any(len(each.points) > 1 for each in run.summary().limits)
    drawn = [each for each in page.all("img") if "limit of requests at once over" in (each["alt"] or "")]
    assert bool(drawn) == moved


def test_the_command_writes_the_file_and_replaces_it(plain_run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")
    done = CliRunner().invoke(
        cli, ["report", str(plain_run.path), "--html", str(target), "--transcripts", "1"]
    )
    assert (done.exit_code, done.output) == (0, f"{target}\n")
    assert "of the first 1 of 6 attempts alone" in Page(target.read_text(encoding="utf-8")).text_of()
    assert list(tmp_path.glob(".*.part")) == []


def test_a_page_that_cannot_be_written_is_told_in_a_sentence(plain_run: Run, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_html(plain_run, tmp_path / "no" / "report.html")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--transcripts", "3"], "goes with --html"),
        (["--html", "x.html", "--json"], "leave out --json"),
    ],
)
def test_options_that_do_not_fit_are_refused(plain_run: Run, options: list[str], told: str) -> None:
    done = CliRunner().invoke(cli, ["report", str(plain_run.path), *options])
    assert done.exit_code == 2
    assert told in done.output
