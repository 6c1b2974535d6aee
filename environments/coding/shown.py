"""How the agent is told what a command or a file gave."""

from __future__ import annotations

from agentbench_sdk.sandbox import ExecResult, Limit, Limits


def shown_result(result: ExecResult, limits: Limits) -> str:
    """A command's output, then how it ended unless it ended well."""
    text = result.stdout.text
    if text and not text.endswith("\n"):
        text += "\n"
    if result.ended_by is not None:
        return f"{text}[killed: {_limit(result.ended_by, limits)}]"
    if result.exit_code:
        return f"{text}[exit code {result.exit_code}]"
    return text.rstrip("\n") if text.strip() else "[no output]"


def shown_lines(text: str, first: int, count: int) -> str:
    """Lines of a file with their numbers, counted from 1."""
    lines = text.splitlines()
    chosen = lines[first - 1 : first - 1 + count]
    body = "\n".join(f"{number:6d}\t{line}" for number, line in enumerate(chosen, start=first))
    left = len(lines) - (first - 1 + len(chosen))
    return body + (f"\n[{left} more lines]" if left > 0 else "") if body else "[no lines]"


def _limit(limit: Limit, limits: Limits) -> str:
    mebibyte = 1 << 20
    told = {
        Limit.WALL: f"it took longer than {limits.wall_seconds:g} s",
        Limit.CPU: f"it used more than {limits.cpu_seconds:g} s of processor time",
        Limit.MEMORY: f"it used more than {limits.memory_bytes // mebibyte} MiB of memory",
        Limit.DISK: f"the files would take more than {limits.disk_bytes // mebibyte} MiB",
        Limit.OUTPUT: f"it wrote more than {limits.output_bytes // mebibyte} MiB of output",
        Limit.FILE_SIZE: f"a file grew beyond {limits.file_bytes // mebibyte} MiB",
        Limit.PROCESSES: f"more than {limits.processes} processes at once",
    }
    return told.get(limit, f"limit on {limit}")
