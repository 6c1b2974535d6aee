"""Where a scenario's databases and policies come from: our own data, or those of tau2-bench in a folder."""

from __future__ import annotations

from pathlib import Path

from agentbench_sdk.environments.telecom.official import OfficialData
from agentbench_sdk.environments.telecom.own import OwnData, own_data
from agentbench_sdk.environments.telecom.scenario import TelecomScenario
from agentbench_sdk.environments.telecom.users.prompt import customer_guidelines
from agentbench_sdk.errors import ConfigurationError

Data = OwnData | OfficialData


def data_of(scenario: TelecomScenario) -> Data:
    """The data that a scenario names.

    A folder that is not there gives way to that of AGENTBENCH_TAU2_DATA, so that a run can be replayed on
    another machine.

    Raises:
        TaskError: tau2-bench's data are not there, or broken.
        ConfigurationError: they are not the data that the scenario was made with.
    """
    data: Data = own_data()
    if scenario.data == "official":
        there = scenario.data_dir and Path(scenario.data_dir).is_dir()
        data = OfficialData.load(scenario.data_dir if there else None)
    if scenario.data_sha256 not in ("", data.sha256):
        where = "our own data" if isinstance(data, OwnData) else str(data.folder)
        raise ConfigurationError(
            f"the telecom scenario was made with other databases or policies than {where} holds now "
            f"(recorded {scenario.data_sha256[:12]}, there {data.sha256[:12]}); use the version it was made with"
        )
    return data


def guidelines_of(data: Data) -> str:
    """How a model that plays the user is told to behave: tau2-bench's text with its data, else ours."""
    return data.guidelines if isinstance(data, OfficialData) else customer_guidelines()
