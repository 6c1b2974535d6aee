"""The response cache: request keys, the durable store, policies, and why a request missed.

What belongs here is everything between a request and the answer that may already be paid for. The one
way in for the rest of the package is `fetch`.
"""

from agentbench_sdk.cache.entry import Entry
from agentbench_sdk.cache.fetch import fetch
from agentbench_sdk.cache.flight import SingleFlight
from agentbench_sdk.cache.key import Origin, RequestIdentity, draw_for, identify, request_key
from agentbench_sdk.cache.policy import CachePolicy
from agentbench_sdk.cache.store import ResponseCache

__all__ = [
    "CachePolicy",
    "Entry",
    "Origin",
    "RequestIdentity",
    "ResponseCache",
    "SingleFlight",
    "draw_for",
    "fetch",
    "identify",
    "request_key",
]
