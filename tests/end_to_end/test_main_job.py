"""The main job: an agent runs a vending business, is judged, and the report tells how sure we are."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentbench_sdk import Bench, Run, load_run
from agentbench_sdk.models.openai_compatible import OpenAICompatible
from agentbench_sdk.testing import FakeEndpoint

NAIVE = "scripted/vending/naive-restock"


def agentbench(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "agentbench_sdk", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def facts(run: Run) -> dict[str, Any]:
    """Everything of a run that must not depend on when and where it ran."""
    return {
        "scores": {
            judge: {key: score.to_dict() for key, score in of.items()} for judge, of in run.scores.items()
        },
        "transcripts": {
            (r.sample_id, r.epoch): run.reader.transcript_bytes(r.sample_id, r.epoch) for r in run.records()
        },
        "outcomes": [record.outcome for record in run.records()],
    }


async def offline(folder: Path, **params: Any) -> Run:
    async with Bench(cache=None, runs=folder) as bench:
        return await bench.evaluate("vending", NAIVE, task_params=params)


async def test_two_runs_are_equal_to_the_byte(tmp_path: Path) -> None:
    first, second = await offline(tmp_path, seeds="1-2"), await offline(tmp_path, seeds="1-2")
    assert facts(first) == facts(second)
    assert first.manifest.task_fingerprint == second.manifest.task_fingerprint


async def test_over_http_the_scores_are_those_of_the_offline_run(tmp_path: Path) -> None:
    """A real server on loopback plays the same calls; world, states and scores come out the same."""
    from agentbench_sdk.environments.vending import Vending

    policy = Vending.policies()["naive-restock"]
    here = await offline(tmp_path, scenario="tiny-7", seeds="1-3")
    async with (
        FakeEndpoint.of_policy(policy) as endpoint,
        Bench(cache=tmp_path / "c.db", runs=tmp_path) as bench,
    ):
        model = OpenAICompatible("naive", base_url=endpoint.base_url)
        there = await bench.evaluate("vending", model, task_params={"scenario": "tiny-7", "seeds": "1-3"})
        await model.close()
    assert facts(there)["scores"] == facts(here)["scores"]
    assert facts(there)["outcomes"] == facts(here)["outcomes"]
    for key, transcript in here.transcripts.items():
        recorded = [(e.name, e.content, e.state_hash) for e in transcript.tool_calls]
        assert recorded == [(e.name, e.content, e.state_hash) for e in there.transcripts[key].tool_calls]


async def test_naive_earns_more_than_idle(tmp_path: Path) -> None:
    async with Bench(cache=None, runs=tmp_path) as bench:
        idle = await bench.evaluate("vending", "scripted/vending/idle", task_params={"seeds": "1"})
    naive = await offline(tmp_path, seeds="1")
    earned = [next(run.records()).outcome for run in (idle, naive)]
    assert earned[0] is not None
    assert earned[1] is not None
    assert earned[0].reward == 44_000
    assert (earned[1].reward or 0) > 50_000


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the README's run has been made once, by the command."""
    folder = tmp_path_factory.mktemp("played")
    done = agentbench(
        "run", "vending", "-T", "scenario=tiny-7", "-T", "seeds=1-3", "--model", NAIVE, cwd=folder
    )
    (folder / "report.txt").write_text(done.stdout)
    return folder


def test_the_command_ends_with_a_report_that_knows_how_sure_it_is(played: Path) -> None:
    report = (played / "report.txt").read_text()
    assert "vending" in report
    assert "95 %" in report
    assert "n" in report
    assert "agentbench replay" in report


def test_replay_proves_the_run(played: Path) -> None:
    done = agentbench("replay", cwd=played)
    assert "proven: 3 attempts" in done.stdout
    assert "scores judged again: 6 as recorded, 0 differ" in done.stdout


