"""What several commands share: finding a run, reading key=value, running the event loop, Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from agentbench_sdk.errors import ConfigurationError, RunFileError

if TYPE_CHECKING:
    from agentbench_sdk.bench import Bench
    from agentbench_sdk.reporting.summary import Summary
    from agentbench_sdk.runs import Run
    from agentbench_sdk.runs.options import Options
    from agentbench_sdk.runs.plan import Plan

T = TypeVar("T")
INTERRUPTED = 130
RESUME = "agentbench resume {path}"
SILENCE_S = 5.0  # without any answer, until the user is told


def key_values(pairs: Sequence[str], option: str) -> dict[str, str]:
    """Read `key=value` texts.

    Raises:
        ConfigurationError: one has no "=", or a key is given twice.
    """
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ConfigurationError(f"{option} {pair!r} is not of the form key=value")
        if key in values:
            raise ConfigurationError(f"{option} {key} is given twice")
        values[key] = value
    return values


def judge_spec(text: str) -> str | dict[str, Any]:
    """A judge as it stands on the command line.

    Raises:
        ConfigurationError: it is no YAML, or neither a name nor a mapping.
    """
    import yaml

    try:
        spec = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"--judge {text!r} is no YAML ({' '.join(str(error).split())})") from error
    if not isinstance(spec, str | dict):
        raise ConfigurationError(
            f"--judge {text!r} is neither a name nor a mapping such as {{name: numeric, relative: 0.01}}"
        )
    return spec


def find_run(name: str | None, folder: str) -> Path:
    """The run file that a user means: a path, a run id in the runs folder, or the newest run.

    Raises:
        RunFileError: there is none.
    """
    from agentbench_sdk.runs.reader import newest_run

    if name is None:
        newest = newest_run(folder)
        if newest is None:
            raise RunFileError(f"{folder}: holds no run yet; name a run file, or start with `agentbench run`")
        return newest
    for candidate in (Path(name), Path(folder) / name, Path(folder) / f"{name}.db"):
        if candidate.is_file():
            return candidate
    raise RunFileError(f"{name}: there is no such run file, here or in {folder}/")


def run_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument RUN and the option --runs, shared by all commands that read a run."""
    command = click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")(
        command
    )
    return click.argument("run", required=False)(command)


def traffic_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how hard endpoints are asked; `traffic` reads them."""
    options = (
        click.option(
            "--max-connections",
            type=click.IntRange(1),
            help="Cap on requests at once to one endpoint; below it the limit adapts itself.",
        ),
        click.option(
            "--max-attempts",
            type=click.IntRange(1),
            default=10,
            show_default=True,
            help="Attempts at one call, the first included.",
        ),
        click.option(
            "--max-retry-time",
            type=click.FloatRange(0),
            default=600.0,
            show_default=True,
            help="Seconds after its first failure that a call is still tried again.",
        ),
        click.option(
            "--rpm",
            type=click.FloatRange(0, min_open=True),
            help="Requests a minute that the endpoint allows.  [default: learned]",
        ),
        click.option(
            "--tpm",
            type=click.FloatRange(0, min_open=True),
            help="Tokens a minute that the endpoint allows.  [default: learned]",
        ),
        click.option(
            "--max-cost",
            type=click.FloatRange(0, min_open=True),
            help="Stop spending at this many US dollars; needs prices (?price_in=…&price_out=…).",
        ),
        click.option("--quiet", "-q", is_flag=True, help="No progress, no report: only the run file's path."),
        click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def sandbox_option(default: str) -> Callable[..., Any]:
    """The option --sandbox; `default` says in words what it is when left out."""
    return click.option(
        "--sandbox",
        metavar="NAME",
        help=f"What runs the programs that models wrote, where the task has any.  [default: {default}]",
    )


def traffic(given: Mapping[str, Any]) -> dict[str, Any]:
    """What `Bench` takes of `traffic_options`."""
    from agentbench_sdk.traffic import RetryPolicy

    retry = RetryPolicy(max_attempts=given["max_attempts"], max_time_s=given["max_retry_time"])
    return {name: given[name] for name in ("max_connections", "rpm", "tpm")} | {"retry": retry}


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on uvloop where there is one.

    Raises:
        click.Abort: it was cancelled from outside, by a second Ctrl-C.
    """
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        try:
            return runner.run(main)
        except asyncio.CancelledError:
            raise click.Abort from None


