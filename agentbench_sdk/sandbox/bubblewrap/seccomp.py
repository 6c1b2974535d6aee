"""The system calls that a sandbox refuses, as a BPF program.

What namespaces leave open is closed here: making further namespaces, mounting, tracing, kernel keyrings, and
parts of the kernel that have had holes and that no program under test needs. Refused calls fail with EPERM;
`clone3` fails with ENOSYS because its flags lie in memory where a filter cannot look, and C libraries then use
`clone`. A call by another architecture's numbers kills the process.

Formats: linux/filter.h, linux/seccomp.h, linux/audit.h; numbers: the kernel's tables of system calls.
"""

from __future__ import annotations

import errno
import platform
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000

# CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET; `clone` cannot make a time namespace.
NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
# Families beyond these reach parts of the kernel, or of a host that runs this machine, without a namespace.
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: AF_NETLINK, which lists interfaces
_X32 = 0x40000000


@dataclass(frozen=True, slots=True)
class _Machine:
    """Audit number of an architecture and the numbers of its system calls."""

    audit: int
    clone: int
    clone3: int
    socket: int
    ioctl: int
    refused: Mapping[str, int]


_SAME = {  # numbers above 423 are common to all architectures
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442, "quotactl_fd": 443, "open_tree_attr": 467,
}  # fmt: skip

MACHINES: Mapping[str, _Machine] = {
    "x86_64": _Machine(
        audit=0xC000003E,
        clone=56,
        clone3=435,
        socket=41,
        ioctl=16,
        refused=_SAME | {
            "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "chroot": 161, "acct": 163,
            "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "init_module": 175,
            "delete_module": 176, "quotactl": 179, "iopl": 172, "ioperm": 173, "kexec_load": 246,
            "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
            "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310,
            "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321,
            "userfaultfd": 323, "settimeofday": 164, "adjtimex": 159, "clock_settime": 227,
        },
    ),
    "aarch64": _Machine(
        audit=0xC00000B7,
        clone=220,
        clone3=435,
        socket=198,
        ioctl=29,
        refused=_SAME | {
            "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60, "acct": 89,
            "personality": 92, "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106,
            "clock_settime": 112, "syslog": 116, "ptrace": 117, "reboot": 142, "settimeofday": 170,
            "adjtimex": 171, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224,
            "swapoff": 225, "perf_event_open": 241, "name_to_handle_at": 264, "open_by_handle_at": 265,
            "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
            "finit_module": 273, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294,
        },
    ),
}  # fmt: skip


def supported(machine: str = platform.machine()) -> bool:
    """Whether there is a filter for an architecture."""
    return machine in MACHINES


def program(machine: str = platform.machine()) -> bytes:
    """The filter for an architecture, as `bwrap --seccomp` reads it.

    Raises:
        KeyError: there is none.
    """
    table = MACHINES[machine]
    steps = [
        _load(_ARCHITECTURE),
        _jump(_EQUAL, table.audit, 1, 0),
        _return(_KILL),
        _load(_NUMBER),
        # The x32 numbers of x86_64 would go around the table.
        *([_jump(_AT_LEAST, _X32, 0, 1), _return(_KILL)] if machine == "x86_64" else []),
    ]
    for number in sorted(set(table.refused.values())):
        steps += [_jump(_EQUAL, number, 0, 1), _refuse(errno.EPERM)]
    steps += [_jump(_EQUAL, table.clone3, 0, 1), _refuse(errno.ENOSYS)]
    steps += [_jump(_EQUAL, table.clone, 0, 4), _load(_FIRST_ARGUMENT)]
    steps += [_jump(_ANY_BIT, NAMESPACES, 0, 1), _refuse(errno.EPERM), _return(_ALLOW)]
    steps += _terminal_calls(table.ioctl)
    steps += _socket_families(table.socket)
    return b"".join([*steps, _return(_ALLOW)])


def _terminal_calls(ioctl: int) -> list[bytes]:
    """Pushing input into a terminal, which would be read by whoever has it after us."""
    steps = [_load(_SECOND_ARGUMENT)]
    for request in (_TIOCSTI, _TIOCLINUX):
        steps += [_jump(_EQUAL, request, 0, 1), _refuse(errno.EPERM)]
    return [_jump(_EQUAL, ioctl, 0, len(steps) + 1), *steps, _return(_ALLOW)]


def _socket_families(number: int) -> list[bytes]:
    allowed: list[bytes] = []
    for family in _FAMILIES:
        allowed += [_jump(_EQUAL, family, 0, 1), _return(_ALLOW)]
    steps = [_load(_FIRST_ARGUMENT), *allowed, _refuse(errno.EAFNOSUPPORT)]
    return [_jump(_EQUAL, number, 0, len(steps)), *steps]


def _load(offset: int) -> bytes:
    return struct.pack("<HBBI", _LOAD, 0, 0, offset)


def _jump(operation: int, value: int, when_true: int, when_false: int) -> bytes:
    return struct.pack("<HBBI", operation, when_true, when_false, value)


def _return(action: int) -> bytes:
    return struct.pack("<HBBI", _RETURN, 0, 0, action)


def _refuse(number: int) -> bytes:
    return _return(_ERROR | number)
