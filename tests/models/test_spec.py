"""Model names are read strictly, and say what is accepted when they are wrong."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agentbench_sdk.errors import (
    ConfigurationError,
    MissingExtraError,
    RequestRejectedError,
    UnknownNameError,
)
from agentbench_sdk.models import Model, ModelRequest
from agentbench_sdk.models.openai_compatible import OpenAICompatible, Secret
from agentbench_sdk.models.providers import litellm, openai, scripted
from agentbench_sdk.models.scripted import ConstantModel, OracleModel, PolicyModel
from agentbench_sdk.models.spec import ModelSpec, build_model
from agentbench_sdk.simulation import Act, Environment, Opening, Oracle, Outcome, Policy, Scenario
from agentbench_sdk.testing import ScriptedModel

PROVIDERS: dict[str, Any] = {"openai": openai, "litellm": litellm, "scripted": scripted}


def wave(opening: Opening) -> Generator[Act, str, None]:
    yield Act(text="hello")


def depth(opening: Opening, truth: Mapping[str, Any]) -> Generator[Act, str, None]:
    yield Act(text=str(truth["depth"]))


class Pond(Environment):
    name = "pond"
    version = "test.pond/1"
    scenario_type = Scenario

    @classmethod
    def policies(cls) -> Mapping[str, Policy]:
        return {"wave": wave}

    @classmethod
    def oracles(cls) -> Mapping[str, Oracle]:
        return {"depth": depth}

    def opening(self) -> Opening:
        return Opening()

    @property
    def ended(self) -> bool:
        return True

    def outcome(self) -> Outcome:
        return Outcome()

    def state(self) -> dict[str, Any]:
        return {}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """There is nothing to load."""


def find(name: str) -> type[Environment]:
    if name != "pond":
        raise UnknownNameError("environment", name, ["pond"])
    return Pond


def built(text: str, /, **options: Any) -> Model:
    return build_model(ModelSpec.parse(text, **options), PROVIDERS, environments=find)


def test_a_name_may_hold_slashes_and_colons() -> None:
    spec = ModelSpec.parse("openai/org/model:free?base_url=http://h:8000/v1%3Fa=b&stream=true")
    assert (spec.provider, spec.name) == ("openai", "org/model:free")
    assert spec.options == {"base_url": "http://h:8000/v1?a=b", "stream": "true"}


@pytest.mark.parametrize("text", ["gpt-4.1", "", "/x", "openai/", "openai/?stream=true", " / "])
def test_a_name_without_its_form_is_told_the_form(text: str) -> None:
    with pytest.raises(ConfigurationError, match="provider/model"):
        ModelSpec.parse(text)


@pytest.mark.parametrize("query", ["stream", "stream=true&&", "stream=true&stream=false"])
def test_a_broken_query_is_refused(query: str) -> None:
    with pytest.raises(ConfigurationError, match=r"options of model|twice"):
        ModelSpec.parse(f"openai/m?{query}")


def test_texts_are_read_as_the_types_of_the_provider() -> None:
    model = built(
        "openai/m?base_url=http://x/v1&stream=true&timeout_s=5&pool_size=3&tools=false"
        '&extra_body={"top_k": 1}&max_tokens_field=max_completion_tokens&price_in=1&price_out=2e0'
    )
    assert isinstance(model, OpenAICompatible)
    assert model._stream is True
    assert model._timeouts[0] == 5.0
    assert model._pool_size == 3
    assert model.capabilities.tools is False
    assert model.prices is not None
    assert model.prices.output == 2.0


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("strem=true", "stream"),
        ("timeout_s=soon", "timeout_s"),
        ("stream=perhaps", "stream"),
        ("max_tokens_field=tokens", "max_tokens_field"),
        ("extra_body=[1]", "extra_body"),
    ],
)
def test_a_wrong_option_names_what_is_accepted(option: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        built(f"openai/m?base_url=http://x/v1&{option}&api_key=sk-secret-1234")
    assert "sk-secret" not in str(caught.value)


def test_keyword_options_win_over_the_query() -> None:
    model = built("openai/m?base_url=http://x/v1&stream=true", stream=False, base_url="http://y/v1")
    assert model.endpoint == "http://y/v1"


def test_a_base_url_makes_any_provider_openai_compatible() -> None:
    model = built("groq/llama?base_url=http://x/v1")
    assert isinstance(model, OpenAICompatible)
    assert (model.id, model.endpoint) == ("groq/llama", "http://x/v1")


def test_a_plugin_that_takes_no_base_url_gives_way_to_the_client() -> None:
    providers = {**PROVIDERS, "mine": lambda name: ScriptedModel([], id=f"mine/{name}")}
    assert build_model(ModelSpec.parse("mine/x"), providers).id == "mine/x"
    other = build_model(ModelSpec.parse("mine/x?base_url=http://x/v1"), providers)
    assert isinstance(other, OpenAICompatible)


def test_an_unknown_provider_names_the_registered_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentbench_sdk.models.spec.is_installed", lambda: False)
    with pytest.raises(MissingExtraError, match=r"'openia'.*litellm, openai, scripted.*\[litellm\]"):
        built("openia/gpt-4.1")


def test_an_unknown_provider_goes_through_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    monkeypatch.setitem(sys.modules, "litellm", types.ModuleType("litellm"))
    model = built("anthropic/claude?timeout_s=3")
    assert (model.id, model.endpoint) == ("litellm/anthropic/claude", "litellm/anthropic")


def test_policies_are_found_by_environment_and_name() -> None:
    model = built("scripted/pond/wave")
    assert isinstance(model, PolicyModel)
    assert (model.id, model.endpoint) == ("scripted/pond/wave", "")


def test_an_oracle_is_found_by_its_name_and_knows_nothing_by_itself() -> None:
    model = built("scripted/pond/depth")
    assert isinstance(model, OracleModel)
    assert (model.id, model.endpoint) == ("scripted/pond/depth", "")
    with pytest.raises(RequestRejectedError, match="truth"):
        asyncio.run(model.generate(ModelRequest(())))
    told = model.told({"depth": 3})
    assert told.id == model.id
    assert asyncio.run(told.generate(ModelRequest(()))).text == "3"


@pytest.mark.parametrize(("name", "hint"), [("pond/wavy", "wave"), ("pnd/wave", "pond"), ("pond", "wave")])
def test_an_unknown_policy_says_what_there_is(name: str, hint: str) -> None:
    with pytest.raises(UnknownNameError, match=hint):
        built(f"scripted/{name}")


def test_a_constant_model_takes_its_text() -> None:
    model = built("scripted/constant?text=A%26B+C")
    assert isinstance(model, ConstantModel)
    assert model._message.text == "A&B+C"
    assert model.id != built("scripted/constant").id


def test_the_public_form_holds_no_secret() -> None:
    spec = ModelSpec.parse(
        "openai/m?base_url=http://user:pw@h/v1?key=s3cret&api_key_env=MY_KEY&max_tokens_field=max_tokens",
        api_key="sk-secret-1234",
        headers={"X": "hidden"},
        stream=True,
    )
    assert spec.public() == (
        "openai/m?api_key_env=MY_KEY&base_url=http://h/v1&max_tokens_field=max_tokens&stream=true"
    )
    for face in (repr(spec), str(spec), spec.public()):
        assert not any(secret in face for secret in ("sk-secret", "pw", "s3cret", "hidden"))


NESTED = {"api_key": "BSECRET", "list": [{"x": {"Authorization": "BSECRET"}}], "max_tokens": 5}


@pytest.mark.parametrize(
    "given",
    [
        NESTED,
        json.dumps(NESTED),
        json.dumps({"text": json.dumps(NESTED)}),
        {"text": json.dumps(NESTED), "api_secret": SecretStr("BSECRET"), "pin": Secret("BSECRET")},
        '{"api_key":"BSECRET"',
        '{"api_key":"BSECRET","api_key":"x"}',
        '{"x":{"api_key":"BSECRET"},"x":1}',
        {"proxy_url": "http://u:BSECRET@h/x?k=BSECRET", "to": "redis://:BSECRET@h"},
        {"extra_headers": {"X-Mine": "BSECRET"}, "password": ["BSECRET"]},
        '[{"api_key": "BSECRET"}' + "[" * 2000,
    ],
)
def test_a_secret_inside_an_option_is_not_shown(given: Any) -> None:
    spec = ModelSpec.parse("openai/m?base_url=http://x/v1", extra_body=given)
    assert "BSECRET" not in spec.public() + repr(spec)
    assert spec.options["extra_body"] == given


def test_an_option_that_nests_deep_hides_its_secret_too() -> None:
    text = '{"a":' * 900 + '{"api_key":"BSECRET"}' + "}" * 900
    assert "BSECRET" not in ModelSpec.parse("openai/m", extra_body=text).public()
    with pytest.raises(ConfigurationError, match="extra_body") as caught:
        built(f"openai/m?base_url=http://x/v1&extra_body={text}")
    assert "BSECRET" not in str(caught.value)


def test_what_is_no_secret_inside_an_option_is_shown() -> None:
    spec = ModelSpec.parse(f"openai/m?extra_body={json.dumps(NESTED)}")
    assert '"max_tokens": 5' in unquote(spec.public())
    body = {"max_tokens": 5, "stop_token_ids": [1], "skip_special_tokens": True, "api_key_env": "MINE"}
    assert (
        json.loads(unquote(ModelSpec.parse("openai/m", extra_body=body).public()).partition("=")[2]) == body
    )


def test_a_public_form_without_its_secrets_builds_no_model() -> None:
    spec = ModelSpec.parse('openai/m?base_url=http://x/v1&extra_body={"api_key":"BSECRET"}')
    with pytest.raises(ConfigurationError, match=r"\*\*\*.*secrets"):
        built(spec.public())


@pytest.mark.parametrize(
    "option",
    [
        'extra_body={"api_key":"BSECRET"',
        'extra_body=[{"api_key":"BSECRET"}]',
        f'extra_body=[{{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx":1,"api_key":"BSECRET{"9" * 40}"}}]',
        'timeout_s={"token":"BSECRET"}',
    ],
)
def test_an_error_about_an_option_does_not_show_the_secret_in_it(option: str) -> None:
    with pytest.raises(ConfigurationError, match=r"extra_body|timeout_s") as caught:
        built(f"openai/m?base_url=http://x/v1&{option}")
    assert "BSEC" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "given", ['{"X-A": "b-value", "Api-Key": "c"}', {"X-A": "b-value", "Api-Key": Secret("c")}]
)
def test_headers_are_taken_as_json_and_stay_hidden(given: Any) -> None:
    spec = ModelSpec.parse("openai/m?base_url=http://x/v1", headers=given)
    model = build_model(spec, PROVIDERS)
    assert isinstance(model, OpenAICompatible)
    assert b"\r\nX-A: b-value\r\nApi-Key: c\r\n" in model._head
    assert "X-A" in repr(spec.options["headers"])
    faces = spec.public() + repr(spec) + repr(spec.options) + str(spec.options["headers"]) + repr(model)
    assert "b-value" not in faces


def test_headers_can_be_given_in_the_query() -> None:
    model = built('openai/m?base_url=http://x/v1&headers={"X-A":"b"}')
    assert isinstance(model, OpenAICompatible)
    assert b"\r\nX-A: b\r\n" in model._head


@pytest.mark.parametrize(
    "given",
    ['{"X-A": "b-value"', '["b-value"]', "X-A: b-value", '{"X-A": ["b-value"]}', ["b-value"], {"X-A": 1}],
)
def test_headers_of_another_form_are_refused_without_being_shown(given: Any) -> None:
    with pytest.raises(ConfigurationError, match="headers") as caught:
        built("openai/m?base_url=http://x/v1", headers=given)
    assert "b-value" not in str(caught.value)


def test_an_error_about_another_option_shows_no_header() -> None:
    with pytest.raises(ConfigurationError) as caught:
        built('openai/m?base_url=http://x/v1&timeout_s=soon&headers={"X-A":"b-value"}')
    assert "b-value" not in str(caught.value)


def test_a_public_form_is_a_specification_again() -> None:
    spec = ModelSpec.parse("openai/m?extra_body={%22a%22: 1}&stream=true&timeout_s=5")
    assert ModelSpec.parse(spec.public()).options == spec.options


async def test_keys_of_all_kinds_are_taken() -> None:
    for key in ("sk-1234567", SecretStr("sk-1234567")):
        model = built("openai/m?base_url=http://x/v1", api_key=key)
        assert isinstance(model, OpenAICompatible)
        assert b"\r\nAuthorization: Bearer sk-1234567\r\n" in model._head


@given(st.text(max_size=40))
def test_any_text_is_a_specification_or_a_sentence(text: str) -> None:
    try:
        spec = ModelSpec.parse(text)
    except ConfigurationError:
        return
    assert spec.provider
    assert spec.name
    assert spec.public().startswith(spec.provider)