class CtrlC:
    """First Ctrl-C: finish what is in flight and stop. Second: stop at once. Nothing paid for is lost.

    Arguments:
        bench: what is interrupted.
        again: how to go on, with a place for the path of what was stopped.
    """

    def __init__(self, bench: Bench, again: str = RESUME) -> None:
        self._bench, self._again = bench, again
        self._interrupting: asyncio.Task[None] | None = None
        self._main = asyncio.current_task()

    def __enter__(self) -> Self:
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        return self

    def __exit__(self, *exc: object) -> None:
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().remove_signal_handler(number)

    def _on_signal(self) -> None:
        if self._interrupting is None:
            click.echo("stopping: calls in flight get 5 s to finish; Ctrl-C again stops at once", err=True)
            self._interrupting = asyncio.ensure_future(self._bench.interrupt())
        elif self._main is not None:
            for path in self._bench.under_way:
                click.echo(f"stopped; go on with: {self._again.format(path=path)}", err=True)
            self._main.cancel()


async def carry_out(bench: Bench, plan: Plan, options: Options, again: str = RESUME) -> Run:
    """Run a plan on a bench, which is closed afterwards, with Ctrl-C as `CtrlC` has it."""
    return await watched(bench, [plan], bench.execute(plan, options), again)


async def watched(
    bench: Bench, plans: Sequence[Plan], work: Coroutine[Any, Any, T], again: str = RESUME
) -> T:
    """Do the work of plans on a bench, which is closed afterwards, with Ctrl-C as `CtrlC` has it."""
    for told in dict.fromkeys(told for plan in plans for told in plan.manifest.warnings):
        click.echo(f"warning: {told}", err=True)
    watch = asyncio.create_task(_tell_of_silence(bench))
    try:
        async with bench:
            with CtrlC(bench, again):
                return await work
    finally:
        watch.cancel()


async def _tell_of_silence(bench: Bench) -> None:
    """Say when an endpoint has answered nothing so far, which retries would otherwise hide for minutes."""
    while True:
        await asyncio.sleep(SILENCE_S)
        for endpoint, figures in bench.limiters.statistics().items():
            failed = figures.errors + figures.refused
            if failed and not figures.completed:
                click.echo(
                    f"{endpoint}: no answer yet, {failed} attempts failed ({figures.last_error}); still trying "
                    "(Ctrl-C stops, --max-attempts and --max-retry-time give up sooner)",
                    err=True,
                )


def finish(run: Run, *, quiet: bool, as_json: bool) -> int:
    """Show a run that has just ended and return the exit code."""
    import json

    summary = run.summary()
    if as_json:
        click.echo(json.dumps(record_of(run, summary), indent=2))
    else:
        show(run, summary, quiet=quiet)
    return exit_code(run, summary)


def record_of(run: Run, summary: Summary) -> dict[str, Any]:
    """A run as `--json` shows it."""
    return {"run": str(run.path), "status": run.status, **summary.to_dict()}


def show(run: Run, summary: Summary, *, quiet: bool) -> None:
    """The report of a run, or its path alone."""
    if quiet:
        click.echo(str(run.path))
        return
    from agentbench_sdk.reporting.terminal import print_report

    print_report(summary, run_path=run.path)


def exit_code(run: Run, summary: Summary) -> int:
    """The exit code of a run that has just ended; says how to go on with one that was interrupted."""
    if run.status == "interrupted":
        click.echo(f"interrupted; go on with: agentbench resume {run.path}", err=True)
        return INTERRUPTED
    without_score = any(judge.without_score for judge in summary.judges)
    return 1 if summary.failed or summary.not_run or without_score else 0
