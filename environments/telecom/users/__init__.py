"""Who plays the customer: prompt and guard of a model that does, and the scripted customer."""

from __future__ import annotations

from collections.abc import Mapping

from agentbench_sdk.environments.telecom.users.scripted import scripted_customer
from agentbench_sdk.simulation import Oracle

SCRIPTED: Mapping[str, Oracle] = {"customer": scripted_customer}
