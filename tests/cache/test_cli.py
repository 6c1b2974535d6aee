"""`agentbench cache`: what people see of a cache file and do with it."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agentbench_sdk.cache import ResponseCache
from agentbench_sdk.cache.database import open_database
from agentbench_sdk.cache.history import load_request
from agentbench_sdk.cache.maintenance import verify as verify_file
from agentbench_sdk.cli.cache import command as cache
from agentbench_sdk.errors import CacheError, ConfigurationError
from agentbench_sdk.messages import Message


def record(path: Path, *sents: Any, answer: str = "an answer", created: float = 1000.0) -> None:
    async def put() -> None:
        async with ResponseCache.open(path) as opened:
            for sent in sents:
                await opened.put(sent.key, sent.answered(answer, created=created))

    asyncio.run(put())


def invoke(*arguments: object, input: str | None = None) -> Result:
    return CliRunner().invoke(cache, [str(each) for each in arguments], input=input)


def run(*arguments: object, input: str | None = None) -> str:
    result = invoke(*arguments, input=input)
    assert result.exception is None, result.exception
    return result.output


def answers_in(path: Path) -> dict[str, str]:
    async def read() -> dict[str, str]:
        async with ResponseCache.open(path, create=False) as opened:
            rows = await opened.inspect(lambda file: file.execute("SELECT key FROM entries").fetchall())
            entries = {key: await opened.get(key) for (key,) in rows}
            return {key: entry.response.text for key, entry in entries.items() if entry}

    return asyncio.run(read())


def test_stats_tells_runs_models_tokens_and_cost(path: Path, send: Any, sender: Any) -> None:
    record(path, send("a"), send("b"))
    record(path, sender(model_id="mock/other")("c", run="r2"), created=2000.0)
    output = run("stats", path)
    assert "3 answers" in output
    assert "run r1  mock/m: 2 answers, 22 + 14 tokens, $0.5000" in output
    assert "run r2  mock/other: 1 answers" in output
    assert "1970-01-01 00:33:20" in output


def test_explain_compares_an_answer_with_its_nearest_relative(path: Path, send: Any) -> None:
    record(path, send("How many red boxes?"), send("How many blue boxes?"))
    output = run("explain", path, send("How many blue boxes?").key[:10])
    assert "is recorded" in output
    assert "message 1 (user) differs from character 10: 'How many red boxes?'" in output


def test_explain_compares_a_request_that_is_given(path: Path, send: Any) -> None:
    record(path, send("hello"))
    asked = {"model": "mock/m", "endpoint": "http://mock", "messages": [{"role": "user", "content": "hello"}],
             "run": "r1", "sample": "s1", "epoch": 1}  # fmt: skip
    assert f"the answer to request {send('hello').key} is recorded" in run(
        "explain", path, "--request", "-", input=json.dumps(asked)
    )
    asked["params"] = {"temperature": 0}
    output = run("explain", path, "--request", "-", input=json.dumps(asked))
    assert "no answer" in output
    assert "parameter temperature unset → 0.0" in output


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"model": "m", "messages": 3}', '{"model": "m", "messages": [{}]}']
)
def test_explain_says_what_a_request_needs(path: Path, send: Any, text: str) -> None:
    record(path, send("hello"))
    error = invoke("explain", path, "--request", "-", input=text).exception
    assert isinstance(error, ConfigurationError)
    assert "'model' and 'messages'" in str(error)


def test_explain_of_an_unknown_key_is_a_usage_error(path: Path, send: Any) -> None:
    record(path, send("hello"))
    assert isinstance(invoke("explain", path, "zz").exception, ConfigurationError)
    assert invoke("explain", path).exit_code == 2


def test_merge_copies_what_is_missing_and_keeps_what_is_there(tmp_path: Path, send: Any) -> None:
    a, b, target = (tmp_path / f"{name}.db" for name in ("a", "b", "target"))
    talk = [send(*map(str, range(turn + 1)), turn=turn) for turn in range(5)]
    record(a, *talk, send("both"), answer="of a")
    record(b, send("only b"), send("both"), answer="of b")
    output = run("merge", target, a, b)
    assert "6 added, 0 already there, 0 answered differently" in output
    assert "1 added, 0 already there, 1 answered differently" in output
    assert answers_in(target) == answers_in(b) | answers_in(a)
    assert "0 added, 6 already there" in run("merge", target, a)
    with closing(open_database(target)) as connection:
        request = load_request(connection, talk[-1].key)
        assert request is not None
        assert request.identity() == talk[-1].identity
        assert verify_file(connection).problems == []


def test_merge_of_many_rows_goes_by_groups(tmp_path: Path, send: Any) -> None:
    record(tmp_path / "a.db", *(send(str(number), sample=str(number)) for number in range(600)))
    assert "600 added" in run("merge", tmp_path / "b.db", tmp_path / "a.db")
    assert len(answers_in(tmp_path / "b.db")) == 600


def test_merge_leaves_damaged_rows_out(tmp_path: Path, send: Any) -> None:
    source, target = tmp_path / "a.db", tmp_path / "b.db"
    record(source, send("a"), send("b"))
    damage(source, send("a").key)
    assert "1 added, 0 already there, 0 answered differently (kept as they were), 1 damaged" in run(
        "merge", target, source
    )
    assert set(answers_in(target)) == {send("b").key}


def test_merge_into_itself_or_from_nothing_is_refused(tmp_path: Path, send: Any) -> None:
    record(tmp_path / "a.db", send("a"))
    assert isinstance(invoke("merge", tmp_path / "a.db", tmp_path / "a.db").exception, ConfigurationError)
    assert isinstance(invoke("merge", tmp_path / "a.db", tmp_path / "none.db").exception, CacheError)


def test_salvage_saves_what_a_truncated_file_still_holds(tmp_path: Path, send: Any) -> None:
    source, target = tmp_path / "a.db", tmp_path / "b.db"
    noise = random.Random(0).randbytes(600).hex()
    record(source, *(send(str(number), sample=str(number)) for number in range(300)), answer=noise)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    assert isinstance(invoke("merge", target, source).exception, CacheError)
    run("merge", "--salvage", target, source)
    saved = answers_in(target)
    assert len(saved) > 80
    assert set(saved.values()) == {noise}


def test_export_writes_one_json_object_a_line(path: Path, tmp_path: Path, send: Any) -> None:
    record(path, send(Message.system("s"), "a"), send("b" * 9000, turn=1), answer="yes")
    lines = [json.loads(line) for line in run("export", path).splitlines()]
    assert [line["key"] for line in lines] == [
        send(Message.system("s"), "a").key,
        send("b" * 9000, turn=1).key,
    ]
    assert lines[0]["response"]["message"] == {"role": "assistant", "content": "yes"}
    assert (lines[0]["model"], lines[0]["run"], lines[0]["usage"]["input_tokens"]) == ("mock/m", "r1", 11)
    assert "messages" not in lines[0]
    run("export", path, "--messages", "-o", tmp_path / "out.jsonl")
    full = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert full[0]["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}]
    assert full[1]["messages"] == [{"role": "user", "content": "b" * 9000}]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--run", "r1"], {"r2", "r3"}),
        (["--model", "mock/other"], {"r1", "r2"}),
        (["--older-than", "1"], {"r2"}),
        (["--older-than", "1", "--run", "r1"], {"r2", "r3"}),
        (["--run", "none"], {"r1", "r2", "r3"}),
    ],
)
def test_prune_counts_first_and_drops_when_told(
    path: Path, send: Any, sender: Any, options: list[str], left: set[str]
) -> None:
    record(path, send("a", run="r1"))
    record(path, send("a", run="r2"), created=time.time())
    record(path, sender(model_id="mock/other")("a", run="r3"))
    assert f"would drop (give --yes to do so) {3 - len(left)} answers" in run("prune", path, *options)
    assert len(answers_in(path)) == 3
    assert f"dropped {3 - len(left)} answers" in run("prune", path, *options, "--yes", "--compact")
    with closing(sqlite3.connect(path)) as connection:
        assert {run for (run,) in connection.execute("SELECT run FROM calls")} == left
    assert "all sound" in run("verify", path)


def test_prune_without_a_condition_is_a_usage_error(path: Path, send: Any) -> None:
    record(path, send("a"))
    assert invoke("prune", path, "--yes").exit_code == 2
    assert len(answers_in(path)) == 1


def test_prune_keeps_the_requests_that_build_on_what_it_drops(path: Path, send: Any) -> None:
    """Old turns of a session go, the later ones can still be compared."""
    talk = [send(Message.system("s"), *map(str, range(turn + 1)), turn=turn) for turn in range(6)]

    async def put() -> None:
        async with ResponseCache.open(path) as opened:
            for sent in talk:
                created = time.time() if sent.origin.turn >= 3 else 1000.0
                await opened.put(sent.key, sent.answered(created=created))

    asyncio.run(put())
    assert "dropped 3 answers" in run("prune", path, "--older-than", "1", "--yes")
    with closing(open_database(path)) as connection:
        for sent in talk[3:]:
            request = load_request(connection, sent.key)
            assert request is not None
            assert request.identity() == sent.identity
    assert "3 answers, all sound" in run("verify", path)
    assert set(answers_in(path)) == {sent.key for sent in talk[3:]}


def test_verify_names_damaged_answers_and_removes_them_on_demand(path: Path, send: Any) -> None:
    record(path, send("a"), send("b"))
    assert "2 answers, all sound" in run("verify", path)
    damage(path, send("a").key)
    result = invoke("verify", path)
    assert isinstance(result.exception, CacheError)
    assert f"the answer {send('a').key} does not have its recorded hash" in result.output
    assert len(open_keys(path)) == 2
    assert "1 damaged answers were removed" in run("verify", path, "--remove-damaged")
    assert open_keys(path) == {send("b").key}
    assert "1 answers, all sound" in run("verify", path)


def test_verify_finds_damage_in_requests_and_shared_parts(path: Path, send: Any) -> None:
    record(path, send(Message.system("s"), "a"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entries SET request = x'5B5D'")
        connection.execute("UPDATE parts SET body = x'7B7D'")
    output = invoke("verify", path).output
    assert "does not have its recorded checksum" in output
    assert output.count("the shared part") == 2
    assert "an answer" in answers_in(path).values()


def test_verify_finds_a_broken_structure(path: Path, send: Any) -> None:
    record(path, *(send(str(number)) for number in range(200)))
    with path.open("r+b") as file:
        for page in range(4, path.stat().st_size // 8192):
            file.seek(page * 8192)
            file.write(b"\xff" * 64)
    result = invoke("verify", path)
    assert isinstance(result.exception, CacheError)
    assert "damaged" in str(result.exception)


@pytest.mark.parametrize("command", ["stats", "export", "verify"])
def test_a_missing_file_is_not_made(path: Path, command: str) -> None:
    assert isinstance(invoke(command, path).exception, CacheError)
    assert not path.exists()


def damage(path: Path, key: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entries SET answer = x'7B7D' WHERE key = ?", (key,))


def open_keys(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM entries")}
