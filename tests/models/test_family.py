"""The family of a model is told from its name, whoever serves it and whatever stands around it."""

import doctest

import pytest

from agentbench_sdk.models import family
from agentbench_sdk.models.family import families, same_model

NAMES = {
    "gpt": [
        "openai/gpt-4.1-mini", "openai/gpt-4o-2024-08-06", "gpt-3.5-turbo", "openai/gpt-5", "azure/gpt-4o",
        "openai/chatgpt-4o-latest", "openai/o1", "openai/o1-preview", "openai/o3-mini", "azure/o3",
        "openai/o4-mini-deep-research", "openrouter/openai/o1-pro", "openai/gpt-oss-120b", "ollama/gpt-oss:20b",
        "ft:gpt-4o-mini-2024-07-18:acme::AbC123", "text-davinci-003", "openai-community/gpt2",
        "openai/codex-mini-latest", "openai/gpt-4o?base_url=http://proxy/llama/v1", "GPT-4O",
    ],
    "claude": [
        "anthropic/claude-3-5-sonnet-20241022", "claude-sonnet-4-5", "bedrock/anthropic.claude-3-haiku-20240307-v1:0",
        "bedrock/us.anthropic.claude-opus-4-20250514-v1:0", "vertex_ai/claude-3-7-sonnet@20250219",
        "openrouter/anthropic/claude-3.5-haiku:beta", "anthropic/claude-instant-1.2", "anthropic/sonnet",
    ],
    "gemini": [
        "gemini/gemini-2.5-pro", "vertex_ai/gemini-1.5-flash-002", "google/gemini-flash-1.5", "models/gemini-2.0-flash-lite",
        "openrouter/google/gemini-2.0-flash-exp:free", "gemini/learnlm-1.5-pro-experimental",
    ],
    "gemma": ["google/gemma-2-9b-it", "ollama/gemma3:27b", "google/paligemma-3b-mix-448", "llamafile/gemma-2-2b", "google/codegemma-7b"],
    "llama": [
        "meta-llama/Llama-3.1-70B-Instruct", "meta-llama/Meta-Llama-3-8B", "groq/llama-3.3-70b-versatile",
        "together_ai/meta-llama/Llama-4-Scout-17B-16E-Instruct", "bedrock/meta.llama3-70b-instruct-v1:0", "ollama/llama3.2:1b",
        "cerebras/llama3.1-8b", "codellama/CodeLlama-34b-Instruct-hf", "fireworks_ai/accounts/fireworks/models/llama-v3p1-405b-instruct",
        "nousresearch/hermes-3-llama-3.1-405b", "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", "lmsys/vicuna-13b-v1.5",
    ],
    "qwen": [
        "Qwen/Qwen3-8B", "Qwen/Qwen2.5-VL-7B-Instruct-AWQ", "qwen/qwq-32b", "Qwen/QVQ-72B-Preview", "dashscope/qwen-max",
        "ollama/qwen2.5-coder:32b", "openai/Qwen/Qwen3-8B?base_url=http://localhost:8000/v1", "unsloth/Qwen3-30B-A3B-FP8",
    ],
    "mistral": [
        "mistral/mistral-large-latest", "mistralai/Mixtral-8x7B-Instruct-v0.1", "mistralai/Ministral-8B-Instruct-2410",
        "bedrock/mistral.mixtral-8x7b-instruct-v0:1", "codestral/codestral-latest", "mistralai/Pixtral-12B-2409",
        "mistral/magistral-medium-2506", "mistralai/Devstral-Small-2505", "HuggingFaceH4/zephyr-7b-beta",
    ],
    "deepseek": ["deepseek/deepseek-chat", "deepseek-ai/DeepSeek-V3", "openrouter/deepseek/deepseek-r1:free", "azure_ai/DeepSeek-R1", "fireworks_ai/deepseek-v3"],
    "grok": ["xai/grok-3", "x-ai/grok-2-vision-1212", "openrouter/x-ai/grok-4"],
    "phi": ["microsoft/Phi-3.5-vision-instruct", "microsoft/phi-4", "ollama/phi4-mini", "azure_ai/Phi-3-medium-128k-instruct"],
    "glm": ["zai-org/GLM-4.5", "THUDM/chatglm3-6b", "THUDM/glm-4-9b-chat", "zhipu/glm-4v-plus"],
    "kimi": ["moonshotai/Kimi-K2-Instruct", "moonshot/moonshot-v1-128k", "moonshot/kimi-latest"],
    "cohere": ["cohere/command-r-plus", "CohereForAI/c4ai-command-a-03-2025", "CohereForAI/aya-expanse-8b"],
    "nova": ["bedrock/amazon.nova-pro-v1:0", "amazon/nova-lite-v1"],
    "yi": ["01-ai/Yi-34B-Chat", "01-ai/yi-1.5-9b"],
    "gigachat": ["ai-sage/GigaChat-20B-A3B-instruct"],
    "yandexgpt": ["yandex/YandexGPT-5-Lite-8B-instruct"],
    "eleuther": ["EleutherAI/gpt-j-6b", "EleutherAI/gpt-neox-20b"],
    "internlm": ["OpenGVLab/InternVL2-8B", "internlm/internlm2_5-7b-chat"],
    "nemotron": ["nvidia/nemotron-4-340b-instruct"],
    "granite": ["ibm-granite/granite-3.1-8b-instruct"],
    "jamba": ["ai21/jamba-1.5-large"],
    "minimax": ["MiniMaxAI/MiniMax-M1-80k"],
    "hunyuan": ["tencent/Hunyuan-A13B-Instruct"],
}  # fmt: skip
NONE = [
    "azure/our-deployment", "scripted/vending/naive-restock", "openai/judge", "openai/fake", "AIDC-AI/Marco-o1", "Skywork/Skywork-o1",
    "cognitivecomputations/dolphin", "perplexity/sonar-pro", "ollama/custom", "phind/Phind-34B", "acme/groq-style",
    "acme/commander", "acme/geminid", "sberbank-ai/rugpt3large", "acme/yield-model", "", "?", "acme/o11y", "acme/supernova",
]  # fmt: skip
SEVERAL = {
    "deepseek-ai/DeepSeek-R1-Distill-Llama-70B": {"deepseek", "llama"},
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B": {"deepseek", "qwen"},
    "nvidia/Llama-3.1-Nemotron-70B-Instruct-HF": {"llama", "nemotron"},
}
PAIRS = [(name, family_name) for family_name, names in NAMES.items() for name in names]


