"""How models are named: `provider/model?option=value&…`, and keyword options beside it.

    openai/gpt-4.1-mini
    openai/Qwen/Qwen3-8B?base_url=http://localhost:8000/v1&stream=true
    scripted/vending/naive-restock

The provider is a registered one; a `base_url` with any other name means our OpenAI-compatible client, and
any other name without one is a provider of litellm.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, quote

from agentbench_sdk.errors import ConfigurationError, MissingExtraError
from agentbench_sdk.models.base import Model
from agentbench_sdk.models.litellm_backend import is_installed
from agentbench_sdk.models.openai_compatible.redaction import hides, redacted, secrets_in
from agentbench_sdk.models.openai_compatible.secret import MASK, Secret, SecretTable, reveal

if TYPE_CHECKING:
    from agentbench_sdk.benchmark.parameters import Parameters
    from agentbench_sdk.simulation import Environment

FORM = "provider/model, for example openai/gpt-4.1-mini"
_OPENAI, _LITELLM = "openai", "litellm"


@dataclass(frozen=True)
class ModelSpec:
    """A model as a user names it.

    Attributes:
        provider: the text before the first slash.
        name: what follows it; may hold slashes and colons.
        options: from the query (texts) and from keywords (any value); keywords win.
    """

    provider: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str, /, **options: Any) -> Self:
        """Read a specification.

        Raises:
            ConfigurationError: it does not have the form, or names an option twice.

        >>> ModelSpec.parse("openai/Qwen/Qwen3-8B?timeout_s=30").name
        'Qwen/Qwen3-8B'
        """
        path, _, query = text.strip().partition("?")
        provider, slash, name = path.partition("/")
        if not (slash and provider.strip() and name.strip()):
            raise ConfigurationError(f"the model {path!r} must have the form {FORM}")
        found = {**_query(query, path), **options}
        for key in (key for key in found if hides(key) and found[key] is not None):
            found[key] = _sealed(key, found[key], path)
        return cls(provider.strip().lower(), name.strip(), found)

    def public(self) -> str:
        """The specification as files and reports show it: without keys, headers, passwords or queries.

        Inside other options (`extra_body` …) values under names of secrets are masked.
        """
        shown = {
            key: value if isinstance(value, str) else _text(value)
            for key, given in self.options.items()
            if given is not None and not hides(key) and (value := redacted(key, given)) is not None
        }
        query = "&".join(f"{key}={quote(value, safe='/:,{}[]')}" for key, value in sorted(shown.items()))
        return f"{self.provider}/{self.name}" + (f"?{query}" if query else "")

    __str__ = public


def build_model(
    spec: ModelSpec,
    providers: Mapping[str, Callable[..., Model]],
    *,
    environments: Callable[[str], type[Environment]] | None = None,
) -> Model:
    """Make the model that a specification names.

    Arguments:
        spec: see `ModelSpec`.
        providers: factories `(name, **options) -> Model` by provider.
        environments: finds an environment by name; handed to factories that take `environments`.

    Raises:
        ConfigurationError: an option is unknown or has a wrong value; the accepted ones are named.
        MissingExtraError: the provider goes through litellm, which is not installed.
    """
    from agentbench_sdk.benchmark.parameters import Parameters

    factory, name, options = _route(spec, providers)
    accepted = Parameters.of(factory, f"model {spec.provider}/{spec.name}", skip=1)
    found = environments is not None and "environments" in accepted.by_name
    given = {"environments": environments} if found else {}
    _check_no_masks(spec)
    checked = _checked(accepted, options)
    try:
        return factory(name, **checked, **given)
    except TypeError as error:
        if inspect.signature(factory).parameters:  # the factory's own code, not the way we call it
            raise
        raise ConfigurationError(
            f"the provider {spec.provider!r} must take a model's name: {error}"
        ) from None


def _route(
    spec: ModelSpec, providers: Mapping[str, Callable[..., Model]]
) -> tuple[Callable[..., Model], str, dict[str, Any]]:
    """The factory for a specification, with the name and options that it is called with."""
    options = dict(spec.options)
    own = providers.get(spec.provider)
    if own is not None and not ("base_url" in options and not _takes(own, "base_url")):
        return own, spec.name, options
    if "base_url" in options:
        client = providers.get(_OPENAI)
        if client is not None:
            return client, spec.name, {"provider": spec.provider, **options}
    other = providers.get(_LITELLM)
    if other is None or not is_installed():
        known = ", ".join(sorted(providers)) or "none is registered"
        raise MissingExtraError(
            f"the provider {spec.provider!r} is not a registered one ({known}); through litellm it", "litellm"
        )
    return other, f"{spec.provider}/{spec.name}", options


def _takes(factory: Callable[..., Model], option: str) -> bool:
    parameters = inspect.signature(factory).parameters
    return option in parameters or any(
        each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()
    )


def _query(query: str, path: str) -> dict[str, str]:
    try:
        # A "+" stays a plus: names and numbers hold it, and nobody writes a blank so on a command line.
        pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise ConfigurationError(
            f"the options of model {path!r} must have the form ?name=value&name=value"
        ) from None
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        raise ConfigurationError(f"the model {path!r} is given the option {twice!r} twice")
    return found


def _sealed(option: str, value: Any, path: str) -> Any:
    """Secrets are wrapped at once, so that no error about another option shows them."""
    if "headers" in option.lower():
        return _table(option, value, path)
    return Secret(reveal(value)) if isinstance(value, str) or hasattr(value, "get_secret_value") else value


def _table(option: str, value: Any, path: str) -> SecretTable:
    """Headers, given as a mapping or as the text of a JSON object."""
    found = value
    if isinstance(value, str):
        with contextlib.suppress(ValueError, RecursionError):
            found = json.loads(value)
    if not isinstance(found, Mapping):
        raise ConfigurationError(
            f'the option {option} of model {path!r} must be an object like {{"X-Team": "a"}}'
        )
    for name, each in found.items():
        if not isinstance(each, str | Secret) and not hasattr(each, "get_secret_value"):
            raise ConfigurationError(f"the option {option} of model {path!r}: {name!r} must be a text")
    return SecretTable({str(name): reveal(each) for name, each in found.items()})


def _checked(accepted: Parameters, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the factory takes them; what an error shows of a value is redacted first.

    Striking out secrets afterwards would not do: errors cut long values, and with them secrets in two.
    """
    try:
        return accepted.check(options, texts=True)
    except ConfigurationError:
        shown = {key: value if hides(key) else redacted(key, value) for key, value in options.items()}
        if shown == options:
            raise
    accepted.check(shown, texts=True)
    raise ConfigurationError(f"{accepted.owner}: an option that holds secrets does not fit; it is not shown")


def _check_no_masks(spec: ModelSpec) -> None:
    if MASK in secrets_in(spec.options):
        raise ConfigurationError(
            f"the model {spec.public()} holds {MASK} in place of a secret, as run files write it: "
            "name the model with its secrets"
        )


def _text(value: Any) -> str:
    from agentbench_sdk.canonical import canonical_json

    try:
        return canonical_json(value).decode()
    except TypeError:
        return type(value).__name__
