"""Models: the contract, and the back ends that answer."""

from agentbench_sdk.models.base import (
    Capabilities,
    FinishReason,
    GenerateParams,
    Model,
    ModelRequest,
    ModelResponse,
    Quota,
    Timing,
    TokenLogprob,
)

__all__ = [
    "Capabilities",
    "FinishReason",
    "GenerateParams",
    "Model",
    "ModelRequest",
    "ModelResponse",
    "Quota",
    "Timing",
    "TokenLogprob",
]
