"""All tools of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agentbench_sdk.environments.telecom.office_tools import OFFICE_TOOLS
from agentbench_sdk.environments.telecom.phone_tools import PHONE_TOOLS
from agentbench_sdk.environments.telecom.tool_facts import ToolFacts

TOOLS: Mapping[str, ToolFacts] = MappingProxyType({**OFFICE_TOOLS, **PHONE_TOOLS})
