"""The real litellm library against a real endpoint on loopback; runs where the extra `litellm` is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import textwrap

import pytest

from agentbench_sdk.testing import FakeEndpoint, Reply

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("litellm") is None, reason="the extra litellm is not installed; CI installs it"
)

# In a process of its own: the library changes warnings, logging and the event loop of its host.
SCRIPT = """
    import asyncio, sys
    from agentbench_sdk.errors import ModelError
    from agentbench_sdk.messages import Message
    from agentbench_sdk.models import ModelRequest
    from agentbench_sdk.models.litellm_backend import LiteLLM

    async def main() -> None:
        model = LiteLLM("openai/tiny", base_url=sys.argv[1], api_key="sk-recognisable-2", timeout_s=50)
        try:
            print((await model.generate(ModelRequest((Message.user("2 + 2?"),)))).text)
        except ModelError as error:
            print(error.kind, "sk-recognisable-2" in str(error))
        await model.close()

    asyncio.run(main())
"""


async def asked(reply: Reply) -> tuple[str, int]:
    import asyncio

    async with FakeEndpoint(reply) as endpoint:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore", "-c", textwrap.dedent(SCRIPT), endpoint.base_url,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return output.decode().strip().splitlines()[-1], len(endpoint.requests)


async def test_an_answer_comes_through() -> None:
    assert await asked(Reply.text("4")) == ("4", 1)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "authentication"), (404, "model_not_found"), (429, "rate_limited")]
)
async def test_a_refusal_keeps_its_type_and_shows_no_key(status: int, kind: str) -> None:
    """One request each: the library's own retries are off, ours are the limiter's."""
    assert await asked(Reply.error(status, "no")) == (f"{kind} False", 1)
