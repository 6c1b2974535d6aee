"""The command line that starts a program in bubblewrap. Pure: what is found out elsewhere is passed in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentbench_sdk.sandbox.bubblewrap.runtime import PYTHON_FOLDER, Runtime
from agentbench_sdk.sandbox.limits import MEBIBYTE, Limits
from agentbench_sdk.sandbox.shell import SAY_BEGUN

USER_ID = 1000  # inside; whoever that is outside
HOME = "/home/agent"
TEMPORARY = "/tmp"  # noqa: S108 - a path inside
_ENTER = 'echo 0 > "$1/cgroup.procs" && shift && exec "$@"'
_SHARED_MEMORY = 64 * MEBIBYTE
_OPEN_FILES = 4096
# The first process of the sandbox: nothing inside can kill it, it waits for whoever lost his parent, and when it
# ends the kernel ends all others before anyone outside hears of it. Its own words ("Killed") go nowhere:
# the brackets, because some shells tell them while the redirections of a command still hold.
_FIRST_PROCESS = (
    f'{SAY_BEGUN}; cd "$1" || exit 1; shift; exec 3>&2 2>/dev/null; (exec "$@" 2>&3 3>&-); exit $?'
)


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths of the programs that start a sandbox."""

    bwrap: str
    prlimit: str
    setpriv: str = ""
    unshare: str = ""


@dataclass(frozen=True, slots=True)
class Privileges:
    """How a sandbox is started by root, who would escape the limit on processes.

    Attributes:
        user_id: who it runs as on the host.
        hidden_prefix: the interpreter's prefix, when that user cannot reach it.
        shown_at: a folder that the user can reach; the prefix is mounted on it, for this command alone.
    """

    user_id: int
    hidden_prefix: str | None = None
    shown_at: str = ""


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders on the host that a sandbox keeps between commands.

    Attributes:
        work, home, temporary: writable inside.
        further: other writable ones, by their absolute path inside.
        settings: what is shown as parts of /etc, read-only.
    """

    work: str
    home: str
    temporary: str
    settings: str
    further: tuple[tuple[str, str], ...] = ()


def command_line(
    argv: Sequence[str],
    *,
    programs: Programs,
    runtime: Runtime,
    privileges: Privileges | None,
    folders: Folders,
    work_folder: str,
    env: Mapping[str, str],
    cwd: str,
    limits: Limits,
    seccomp: int,
    group: str = "",
) -> list[str]:
    """Everything from giving up privileges to the program's own arguments.

    The program is `argv`, which starts in `cwd` and sees `env`; `work_folder` and `cwd` are absolute paths
    inside, `seccomp` is the file descriptor that the filter is read from, `group` the folder of a control group to enter.
    """
    prefix_source = runtime.python_prefix
    if privileges is not None and privileges.hidden_prefix is not None:
        prefix_source = privileges.shown_at
    return [
        *(["/bin/sh", "-c", _ENTER, "sh", group] if group else []),
        *_unprivileged(programs, privileges),
        programs.bwrap,
        *_namespaces(limits),
        *_system(runtime, prefix_source, folders),
        *_writable(folders, work_folder),
        *(part for name, value in env.items() for part in ("--setenv", name, value)),
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", work_folder, "--seccomp", str(seccomp), "--as-pid-1", "--"),
        *("/bin/sh", "-c", _FIRST_PROCESS, "sh", cwd),
        *_limited(programs, limits),
        *argv,
    ]


def _unprivileged(programs: Programs, privileges: Privileges | None) -> list[str]:
    if privileges is None:
        return []
    user = str(privileges.user_id)
    drop = [programs.setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
    if privileges.hidden_prefix is None:
        return drop
    # The mount is seen in this command's own mount namespace only and goes with it.
    mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    shown = [privileges.hidden_prefix, privileges.shown_at]
    return [programs.unshare, "--mount", "--", "/bin/sh", "-c", mount, "sh", *shown, *drop]


def _namespaces(limits: Limits) -> list[str]:
    apart = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"]
    if not limits.network:
        apart.append("--unshare-net")
    user = ["--uid", str(USER_ID), "--gid", str(USER_ID), "--hostname", "sandbox"]
    return [
        *apart,
        "--disable-userns",
        *user,
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--clearenv",
    ]


def _system(runtime: Runtime, prefix_source: str | None, folders: Folders) -> list[str]:
    parts: list[str] = []
    for path in runtime.mounts:
        parts += ["--ro-bind", path, path]
    if runtime.python_prefix is not None:
        for name in ("bin", "lib"):
            parts += ["--ro-bind", f"{prefix_source}/{name}", f"{runtime.python_prefix}/{name}"]
    for target, path in runtime.links:
        parts += ["--symlink", target, path]
    for name in ("passwd", "group", "hosts", "nsswitch.conf"):
        parts += ["--ro-bind", f"{folders.settings}/{name}", f"/etc/{name}"]
    parts += ["--proc", "/proc", "--dev", "/dev"]
    return [*parts, "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm"]  # noqa: S108 - a path inside


def _writable(folders: Folders, work_folder: str) -> list[str]:
    pairs = [(folders.temporary, TEMPORARY), (folders.home, HOME), (folders.work, work_folder)]
    pairs += [(source, path) for path, source in folders.further]
    return [part for source, path in pairs for part in ("--bind", source, path)]


def _limited(programs: Programs, limits: Limits) -> list[str]:
    cpu = math.ceil(limits.cpu_seconds)
    return [
        programs.prlimit,
        f"--data={limits.memory_bytes}",
        f"--cpu={cpu}:{cpu + 1}",
        f"--nproc={limits.processes + 1}",  # and the first process
        f"--fsize={limits.file_bytes}",
        f"--nofile={_OPEN_FILES}",
        "--core=0",
        "--",
    ]


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """The variables that a command sees; `own` wins."""
    return {
        "PATH": f"{PYTHON_FOLDER}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": TEMPORARY,
        **own,
    }
