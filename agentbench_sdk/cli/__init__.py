"""The command `agentbench`: one file a command, each imported when it is called.

Exit codes: 0 done; 1 done, but samples failed or have no score (or a replay was refuted, or a gate shows a drop); 2 wrong
usage; 3 could not run; 4 a gate has too little evidence; 130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from agentbench_sdk.errors import AgentbenchError

_COMMANDS = {
    "arena": ("agentbench_sdk.cli.arena", "Let runs of one task meet in battles, and rank their models."),
    "cache": ("agentbench_sdk.cli.cache", "Look into, verify, merge and prune the response cache."),
    "calibrate": ("agentbench_sdk.cli.calibrate", "Compare a judge with labels of people."),
    "compare": ("agentbench_sdk.cli.compare", "Compare runs of one task, sample by sample."),
    "export": ("agentbench_sdk.cli.export", "Write a run as JSON, JSON lines, CSV, Parquet or JUnit XML."),
    "gate": ("agentbench_sdk.cli.gate", "Tell whether a run is worse than an earlier one."),
    "group": ("agentbench_sdk.cli.group", "Show the score of a group of tasks, model beside model."),
    "judge": ("agentbench_sdk.cli.judge", "Judge a run's sessions again, by other judges or models."),
    "list": (
        "agentbench_sdk.cli.list",
        "Show what is installed: tasks, groups, environments, judges, models.",
    ),
    "power": ("agentbench_sdk.cli.power", "Tell how many samples a difference needs, or what can be found."),
    "replay": ("agentbench_sdk.cli.replay", "Execute a run's tool calls again: prove or refute it."),
    "report": ("agentbench_sdk.cli.report", "Show the report of a run, or write it as an HTML page."),
    "resume": ("agentbench_sdk.cli.resume", "Go on with a run that was cut off."),
    "run": ("agentbench_sdk.cli.run", "Run tasks and groups of tasks against one or more models."),
}


class _Commands(click.Group):
    """Loads a command when it is called; `--help` needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="agentbench-sdk", prog_name="agentbench")
def cli() -> None:
    """Evaluate models and agents, and know how sure the score is.

    \b
    Try it offline:   agentbench run vending --model scripted/vending/naive-restock
    A real model:     agentbench run vending --model openai/MODEL --base-url URL
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    try:
        code = cli.main(arguments, prog_name="agentbench", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AgentbenchError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
