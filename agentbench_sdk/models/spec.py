"""How models are named: `provider/model?option=value&…`, and keyword options beside it.

    openai/gpt-4.1-mini
    openai/Qwen/Qwen3-8B?base_url=http://localhost:8000/v1&stream=true
    scripted/vending/naive-restock

The provider is a registered one; a `base_url` with any other name means our OpenAI-compatible client, and
any other name without one is a provider of litellm.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from agentbench_sdk.errors import ConfigurationError, MissingExtraError
from agentbench_sdk.models.base import Model
from agentbench_sdk.models.litellm_backend import is_installed
from agentbench_sdk.models.openai_compatible.secret import Secret, is_sensitive, reveal

if TYPE_CHECKING:
    from agentbench_sdk.simulation import Environment

FORM = "provider/model, for example openai/gpt-4.1-mini"
_OPENAI, _LITELLM = "openai", "litellm"
_OPTION_OF_A_VARIABLE = "api_key_env"  # names where a secret is, and is none itself


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
        for key in (key for key in found if _hidden(key)):
            found[key] = found[key] if found[key] is None else _wrapped(found[key])
        return cls(provider.strip().lower(), name.strip(), found)

    def public(self) -> str:
        """The specification as files and reports show it: without keys, headers, passwords or queries."""
        shown = {
            key: _public_value(key, value)
            for key, value in self.options.items()
            if value is not None and not _hidden(key)
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
    checked = accepted.check(options, texts=True)
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


def _hidden(option: str) -> bool:
    """Whether an option's value is, or may hold, a secret; `max_tokens_field` and its like do not."""
    if option == _OPTION_OF_A_VARIABLE or "tokens" in option:
        return False
    return is_sensitive(option) or option == "headers"


def _wrapped(value: Any) -> Any:
    """Keys are wrapped at once, so that no error about another option shows them."""
    return Secret(reveal(value)) if isinstance(value, str) or hasattr(value, "get_secret_value") else value


def _public_value(option: str, value: Any) -> str:
    text = value if isinstance(value, str) else _text(value)
    if option.endswith("url") and "://" in text:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", ""))
    return text


def _text(value: Any) -> str:
    from agentbench_sdk.canonical import canonical_json

    try:
        return canonical_json(value).decode()
    except TypeError:
        return type(value).__name__
