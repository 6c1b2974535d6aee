"""Settings of a program: a tree of dictionaries whose keys are texts; values that are no dictionary are leaves."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ConfigError(Exception):
    """Settings are wrong, or one is asked for that does not exist."""


class _Removed:
    def __repr__(self) -> str:
        return "REMOVED"

    def __copy__(self) -> "_Removed":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Removed":
        return self


REMOVED = _Removed()


def _merge(below: dict[str, Any], above: dict[str, Any], path: str, layer: str) -> dict[str, Any]:
    """A layer over a tree; what is in neither argument is changed."""
    merged = dict(below)
    for key, value in above.items():
        where = f"{path}{key}"
        if key.endswith("+"):
            plain = key[:-1]
            if plain in above:
                raise ConfigError(f"layer {layer!r} has both {plain!r} and {key!r} at {where!r}")
            old = merged.get(plain, [])
            if not isinstance(value, list) or not isinstance(old, list):
                raise ConfigError(f"layer {layer!r} can only append a list to a list at {where!r}")
            merged[plain] = old + value
        elif value is REMOVED:
            merged.pop(key, None)
        elif isinstance(value, dict):
            old = merged.get(key)
            merged[key] = _merge(old if isinstance(old, dict) else {}, value, f"{where}.", layer)
        else:
            merged[key] = value
    return merged


def _find(tree: dict[str, Any], path: str) -> Any:
    value: Any = tree
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            raise ConfigError(f"there is no setting {path!r}")
        value = value[key]
    return value


def _parsed(text: str, default: Any, name: str) -> Any:
    """The text as a value of the type of the default."""
    if isinstance(default, bool):
        if text.strip().lower() in _TRUTH:
            return _TRUTH[text.strip().lower()]
    elif isinstance(default, int):
        if re.fullmatch(r"[+-]?[0-9]+", text.strip()):
            return int(text)
    elif isinstance(default, float):
        try:
            return float(text)
        except ValueError:
            pass
    elif isinstance(default, list):
        return [part.strip() for part in text.split(",")] if text.strip() else []
    elif isinstance(default, str):
        return text
    raise ConfigError(f"{name} has a value that does not fit: {text!r}")


class Config:
    def __init__(self, defaults: dict[str, Any]) -> None:
        self._layers: list[tuple[str, dict[str, Any]]] = []
        self._merged: dict[str, Any] = {}
        self.add_layer("defaults", defaults)

    def add_layer(self, name: str, values: dict[str, Any]) -> None:
        """Puts a layer over those that are there; ConfigError, and no change, if the name is taken or it does not fit."""
        if any(name == other for other, _ in self._layers):
            raise ConfigError(f"there is a layer {name!r}")
        values = deepcopy(values)
        self._merged = _merge(self._merged, values, "", name)
        self._layers.append((name, values))

    def remove_layer(self, name: str) -> None:
        """Takes a layer away; ConfigError, and no change, for the defaults, an unknown one, or if the rest does not fit."""
        rest = [layer for layer in self._layers if layer[0] != name]
        if name == "defaults" or len(rest) == len(self._layers):
            raise ConfigError(f"there is no layer {name!r} to remove")
        merged: dict[str, Any] = {}
        for other, values in rest:
            merged = _merge(merged, values, "", other)
        self._layers, self._merged = rest, merged

    def add_environment(self, prefix: str, environment: Mapping[str, str]) -> None:
        """Adds a layer named 'environment' of the variables that begin with the prefix."""
        values: dict[str, Any] = {}
        for name, text in sorted(environment.items()):
            if not name.startswith(prefix):
                continue
            keys = name[len(prefix) :].lower().split("__")
            try:
                default = _find(self._merged, ".".join(keys))
            except ConfigError:
                raise ConfigError(f"{name} is no setting of the defaults") from None
            node = values
            for key in keys[:-1]:
                node = node.setdefault(key, {})
            node[keys[-1]] = _parsed(text, default, name)
        self.add_layer("environment", values)

    def get(self, path: str) -> Any:
        """The value, or the dictionary of values, at a path such as 'server.port'; ConfigError if there is none."""
        return deepcopy(_find(self._merged, path))

    def origin(self, path: str) -> str:
        """The name of the uppermost layer that has a say in the value at a path."""
        now = self.get(path)
        if isinstance(now, dict):
            raise ConfigError(f"{path!r} is no single setting")
        *parents, last = path.split(".")
        for name, values in reversed(self._layers):
            node: Any = values
            for key in parents:
                node = node.get(key) if isinstance(node, dict) else None
            if isinstance(node, dict) and (last in node or f"{last}+" in node):
                return name
        raise AssertionError("a value comes from a layer")

    def tree(self) -> dict[str, Any]:
        """All settings, as a tree of its own."""
        return deepcopy(self._merged)
