"""A run as a log of Inspect AI (`.eval`), which its viewer and its data frames open.

    write_inspect_log(run, "run.eval")

The format, a zip of JSON documents, is that of inspect-ai's `EvalLog` with version 2, as releases of 2026 read
and write it; nothing of inspect-ai is needed to write it. Attempts are read and written one at a time.

What differs between the two is settled here: epochs count from 1 there; a score that a judge could not give is NaN
there; tokens from a provider's prompt cache are no input tokens there. A run file holds no bytes of media, not
which tools were on offer, not what a simulated user was told before the conversation, and durations in place of
times of day: the log says so where something is missing, and its times count from the run's beginning.
"""

from agentbench_sdk.reporting.inspect_log.log import write_inspect_log

__all__ = ["write_inspect_log"]
