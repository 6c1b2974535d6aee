"""Traffic: how fast an endpoint may be asked, who goes next, and what is tried again.

`controller` is the pure state machine (events in, limit out); `concurrency`, `pace`, `supply`, `burst`,
`sizes`, `saturation` and `outage` are its parts. `quota`, `retry` and `queue` are pure too. `limiter` is the asynchronous edge.
"""

from agentbench_sdk.traffic.clock import Clock, MonotonicClock
from agentbench_sdk.traffic.controller import Controller
from agentbench_sdk.traffic.limiter import Admitted, Limiter, Limiters
from agentbench_sdk.traffic.queue import FIRST_TURN, JUDGE, LATER_TURN, Order
from agentbench_sdk.traffic.quota import Quotas, TokenBucket
from agentbench_sdk.traffic.retry import RetryPolicy
from agentbench_sdk.traffic.statistics import LimiterStatistics

__all__ = [
    "FIRST_TURN",
    "JUDGE",
    "LATER_TURN",
    "Admitted",
    "Clock",
    "Controller",
    "Limiter",
    "LimiterStatistics",
    "Limiters",
    "MonotonicClock",
    "Order",
    "Quotas",
    "RetryPolicy",
    "TokenBucket",
]
