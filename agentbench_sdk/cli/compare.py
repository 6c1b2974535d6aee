"""`agentbench compare`: runs of one task beside each other."""

from __future__ import annotations

import json

import click

from agentbench_sdk.cli.common import find_run


@click.command("compare")
@click.argument("first", metavar="A")
@click.argument("others", metavar="B [C]...", nargs=-1, required=True)
@click.option("--runs", default="runs", show_default=True, help="Folder of the run files.")
@click.option("--judge", help="Id of the judge, as the report names it.  [default: A's primary judge]")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Coverage of the intervals.",
)
@click.option("--all-pairs", is_flag=True, help="Compare each two runs, not each with A alone.")
@click.option("--json", "as_json", is_flag=True, help="All figures and sample ids as JSON.")
@click.option("--markdown", is_flag=True, help="As Markdown, for a pull request or a wiki.")
def command(
    first: str,
    others: tuple[str, ...],
    runs: str,
    judge: str | None,
    level: float,
    *,
    all_pairs: bool,
    as_json: bool,
    markdown: bool,
) -> None:
    """Compare runs B, C … with run A, sample by sample; each is a run file or run id.

    The runs must be of the same task. What is compared are the samples that both have a score of; attempts
    without one are told as bounds. Whatever comes out, the exit code is 0: see `agentbench gate` for a verdict.

    \b
    agentbench compare runs/old.db runs/new.db
    agentbench compare runs/a.db runs/b.db runs/c.db --all-pairs
    """
    if as_json and markdown:
        raise click.UsageError("give --json or --markdown, not both")
    from agentbench_sdk.reporting.comparison import compare
    from agentbench_sdk.reporting.terminal import print_text
    from agentbench_sdk.reporting.versus import render_comparison
    from agentbench_sdk.runs import load_run

    loaded = [load_run(find_run(name, runs)) for name in (first, *others)]
    comparison = compare(*loaded, judge=judge, level=level, all_pairs=all_pairs)
    if as_json:
        click.echo(json.dumps(comparison.to_dict(), indent=2))
        return
    if markdown:
        from agentbench_sdk.reporting.markdown import comparison_markdown

        click.echo(comparison_markdown(comparison), nl=False)
        return
    print_text(lambda width, color: render_comparison(comparison, width=width, color=color))
