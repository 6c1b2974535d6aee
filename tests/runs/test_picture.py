"""Pictures of attempts: drawn of proven records only, named safely, refused in one sentence where there are none."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from agentbench_sdk import Task
from agentbench_sdk.bench import Bench
from agentbench_sdk.benchmark import Registry, Sample
from agentbench_sdk.cli.report import command
from agentbench_sdk.errors import ConfigurationError, ReplayMismatchError, RunFileError
from agentbench_sdk.judging import JudgeCase, judge
from agentbench_sdk.models.scripted import PolicyModel
from agentbench_sdk.runs import Run, load_run
from agentbench_sdk.runs.picture import pictures, write_pictures
from agentbench_sdk.testing import ScriptedModel
from agentbench_sdk.testing.counter import Counter, gambler

IDS = ["s1", "../../etc/passwd", "S1", "a b", "a_b", "ä" * 300, ".", "con"]
VENDING = {"scenario": "tiny-7", "seeds": "1-2"}


class Drawn:
    """Draws how often it looked."""

    def __init__(self, world: Counter) -> None:
        self._world, self._seen = world, [json.dumps(world.state())]

    def look(self) -> None:
        self._seen.append(json.dumps(self._world.state()))

    def draw(self, title: str) -> str:
        return f"<svg><!-- {len(self._seen)} {title} {self._seen[-1]} --></svg>"


class Easel(Counter):
    """A counter that draws."""

    def sketch(self) -> Drawn:
        return Drawn(self)


@judge
def anything(case: JudgeCase) -> bool:
    return True


async def counted(world: type[Counter], folder: Path, epochs: int = 1) -> tuple[Run, Registry]:
    registry = Registry()
    registry.add("environment", "counter", world)
    samples = [Sample(name, scenario={"goal": 20}, seed=place) for place, name in enumerate(IDS)]
    task = Task("counting", samples, judges=[anything()], environment="counter", epochs=epochs)
    async with Bench(cache=None, runs=folder, registry=registry) as bench:
        return await bench.evaluate(task, PolicyModel(gambler)), registry


async def vending(folder: Path) -> Run:
    async with Bench(cache=None, runs=folder) as bench:
        return await bench.evaluate("vending", "scripted/vending/idle", task_params=VENDING)


def forge(run: Run, sample_id: str) -> Run:
    """The same run with one result of a sample changed behind its back."""
    body = json.loads(run.reader.transcript_bytes(sample_id))
    next(entry for entry in body if entry["kind"] == "tool")["content"] += " "
    connection = sqlite3.connect(run.path)
    packed = zlib.compress(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
    connection.execute("UPDATE transcripts SET body = ? WHERE sample_id = ?", (packed, sample_id))
    connection.commit()
    connection.close()
    return load_run(run.path)


async def test_the_world_is_looked_at_after_each_call_and_draws_what_came_of_it(tmp_path: Path) -> None:
    run, registry = await counted(Easel, tmp_path, epochs=2)
    drawn = run.picture("s1", 1, registry=registry)
    calls = len(run.transcripts["s1", 1].tool_calls)
    outcome = next(record.outcome for record in run.records() if record.sample_id == "s1")
    assert outcome is not None
    assert f"<!-- {calls + 1} s1, epoch 1: {run.manifest.model} " in drawn
    assert f'"sum": {outcome.metrics["sum"]}' in drawn


async def test_a_run_is_drawn_the_same_twice(tmp_path: Path) -> None:
    first, second = await vending(tmp_path), await vending(tmp_path)
    assert first.picture("tiny-7-seed-1") == second.picture("tiny-7-seed-1")
    assert first.picture("tiny-7-seed-1").startswith("<svg ")


async def test_no_picture_is_drawn_of_a_record_that_does_not_execute_again(tmp_path: Path) -> None:
    run, registry = await counted(Easel, tmp_path)
    run = forge(run, "s1")
    with pytest.raises(
        ReplayMismatchError, match=r"no picture is drawn of a refuted record: sample s1.*result of roll"
    ):
        run.picture("s1", registry=registry)
    drawn = {each.sample_id: each for each in pictures(run, registry.environment)}
    assert [name for name, each in drawn.items() if not each.svg] == ["s1"]
    assert "result of roll differs" in str(drawn["s1"].mismatch)


async def test_file_names_are_safe_and_all_different(tmp_path: Path) -> None:
    run, registry = await counted(Easel, tmp_path)
    folder = tmp_path / "a" / "b"
    written = [path for _, path in write_pictures(run, folder, registry.environment) if path is not None]
    assert len({path.name.lower() for path in written}) == len(IDS)
    assert sorted(folder.iterdir()) == sorted(written)
    assert all(path.name.isascii() and len(path.name) < 130 and path.name[0] != "." for path in written)
    assert folder / "con-epoch-0.svg" in written


def refused(runs: Iterator[object]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        list(runs)
    return str(caught.value)


async def test_where_nothing_can_be_drawn_one_sentence_says_why(tmp_path: Path) -> None:
    plain, registry = await counted(Counter, tmp_path)
    assert "environment 'counter' draws no pictures" in refused(pictures(plain, registry.environment))
    assert not plain.manifest.pictures
    task = Task("sum", [Sample("a", "2 + 2?")], judges=[anything()])
    async with Bench(cache=None, runs=tmp_path) as bench:
        talk = await bench.evaluate(task, ScriptedModel(["4"]))
    assert "task 'sum' has no environment, so there is nothing to draw" in refused(
        pictures(talk, registry.environment)
    )
    with pytest.raises(ConfigurationError, match="nothing to draw"):
        talk.picture("a")
    done = await vending(tmp_path)
    with pytest.raises(RunFileError, match="no attempt at sample 'nobody', epoch 3"):
        done.picture("nobody", 3)


async def test_the_report_writes_pictures_and_says_where_they_are(tmp_path: Path) -> None:
    run = await vending(tmp_path)
    shown = CliRunner().invoke(command, [str(run.path)])
    assert "--pictures pictures" in " ".join(shown.output.split())
    folder = tmp_path / "drawn"
    done = CliRunner().invoke(command, [str(run.path), "--pictures", str(folder)])
    assert done.exit_code == 0, done.output
    assert [path.name for path in sorted(folder.iterdir())] == [
        "tiny-7-seed-1-epoch-0.svg",
        "tiny-7-seed-2-epoch-0.svg",
    ]
    assert all(f"    {path}" in done.output for path in folder.iterdir())


async def test_the_report_tells_of_a_forged_record_and_draws_the_others(tmp_path: Path) -> None:
    run = forge(await vending(tmp_path), "tiny-7-seed-1")
    folder = tmp_path / "drawn"
    done = CliRunner().invoke(command, [str(run.path), "--pictures", str(folder)])
    assert done.exit_code == 1
    assert "not drawn, the record does not re-execute: sample tiny-7-seed-1, epoch 0" in done.output
    assert [path.name for path in folder.iterdir()] == ["tiny-7-seed-2-epoch-0.svg"]
    told = CliRunner().invoke(command, [str(run.path), "--pictures", str(folder), "--json"])
    forged, sound = json.loads(told.output)["pictures"]
    assert (forged["file"], "result of wait_for_next_day" in forged["problem"]) == (None, True)
    assert sound == {
        "sample_id": "tiny-7-seed-2",
        "epoch": 0,
        "file": str(folder / "tiny-7-seed-2-epoch-0.svg"),
        "problem": "",
    }


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    run = await vending(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        list(write_pictures(run, tmp_path / "file" / "x", Registry.discover().environment))
