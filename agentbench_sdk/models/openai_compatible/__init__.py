"""The client of OpenAI-compatible endpoints: chat completions over HTTP, once per request.

Encoding, parsing, streaming and the mapping of failures are pure and apart from the transport, so that the
litellm back end and the fakes of `agentbench_sdk.testing` use the same rules.
"""

from agentbench_sdk.models.openai_compatible.client import OpenAICompatible
from agentbench_sdk.models.openai_compatible.secret import Secret

__all__ = ["OpenAICompatible", "Secret"]
