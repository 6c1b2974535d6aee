"""The fake endpoint as a process: `python -m agentbench_sdk.testing.endpoint --port 0 --text 4`."""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
from collections.abc import Sequence
from typing import Any

from agentbench_sdk.errors import UsageError
from agentbench_sdk.testing.endpoint import Behaviour, FakeEndpoint
from agentbench_sdk.testing.replies import Reply

# Faults by name, as `--fault name=share` takes them.
FAULTS = {
    "429": Reply.error(429, "slow down", retry_after=0.05),
    "500": Reply.error(500, "the server broke"),
    "503": Reply.error(503, "overloaded"),
    "reset": Reply.reset(),
    "hang": Reply.hang(),
    "truncated": Reply.truncated(),
    "malformed": Reply.malformed(),
    "empty": Reply.empty(),
    "no-choices": Reply.no_choices(),
}


def serve(arguments: Sequence[str] | None = None) -> None:
    """Print the base URL on a line of its own, then serve until interrupted or terminated."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        behaviour = _behaviour(options)
    except (UsageError, ValueError) as error:
        parser.error(str(error))
    asyncio.run(_run(FakeEndpoint(behaviour, port=options.port)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agentbench_sdk.testing.endpoint",
        description="An endpoint of chat completions that answers from a script.",
    )
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--text", default="ok", help="answer every request with this text")
    answer.add_argument("--echo", action="store_true", help="answer with the last message's text")
    answer.add_argument("--policy", metavar="ENVIRONMENT/POLICY", help="play a scripted agent")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="before each answer")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=SHARE",
        help=f"let this share of the requests fail; names: {', '.join(FAULTS)}",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the choice which requests fail")
    return parser


def _behaviour(options: argparse.Namespace) -> Behaviour:
    answer = _answers(options)
    shares = dict(_share(text) for text in options.fault)
    draws = random.Random(options.seed)

    async def behave(body: dict[str, Any], number: int) -> Reply:
        draw = draws.random()
        for name, share in shares.items():
            if draw < share:
                return FAULTS[name]
            draw -= share
        made = answer(body, number)
        reply = made if isinstance(made, Reply) else await made
        return reply.after(options.delay)

    return behave


def _answers(options: argparse.Namespace) -> Behaviour:
    if options.policy:
        from agentbench_sdk.models.providers import scripted
        from agentbench_sdk.testing.endpoint import played_by

        return played_by(scripted(options.policy))
    if options.echo:
        return lambda body, number: Reply.text(str(body["messages"][-1]["content"]))
    return lambda body, number: Reply.text(options.text)


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    if name not in FAULTS:
        raise ValueError(f"--fault {text}: the names are {', '.join(FAULTS)}")
    return name, float(share or "1")


async def _run(endpoint: FakeEndpoint) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    async with endpoint:
        print(endpoint.base_url, flush=True)  # noqa: T201 - the address is what this program gives out
        await stopped.wait()
