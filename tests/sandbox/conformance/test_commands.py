"""Commands in any sandbox begin, talk and end as they would in a shell."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from agentbench_sdk.errors import EnvironmentFaultError
from agentbench_sdk.sandbox import Sandbox, SandboxProvider, SandboxSpec
from tests.sandbox.conftest import MEBIBYTE, TIGHT

pytestmark = pytest.mark.filterwarnings("ignore::agentbench_sdk.sandbox.warning.SandboxWarning")


async def test_an_exit_code_is_told_as_it_is(sandbox: Sandbox) -> None:
    for code in (0, 1, 7, 125, 126, 127, 128, 255):
        result = await sandbox.exec(f"exit {code}")
        assert (result.exit_code, result.ok, result.ended_by) == (code, code == 0, None)


async def test_the_signal_that_ended_a_command_is_told(sandbox: Sandbox) -> None:
    for number in (1, 9, 11):
        result = await sandbox.exec(f"kill -{number} $$")
        assert (result.exit_code, result.signal) == (128 + number, number)
        assert result.stderr.text == ""


async def test_what_is_written_is_kept_apart_by_stream(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo out; echo err >&2")
    assert (result.stdout.text, result.stderr.text) == ("out\n", "err\n")


async def test_an_argument_vector_arrives_as_it_is(sandbox: Sandbox) -> None:
    arguments = [
        "",
        " a  b ",
        "$HOME",
        "`id`",
        "'\"\\",
        "-n",
        "new\nline\n",
        "ünï→😀",
        "*",
        "\udcff\udc80x",
        "é\n",
    ]
    result = await sandbox.exec(["printf", "%s\\n|", *arguments])
    assert result.ok, result.stderr.text
    expected = "".join(f"{each}\n|" for each in arguments).encode("utf-8", "surrogateescape")
    assert result.stdout.head == expected


async def test_a_program_is_no_builtin_of_a_shell(sandbox: Sandbox) -> None:
    """`exit 0` and `cd /` are no programs; who names them as such is told so."""
    for argv in (["exit", "0"], ["export", "A=1"], ["return", "0"]):
        assert (await sandbox.exec(argv)).exit_code == 127


async def test_a_program_that_is_missing_is_the_commands_fault(sandbox: Sandbox) -> None:
    result = await sandbox.exec(["no-such-program", "x"])
    assert result.exit_code == 127
    assert "no-such-program" in result.stderr.text
    await sandbox.write("text", "no program")
    assert (await sandbox.exec(["./text"])).exit_code == 126


async def test_what_no_system_can_start_is_the_commands_fault(sandbox: Sandbox) -> None:
    for command in ("echo \0", "echo \ud800", "x" * 200_000, [], ["x", "\0"], ["x" * 1000] * 3000):
        result = await sandbox.exec(command)
        assert result.exit_code == 126
        assert result.stderr.text
    assert (await sandbox.exec("true", cwd="a\0b")).exit_code == 126


async def test_the_longest_command_runs(sandbox: Sandbox) -> None:
    result = await sandbox.exec(["printf", "%s", "x" * 131_071])
    assert result.ok, result.stderr.text
    assert result.stdout.total_bytes == 131_071


async def test_a_command_starts_where_it_is_told_to(sandbox: Sandbox) -> None:
    await sandbox.exec("mkdir -p 'a/b c'")
    assert (await sandbox.exec("pwd", cwd="a/b c")).stdout.text == f"{sandbox.work_folder}/a/b c\n"
    assert (await sandbox.exec("pwd")).stdout.text == f"{sandbox.work_folder}\n"
    assert (await sandbox.exec("pwd", cwd="/")).stdout.text == "/\n"
    missing = await sandbox.exec("pwd", cwd="nowhere")
    assert not missing.ok
    assert "nowhere" in missing.stderr.text


async def test_variables_are_those_of_the_sandbox_and_of_the_command(
    provider: SandboxProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:sk-secret@proxy.example")
    spec = SandboxSpec(limits=TIGHT, env={"OWN": "a b\n'c'", "LANG": "C"})
    async with await provider.create(spec) as sandbox:
        result = await sandbox.exec('printf "%s|" "$OWN" "$MORE" "$LANG" "$TZ"; env', env={"MORE": "ü$x"})
        assert result.stdout.text.startswith("a b\n'c'|ü$x|C|UTC|")
        assert "sk-secret" not in result.stdout.text
        assert (await sandbox.exec('printf "%s" "$MORE"')).stdout.text == ""
        assert (await sandbox.exec('cd "$HOME" && cd "$TMPDIR" && touch x && command -v ls')).ok


async def test_standard_input_arrives_and_ends(sandbox: Sandbox) -> None:
    assert (await sandbox.exec("cat", stdin="ünï\n")).stdout.text == "ünï\n"
    assert (await sandbox.exec("cat")).stdout.text == ""
    large = bytes(range(256)) * 8192  # 2 MiB
    assert (await sandbox.exec("md5sum", stdin=large)).stdout.text == (
        await sandbox.exec("cat | cat | md5sum", stdin=large)
    ).stdout.text
    assert (await sandbox.exec("wc -c", stdin=large)).stdout.text.strip() == str(len(large))


async def test_input_that_nobody_reads_holds_nothing_up(sandbox: Sandbox) -> None:
    assert (await sandbox.exec("exit 3", stdin=b"x" * 2 * MEBIBYTE)).exit_code == 3
    assert (await sandbox.exec("head -c 3", stdin=b"x" * 2 * MEBIBYTE)).stdout.text == "xxx"


async def test_large_output_comes_whole_where_it_is_kept(sandbox: Sandbox) -> None:
    size = 3 * MEBIBYTE
    result = await sandbox.exec(
        f"head -c {size} /dev/zero | tr '\\0' x; echo end >&2", limits=replace(TIGHT, kept_bytes=2 * size)
    )
    assert result.stdout.total_bytes == size == result.stdout.head.count(b"x")
    assert result.stderr.text == "end\n"


async def test_the_middle_of_long_output_is_left_out(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo first; head -c 1000000 /dev/zero | tr '\\0' x; echo; echo last")
    assert result.ok
    kept = result.stdout
    assert kept.head.startswith(b"first\n")
    assert kept.tail.endswith(b"\nlast\n")
    assert len(kept.head) + len(kept.tail) == TIGHT.kept_bytes
    assert kept.total_bytes == 1_000_012
    assert f"{kept.left_out} bytes left out" in kept.text


async def test_one_talks_with_a_command_while_it_runs(sandbox: Sandbox) -> None:
    process = await sandbox.start(["sh", "-c", 'while read -r line; do echo "heard $line"; done; echo bye'])
    output = process.output()
    for word in ("one", "two"):
        await process.write(f"{word}\n".encode())
        assert await anext(output) == ("stdout", f"heard {word}\n".encode())
    process.close_stdin()
    assert b"".join([data async for _, data in output]) == b"bye\n"
    result = await process.wait()
    assert result.ok
    assert result.stdout.text == "heard one\nheard two\nbye\n"


async def test_a_command_that_is_killed_tells_so(sandbox: Sandbox) -> None:
    process = await sandbox.start(["sh", "-c", "echo on; sleep 100"])
    await anext(process.output())
    process.kill()
    process.kill()
    result = await process.wait()
    assert (result.exit_code, result.ended_by) == (137, None)
    assert result.stdout.text == "on\n"
    process.kill()
    assert (await sandbox.exec("echo next")).stdout.text == "next\n"


async def test_a_command_can_be_killed_at_once(sandbox: Sandbox) -> None:
    process = await sandbox.start(["sh", "-c", "sleep 1; touch late"])
    process.kill()
    assert not (await process.wait()).ok
    assert [entry.path for entry in await sandbox.list()] == []


async def test_a_cancelled_command_is_dead(sandbox: Sandbox) -> None:
    for pause in (0.0, 0.3):
        running = asyncio.ensure_future(sandbox.exec("while :; do echo x >> grows; sleep 0.01; done"))
        await asyncio.sleep(pause)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await sandbox.write("grows", "")
    await asyncio.sleep(0.2)
    assert await sandbox.read("grows") == b""


async def test_what_a_command_used_is_told(sandbox: Sandbox) -> None:
    result = await sandbox.exec("i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done")
    assert result.ok
    assert 0 < result.cpu_seconds < 10
    assert 0 < result.wall_seconds < 30
    idle = await sandbox.exec("sleep 0.5")
    assert idle.cpu_seconds < result.cpu_seconds


async def test_commands_of_one_sandbox_run_beside_each_other(provider: SandboxProvider) -> None:
    """They see the same files; each has its own output, and none ends another."""
    limits = replace(TIGHT, processes=500)
    async with await provider.create(SandboxSpec(limits=limits)) as sandbox:
        waiting = asyncio.ensure_future(sandbox.exec("while [ ! -s go ]; do sleep 0.05; done; cat go"))
        results = await asyncio.gather(*(sandbox.exec(f"echo {each} | tee f{each}") for each in range(10)))
        assert [result.stdout.text for result in results] == [f"{each}\n" for each in range(10)]
        assert not waiting.done()
        await sandbox.write("go", "gone")
        assert (await waiting).stdout.text == "gone"


async def test_hundreds_of_commands_at_once_all_end(provider: SandboxProvider) -> None:
    many = 40 if provider.capabilities.starts_slowly else 200
    limits = replace(TIGHT, processes=4000, memory_bytes=1024 * MEBIBYTE, cpu_seconds=120.0)
    async with await provider.create(SandboxSpec(limits=limits)) as sandbox:
        results = await asyncio.gather(*(sandbox.exec(["echo", str(each)]) for each in range(many)))
    assert [result.stdout.text for result in results] == [f"{each}\n" for each in range(many)]
    assert all(result.ok for result in results)


async def test_a_closed_sandbox_starts_nothing_and_closes_twice(provider: SandboxProvider) -> None:
    sandbox = await provider.create(SandboxSpec(limits=TIGHT))
    running = asyncio.ensure_future(sandbox.exec("sleep 100"))
    await asyncio.sleep(0.5)
    await sandbox.close()
    assert not (await running).ok
    await sandbox.close()
    with pytest.raises(EnvironmentFaultError, match="closed"):
        await sandbox.exec("true")


async def test_a_closed_provider_leaves_nothing_and_can_be_used_again(provider: SandboxProvider) -> None:
    sandbox = await provider.create(SandboxSpec(limits=TIGHT))
    await provider.close()
    with pytest.raises(EnvironmentFaultError, match="closed"):
        await sandbox.exec("true")
    await provider.close()
    async with await provider.create(SandboxSpec(limits=TIGHT)) as another:
        assert (await another.exec("true")).ok
