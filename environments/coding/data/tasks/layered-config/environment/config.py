"""Settings of a program: a tree of dictionaries whose keys are texts; values that are no dictionary are leaves."""

from copy import deepcopy
from typing import Any


class ConfigError(Exception):
    """Settings are wrong, or one is asked for that does not exist."""


class Config:
    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = deepcopy(defaults)

    def get(self, path: str) -> Any:
        """The value, or the dictionary of values, at a path such as 'server.port'; ConfigError if there is none."""
        value: Any = self._defaults
        for key in path.split("."):
            if not isinstance(value, dict) or key not in value:
                raise ConfigError(f"there is no setting {path!r}")
            value = value[key]
        return deepcopy(value)

    def tree(self) -> dict[str, Any]:
        """All settings, as a tree of its own."""
        return deepcopy(self._defaults)
