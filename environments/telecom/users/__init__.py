"""Who plays the customer: a script without a model, and what a model that plays one is told and held to."""

from __future__ import annotations

from collections.abc import Mapping

from agentbench_sdk.environments.telecom.users.scripted import scripted_customer
from agentbench_sdk.simulation import Oracle

SCRIPTED: Mapping[str, Oracle] = {"customer": scripted_customer}
