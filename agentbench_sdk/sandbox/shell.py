"""Scripts for /bin/sh that start a command and kill what it leaves. Pure; they run in dash, busybox and bash.

Everything is a builtin of the shell: killing must work where no further process can be started.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentbench_sdk.sandbox.limits import Limits

# A carrier (an engine's command, bubblewrap) may fail by itself. What stands on standard error before these
# bytes is the carrier's, what comes after them the command's, who cannot take them back.
BEGUN = b"\x02begun\x03"
SAY_BEGUN = r"printf '\002begun\003' >&2"
# Engines lose what a command has written when it ends and has not read all of its input. So its end is told in
# its streams, nothing more is sent to it, and what was sent is read away.
ENDED = b"\x02ended\x03"
_END = r"""
printf '\002ended\003' >&3
cat >/dev/null
"""

# Every process of a command carries this variable, unless it takes pains not to.
MARK = "AGENTBENCH_COMMAND"

# Standard output is the command's alone; the shell's own words ("Killed") go nowhere.
_RUN = f"""
_agentbench_mark=$2
_agentbench_code=1
if cd "$1"; then
  shift 2{{values}}
  exec 3>&2 2>/dev/null
  (export {MARK}="$_agentbench_mark"; exec "$@" 2>&3 3>&-)
  _agentbench_code=$?
else
  exec 3>&2 2>/dev/null
fi
"""

# Until none is left: a process that is killed may have started another one just before. `read` drops the null
# bytes between variables, so that a line may hold all of them.
_KILL_MARKED = f"""
_agentbench_times=0
_agentbench_again=1
while [ "$_agentbench_again" ] && [ $_agentbench_times -lt 1000 ]; do
  _agentbench_again=
  _agentbench_times=$((_agentbench_times + 1))
  for _agentbench_each in /proc/[0-9]*; do
    while IFS= read -r _agentbench_line || [ "$_agentbench_line" ]; do
      case $_agentbench_line in
        *"{MARK}=$_agentbench_mark"*) kill -9 "${{_agentbench_each#/proc/}}" && _agentbench_again=1; break ;;
      esac
    done < "$_agentbench_each/environ"
  done
done
"""

# All but the first process and this one, and then until they are gone. The first one starts its pause anew.
KILL_ALL = """
set -- /proc/[0-9]*
kill -9 -1
n=0
for each; do
  case $each in "/proc/1" | "/proc/$$") continue ;; esac
  while [ -e "$each" ] && [ $n -lt 100000 ]; do n=$((n + 1)); done
done
"""

# The first process of a container: it cannot be killed from inside, and waits for whoever lost his parent.
FIRST_PROCESS = "exec >/dev/null 2>&1; while :; do sleep 3600; done"


def limits_script(limits: Limits) -> str:
    """Sets the limits that the kernel keeps for each process."""
    cpu = math.ceil(limits.cpu_seconds)
    settings = (
        f"-S -t {cpu}",
        f"-H -t {cpu + 1}",
        f"-f {max(1, limits.file_bytes // 512)}",
        f"-d {max(1, limits.memory_bytes // 1024)}",
        "-c 0",
    )
    return "\n".join(f"ulimit {each} || exit 125" for each in settings)


def started(argv: Sequence[str], cwd: str, mark: str, limits: Limits, *, inside: bool) -> list[str]:
    """The argument vector that runs `argv`, says that it has begun, and tells its exit code as a shell does.

    Arguments:
        argv: the program is looked up in PATH; it is never taken for a builtin of the shell.
        cwd: where it starts.
        mark: a name of this command that no other one has, of letters and digits.
        limits: see `limits_script`.
        inside: of a container: kill what it left running, say that it has ended, and read its input away.
    """
    values, arguments = _carried(argv)
    end = _KILL_MARKED + _END if inside else ""
    run = _RUN.replace("{values}", values)
    script = f"{limits_script(limits)}\n{SAY_BEGUN}{run}{end}exit $_agentbench_code"
    return ["/bin/sh", "-c", script, "sh", cwd, mark, *arguments]


def kill_marked(mark: str) -> list[str]:
    """The argument vector that kills all processes of one command."""
    return ["/bin/sh", "-c", f"exec 2>/dev/null\n_agentbench_mark=$1{_KILL_MARKED}", "sh", mark]


def kill_all() -> list[str]:
    """The argument vector that kills everything inside but the first process."""
    return ["/bin/sh", "-c", f"exec 2>/dev/null{KILL_ALL}"]


def _carried(argv: Sequence[str]) -> tuple[str, list[str]]:
    """Arguments that arrive whole, and what the script does to restore the others.

    Engines pass arguments on as JSON, which cannot hold bytes that are no UTF-8, as names of files may.
    """
    if all(_is_text(each) for each in argv):
        return "", list(argv)
    restored = " ".join(f'"${{{place}%x}}"' for place in range(1, len(argv) + 1))
    # A command substitution takes line ends away: an x at the end keeps them.
    read = " ".join(f"\"$(printf '{_octal(each)}x')\"" for each in argv)
    return f"\nset -- {read}\nset -- {restored}", []


def _is_text(argument: str) -> bool:
    return not any("\udc80" <= each <= "\udcff" for each in argument)


def _octal(argument: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in argument.encode("utf-8", "surrogateescape"))