def test_the_table_is_as_large_as_it_should_be() -> None:
    assert len(PAIRS) + len(NONE) + len(SEVERAL) > 120


@pytest.mark.parametrize(("name", "expected"), PAIRS, ids=[name for name, _ in PAIRS])
def test_a_name_tells_its_family(name: str, expected: str) -> None:
    assert families(name) == {expected}


@pytest.mark.parametrize("name", NONE)
def test_a_name_that_tells_nothing_is_of_no_family(name: str) -> None:
    assert families(name) == frozenset()


@pytest.mark.parametrize(("name", "expected"), SEVERAL.items(), ids=SEVERAL)
def test_a_distilled_model_is_of_both_families(name: str, expected: set[str]) -> None:
    assert families(name) == expected


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("openai/gpt-4o", "openai/gpt-4o", True),
        ("openai/gpt-4o", "gpt-4o", True),
        ("openai/gpt-4o", "openrouter/openai/gpt-4o", True),
        ("openai/Qwen/Qwen3-8B?base_url=http://a/v1", "Qwen/qwen3-8b", True),
        ("openai/gpt-4o#0123456789ab", "openai/gpt-4o", True),
        ("openai/gpt-4o", "openai/gpt-4o-mini", False),
        ("openai/gpt-4o", "", False),
        ("", "", False),
    ],
)
def test_the_same_model_is_known_behind_another_provider(first: str, second: str, *, same: bool) -> None:
    assert same_model(first, second) is same
    assert same_model(second, first) is same


def test_the_examples_in_docstrings_hold() -> None:
    results = doctest.testmod(family)
    assert results.attempted > 3
    assert results.failed == 0
