"""The command lines that start a container and a command in it. Pure."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agentbench_sdk.sandbox.limits import Limits
from agentbench_sdk.sandbox.shell import FIRST_PROCESS

TEMPORARY = "/tmp"  # noqa: S108 - a path inside
LEASE_LABEL = "agentbench.lease"
PLACE_LABEL = "agentbench.place"

# The first process, its pause, and the shell that starts a command.
OWN_PROCESSES = 3
# An engine needs some threads inside for a moment to start a command there.
_LEAST_PROCESSES = 32
_OPEN_FILES = 4096


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose containers these are.

    Attributes:
        lease: of the process that made them.
        place: where that lease can be looked up.
    """

    lease: str
    place: str


def run_line(
    image: str,
    *,
    owner: Owner,
    env: Mapping[str, str],
    limits: Limits,
    flags: Sequence[str] = (),
) -> list[str]:
    """What starts a container of an image, without the engine's own name.

    Arguments:
        image: id of an image that is there.
        owner: for its labels.
        env: what all of its commands see beside the image's variables.
        limits: of all that runs in it at once.
        flags: that one engine alone knows.
    """
    return [
        *("run", "--detach", "--rm"),
        *("--label", f"{LEASE_LABEL}={owner.lease}", "--label", f"{PLACE_LABEL}={owner.place}"),
        *("--hostname", "sandbox", "--workdir", "/", "--no-healthcheck", "--stop-timeout", "0"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *(() if limits.network else ("--network", "none")),
        *("--memory", str(limits.memory_bytes), "--memory-swap", str(limits.memory_bytes)),
        *("--pids-limit", str(processes_inside(limits))),
        *("--ulimit", f"nofile={_OPEN_FILES}:{_OPEN_FILES}", "--ulimit", "core=0:0"),
        *flags,
        *(part for name, value in environment(env).items() for part in ("--env", f"{name}={value}")),
        *("--entrypoint", "/bin/sh", image, "-c", FIRST_PROCESS),
    ]


def exec_line(
    container: str,
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
) -> list[str]:
    """What starts a command in a container, without the engine's own name.

    Arguments:
        container: its id.
        argv: the command.
        env: further variables.
    """
    return [
        *("exec", "--interactive"),
        *(part for name, value in (env or {}).items() for part in ("--env", f"{name}={value}")),
        container,
        *argv,
    ]


def with_parents(folders: Sequence[str]) -> list[str]:
    """Absolute paths of folders and of all above them, those above first."""
    paths = [PurePosixPath(folder) for folder in folders]
    return list(dict.fromkeys(str(each) for path in paths for each in [*reversed(path.parents), path][1:]))


def folder_archive(folders: Sequence[str], user: int, group: int) -> bytes:
    """A tar archive of empty folders of a user; the one for temporary files is everybody's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in folders:
            member = tarfile.TarInfo(path.lstrip("/"))
            member.type = tarfile.DIRTYPE
            member.mode = 0o1777 if path == TEMPORARY else 0o755
            member.uid, member.gid = user, group
            archive.addfile(member)
    return buffer.getvalue()


def processes_inside(limits: Limits) -> int:
    """How many processes and threads a container may hold."""
    return max(limits.processes + OWN_PROCESSES, _LEAST_PROCESSES)


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Variables beside those of the image, which says PATH and whose home HOME is; `own` wins."""
    return {"LANG": "C.UTF-8", "TZ": "UTC", "TMPDIR": TEMPORARY, **own}
