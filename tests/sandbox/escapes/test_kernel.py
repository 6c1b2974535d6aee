"""What namespaces leave open is closed: dangerous system calls, further namespaces, settings of the kernel."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from agentbench_sdk.sandbox import Sandbox
from tests.sandbox.escapes.attempts import python

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