def test_replay_refutes_one_edited_result(played: Path, tmp_path: Path) -> None:
    import zlib

    original = next((played / "runs").glob("*.db"))
    copy = tmp_path / "copy.db"
    copy.write_bytes(original.read_bytes())
    connection = sqlite3.connect(copy)
    sample_id, body = connection.execute("SELECT sample_id, body FROM transcripts").fetchone()
    entries = json.loads(zlib.decompress(body))
    edited = [entry for entry in entries if entry["kind"] == "tool"][5]
    edited["content"] = edited["content"].replace('"ok":true', '"ok":true ')
    packed = zlib.compress(json.dumps(entries).encode())
    connection.execute("UPDATE transcripts SET body = ? WHERE sample_id = ?", (packed, sample_id))
    connection.commit()
    connection.close()
    done = agentbench("replay", str(copy), cwd=tmp_path, code=1)
    assert f"sample {sample_id}" in done.stdout
    assert "refuted" in done.stdout


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE scores SET value = value + 100",
        "UPDATE scores SET explanation = 'splendid'",
        "DELETE FROM scores",
    ],
)
def test_replay_refutes_an_edited_score(edit: str, played: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(next((played / "runs").glob("*.db")).read_bytes())
    connection = sqlite3.connect(copy)
    connection.execute(edit)
    connection.commit()
    connection.close()
    done = agentbench("replay", str(copy), cwd=tmp_path, code=1)
    assert "the score of money in the bank" in done.stdout


def test_report_list_and_export_read_the_same_run(played: Path) -> None:
    assert agentbench("report", cwd=played).stdout == (played / "report.txt").read_text()
    summary = json.loads(agentbench("report", "--json", cwd=played).stdout)
    assert summary["status"] == "finished"
    rows = agentbench("export", "--format", "csv", cwd=played).stdout.splitlines()
    assert len(rows) == 4
    attempts = [
        json.loads(line) for line in agentbench("export", "--format", "jsonl", cwd=played).stdout.splitlines()
    ]
    assert len(attempts) == 3
    agentbench("export", "-o", "out.json", cwd=played)
    assert len(json.loads((played / "out.json").read_text())["attempts"]) == 3
    listed = json.loads(agentbench("list", "--json", cwd=played).stdout)
    assert {"vending"} <= {entry["name"] for entry in listed["tasks"]}
    assert all(listed[kind] for kind in ("tasks", "environments", "judges", "models", "sandboxes"))
    assert not [entry for kind in listed.values() for entry in kind if "cannot be" in entry["description"]]
    world = next(entry for entry in listed["environments"] if entry["name"] == "vending")
    assert {"smoke-30", "standard-365"} <= set(world["scenarios"])
    assert "scripted/vending/idle" in world["agents"]
    assert "agents: scripted/vending/idle" in agentbench("list", "environments", cwd=played).stdout


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(tmp_path: Path) -> None:
    done = agentbench(
        "run",
        "vending",
        "--model",
        "openai/x",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--dry-run",
        "--json",
        cwd=tmp_path,
    )
    estimate = json.loads(done.stdout)
    assert estimate["sessions"] == 5
    assert estimate["first_turn_input_tokens"] > 100
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "vendign", "--model", NAIVE], 2, "vending"),
        (["run", "vending", "--model", "gpt-4"], 2, "provider/model"),
        (["run", "vending", "--model", "scripted/vending/naive"], 2, "naive-restock"),
        (["run", "vending", "--model", NAIVE, "-T", "scenario=smoke"], 2, "smoke-30"),
        (["run", "vending", "--model", NAIVE, "-T", "scenari=x"], 2, "scenario"),
        (["run", "vending", "--model", NAIVE, "-T", "scenario"], 2, "key=value"),
        (["run", "vending", "--model", NAIVE, "--limit", "0"], 2, "--limit"),
        (["run", "vending", "--model", NAIVE, "--sample-id", "nope"], 2, "nope"),
        (["run", "vending"], 2, "--model"),
        (["run", "missing.yaml", "--model", NAIVE], 2, "missing.yaml"),
        (["report", "nothing.db"], 3, "nothing.db"),
        (["report"], 3, "agentbench run"),
        (["replay", "nothing.db"], 3, "nothing.db"),
        (["bogus"], 2, "bogus"),
    ],
)
def test_a_newcomers_mistake_is_answered_with_one_clear_sentence(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    done = agentbench(*arguments, cwd=tmp_path, code=code)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_with_failed_samples_exits_with_1(tmp_path: Path) -> None:
    """Nobody listens on that port: every sample fails, typed, and the report says so."""
    (tmp_path / "one.yaml").write_text(
        "name: one\nsamples:\n  - {id: a, question: hello, target: hi}\njudges: [exact]\n"
    )
    done = agentbench(
        "run",
        "one.yaml",
        "--model",
        "openai/x",
        "--max-attempts",
        "1",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--json",
        cwd=tmp_path,
        code=1,
    )
    assert json.loads(done.stdout)["status"] == "finished"
    record = next(load_run(tmp_path / json.loads(done.stdout)["run"]).records())
    assert (record.ending.status, record.ending.reason) == ("failed", "transport")
    assert record.scores == {}
