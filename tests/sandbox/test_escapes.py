"""What a program in a sandbox tries against its host fails, and the next command works as if nothing had been."""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentbench_sdk.errors import SandboxFileError
from agentbench_sdk.sandbox import ExecResult, Limit, Sandbox, SandboxProvider, SandboxSpec
from tests.sandbox.conftest import TIGHT

INTERPRETER = os.path.realpath(sys.executable)
# System calls by number, as a program would that avoids its C library.
_CALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
    return result, ctypes.get_errno()
"""
_NUMBERS = {
    "x86_64": {
        "ptrace": 101, "mount": 165, "unshare": 272, "setns": 308, "keyctl": 250, "add_key": 248, "bpf": 321,
        "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "process_vm_readv": 310,
        "clone": 56, "clone3": 435, "kexec_load": 246, "init_module": 175, "open_by_handle_at": 304,
        "pivot_root": 155, "chroot": 161, "swapon": 167, "reboot": 169, "syslog": 103, "move_mount": 429,
        "personality": 135,
    },
    "aarch64": {
        "ptrace": 117, "mount": 40, "unshare": 97, "setns": 268, "keyctl": 219, "add_key": 217, "bpf": 280,
        "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "process_vm_readv": 270,
        "clone": 220, "clone3": 435, "kexec_load": 104, "init_module": 105, "open_by_handle_at": 265,
        "pivot_root": 41, "chroot": 51, "swapon": 224, "reboot": 142, "syslog": 116, "move_mount": 429,
        "personality": 92,
    },
}  # fmt: skip


async def python(sandbox: Sandbox, code: str) -> ExecResult:
    return await sandbox.exec(["python3", "-c", code])


async def still_works(sandbox: Sandbox) -> None:
    result = await sandbox.exec("echo alive")
    assert result.ok
    assert result.stdout.text == "alive\n"


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder of the host that everybody may read and write; not below /tmp, which a sandbox has of its own."""
    with tempfile.TemporaryDirectory(prefix="outside-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "secret").write_text("the host's secret")
        (folder / "secret").chmod(0o666)
        yield folder


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def processes_with(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


# --- reading and writing the host ---------------------------------------------------------------


async def test_files_of_the_host_are_not_there(sandbox: Sandbox, outside: Path) -> None:
    homes = [str(Path.home()), "/root/.bashrc", "/etc/shadow", "/var", "/home/runner", "/sys/kernel", "/boot"]
    code = f"""
import os
for path in {[str(outside), str(outside / "secret"), str(Path(__file__)), *homes]!r}:
    for way in (path, "/proc/1/root" + path, "/proc/self/root" + path, "/work/../" + path):
        try:
            found = os.listdir(way) if os.path.isdir(way) else open(way).read()
        except OSError:
            continue
        found and path != {str(Path.home())!r} and print("READ", way, str(found)[:80])
"""
    result = await python(sandbox, code)
    assert result.ok, result.stderr.text
    assert "READ" not in result.stdout.text


async def test_the_home_of_whoever_runs_it_is_empty_but_for_the_interpreter(sandbox: Sandbox) -> None:
    result = await sandbox.exec(f"find {Path.home()} -maxdepth 1 -type f; ls -A ~")
    assert result.stdout.text == ""


async def test_variables_and_keys_of_the_host_are_not_seen(
    provider: SandboxProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-host")
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        result = await sandbox.exec("env; cat /proc/[0-9]*/environ; cat /proc/[0-9]*/cmdline")
    assert "secret-of-the-host" not in result.stdout.text
    assert "OPENAI" not in result.stdout.text


async def test_nothing_outside_its_own_folders_can_be_written(sandbox: Sandbox, outside: Path) -> None:
    targets = [
        "/usr/x",
        "/usr/bin/python3",
        "/etc/x",
        "/etc/passwd",
        "/x",
        "/dev/x",
        "/proc/sys/kernel/core_pattern",
    ]
    code = f"""
import os
for path in {[*targets, str(outside / "new"), str(outside / "secret"), INTERPRETER]!r}:
    try:
        with open(path, "a") as file:
            file.write("x")
        print("WROTE", path)
    except OSError:
        pass
    try:
        os.makedirs(path + ".d"); print("MADE", path)
    except OSError:
        pass
"""
    result = await python(sandbox, code)
    assert result.ok, result.stderr.text
    assert result.stdout.text == ""
    assert (outside / "secret").read_text() == "the host's secret"
    assert names_in(outside) == ["secret"]


async def test_two_sandboxes_do_not_see_each_other(provider: SandboxProvider) -> None:
    async with (
        await provider.create(SandboxSpec(limits=TIGHT, files={"mine": b"one"})) as one,
        await provider.create(SandboxSpec(limits=TIGHT)) as two,
    ):
        running = asyncio.ensure_future(one.exec("echo left > /tmp/left; sleep 1"))
        result = await two.exec(
            "ls -A . /tmp; ps ax 2>/dev/null | grep -c 'sleep 1$'; ls /proc | grep -c '^[0-9]'"
        )
        await running
    assert "mine" not in result.stdout.text
    assert "left" not in result.stdout.text


# --- the network --------------------------------------------------------------------------------


async def test_services_of_the_host_cannot_be_reached(sandbox: Sandbox, outside: Path) -> None:
    """TCP and UDP on loopback, a socket in a folder, an abstract socket, and whatever else a host offers."""
    name = f"agentbench-{secrets.token_hex(6)}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        udp.bind(("127.0.0.1", 0))
        named.bind(str(outside / "socket"))
        (outside / "socket").chmod(0o777)
        named.listen()
        abstract.bind(f"\0{name}")
        abstract.listen()
        udp.setblocking(False)
        code = f"""
import socket
def attempt(what, family, kind, address):
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(2); s.connect(address); s.send(b"x")
        print("REACHED", what)
    except OSError:
        pass
attempt("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {tcp.getsockname()[1]}))
attempt("named", socket.AF_UNIX, socket.SOCK_STREAM, {str(outside / "socket")!r})
attempt("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\\0{name}")
attempt("outside", socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b"x", ("127.0.0.1", {udp.getsockname()[1]}))
for family in (40, 17, 38, 31, 29):  # vsock, packet, alg, bluetooth, can
    try:
        socket.socket(family, socket.SOCK_RAW if family == 17 else socket.SOCK_STREAM); print("MADE", family)
    except OSError:
        pass
"""
        result = await python(sandbox, code)
        assert result.ok, result.stderr.text
        assert result.stdout.text == ""
        with pytest.raises(BlockingIOError):
            udp.recv(1)


async def test_a_program_has_a_loopback_of_its_own(sandbox: Sandbox) -> None:
    """Tests of agents start servers; they reach them, and nobody else does."""
    code = """
import socket
server = socket.create_server(("127.0.0.1", 8000))
client = socket.create_connection(("127.0.0.1", 8000))
print("connected")
"""
    assert (await python(sandbox, code)).stdout.text == "connected\n"


# --- floods -------------------------------------------------------------------------------------


async def test_a_fork_bomb_ends_with_the_command(sandbox: Sandbox) -> None:
    mark = f"bomb{secrets.token_hex(8)}"
    code = f"""
import os, time
mark = "{mark}"
end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
    await sandbox.exec(["python3", "-c", code], timeout=10)
    assert processes_with(mark) == []
    await still_works(sandbox)


async def test_no_more_processes_than_allowed_live_at_once(sandbox: Sandbox) -> None:
    code = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(5); os._exit(0)
        made += 1
except OSError:
    print(made, flush=True)
os._exit(0)
"""
    made = int((await python(sandbox, code)).stdout.text)
    assert 0 < made <= TIGHT.processes


async def test_one_process_cannot_take_more_memory_than_allowed(sandbox: Sandbox) -> None:
    result = await python(sandbox, "x = bytearray(b'1') * (1 << 30)")
    assert not result.ok
    assert "MemoryError" in result.stderr.text or result.ended_by is Limit.MEMORY
    await still_works(sandbox)


async def test_many_processes_cannot_take_more_memory_together(sandbox: Sandbox) -> None:
    code = """
import os, time
for _ in range(12):
    if os.fork() == 0:
        x = bytearray(b"1") * (60 << 20)
        time.sleep(30); os._exit(0)
time.sleep(30)
"""
    result = await python(sandbox, code)
    assert result.ended_by is Limit.MEMORY
    await still_works(sandbox)


async def test_shared_memory_is_bounded(sandbox: Sandbox) -> None:
    result = await sandbox.exec("head -c 1000000000 /dev/zero > /dev/shm/x; stat -c %s /dev/shm/x")
    assert int(result.stdout.text.split()[-1]) <= 64 << 20


async def test_one_file_cannot_grow_beyond_its_limit(sandbox: Sandbox) -> None:
    result = await sandbox.exec("head -c 1000000000 /dev/zero > big; stat -c %s big")
    assert int(result.stdout.text.split()[-1]) <= TIGHT.file_bytes


async def test_many_files_cannot_fill_the_disk(sandbox: Sandbox) -> None:
    result = await sandbox.exec(
        "i=0; while :; do i=$((i+1)); head -c 4000000 /dev/zero > f$i || exit 1; done"
    )
    assert result.ended_by is Limit.DISK
    assert (await sandbox.exec("rm f*; ls")).stdout.text == ""
    await still_works(sandbox)


async def test_a_full_folder_can_be_emptied_and_not_filled_further(sandbox: Sandbox) -> None:
    fill = "i=0; while :; do i=$((i+1)); head -c 4000000 /dev/zero > $0$i || exit 1; done"
    await sandbox.exec(["sh", "-c", fill, "a"])
    assert (await sandbox.exec(["sh", "-c", fill, "b"])).ended_by is Limit.DISK
    assert (await sandbox.exec("rm a* b*; sleep 0.3")).ok


async def test_output_without_end_is_cut_and_ended(sandbox: Sandbox) -> None:
    result = await sandbox.exec("yes")
    assert result.ended_by is Limit.OUTPUT
    assert len(result.stdout.head) + len(result.stdout.tail) <= TIGHT.kept_bytes
    assert result.stdout.truncated
    await still_works(sandbox)


async def test_processor_time_is_limited_over_all_processes(sandbox: Sandbox) -> None:
    limits = type(TIGHT)(cpu_seconds=1.0, wall_seconds=20.0)
    result = await sandbox.exec("(while :; do :; done) & (while :; do :; done) & wait", limits=limits)
    assert result.ended_by is Limit.CPU


async def test_ten_thousand_files_are_listed_and_removed(provider: SandboxProvider) -> None:
    async with await provider.create(SandboxSpec(limits=TIGHT)) as sandbox:
        made = await sandbox.exec("mkdir d && cd d && seq 10000 | xargs touch")
        assert made.ok, made.stderr.text
        assert len(await sandbox.list("d")) == 10_000


# --- staying behind -----------------------------------------------------------------------------


async def test_nothing_outlives_the_call(sandbox: Sandbox) -> None:
    """Background jobs, daemons with a session of their own, and orphans of orphans."""
    mark = f"sleeper{secrets.token_hex(8)}"
    code = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3): os.close(fd)
        "{mark}"; time.sleep(60)
    os._exit(0)
"""
    await sandbox.exec(["python3", "-c", code])
    await sandbox.exec(["sh", "-c", "nohup setsid sh -c 'sleep 60; : $0' $0 >/dev/null 2>&1 &", mark])
    assert processes_with(mark) == []


@pytest.mark.parametrize(
    "code",
    [
        "import signal, time\nfor n in range(1, 65):\n  try: signal.signal(n, signal.SIG_IGN)\n  except (OSError, ValueError): pass\ntime.sleep(60)",
        "import os, time\nos.setsid() if os.getpid() != os.getsid(0) else None\nos.fork() or time.sleep(60)\ntime.sleep(60)",
        "while True: pass",
    ],
    ids=["signals ignored", "session of its own", "busy"],
)
async def test_time_outs_cannot_be_ignored(sandbox: Sandbox, code: str) -> None:
    mark = f"#{secrets.token_hex(8)}"
    result = await sandbox.exec(["python3", "-c", f"{code}\n{mark}"], timeout=0.7)
    assert result.ended_by is Limit.WALL
    assert processes_with(mark) == []


async def test_processes_of_the_host_cannot_be_signalled(sandbox: Sandbox) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep) as victim:  # noqa: ASYNC220 - it is looked at, not waited for
        pids = [victim.pid, os.getpid(), os.getppid()]
        code = f"""
import os
for pid in {pids!r}:
    for number in (9, 15, 19):
        try:
            os.kill(pid, number); print("SENT", pid)
        except OSError:
            pass
"""
        result = await python(sandbox, code)
        everybody = await sandbox.exec("kill -9 -1; echo unreachable")
        assert victim.poll() is None
        victim.send_signal(signal.SIGKILL)
    assert "SENT" not in result.stdout.text
    assert everybody.exit_code == 128 + signal.SIGKILL or "unreachable" in everybody.stdout.text
    await still_works(sandbox)


# --- the kernel ---------------------------------------------------------------------------------


@pytest.mark.skipif(platform.machine() not in _NUMBERS, reason="the numbers are those of x86_64 and aarch64")
async def test_dangerous_system_calls_are_refused(sandbox: Sandbox) -> None:
    numbers = _NUMBERS[platform.machine()]
    new_user = 0x10000000
    code = f"""{_CALL}
numbers = {numbers!r}
buffer = ctypes.create_string_buffer(4096)
attempts = {{
    "ptrace": (0, 0, 0, 0), "mount": (buffer, buffer, buffer, 0, 0), "unshare": ({new_user},), "setns": (0, 0),
    "keyctl": (0, -3, 0), "add_key": (b"user", b"n", b"v", 1, -3), "bpf": (0, buffer, 120),
    "perf_event_open": (buffer, 0, -1, -1, 0), "userfaultfd": (0,), "io_uring_setup": (4, buffer),
    "process_vm_readv": (os.getppid(), buffer, 1, buffer, 1, 0), "clone": ({new_user} | 17, 0, 0, 0, 0),
    "clone3": (buffer, 64), "kexec_load": (0, 0, 0, 0), "init_module": (buffer, 0, buffer),
    "open_by_handle_at": (0, buffer, 0), "pivot_root": (b"/", b"/"), "chroot": (b"/tmp",), "swapon": (b"/x", 0),
    "reboot": (0, 0, 0, 0), "syslog": (3, buffer, 4096), "move_mount": (0, b"", 0, b"", 0), "personality": (0x0040000,),
}}
for name, arguments in attempts.items():
    parent = os.getpid()
    result, error = call(numbers[name], *arguments)
    if os.getpid() != parent:
        os._exit(0)
    if result >= 0 or error not in (1, 38):
        print("DONE", name, result, error)
"""
    result = await python(sandbox, code)
    assert result.ok, result.stderr.text
    assert result.stdout.text == ""


async def test_no_further_namespace_and_no_mount_by_programs(sandbox: Sandbox) -> None:
    result = await sandbox.exec(
        "unshare -Ur true && echo NAMESPACE; unshare -m true && echo MOUNTS; mount -t tmpfs x /tmp && echo MOUNTED; "
        "nsenter -t 1 -m true && echo ENTERED; umount /proc && echo UNMOUNTED; id -u"
    )
    assert result.stdout.text == "1000\n"


async def test_programs_with_the_s_bit_give_nothing(sandbox: Sandbox) -> None:
    code = """
import os
print([line for line in open("/proc/self/status") if line.startswith(("NoNewPrivs", "CapEff", "CapPrm", "CapBnd", "Seccomp:"))])
"""
    told = (await python(sandbox, code)).stdout.text
    assert "NoNewPrivs:\\t1" in told
    assert told.count("0000000000000000") == 3
    assert "Seccomp:\\t2" in told


async def test_settings_of_the_kernel_cannot_be_changed(sandbox: Sandbox) -> None:
    """Those of its own namespaces may be; the host's stay as they are."""
    code = """
import os
for root, _, names in os.walk("/proc/sys"):
    for name in names:
        path = os.path.join(root, name)
        try:
            value = int(open(path).read()) - 1
            with open(path, "w") as file:
                file.write(str(value))
            print(path)
        except (OSError, ValueError):
            pass
for path in ("/dev/mem", "/dev/kmsg", "/proc/kcore", "/proc/sysrq-trigger", "/sys"):
    if os.access(path, os.W_OK):
        print("OPEN", path)
"""
    before = _settings()
    result = await python(sandbox, code)
    assert result.ok, result.stderr.text
    assert "OPEN" not in result.stdout.text
    changed = result.stdout.text.split()
    assert {path: before.get(path) for path in changed} == {path: _settings().get(path) for path in changed}


def _settings() -> dict[str, str]:
    found = {}
    for path in Path("/proc/sys").rglob("*"):
        try:
            found[str(path)] = path.read_text()
        except (OSError, UnicodeError):
            continue
    return found


# --- tricks with paths --------------------------------------------------------------------------


async def test_links_lead_nowhere_on_the_host(sandbox: Sandbox, outside: Path) -> None:
    secret = outside / "secret"
    await sandbox.exec(
        f"ln -s {secret} link; ln -s {outside} folder; ln -s / root; ln -s /etc/passwd users; ln -s loop loop"
    )
    for path in ("link", "folder/secret", f"root{secret}", f"../../../..{secret}", str(secret), "loop"):
        with pytest.raises(SandboxFileError):
            await sandbox.read(path)
    for path in ("link", "folder/new", str(outside / "new"), f"root{outside}/new", "/usr/new", "loop"):
        with pytest.raises(SandboxFileError):
            await sandbox.write(path, "written by a guest")
    assert b"agent" in await sandbox.read("users")
    assert secret.read_text() == "the host's secret"
    assert names_in(outside) == ["secret"]


async def test_a_copy_follows_no_link(sandbox: Sandbox, outside: Path) -> None:
    await sandbox.exec(
        f"ln -s {outside} folder; ln -s {outside / 'secret'} link; mkdir real; echo kept > real/file"
    )
    async with await sandbox.fork() as copy:
        result = await copy.exec("cat link folder/secret; cat real/file; readlink link")
    assert result.stdout.text == f"kept\n{outside / 'secret'}\n"


async def test_a_race_with_links_gains_nothing(sandbox: Sandbox, outside: Path) -> None:
    """While a program swaps a folder for a link, whatever the host reads, lists or copies stays inside."""
    code = f"""
import os
os.makedirs("a", exist_ok=True)
open("a/secret", "w").write("inside")
while True:
    try:
        os.rename("a", "b"); os.symlink({str(outside)!r}, "a"); os.unlink("a"); os.rename("b", "a")
    except OSError:
        pass
"""
    racing = await sandbox.start(["python3", "-c", code])
    seen = set()
    for _ in range(15):
        try:
            seen.add(await sandbox.read("a/secret"))
            await sandbox.write("a/written", "x")
            await sandbox.list("a")
        except SandboxFileError:
            continue
    try:
        archive = await sandbox.snapshot()
    except SandboxFileError:
        archive = b""  # a name went away while it was read
    racing.kill()
    await racing.wait()
    assert seen <= {b"inside", b""}
    assert b"the host's secret" not in archive
    assert names_in(outside) == ["secret"]


async def test_a_folder_that_was_closed_is_open_again(sandbox: Sandbox) -> None:
    """No program can make its own work uncheckable."""
    await sandbox.exec("echo kept > file; chmod 000 . ~ /tmp")
    assert (await sandbox.exec("cat file; touch ~/x /tmp/x && echo ok")).stdout.text == "kept\nok\n"


async def test_special_files_do_not_hang_or_mislead_the_host(sandbox: Sandbox) -> None:
    await sandbox.exec("mkfifo pipe; mkdir folder; ln -s /dev/zero zero; ln -s /proc/self/mem mem")
    for path in ("pipe", "folder", "zero", "mem", "missing", "", "a\0b"):
        with pytest.raises(SandboxFileError):
            await sandbox.read(path)
    kinds = {entry.path: entry.kind for entry in await sandbox.list()}
    assert kinds == {"pipe": "other", "folder": "folder", "zero": "link", "mem": "link"}


@pytest.mark.parametrize(
    "name", ["-rf", "--help", "a b", "a\nb", "'", '"', "$(id)", "`id`", "*", "ü", "é", ".hidden"]
)
async def test_strange_names_are_names(sandbox: Sandbox, name: str) -> None:
    await sandbox.write(name, "content")
    assert await sandbox.read(name) == b"content"
    assert [entry.path for entry in await sandbox.list()] == [name]
